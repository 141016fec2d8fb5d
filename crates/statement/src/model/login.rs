//! Who may come in: the number that names a person, how sure the login must be, how long a session lasts.

use std::time::Duration;

use basics::NumberKind;

use crate::reader::{CategoryName, Choice, Fixed, Here, List, Promise, table};
use crate::{CategoryId, Place};

/// How sure a login is of who someone is (eIDAS levels of assurance), least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LoginLevel {
    Low,
    Substantial,
    High,
}

impl LoginLevel {
    pub const ALL: [LoginLevel; 3] = [LoginLevel::Low, LoginLevel::Substantial, LoginLevel::High];

    /// The name in the statement file.
    pub const fn name(self) -> &'static str {
        match self {
            LoginLevel::Low => "laag",
            LoginLevel::Substantial => "substantieel",
            LoginLevel::High => "hoog",
        }
    }

    /// The `acr` value of this level.
    pub const fn uri(self) -> &'static str {
        match self {
            LoginLevel::Low => "http://eidas.europa.eu/LoA/low",
            LoginLevel::Substantial => "http://eidas.europa.eu/LoA/substantial",
            LoginLevel::High => "http://eidas.europa.eu/LoA/high",
        }
    }

    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.uri() == uri)
    }
}

table! {
    /// Who may come in.
    pub struct LoginRule = "inloggen" {
        /// The least eIDAS level a login must have.
        level: LoginLevel = "betrouwbaarheidsniveau" as Choice<LoginLevel>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
    }
}

table! {
    /// Which number names a person here, and the category it is.
    #[derive(Copy, PartialEq, Eq)]
    pub struct NumberRule = "identificatie" {
        /// The kind of number.
        kind: NumberKind = "soort" as Choice<NumberKind>,
        /// The category it is, of class `identificatie`.
        category: CategoryId = "gegeven" as CategoryName,
    }
}

table! {
    /// When a session ends by itself.
    pub struct SessionTable = "sessie" {
        /// After this long without a request.
        idle: Duration = "inactief" as Fixed,
        /// This long after login, whatever happens.
        absolute: Duration = "hoogstens" as Fixed,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

/// When a session ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRule {
    /// After this long without a request.
    pub idle: Duration,
    /// This long after login, whatever happens.
    pub absolute: Duration,
}

#[cfg(test)]
mod tests {
    use super::LoginLevel;

    #[test]
    fn levels_are_ordered_and_have_one_uri_each() {
        assert!(
            LoginLevel::Low < LoginLevel::Substantial && LoginLevel::Substantial < LoginLevel::High
        );
        for level in LoginLevel::ALL {
            assert_eq!(LoginLevel::from_uri(level.uri()), Some(level));
        }
        assert_eq!(
            LoginLevel::from_uri("http://eidas.europa.eu/LoA/HIGH"),
            None
        );
    }
}
