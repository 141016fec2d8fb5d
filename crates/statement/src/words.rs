//! Single values of a statement file: names, texts, terms and choices, each checked where it stands.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use basics::Channel;
use toml::Spanned;

use crate::file::{self, Word};
use crate::finding::{Finding, Report};
use crate::{Term, Text};

/// The words of one file, with what was found wrong with them.
pub(crate) struct Words<'t> {
    report: Report<'t>,
    languages: Vec<String>,
}

/// The names one kind of table declares, with their place in the order of the file and in its text.
pub(crate) struct Names {
    kind: &'static str,
    places: HashMap<String, (usize, usize)>,
}

impl Names {
    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.places.get(name).map(|(index, _)| *index)
    }
}

impl<'t> Words<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        Self {
            report: Report::of(text),
            languages: Vec::new(),
        }
    }

    pub(crate) fn findings(self) -> Vec<Finding> {
        self.report.finish()
    }
    pub(crate) fn offered(&self) -> &[String] {
        &self.languages
    }

    pub(crate) fn error<T>(
        &mut self,
        code: &'static str,
        at: &Spanned<T>,
        text: String,
        hint: impl Into<String>,
    ) {
        self.report.error(code, Some(at.span().start), text, hint);
    }
    pub(crate) fn error_at(
        &mut self,
        code: &'static str,
        at: Option<usize>,
        text: String,
        hint: impl Into<String>,
    ) {
        self.report.error(code, at, text, hint);
    }

    /// No TOML, a key that is not known, a value of the wrong kind: the first one ends the reading.
    pub(crate) fn misshapen(&mut self, error: &toml::de::Error) {
        let message = error.message().trim().replace('\n', ", ");
        let (code, hint) = if message.starts_with("unknown field") {
            (
                "S-102",
                "nothing would carry out what this key says; docs/statement.md lists the keys",
            )
        } else if message.starts_with("missing field") || message.starts_with("invalid type") {
            (
                "S-103",
                "docs/statement.md says which keys a table has and what they hold",
            )
        } else {
            ("S-101", "the file must be TOML")
        };
        self.report
            .error(code, error.span().map(|span| span.start), message, hint);
    }

    /// The languages offered; every text is asked for in each.
    pub(crate) fn languages(&mut self, talen: &Spanned<Vec<Word>>) {
        for word in talen.get_ref() {
            let code = word.get_ref();
            let shaped =
                (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase());
            if self
                .shaped(
                    shaped,
                    word,
                    "is not a language code",
                    "use two or three small letters, such as nl",
                )
                .is_none()
            {
                continue;
            }
            if self.languages.contains(code) {
                self.error(
                    "S-105",
                    word,
                    format!("language {code} is named twice"),
                    "take one out",
                );
            } else {
                self.languages.push(code.clone());
            }
        }
        if talen.get_ref().is_empty() {
            self.error(
                "S-107",
                talen,
                "no language is offered".into(),
                "name at least one; the first is the default",
            );
        }
    }

    /// Collects the names of one kind of table; a second of the same name is a finding.
    pub(crate) fn names<'w>(
        &mut self,
        kind: &'static str,
        words: impl Iterator<Item = &'w Word>,
    ) -> Names {
        let mut places = HashMap::new();
        for (index, word) in words.enumerate() {
            let name = word.get_ref();
            if places.contains_key(name) {
                self.error(
                    "S-105",
                    word,
                    format!("{kind} {name} stands here a second time"),
                    "give each its own name",
                );
            } else {
                places.insert(name.clone(), (index, word.span().start));
            }
        }
        Names { kind, places }
    }

    /// A name of our own making: small letters, digits and hyphens.
    pub(crate) fn name(&mut self, word: &Word) -> Option<String> {
        let name = word.get_ref();
        let shaped = name.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        if !shaped {
            let text = format!("{name:?} is not a name");
            self.error(
                "S-104",
                word,
                text,
                "use small letters, digits and single hyphens, such as bericht-lezen",
            );
        }
        shaped.then(|| name.clone())
    }

    pub(crate) fn filled(&mut self, word: &Word) -> Option<String> {
        let filled = !word.get_ref().trim().is_empty();
        self.shaped(filled, word, "says nothing", "fill it in")
    }

    /// The value when `shaped`; else a finding that says what it is not.
    pub(crate) fn shaped(
        &mut self,
        shaped: bool,
        word: &Word,
        fault: &str,
        hint: &str,
    ) -> Option<String> {
        if !shaped {
            self.error("S-107", word, format!("{:?} {fault}", word.get_ref()), hint);
        }
        shaped.then(|| word.get_ref().clone())
    }

    /// The place of a declared name in the order of the file.
    pub(crate) fn known(
        &mut self,
        code: &'static str,
        word: &Word,
        names: &Names,
    ) -> Option<usize> {
        let found = names.index(word.get_ref());
        if found.is_none() {
            let kind = names.kind;
            let text = format!("there is no {kind} {:?}", word.get_ref());
            self.error(
                code,
                word,
                text,
                format!("declare it in a [[{kind}]], or name one that is declared"),
            );
        }
        found
    }

    /// A name that the code knows, not the file.
    pub(crate) fn listed(
        &mut self,
        code: &'static str,
        kind: &str,
        word: &Word,
        known: &[&str],
    ) -> Option<usize> {
        let found = known.iter().position(|name| name == word.get_ref());
        if found.is_none() {
            let text = format!("{:?} is no {kind}", word.get_ref());
            self.error(
                code,
                word,
                text,
                format!("choose from {}", known.join(", ")),
            );
        }
        found
    }

    pub(crate) fn channel(&mut self, word: &Word) -> Option<Channel> {
        let place = self.listed("S-205", "channel", word, &Channel::ALL.map(Channel::name))?;
        Some(Channel::ALL[place])
    }

    pub(crate) fn choice<T: Copy>(
        &mut self,
        key: &str,
        word: &Word,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let names: Vec<&str> = all.iter().map(|one| name(*one)).collect();
        let place = self.listed("S-107", key, word, &names)?;
        Some(all[place])
    }

    /// The text in every language offered.
    pub(crate) fn text(&mut self, words: &file::Texts) -> Option<Text> {
        let versions = words.get_ref();
        let mut complete = Vec::new();
        for language in self.languages.clone() {
            match versions
                .get(&language)
                .filter(|word| !word.get_ref().trim().is_empty())
            {
                Some(word) => complete.push((language, word.get_ref().clone())),
                None => self.error(
                    "S-501",
                    words,
                    format!("the text is missing in {language}"),
                    "every language offered needs it",
                ),
            }
        }
        let mut others: Vec<_> = versions
            .iter()
            .filter(|(language, _)| !self.languages.contains(language))
            .collect();
        others.sort_by_key(|(_, word)| word.span().start);
        for (language, word) in others {
            let text = format!("a text in {language}, which is not offered");
            self.report.warn(
                "S-551",
                Some(word.span().start),
                text,
                "add the language to talen, or take the text out",
            );
        }
        (complete.len() == self.languages.len()).then(|| Text::new(complete))
    }

    pub(crate) fn term(&mut self, word: &Word) -> Option<Term> {
        let term = word.get_ref().parse().ok();
        if term.is_none() {
            let text = format!("{:?} is not a length of time", word.get_ref());
            self.error(
                "S-302",
                word,
                text,
                "use ISO 8601 in whole numbers, such as P18M, P5Y, P90D or PT15M",
            );
        }
        term
    }

    /// A term of a fixed length: no months or years.
    pub(crate) fn fixed_term(&mut self, word: &Word) -> Option<Duration> {
        let term = self.term(word)?;
        let fixed = term.fixed();
        if fixed.is_none() {
            self.error(
                "S-302",
                word,
                format!("{term} has no fixed length"),
                "use weeks, days, hours, minutes or seconds",
            );
        }
        fixed
    }

    /// Ids of the published promises that an entry answers.
    pub(crate) fn promises(&mut self, words: &[Word]) -> Vec<String> {
        for word in words {
            let shaped = word
                .get_ref()
                .split_once('-')
                .is_some_and(|(statement, number)| {
                    ["MO", "CN", "DT", "CJ"].contains(&statement)
                        && !number.is_empty()
                        && number.bytes().all(|byte| byte.is_ascii_digit())
                });
            self.shaped(
                shaped,
                word,
                "is not the id of a promise",
                "ids look like MO-22; docs/promises.toml lists them",
            );
        }
        words.iter().map(|word| word.get_ref().clone()).collect()
    }

    /// Warns of each declared name that nothing uses.
    pub(crate) fn idle<'w>(
        &mut self,
        code: &'static str,
        names: &Names,
        used: impl Iterator<Item = &'w Word>,
    ) {
        let used: HashSet<&str> = used.map(|word| word.get_ref().as_str()).collect();
        for (name, (_, at)) in &names.places {
            if !used.contains(name.as_str()) {
                let text = format!("no activity uses {} {name}", names.kind);
                self.report.warn(
                    code,
                    Some(*at),
                    text,
                    "take it out, or declare the activity that needs it",
                );
            }
        }
    }
}
