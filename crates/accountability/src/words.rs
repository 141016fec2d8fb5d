//! A deed in words: what the statement calls it, who did it and what for.

use std::collections::BTreeMap;

use basics::Oin;
use language::Language;
use statement::Register;
use vault::Given;
use web::texts;

use crate::deeds::{Deed, Who, line};
use crate::publication::privacy;
use crate::registers::Registers;

/// What is needed to put deeds in words.
pub(crate) struct Words<'a> {
    pub(crate) language: Language,
    pub(crate) registers: &'a Registers,
    pub(crate) names: &'a BTreeMap<Oin, String>,
}

/// Somebody outside, what they got, and by which law where it did not go by itself.
pub(crate) struct WentTo {
    pub(crate) recipient: String,
    pub(crate) data: String,
    pub(crate) law: Option<String>,
}

impl<'a> Words<'a> {
    pub(crate) fn what(&self, deed: &Deed) -> String {
        let words = &texts(self.language).accountability;
        line(self.registers, &deed.row).map_or_else(
            || words.not_in_statement.to_owned(),
            |line| line.title.get(self.language.tag()).to_owned(),
        )
    }

    pub(crate) fn who(&self, deed: &Deed) -> String {
        let words = &texts(self.language).accountability;
        let ours = self.registers.of(&deed.row.statement_version).title();
        match &deed.who {
            Who::Yourself => words.by_yourself.to_owned(),
            Who::SomebodyElse => words.by_somebody_else.to_owned(),
            Who::Organisation(oin) => oin
                .as_ref()
                .and_then(|oin| self.names.get(oin))
                .map_or(words.by_an_organisation, String::as_str)
                .to_owned(),
            Who::System => words.by_system(ours),
            Who::Operator => words.by_operator(ours),
            Who::Staff => words.by_staff(ours),
            Who::Unknown => words.by_unknown.to_owned(),
        }
    }

    /// The purpose, as far as the statement had it then.
    pub(crate) fn why(&self, deed: &Deed) -> Option<&'a str> {
        let line = line(self.registers, &deed.row)?;
        let purposes = self.registers.of(&deed.row.statement_version).purposes();
        let purpose = purposes
            .iter()
            .find(|purpose| purpose.name == line.purpose)?;
        Some(purpose.title.get(self.language.tag()))
    }

    /// The legal basis, as far as the statement had it then.
    pub(crate) fn basis(&self, deed: &Deed) -> Option<&'a str> {
        let line = line(self.registers, &deed.row)?;
        let bases = self.registers.of(&deed.row.statement_version).bases();
        let basis = bases.iter().find(|basis| basis.name == line.basis)?;
        Some(basis.title.get(self.language.tag()))
    }

    /// Who outside got something, each with what, as the statement called them then.
    pub(crate) fn given(&self, deed: &Deed) -> Vec<WentTo> {
        let register = self.registers.of(&deed.row.statement_version);
        let given = deed.given.iter();
        given.map(|given| self.went_to(register, given)).collect()
    }

    fn went_to(&self, register: &Register, given: &Given) -> WentTo {
        let tag = self.language.tag();
        let mut recipients = register.recipients().iter();
        let recipient = recipients.find(|recipient| recipient.name == given.recipient);
        let recipient = recipient.map_or(given.recipient.as_str(), |found| found.title.get(tag));
        let called = |name: &String| {
            let mut categories = register.categories();
            let category = categories.find(|category| category.name == *name);
            category.map_or(name.clone(), |found| found.title.get(tag).to_owned())
        };
        let data: Vec<String> = given.data.iter().map(called).collect();
        WentTo {
            recipient: recipient.to_owned(),
            data: data.join(", "),
            law: given.law.as_ref().map(|(name, article)| {
                let mut sources = register.legal_sources().iter();
                let source = sources.find(|source| source.name == *name);
                let title = source.map_or(name.as_str(), |source| &source.title);
                match article {
                    Some(article) => format!("{title}, {article}"),
                    None => title.to_owned(),
                }
            }),
        }
    }

    /// Where the statement that was in force then has the line.
    pub(crate) fn in_statement(&self, deed: &Deed) -> Option<String> {
        let line = line(self.registers, &deed.row)?;
        let page = match self.registers.earlier(&deed.row.statement_version) {
            Some(earlier) => privacy::version_path(&earlier.version().number),
            None => privacy::PATH.to_owned(),
        };
        Some(format!("{page}#activiteit-{}", line.name))
    }
}
