//! Cookies of the web pages.

use std::time::Duration;

use super::Purpose;
use crate::reader::{
    Choice, Here, Life, List, Name, Opt, Promise, Ref, Texts, YesNo, choices, table,
};
use crate::{Place, Text};

table! {
    /// A cookie the web pages set.
    pub struct Cookie = "cookie" {
        /// The last part of its name in the browser: `sessie` in `__Host-mijnoverheid-sessie`.
        name: String = "naam" as Name,
        /// What it is called, per language.
        title: Text = "titel" as Texts,
        /// What it does and when it goes, per language.
        explanation: Text = "uitleg" as Texts,
        /// What it is for.
        purpose: String = "doel" as Ref<Purpose>,
        /// `"sessie"` (gone at logout or when the browser closes), or the longest it may live.
        life: CookieLife = "bewaartijd" as Life,
        /// Whether its value holds personal data.
        personal: bool = "persoonsgegevens" as YesNo,
        /// What its value is. A cookie without personal data says so here, or is a finding.
        value: Option<CookieValue> = "waarde" as Opt<Choice<CookieValue>>,
        /// Whether the service can do without; without it, it cannot.
        kind: Option<CookieKind> = "soort" as Opt<Choice<CookieKind>>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

/// How long a cookie lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieLife {
    /// Until logout or until the browser closes; never with Max-Age.
    Session,
    /// At most this long.
    For(Duration),
}

choices! {
    /// What the value of a cookie is.
    pub enum CookieValue {
        /// Random, and new each time: it says nothing.
        Random = "willekeurig",
        /// The same for everyone.
        Constant = "vast",
        /// Random, and the same for one browser.
        Visitor = "bezoekernummer",
    }
}

choices! {
    /// Whether the service can do without a cookie.
    pub enum CookieKind {
        Necessary = "noodzakelijk",
        Convenience = "gemak",
        Statistics = "statistiek",
    }
}
