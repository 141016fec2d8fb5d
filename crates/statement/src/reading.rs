//! From file to register: each table read, every name looked up, every fault reported at once.

mod activities;
mod data;
mod law;

use std::collections::HashMap;

use basics::NumberKind;

use crate::category::Class;
use crate::file::{self, File, Word};
use crate::finding::{Finding, Level};
use crate::words::{Names, Words};
use crate::{
    Band, CategoryId, Date, LoginLevel, NumberRule, Operator, Register, SessionRule, Version,
};

pub(crate) fn read(text: &str) -> Result<Register, Vec<Finding>> {
    let mut words = Words::of(text);
    let register = match toml::from_str::<File>(text) {
        Ok(file) => Reading::of(&file, &mut words).register(&file),
        Err(error) => {
            words.misshapen(&error);
            None
        }
    };
    let findings = words.findings();
    let faulty = findings.iter().any(|finding| finding.level == Level::Error);
    match register {
        Some(register) if !faulty => Ok(Register {
            findings,
            ..register
        }),
        _ => Err(findings),
    }
}

/// One reading: the declared names, to look references up in.
struct Reading<'a, 't> {
    words: &'a mut Words<'t>,
    sources: Names,
    bases: Names,
    purposes: Names,
    categories: Names,
    recipients: Names,
    band: Option<Band>,
}

impl<'a, 't> Reading<'a, 't> {
    fn of(file: &File, words: &'a mut Words<'t>) -> Self {
        words.languages(&file.verklaring.talen);
        let sources = words.names(
            "rechtsbron",
            file.rechtsbron.iter().map(|table| &table.naam),
        );
        let bases = words.names("grondslag", file.grondslag.iter().map(|table| &table.naam));
        let purposes = words.names("doel", file.doel.iter().map(|table| &table.naam));
        let categories = words.names("gegeven", file.gegeven.iter().map(|table| &table.naam));
        let recipients = words.names("ontvanger", file.ontvanger.iter().map(|table| &table.naam));
        if let Some(first_over) = file.gegeven.get(128) {
            words.error(
                "S-106",
                &first_over.naam,
                "there are more than 128 categories".into(),
                "join some categories",
            );
        }
        Self {
            words,
            sources,
            bases,
            purposes,
            categories,
            recipients,
            band: None,
        }
    }

    /// Everything is read before anything is given up, so that all faults are reported.
    fn register(mut self, file: &File) -> Option<Register> {
        let header = &file.verklaring;
        let installation = self.words.name(&header.naam);
        let title = self.words.filled(&header.titel);
        let version = self.version(header);
        let time_zone = self.time_zone(&header.tijdzone);
        let location = self.location(&header.opslaglocatie);
        let number = self.number(&header.identificatie, &file.gegeven);
        let controller = self.controller(file.verantwoordelijke.as_ref());
        let operators = self.each(&file.beheer, Self::operator);
        let login_level = self.words.choice(
            "betrouwbaarheidsniveau",
            &file.inloggen.betrouwbaarheidsniveau,
            &LoginLevel::ALL,
            LoginLevel::name,
        );
        let session = self.session(&file.sessie);
        self.band = file.bewaarband.as_ref().and_then(|band| self.band(band));
        let band_declared = file.bewaarband.is_some();
        let legal_sources = self.each(&file.rechtsbron, Self::legal_source);
        let bases = self.each(&file.grondslag, Self::basis);
        let purposes = self.each(&file.doel, Self::purpose);
        let categories = self.each(&file.gegeven, |reading, table| {
            reading.category(table, band_declared)
        });
        let recipients = self.each(&file.ontvanger, Self::recipient);
        let cookies = self.each(&file.cookie, Self::cookie);
        let activities = self.each(&file.activiteit, Self::activity);
        self.words
            .names("cookie", file.cookie.iter().map(|table| &table.naam));
        self.words.names(
            "activiteit",
            file.activiteit.iter().map(|table| &table.naam),
        );
        self.warn_of_idle(file);
        let activities = activities?;
        Some(Register {
            installation: installation?,
            title: title?,
            version: version?,
            languages: self.words.offered().to_vec(),
            time_zone: time_zone?,
            location: location?,
            controller: controller?,
            operators: operators?,
            login_level: login_level?,
            session: session?,
            number: number?,
            band: self.band,
            legal_sources: legal_sources?,
            bases: bases?,
            purposes: purposes?,
            categories: categories?,
            recipients: recipients?,
            cookies: cookies?,
            order: activities.iter().map(|entry| entry.name.clone()).collect(),
            activities: activities
                .into_iter()
                .map(|entry| (entry.name.clone(), entry))
                .collect::<HashMap<_, _>>(),
            findings: Vec::new(),
        })
    }

    fn each<T, U>(
        &mut self,
        tables: &[T],
        mut read: impl FnMut(&mut Self, &T) -> Option<U>,
    ) -> Option<Vec<U>> {
        let read: Vec<Option<U>> = tables.iter().map(|table| read(self, table)).collect();
        read.into_iter().collect()
    }

    fn version(&mut self, header: &file::Verklaring) -> Option<Version> {
        let number = self.words.filled(&header.versie);
        let day = header.datum.get_ref();
        let date = match (day.date, day.time, day.offset) {
            (Some(date), None, None) => Some(Date {
                year: date.year,
                month: date.month,
                day: date.day,
            }),
            _ => {
                self.words.error(
                    "S-107",
                    &header.datum,
                    format!("{day} is not a day"),
                    "write 2022-02-10, unquoted",
                );
                None
            }
        };
        Some(Version {
            number: number?,
            date: date?,
        })
    }

    /// Only its shape: which zones exist, the calendar knows at start-up.
    fn time_zone(&mut self, word: &Word) -> Option<String> {
        let name = word.get_ref();
        let shaped = name.contains('/')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/_-+".contains(&byte));
        self.words.shaped(
            shaped,
            word,
            "is not the name of a time zone",
            "use the IANA name, such as Europe/Amsterdam",
        )
    }

    fn location(&mut self, word: &Word) -> Option<String> {
        let code = word.get_ref();
        let shaped = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        self.words.shaped(
            shaped,
            word,
            "is not a country code",
            "use the two capitals of ISO 3166, such as NL",
        )
    }

    fn number(
        &mut self,
        table: &file::Identificatie,
        categories: &[file::Gegeven],
    ) -> Option<NumberRule> {
        let kind = self
            .words
            .choice("soort", &table.soort, &NumberKind::ALL, NumberKind::name);
        let index = self
            .words
            .known("S-201", &table.gegeven, &self.categories)?;
        if categories[index].klasse.get_ref() != Class::Identification.name() {
            let text = format!(
                "{} names people but is not of class identificatie",
                table.gegeven.get_ref()
            );
            let hint = "give that category klasse = \"identificatie\"";
            self.words
                .error("S-208", &categories[index].klasse, text, hint);
        }
        Some(NumberRule {
            kind: kind?,
            category: CategoryId::new(index)?,
        })
    }

    fn controller(&mut self, table: Option<&file::Verantwoordelijke>) -> Option<String> {
        let name = table
            .map(|table| table.naam.get_ref().trim())
            .filter(|name| !name.is_empty());
        if name.is_none() {
            let hint = "add [verantwoordelijke] with naam";
            self.words.error_at(
                "S-110",
                table.map(|table| table.naam.span().start),
                "no controller is named".into(),
                hint,
            );
        }
        name.map(str::to_owned)
    }

    fn operator(&mut self, table: &file::Beheer) -> Option<Operator> {
        let name = self.words.filled(&table.naam);
        let part_of = table
            .onderdeel_van
            .as_ref()
            .map(|word| self.words.filled(word));
        let promises = self.words.promises(&table.beloften);
        Some(Operator {
            name: name?,
            part_of: part_of.map_or(Some(None), |part| part.map(Some))?,
            promises,
        })
    }

    fn session(&mut self, table: &file::Sessie) -> Option<SessionRule> {
        let idle = self.words.fixed_term(&table.inactief);
        let absolute = self.words.fixed_term(&table.hoogstens);
        let rule = SessionRule {
            idle: idle?,
            absolute: absolute?,
        };
        if rule.idle > rule.absolute {
            let text = format!(
                "a session may be idle for {}, longer than it may last",
                table.inactief.get_ref()
            );
            self.words.error(
                "S-305",
                &table.inactief,
                text,
                "hoogstens is the longer of the two",
            );
        }
        Some(rule)
    }
}

fn plain(words: &[Word]) -> Vec<String> {
    words.iter().map(|word| word.get_ref().clone()).collect()
}
