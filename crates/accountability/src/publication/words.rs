//! The words around those of a statement: lengths of time, names of categories and roles, lists in a line.

use std::time::Duration;

use language::{Language, texts};
use statement::{Address, AddressKind, Category, Date, Mask, Statement, Term, Text};

/// A statement with the language it is put in words in.
pub(super) struct Words<'s> {
    pub(super) statement: &'s Statement,
    pub(super) language: Language,
    pub(super) texts: &'static language::statement::Texts,
}

impl<'s> Words<'s> {
    pub(super) fn of(statement: &'s Statement, language: Language) -> Self {
        Self {
            statement,
            language,
            texts: &texts(language).statement,
        }
    }

    /// The statement's own words.
    pub(super) fn own(&self, text: &'s Text) -> &'s str {
        text.get(self.language.tag())
    }

    pub(super) fn day(&self, date: Date) -> String {
        let number = |number: u8| i8::try_from(number).unwrap_or_default();
        let year = i16::try_from(date.year).unwrap_or_default();
        jiff::civil::Date::new(year, number(date.month), number(date.day))
            .map_or_else(|_| date.to_string(), |day| self.language.day(day))
    }

    pub(super) fn term(&self, term: &Term) -> String {
        let (years, months) = (term.months() / 12, term.months() % 12);
        let mut said = Vec::new();
        match (years, months) {
            (0, 0) => {}
            (years, 0) => said.push(self.texts.year(years)),
            _ => said.push(self.texts.month(term.months())),
        }
        if !term.rest().is_zero() {
            said.push(self.length(term.rest()));
        }
        said.join(", ")
    }

    /// In the largest unit that it is a whole number of.
    pub(super) fn length(&self, length: Duration) -> String {
        let seconds = length.as_secs();
        let whole = |unit: u64| seconds.is_multiple_of(unit).then_some(seconds / unit);
        match (whole(86_400), whole(3_600)) {
            (Some(days), _) => self.texts.day(days),
            (None, Some(hours)) => self.texts.hour(hours),
            (None, None) => self.texts.minute(seconds.div_ceil(60)),
        }
    }

    /// The titles of these categories; none for none.
    pub(super) fn data(&self, mask: Mask) -> Option<String> {
        let held = |category: &&Category| mask.has(category.id);
        joined(
            self.statement
                .categories
                .iter()
                .filter(held)
                .map(|category| self.own(&category.title)),
        )
    }

    /// The titles of the categories with these names; a name without a category stands for itself.
    pub(super) fn data_named(&self, names: &'s [String]) -> Option<String> {
        self.each(names, |name| {
            let found = self
                .statement
                .categories
                .iter()
                .find(|one| one.name == name);
            found.map(|category| self.own(&category.title))
        })
    }

    pub(super) fn purposes(&self, names: impl IntoIterator<Item = &'s str>) -> Option<String> {
        self.each(names, |name| {
            let found = self.statement.purposes.iter().find(|one| one.name == name);
            found.map(|purpose| self.own(&purpose.title))
        })
    }

    pub(super) fn bases(&self, names: impl IntoIterator<Item = &'s str>) -> Option<String> {
        self.each(names, |name| {
            let found = self.statement.bases.iter().find(|one| one.name == name);
            found.map(|basis| self.own(&basis.title))
        })
    }

    pub(super) fn laws(&self, names: impl IntoIterator<Item = &'s str>) -> Option<String> {
        self.each(names, |name| {
            let found = self
                .statement
                .legal_sources
                .iter()
                .find(|one| one.name == name);
            found.map(|source| &*source.title)
        })
    }

    /// Each law by its title.
    pub(super) fn law_titles(&self, names: &[String]) -> Vec<&'s str> {
        let found = self.statement.legal_sources.iter();
        let found = found.filter(|source| names.contains(&source.name));
        found.map(|source| &*source.title).collect()
    }

    pub(super) fn subjects(&self, names: &'s [String]) -> Option<String> {
        self.each(names, |name| {
            let found = self
                .statement
                .subject_classes
                .iter()
                .find(|one| one.name == name);
            found.map(|class| self.own(&class.title))
        })
    }

    pub(super) fn sources(&self, names: &'s [String]) -> Option<String> {
        self.each(names, |name| {
            let found = self.statement.sources.iter().find(|one| one.name == name);
            found.map(|source| self.own(&source.title))
        })
    }

    pub(super) fn recipients(&self, names: &'s [String]) -> Option<String> {
        self.each(names, |name| {
            let found = self
                .statement
                .recipients
                .iter()
                .find(|one| one.name == name);
            found.map(|recipient| self.own(&recipient.title))
        })
    }

    pub(super) fn roles(&self, names: &'s [String]) -> Option<String> {
        let texts = self.texts;
        self.each(names, |name| match name {
            "bezoeker" => Some(texts.role_visitor),
            "betrokkene" => Some(texts.role_person),
            "aangesloten-organisatie" => Some(texts.role_organisation),
            "systeem" => Some(texts.role_system),
            "beheerder" => Some(texts.role_operator),
            _ => {
                let found = self.statement.roles.iter().find(|role| role.name == name);
                found.map(|role| self.own(&role.title))
            }
        })
    }

    /// A country by its name where we have one, else by its code.
    pub(super) fn country<'c>(&self, code: &'c str) -> &'c str {
        match code {
            "NL" => self.texts.country_nl,
            "BQ" => self.texts.country_bq,
            code => code,
        }
    }

    /// In which country someone is, where the statement says so.
    pub(super) fn in_country(&self, code: Option<&String>) -> Option<String> {
        code.map(|code| self.texts.in_country(self.country(code)))
    }

    pub(super) fn holds(&self, names: &'s [String]) -> Option<String> {
        self.each(names, |name| {
            let found = self.statement.holds.iter().find(|one| one.name == name);
            found.map(|hold| self.own(&hold.title))
        })
    }

    pub(super) fn hotspots(&self, names: &'s [String]) -> Option<String> {
        self.each(names, |name| {
            let found = self.statement.hotspots.iter().find(|one| one.name == name);
            found.map(|hotspot| self.own(&hotspot.title))
        })
    }

    pub(super) fn rights(&self, names: &'s [String]) -> Option<String> {
        self.each(names, |name| {
            let found = self.statement.rights.iter().find(|one| one.name == name);
            found.map(|right| self.own(&right.title))
        })
    }

    /// Each ground in its own words.
    pub(super) fn grounds(&self, names: &'s [String]) -> Vec<&'s str> {
        let found = self.statement.grounds.iter();
        let found = found.filter(|ground| names.contains(&ground.name));
        found.map(|ground| self.own(&ground.title)).collect()
    }

    /// An address in a line.
    pub(super) fn address(&self, address: &Address) -> String {
        match address.lines.is_empty() {
            true => self.texts.address_by_helpdesk.to_owned(),
            false => address.lines.join(", "),
        }
    }

    /// The same among others: of one that the installation gives, by which way it is reached.
    pub(super) fn address_among_others(&self, address: &Address) -> String {
        match address.lines.is_empty() {
            true => format!("{} {}", self.kind(address), self.address(address)),
            false => self.address(address),
        }
    }

    /// By which way an address is reached: `Post:`.
    pub(super) fn kind(&self, address: &Address) -> &'static str {
        match address.kind {
            AddressKind::Post => self.texts.reach_post,
            AddressKind::Email => self.texts.reach_email,
            AddressKind::Phone => self.texts.reach_phone,
            AddressKind::Website => self.texts.reach_website,
            AddressKind::Desk => self.texts.reach_desk,
        }
    }

    /// The first line of each address that the statement gives.
    pub(super) fn addresses(&self, names: &'s [String]) -> Option<String> {
        let found = self.statement.addresses.iter();
        let found = found.filter(|address| names.contains(&address.name));
        let lines: Vec<String> = found
            .filter(|address| !address.lines.is_empty())
            .map(|address| address.lines.join(", "))
            .collect();
        joined(lines.iter().map(String::as_str))
    }

    fn each<N: AsRef<str> + ?Sized + 's>(
        &self,
        names: impl IntoIterator<Item = &'s N>,
        title: impl Fn(&'s str) -> Option<&'s str>,
    ) -> Option<String> {
        joined(
            names
                .into_iter()
                .map(|name| title(name.as_ref()).unwrap_or(name.as_ref())),
        )
    }
}

/// A list in a line; none for none.
pub(super) fn joined<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let words: Vec<&str> = words.into_iter().collect();
    (!words.is_empty()).then(|| words.join("; "))
}
