//! The smaller parts of a register: version, operators, law, purposes, recipients, cookies.

use std::fmt;
use std::time::Duration;

use crate::{Mask, Term, Text};

/// Which statement this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Such as `2.2`.
    pub number: String,
    pub date: Date,
}

/// A day; shown as `2022-02-10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Who runs the service for the controller.
#[derive(Clone, Debug)]
pub struct Operator {
    pub name: String,
    /// The organisation it is a part of.
    pub part_of: Option<String>,
    pub promises: Vec<String>,
}

/// A law, decree or regulation.
#[derive(Clone, Debug)]
pub struct LegalSource {
    pub name: String,
    /// Its official name, in the language of the law.
    pub title: String,
    /// Where it was published, such as `Stb. 2016, 195`.
    pub citation: String,
    pub link: String,
    /// The legal source it rests on.
    pub rests_on: Option<String>,
    pub promises: Vec<String>,
}

/// A legal basis: why the law allows an activity.
#[derive(Clone, Debug)]
pub struct Basis {
    pub name: String,
    pub title: Text,
    pub sources: Vec<String>,
    pub promises: Vec<String>,
}

/// What data is used for.
#[derive(Clone, Debug)]
pub struct Purpose {
    pub name: String,
    pub title: Text,
    pub promises: Vec<String>,
}

/// Someone outside who gets data: exactly these fields and no other.
#[derive(Clone, Debug)]
pub struct Recipient {
    pub name: String,
    pub title: Text,
    pub fields: Mask,
    pub promises: Vec<String>,
}

/// A cookie the web pages set.
#[derive(Clone, Debug)]
pub struct Cookie {
    /// The last part of its name in the browser: `sessie` for `__Host-mijnoverheid-sessie`.
    pub name: String,
    pub title: Text,
    pub explanation: Text,
    pub purpose: String,
    pub life: CookieLife,
    /// Whether its value holds personal data.
    pub personal: bool,
    pub promises: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieLife {
    /// Until logout or until the browser closes; never with Max-Age.
    Session,
    /// At most this long.
    For(Duration),
}

/// Between which terms the published statement keeps data.
#[derive(Clone, Debug)]
pub struct Band {
    pub shortest: Term,
    pub longest: Term,
    /// The legal source that sets it.
    pub source: Option<String>,
    /// The article of that source, where the published text cites one.
    pub article: Option<String>,
    pub promises: Vec<String>,
}
