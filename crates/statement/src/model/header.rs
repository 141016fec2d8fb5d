//! Which statement this is, and what it is a specialisation of.

use super::NumberRule;
use crate::reader::{
    Choice, Country, Day, Filled, Flag, Here, Languages, Link, List, Name, Opt, Promise, Zone,
    choices, table,
};
use crate::{Date, Place};

table! {
    /// Which statement this is.
    pub struct Header = "verklaring" {
        /// Short name of the installation; part of its cookies' names.
        name: String = "naam" as Name,
        /// The name people know.
        title: String = "titel" as Filled,
        /// The version, a text: `"2.2"`.
        version: String = "versie" as Filled,
        /// The day it took force: `2022-02-10`, without quotes.
        date: Date = "datum" as Day,
        /// Languages offered, the first is the default: `["nl", "en"]`.
        languages: Vec<String> = "talen" as Languages,
        /// IANA name: `"Europe/Amsterdam"`.
        time_zone: String = "tijdzone" as Zone,
        /// Country the data lies in, ISO 3166: `"NL"`. The program does not start elsewhere.
        location: String = "opslaglocatie" as Country,
        /// The number that names a person here.
        number: NumberRule = "identificatie" as NumberRule,
        /// Where the statement is published.
        published_at: Option<String> = "vindplaats" as Opt<Link>,
        /// Whether anything of it needs a script in the browser.
        needs_script: bool = "vereist-script" as Flag,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// A larger organisation's statement. What this file does not say itself holds as the parent says it.
    pub struct Parent = "ouder" {
        /// The larger organisation.
        organisation: String = "organisatie" as Filled,
        /// What its statement is called.
        title: String = "titel" as Filled,
        /// Where it is published.
        link: String = "link" as Link,
        /// The file of its statement, beside this one. What it says of the parts is then taken over, where this file does not say it itself.
        file: Option<String> = "bestand" as Opt<Filled>,
        /// The version of that statement that was read: with another one this file does not start.
        version: Option<String> = "versie" as Opt<Filled>,
        /// The parts for which the parent's statement holds: they need not stand in this file.
        parts: Vec<Part> = "onderdelen" as List<Choice<Part>>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// What was taken over from the parent's statement. The program writes it, and a file need not.
    pub struct Inherited = "overgenomen" {
        /// The kind of table, and its name where it has one: `"recht inzage"`.
        what: String = "wat" as Filled,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

choices! {
    /// A part of a published statement, in its order.
    pub enum Part {
        Controller = "verantwoordelijke",
        Purposes = "doelen",
        Bases = "grondslagen",
        Data = "gegevens",
        Decisions = "besluiten",
        Cookies = "cookies",
        Sources = "bronnen",
        Recipients = "ontvangers",
        Retention = "bewaren",
        Rights = "rechten",
        Children = "kinderen",
        Security = "beveiliging",
        Breach = "datalek",
        Contact = "contact",
        Change = "wijziging",
    }
}
