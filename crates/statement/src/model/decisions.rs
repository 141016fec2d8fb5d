//! Decisions that are made without a person, and selections by personal aspects.

use super::{Basis, LegalSource, Purpose, Source};
use crate::reader::{
    Categories, Filled, Flag, Here, List, Name, Opt, Promise, Ref, Texts, YesNo, table,
};
use crate::{Mask, Place, Text};

table! {
    /// A kind of decision that is made without a person (AVG art. 22; UAVG art. 40). All others need one.
    pub struct Decision = "automatisch-besluit" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// What is decided, per language.
        title: Text = "titel" as Texts,
        /// How it comes about, per language.
        explanation: Text = "uitleg" as Texts,
        /// Why it may be made so.
        basis: String = "grondslag" as Ref<Basis>,
        /// The law whose rules it follows.
        source: Option<String> = "rechtsbron" as Opt<Ref<LegalSource>>,
        /// The article, where the published text cites one.
        article: Option<String> = "artikel" as Opt<Filled>,
        /// What it is made from.
        data: Mask = "gegevens" as Categories,
        /// Where that comes from.
        sources: Vec<String> = "bronnen" as List<Ref<Source>>,
        /// The selections that feed it: none may.
        profilings: Vec<String> = "profileringen" as List<Ref<Profiling>>,
        /// Whether objection to it is open, and the decision says so.
        objection: bool = "bezwaar" as Flag,
        /// Whether staff see the data when it is made; left out, nothing is said of it.
        seen_by_staff: Option<bool> = "medewerker-ziet" as Opt<YesNo>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// A selection by personal aspects.
    pub struct Profiling = "profilering" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// What is selected, per language.
        title: Text = "titel" as Texts,
        /// What it is for.
        purpose: String = "doel" as Ref<Purpose>,
        /// What it goes by.
        data: Mask = "gegevens" as Categories,
        /// Whether a person looks at each case selected, and decides.
        human_decides: bool = "mens-beslist" as Flag,
        /// What is done, per language.
        explanation: Text = "uitleg" as Texts,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}
