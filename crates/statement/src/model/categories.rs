//! Categories of personal data.

use super::{LegalSource, Purpose, Retention, Source, SubjectClass};
use crate::reader::{
    Choice, Filled, Flag, Here, List, Name, Needed, Opt, OwnId, Promise, Ref, RoleName, Texts,
    choices, table,
};
use crate::{CategoryId, Place, Text};

table! {
    /// A category of personal data. Every sealed or clear column of a person names one; at most 128.
    pub struct Category = "gegeven" {
        /// Its bit.
        id: CategoryId = "" as OwnId,
        /// Its name, as the columns of `schema.sql` and the activities have it.
        name: String = "naam" as Name,
        /// What it is, per language.
        title: Text = "titel" as Texts,
        /// What the law asks of it beyond the ordinary.
        class: Class = "klasse" as Choice<Class>,
        /// The exceptions or conditions that a class other than `gewoon` needs: each law that must allow it.
        conditions: Vec<Condition> = "voorwaarden" as List<Condition>,
        /// Whom it is about.
        subjects: Vec<String> = "betrokkenen" as List<Ref<SubjectClass>>,
        /// Where it comes from; without it, from the person, or it comes about here: no other source gives it.
        sources: Vec<String> = "bronnen" as List<Ref<Source>>,
        /// Whether a person must give it.
        provision: Option<Provision> = "verstrekking" as Opt<Choice<Provision>>,
        /// When it is kept at all, per language: it does not apply to everyone.
        only_if: Option<Text> = "alleen-als" as Opt<Texts>,
        /// Why we cannot do without it, per language.
        necessity: Option<Text> = "noodzaak" as Opt<Texts>,
        /// The only purposes it may be used for.
        only_purposes: Vec<String> = "alleen-doelen" as List<Ref<Purpose>>,
        /// The only roles that may read it.
        only_roles: Vec<String> = "alleen-rollen" as List<RoleName>,
        /// The categories it is made from: by putting them together or working them out.
        derived_from: Vec<String> = "afgeleid-van" as List<Ref<Category>>,
        /// Whether it may hold several of the same.
        repeated: bool = "meervoudig" as Flag,
        /// How long it is kept. Without it nothing may be written.
        retention: Retention = "bewaartermijn" as Needed<301, Retention>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

/// What was done with whose data: the category of the processing log, all that a data protection officer reads.
pub const LOGGED: &str = "verwerkingslog";

choices! {
    /// What the law asks of a category beyond the ordinary.
    pub enum Class {
        Ordinary = "gewoon",
        /// Health, religion, ethnicity and the like (AVG art. 9).
        Special = "bijzonder",
        /// Convictions and offences (AVG art. 10).
        Criminal = "strafrechtelijk",
        /// Data of the police, under its own law (Wpg).
        Police = "politie",
        /// A number that by law names one person (AVG art. 87).
        Identification = "identificatie",
    }
}

table! {
    /// The exception or condition under which the law allows data that it guards.
    pub struct Condition = "voorwaarden" {
        /// The law that allows it.
        source: String = "rechtsbron" as Ref<LegalSource>,
        /// The article, where the published text cites one: `"9 lid 2"`.
        article: Option<String> = "artikel" as Opt<Filled>,
        /// When it applies, per language.
        explanation: Option<Text> = "uitleg" as Opt<Texts>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

choices! {
    /// Whether a person must give a datum.
    pub enum Provision {
        Required = "verplicht",
        Voluntary = "vrijwillig",
    }
}
