//! What readers are told besides, what must not happen, how the statement changes and whether it is clear.

use super::{LegalSource, Part, Purpose};
use crate::reader::{
    Categories, ChannelName, Choice, Count, Flag, Here, Link, List, Name, Opt, Promise, Ref,
    RoleName, Texts, choices, table,
};
use crate::{Mask, Place, Text};
use basics::Channel;

table! {
    /// A passage of the published text.
    pub struct Notice = "mededeling" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// The part of the statement it stands in.
        part: Part = "onderdeel" as Choice<Part>,
        /// The passage, per language.
        text: Text = "tekst" as Texts,
        /// What is listed below it. An empty list is a finding.
        list: Option<ListKind> = "lijst" as Opt<Choice<ListKind>>,
        /// The laws that are listed below it, where those are not all.
        laws: Vec<String> = "wetten" as List<Ref<LegalSource>>,
        /// Where the reader can read on.
        link: Option<String> = "link" as Opt<Link>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

choices! {
    /// What can be listed below a passage.
    pub enum ListKind {
        LegalSources = "rechtsbronnen",
        Bases = "grondslagen",
        Purposes = "doelen",
        SubjectClasses = "betrokkenen",
        Data = "gegevens",
        Sources = "bronnen",
        Recipients = "ontvangers",
        Processors = "verwerkers",
        Rights = "rechten",
        Grounds = "gronden",
        Addresses = "adressen",
        Cookies = "cookies",
        Measures = "maatregelen",
        Decisions = "besluiten",
    }
}

table! {
    /// Something that must not happen, or only so.
    pub struct Limit = "grens" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// What is promised, per language.
        title: Text = "titel" as Texts,
        /// The part of the statement it stands in.
        part: Part = "onderdeel" as Choice<Part>,
        /// The data it is about.
        data: Mask = "gegevens" as Categories,
        /// The purposes it is about.
        purposes: Vec<String> = "doelen" as List<Ref<Purpose>>,
        /// The roles it is about.
        roles: Vec<String> = "rollen" as List<RoleName>,
        /// The channels it is about.
        channels: Vec<Channel> = "kanalen" as List<ChannelName>,
        /// The activities it is about.
        activities: Vec<String> = "activiteiten" as List<Name>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// How the statement changes.
    pub struct Change = "wijziging" {
        /// What is promised, per language.
        explanation: Text = "uitleg" as Texts,
        /// When a new version takes force: the program knows no other moment than its publication.
        effect: Effect = "ingang" as Choice<Effect>,
        /// Whether earlier versions stay to be read.
        kept: bool = "oude-versies" as Flag,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

choices! {
    /// When a new version takes force. One that waits for a date is published on that date.
    pub enum Effect {
        AtPublication = "bij-publicatie",
    }
}

table! {
    /// The question whether the statement is clear.
    pub struct Feedback = "terugkoppeling" {
        /// The question, per language.
        question: Text = "vraag" as Texts,
        /// The most characters an answer may have.
        most: u32 = "hoogstens" as Count,
        /// Whether who answers must say who they are.
        identification: bool = "identificatie" as Flag,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}
