//! Categories of personal data, and how long each is kept.

use crate::{CategoryId, Term, Text};

/// A category of personal data. Every sealed or clear column of a person names one.
#[derive(Clone, Debug)]
pub struct Category {
    pub id: CategoryId,
    /// Kebab-case, as `schema.sql` annotations and activities name it.
    pub name: String,
    pub title: Text,
    pub class: Class,
    pub retention: Retention,
    /// What the published statement calls for and this entry answers, such as `MO-22`.
    pub promises: Vec<String>,
}

/// What the law asks of a category beyond the ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Ordinary,
    /// Health, religion, ethnicity and the like.
    Special,
    /// Convictions and offences.
    Criminal,
    /// Data of the police, under its own law.
    Police,
    /// A number that by law names one person.
    Identification,
}

impl Class {
    pub const ALL: [Class; 5] = [
        Class::Ordinary,
        Class::Special,
        Class::Criminal,
        Class::Police,
        Class::Identification,
    ];

    /// The name in the statement file.
    pub const fn name(self) -> &'static str {
        match self {
            Class::Ordinary => "gewoon",
            Class::Special => "bijzonder",
            Class::Criminal => "strafrechtelijk",
            Class::Police => "politie",
            Class::Identification => "identificatie",
        }
    }
}

/// How long a category is kept: no rule, no write (MO-64).
#[derive(Clone, Debug)]
pub struct Retention {
    pub term: Term,
    pub from: StartEvent,
    pub source: TermSource,
    /// Why this long, for the reader.
    pub rationale: Text,
}

/// The moment from which a term runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartEvent {
    /// When the datum was recorded.
    Recorded,
    /// When the message became available to the person.
    Received,
    /// When the session ended.
    SessionEnded,
    /// When the account ended.
    AccountEnded,
}

impl StartEvent {
    pub const ALL: [StartEvent; 4] = [
        StartEvent::Recorded,
        StartEvent::Received,
        StartEvent::SessionEnded,
        StartEvent::AccountEnded,
    ];

    /// The name in the statement file.
    pub const fn name(self) -> &'static str {
        match self {
            StartEvent::Recorded => "vastlegging",
            StartEvent::Received => "ontvangst",
            StartEvent::SessionEnded => "einde-sessie",
            StartEvent::AccountEnded => "einde-account",
        }
    }
}

/// Where a term comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TermSource {
    /// Chosen by us inside the published band (`bron = "bandbreedte"`).
    Band,
    /// Set by this legal source.
    Law(String),
}
