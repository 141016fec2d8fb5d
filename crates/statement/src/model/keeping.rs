//! How long data is kept: terms, the published band, holds, hotspots, what lies on a device.

use super::LegalSource;
use crate::reader::{
    Categories, Choice, Filled, Here, Length, List, Name, Opt, Promise, Ref, TermOrigin, Texts,
    choices, table,
};
use crate::{Mask, Place, Term, Text};

table! {
    /// How long a category is kept, counted from when.
    pub struct Retention = "bewaartermijn" {
        /// How long.
        term: Term = "termijn" as Length,
        /// The moment it runs from.
        from: StartEvent = "vanaf" as Choice<StartEvent>,
        /// Where it comes from: the name of a legal source, `"bandbreedte"` (our choice inside the published band), `"verklaring"` (published in the statement itself, resting on no law that it names), or `"eigen-keuze"` (our choice where nothing was published).
        source: TermSource = "bron" as TermOrigin,
        /// The selection list by which it is kept and destroyed (Archiefwet); also where the published text names no term of it.
        selection_list: Option<String> = "selectielijst" as Opt<Ref<LegalSource>>,
        /// The article of that source, or the category of that selection list.
        article: Option<String> = "artikel" as Opt<Filled>,
        /// Why this long, per language.
        rationale: Text = "reden" as Texts,
        /// What happens at its end; without it the data are removed.
        afterwards: Option<Afterwards> = "daarna" as Opt<Choice<Afterwards>>,
        /// What may keep the data beyond the term.
        holds: Vec<String> = "opschorting" as List<Ref<Hold>>,
        /// The hotspots for which they are kept for good.
        hotspots: Vec<String> = "hotspots" as List<Ref<Hotspot>>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

choices! {
    /// The moment from which a term runs.
    pub enum StartEvent {
        /// When the datum was recorded.
        Recorded = "vastlegging",
        /// When the message became available to the person.
        Received = "ontvangst",
        /// When the session ended.
        SessionEnded = "einde-sessie",
        /// When the account ended.
        AccountEnded = "einde-account",
        /// When the call, by telephone or video, ended.
        CallEnded = "einde-gesprek",
        /// When the case, request or procedure was closed.
        CaseClosed = "einde-zaak",
        /// When the calendar year ended that the datum is about.
        YearEnded = "einde-jaar",
    }
}

choices! {
    /// What happens at the end of a term.
    pub enum Afterwards {
        Remove = "verwijderen",
        /// It stays, and nobody can be known by it.
        Anonymise = "anonimiseren",
        /// It goes to an archive.
        HandOver = "overbrengen",
    }
}

/// Where a term comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TermSource {
    /// Chosen by us inside the published band (`bron = "bandbreedte"`).
    Band,
    /// Published in the statement itself, which names no law for it (`bron = "verklaring"`).
    Published,
    /// Chosen by us where nothing was published (`bron = "eigen-keuze"`).
    Own,
    /// Set by this legal source.
    Law(String),
}

table! {
    /// Between which terms the published statement keeps data. Every term of a category must lie inside it.
    pub struct Band = "bewaarband" {
        /// No term is shorter.
        shortest: Term = "kortste" as Length,
        /// No term is longer.
        longest: Term = "langste" as Length,
        /// The legal source that sets it.
        source: Option<String> = "rechtsbron" as Opt<Ref<LegalSource>>,
        /// The article of that source, where the published text cites one.
        article: Option<String> = "artikel" as Opt<Filled>,
        /// Why data is kept at all, per language.
        rationale: Option<Text> = "reden" as Opt<Texts>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// What keeps data beyond its term, for as long as it lasts.
    pub struct Hold = "opschorting" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// What it is, per language.
        title: Text = "titel" as Texts,
        /// When it begins, per language.
        begins: Text = "begint" as Texts,
        /// When it ends, per language. The data go within a day, if their term is over.
        ends: Text = "eindigt" as Texts,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// An event between government and citizens of which documents are kept for good.
    pub struct Hotspot = "hotspot" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// What it is, per language.
        title: Text = "titel" as Texts,
        /// Why it is kept, per language.
        explanation: Text = "uitleg" as Texts,
        /// Who gets the documents to keep.
        archive: String = "bestemming" as Filled,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// What lies on the person's own device.
    pub struct LocalCopy = "lokale-opslag" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// What it is, per language.
        title: Text = "titel" as Texts,
        /// Exactly these categories, and no other.
        data: Mask = "gegevens" as Categories,
        /// The category of the key it is sealed with. One that no `[[gegeven]]` declares is a finding.
        key: Option<String> = "sleutel" as Opt<Name>,
        /// How long it stays there, per language.
        until: Text = "tot" as Texts,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}
