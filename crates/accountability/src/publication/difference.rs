//! Two versions of a statement held against each other, in words a reader understands: what is new, what is gone, what changed.

use std::fmt::{self, Display, Formatter};

use language::Language;
use language::statement::Texts;
use statement::{Finding, Register, Statement};

use super::document::{Document, Line, Part};
use super::markdown::plain;
use super::untold::{Untold, untold};

/// What changed between two versions.
#[derive(Clone, Debug)]
pub struct Difference {
    texts: &'static Texts,
    /// The numbers of the old version and the new.
    versions: [String; 2],
    /// The parts in which something changed, in the order of the new version; those that are gone come last.
    parts: Vec<(String, Vec<Change>)>,
    /// What differs in the files and in no sentence.
    untold: Vec<Untold>,
}

#[derive(Clone, Debug, PartialEq)]
enum Change {
    New(Line),
    Gone(Line),
    /// What a line says now, with what it no longer says and what it says anew.
    Changed {
        text: String,
        was: Vec<String>,
        is: Vec<String>,
    },
}

/// What a reader of the old file finds different in the new one, and what else differs in it.
///
/// Errors: the findings of a file that does not start.
pub fn difference(old: &str, new: &str, language: Language) -> Result<Difference, Vec<Finding>> {
    let [before, after] = [Register::parse(old)?, Register::parse(new)?];
    let mut difference = told(before.statement(), after.statement(), language);
    if let (Ok(old), Ok(new)) = (old.parse(), new.parse()) {
        difference.untold = untold(&old, &new, language);
    }
    Ok(difference)
}

fn told(old: &Statement, new: &Statement, language: Language) -> Difference {
    let documents = [old, new].map(|statement| super::document(statement, language));
    let [before, after] = &documents;
    let mut parts: Vec<(String, Vec<Change>)> = parts(after)
        .map(|part| {
            let known = parts_of(before, part.key);
            (part.title.clone(), changes(known, Some(part)))
        })
        .collect();
    let gone = parts_gone(before, after);
    parts.extend(gone.map(|part| (part.title.clone(), changes(Some(part), None))));
    parts.retain(|(_, changes)| !changes.is_empty());
    Difference {
        texts: &language::texts(language).statement,
        versions: [old, new].map(|statement| statement.header.version.clone()),
        parts,
        untold: Vec::new(),
    }
}

fn parts(document: &Document) -> impl Iterator<Item = &Part> {
    document.parts.iter().chain(&document.annex)
}

fn parts_of<'d>(document: &'d Document, key: &str) -> Option<&'d Part> {
    parts(document).find(|part| part.key == key)
}

fn parts_gone<'d>(before: &'d Document, after: &'d Document) -> impl Iterator<Item = &'d Part> {
    parts(before).filter(|part| parts_of(after, part.key).is_none())
}

fn changes(before: Option<&Part>, after: Option<&Part>) -> Vec<Change> {
    let lines = |part: Option<&Part>| -> Vec<Line> {
        part.into_iter().flat_map(Part::lines).cloned().collect()
    };
    let (before, after) = (lines(before), lines(after));
    let same = |one: &Line, other: &Line| place(one) == place(other);
    let mut changes = Vec::new();
    for line in &after {
        match before.iter().find(|old| same(old, line)) {
            None => changes.push(Change::New(line.clone())),
            Some(old) if old != line => changes.push(changed(old, line)),
            Some(_) => {}
        }
    }
    let gone = before
        .iter()
        .filter(|old| !after.iter().any(|line| same(old, line)));
    changes.extend(gone.cloned().map(Change::Gone));
    changes
}

/// What makes a line of one version the same as one of another; a line without a place is what it says.
fn place(line: &Line) -> &str {
    if line.key.is_empty() {
        &line.text
    } else {
        &line.key
    }
}

fn changed(old: &Line, new: &Line) -> Change {
    let said = |line: &Line| {
        let address = line.link.iter().map(|link| link.address.clone());
        let mut said = vec![line.text.clone()];
        said.extend(line.details.iter().cloned().chain(address));
        said
    };
    let (before, after) = (said(old), said(new));
    let without = |one: &[String], other: &[String]| -> Vec<String> {
        one.iter()
            .filter(|words| !other.contains(words))
            .cloned()
            .collect()
    };
    Change::Changed {
        text: new.text.clone(),
        was: without(&before, &after),
        is: without(&after, &before),
    }
}

/// As Markdown.
impl Display for Difference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [old, new] = &self.versions;
        writeln!(f, "# {}\n", self.texts.difference_title)?;
        writeln!(f, "{}", plain(&self.texts.difference_between(new, old)))?;
        if self.parts.is_empty() && self.untold.is_empty() {
            writeln!(f, "\n{}", self.texts.difference_none)?;
        }
        for (title, changes) in &self.parts {
            writeln!(f, "\n## {}\n", plain(title))?;
            for change in changes {
                self.write(f, change)?;
            }
        }
        if !self.untold.is_empty() {
            writeln!(f, "\n## {}\n", plain(self.texts.difference_untold))?;
        }
        self.untold
            .iter()
            .try_for_each(|one| self.write_untold(f, one))
    }
}

impl Difference {
    fn write_untold(&self, f: &mut Formatter<'_>, one: &Untold) -> fmt::Result {
        let texts = self.texts;
        let word = match (&one.was, &one.is) {
            (None, _) => texts.difference_new,
            (_, None) => texts.difference_gone,
            _ => texts.difference_changed,
        };
        writeln!(f, "* {word}: {}", plain(&one.place))?;
        if let Some(words) = &one.was {
            writeln!(f, "  * {}", plain(&texts.difference_was(words)))?;
        }
        if let Some(words) = &one.is {
            writeln!(f, "  * {}", plain(&texts.difference_is(words)))?;
        }
        Ok(())
    }

    fn write(&self, f: &mut Formatter<'_>, change: &Change) -> fmt::Result {
        let texts = self.texts;
        match change {
            Change::New(line) | Change::Gone(line) => {
                let is_new = matches!(change, Change::New(_));
                let word = if is_new {
                    texts.difference_new
                } else {
                    texts.difference_gone
                };
                writeln!(f, "* {word}: {}", plain(&line.text))?;
                for detail in &line.details {
                    writeln!(f, "  * {}", plain(detail))?;
                }
            }
            Change::Changed { text, was, is } => {
                writeln!(f, "* {}: {}", texts.difference_changed, plain(text))?;
                for words in was {
                    writeln!(f, "  * {}", plain(&texts.difference_was(words)))?;
                }
                for words in is {
                    writeln!(f, "  * {}", plain(&texts.difference_is(words)))?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = include_str!("../../../../statements/mijnoverheid.toml");

    fn from_to(old: &str, new: &str) -> String {
        let difference = difference(old, new, Language::Nl);
        difference.expect("two statements").to_string()
    }

    fn told(new: &str) -> String {
        from_to(OLD, new)
    }

    #[test]
    fn the_same_again_differs_in_nothing() {
        assert!(told(OLD).ends_with("\n\nEr is niets anders.\n"));
    }

    #[test]
    fn what_changes_no_sentence_is_told_by_its_key() {
        let noted = OLD.replace("versie = \"2.2\"", "# Een opmerking.\nversie = \"2.3\"");
        assert!(told(&noted).ends_with("\n\nEr is niets anders.\n"));
        for (from, to, place, is) in [
            (
                "hoogstens = \"PT12H\"",
                "hoogstens = \"PT48H\"",
                "hoogstens",
                "PT48H",
            ),
            (
                "tijdzone = \"Europe/Amsterdam\"",
                "tijdzone = \"Europe/Berlin\"",
                "verklaring, tijdzone",
                "Europe/Berlin",
            ),
            (
                "naam = \"bericht-lezen\"",
                "wijze = \"mens\"\nnaam = \"bericht-lezen\"",
                "U leest een bericht (activiteit bericht-lezen), wijze",
                "mens",
            ),
        ] {
            assert!(OLD.contains(from), "{from}");
            let told = told(&OLD.replacen(from, to, 1));
            let (_, untold) = told.split_once("## Ook anders").expect("it is told");
            assert!(untold.contains(place), "{told}");
            assert!(untold.contains(&format!("  * Is nu: {is}\n")), "{told}");
            assert!(!told.contains("niets anders"), "{told}");
        }
        let said = told(&OLD.replace(
            "nl = \"U leest een bericht\"",
            "nl = \"U opent een bericht\"",
        ));
        assert!(
            !said.contains("Ook anders"),
            "what a sentence tells is told once: {said}"
        );
    }

    #[test]
    fn what_changes_is_told_where_it_stands() {
        let longer = "[gegeven.bewaartermijn]\ntermijn = \"P5Y\"\nvanaf = \"ontvangst\"";
        assert!(OLD.contains(longer));
        let new = OLD
            .replace("versie = \"2.2\"", "versie = \"2.3\"")
            .replacen(longer, &longer.replace("P5Y", "P4Y"), 1)
            .replace(
                "nl = \"U leest een bericht\"",
                "nl = \"U opent een bericht\"",
            );
        let told = told(&new);
        assert!(told.contains("Van versie 2.2 naar versie 2.3"), "{told}");
        assert!(
            told.contains("## Hoe lang bewaren wij uw gegevens?"),
            "{told}"
        );
        assert!(
            told.contains(": 5 jaar") && told.contains(": 4 jaar"),
            "{told}"
        );
        assert!(told.contains("* Anders: U opent een bericht\n  * Was: U leest een bericht\n  * Is nu: U opent een bericht\n"), "{told}");
        assert!(
            !told.contains("* Nieuw:") && !told.contains("* Weg:"),
            "{told}"
        );
    }

    #[test]
    fn what_comes_and_what_goes_is_told() {
        let head = "[[activiteit]]\nnaam = \"bericht-lezen\"\n";
        let start = OLD.find(head).expect("it is there");
        let end = start + 1 + OLD[start + 1..].find("\n[[").expect("others follow");
        let without = format!("{}{}", &OLD[..start], &OLD[end..]);
        let told_gone = told(&without);
        assert!(
            told_gone.contains("* Weg: U leest een bericht\n"),
            "{told_gone}"
        );
        let back = from_to(&without, OLD);
        assert!(back.contains("* Nieuw: U leest een bericht\n"), "{back}");
    }
}
