//! Who is involved: controller, operators, supervisor, officer, processors, third parties, roles.

use super::{Address, Category, Purpose};
use crate::reader::{
    Categories, Choice, Country, Day, Filled, Flag, Here, Link, List, Name, Opt, Promise, Ref,
    Texts, choices, table,
};
use crate::{Date, Mask, Place, Text};

table! {
    /// Who answers for the processing (AVG art. 4, 7°).
    pub struct Controller = "verantwoordelijke" {
        /// The controller, as readers see it.
        name: String = "naam" as Filled,
        /// The organisation it is a part of.
        part_of: Option<String> = "onderdeel-van" as Opt<Filled>,
        /// Where it can be reached.
        addresses: Vec<String> = "adressen" as List<Ref<Address>>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// Who runs the service for the controller.
    pub struct Operator = "beheer" {
        /// The operator, as readers see it.
        name: String = "naam" as Filled,
        /// The organisation it is a part of.
        part_of: Option<String> = "onderdeel-van" as Opt<Filled>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// Who supervises from outside (AVG art. 51; on the islands Wbp BES).
    pub struct Supervisor = "toezichthouder" {
        /// The supervisor, as readers see it.
        name: String = "naam" as Filled,
        /// Where it can be found.
        link: Option<String> = "link" as Opt<Link>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// The data protection officer (AVG art. 37): sees register, log, figures and clocks, and no content. Its role reads
    /// `verwerkingslog` and touches nothing else.
    pub struct Officer = "functionaris" {
        /// The officer, as readers see it.
        name: String = "naam" as Filled,
        /// Where the officer can be reached.
        addresses: Vec<String> = "adressen" as List<Ref<Address>>,
        /// The role the officer acts in.
        role: Option<String> = "rol" as Opt<Ref<Role>>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// Another who processes for the controller (AVG art. 28).
    pub struct Processor = "verwerker" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// Who or what it is, per language.
        title: Text = "titel" as Texts,
        /// What it does for us, per language.
        task: Text = "taak" as Texts,
        /// What it processes the data for. For another purpose its people do nothing.
        purposes: Vec<String> = "doelen" as List<Ref<Purpose>>,
        /// What it gets to see: names of categories. One that no `[[gegeven]]` declares is a finding.
        data: Vec<String> = "gegevens" as List<Name>,
        /// The country it works in, ISO 3166. Where there is a `[doorgifte]`, it must be said.
        country: Option<String> = "land" as Opt<Country>,
        /// Whether it sees only people who came to it themselves.
        only_after_contact: bool = "alleen-na-contact" as Flag,
        /// What was agreed. Without one, or after its end, its role is off.
        agreement: Option<Agreement> = "overeenkomst" as Opt<Agreement>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// An agreement with a processor (AVG art. 28, third paragraph).
    pub struct Agreement = "overeenkomst" {
        /// The day it was made.
        date: Date = "datum" as Day,
        /// Under which reference it can be found.
        reference: String = "kenmerk" as Filled,
        /// The last day it holds.
        until: Option<Date> = "tot" as Opt<Day>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

impl Agreement {
    /// Whether it holds on this day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.date <= day && self.until.is_none_or(|until| day <= until)
    }
}

table! {
    /// A party that takes part without being a processor: the maker of a component, a partner.
    pub struct ThirdParty = "derde" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// Who it is, per language.
        title: Text = "titel" as Texts,
        /// What it is there for.
        kind: ThirdKind = "soort" as Choice<ThirdKind>,
        /// What it takes part for.
        purposes: Vec<String> = "doelen" as List<Ref<Purpose>>,
        /// The country it works in, ISO 3166. Where there is a `[doorgifte]`, it must be said.
        country: Option<String> = "land" as Opt<Country>,
        /// What it does, per language.
        explanation: Text = "uitleg" as Texts,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

choices! {
    /// What a third party is there for.
    pub enum ThirdKind {
        /// Its component is part of an app.
        Component = "onderdeel",
        /// Works with us against abuse, or for whom it befell.
        Partner = "samenwerking",
    }
}

table! {
    /// A role that people act in. Five need no table: `bezoeker`, `betrokkene`, `aangesloten-organisatie`, `systeem`, `beheerder`.
    pub struct Role = "rol" {
        /// Its name, as activities list it.
        name: String = "naam" as Name,
        /// Who they are, per language.
        title: Text = "titel" as Texts,
        /// The processor whose people these are.
        processor: Option<String> = "verwerker" as Opt<Ref<super::Processor>>,
        /// Whether they see only people who came to them themselves.
        only_after_contact: bool = "alleen-na-contact" as Flag,
        /// Whether someone first undertakes to keep secret what they see.
        confidentiality: bool = "geheimhouding" as Flag,
        /// Categories that they compare with what they are told, and never see or read out.
        masked: Mask = "afgeschermd" as Categories,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

impl Processor {
    /// Whether an agreement with it holds on this day; else nobody acts for it.
    pub fn is_agreed_on(&self, day: Date) -> bool {
        let agreement = self.agreement.as_ref();
        agreement.is_some_and(|agreement| agreement.holds_on(day))
    }
    /// Whether it works for this purpose.
    pub fn serves(&self, purpose: &str) -> bool {
        self.purposes.iter().any(|one| one == purpose)
    }
    /// Whether it gets this category.
    pub fn gets(&self, category: &Category) -> bool {
        self.data.contains(&category.name)
    }
}
