//! Reading the activities, and what none of them needs.

use basics::Channel;

use super::{Reading, plain};
use crate::file::{self, File};
use crate::{Entry, ROLES};

impl Reading<'_, '_> {
    pub(super) fn activity(&mut self, table: &file::Activiteit) -> Option<Entry> {
        let name = self.words.name(&table.naam);
        let title = self.words.text(&table.titel);
        if table.doel.is_none() {
            self.lacks("S-401", table, "doel");
        }
        for purpose in table.doel.iter().chain(&table.ook_voor) {
            self.words.known("S-202", purpose, &self.purposes);
        }
        if table.grondslag.is_none() {
            self.lacks("S-402", table, "grondslag");
        }
        if let Some(basis) = &table.grondslag {
            self.words.known("S-203", basis, &self.bases);
        }
        for role in &table.rollen {
            self.words.listed("S-204", "role", role, &ROLES);
        }
        let channels: Vec<Option<Channel>> = table
            .kanalen
            .iter()
            .map(|word| self.words.channel(word))
            .collect();
        for (empty, key) in [
            (table.rollen.is_empty(), "rollen"),
            (table.kanalen.is_empty(), "kanalen"),
        ] {
            if empty {
                self.lacks("S-404", table, key);
            }
        }
        if table.leest.is_empty() && table.schrijft.is_empty() {
            self.lacks("S-403", table, "leest or schrijft");
        }
        let (reads, writes) = (self.mask(&table.leest), self.mask(&table.schrijft));
        for recipient in &table.ontvangers {
            self.words.known("S-206", recipient, &self.recipients);
        }
        let promises = self.words.promises(&table.beloften);
        Some(Entry {
            name: name?,
            title: title?,
            purpose: table.doel.as_ref()?.get_ref().clone(),
            also_for: plain(&table.ook_voor),
            basis: table.grondslag.as_ref()?.get_ref().clone(),
            roles: plain(&table.rollen),
            channels: channels.into_iter().collect::<Option<_>>()?,
            reads,
            writes,
            recipients: plain(&table.ontvangers),
            promises,
        })
    }

    fn lacks(&mut self, code: &'static str, activity: &file::Activiteit, key: &str) {
        let text = format!("activity {} has no {key}", activity.naam.get_ref());
        self.words.error(
            code,
            &activity.naam,
            text,
            format!("add {key}, or take the activity out"),
        );
    }

    /// What is declared and serves nothing.
    pub(super) fn warn_of_idle(&mut self, file: &File) {
        let activities = &file.activiteit;
        let purposes = activities
            .iter()
            .flat_map(|table| table.doel.iter().chain(&table.ook_voor));
        self.words.idle(
            "S-451",
            &self.purposes,
            purposes.chain(file.cookie.iter().map(|table| &table.doel)),
        );
        let data = activities
            .iter()
            .flat_map(|table| table.leest.iter().chain(&table.schrijft));
        self.words.idle("S-452", &self.categories, data);
        self.words.idle(
            "S-453",
            &self.recipients,
            activities.iter().flat_map(|table| &table.ontvangers),
        );
        self.words.idle(
            "S-454",
            &self.bases,
            activities.iter().flat_map(|table| &table.grondslag),
        );
    }
}
