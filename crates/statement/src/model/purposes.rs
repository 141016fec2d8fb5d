//! What data is used for, and which further use fits.

use crate::reader::{
    Categories, Choice, Here, List, Name, Opt, Promise, Ref, Texts, choices, table,
};
use crate::{Mask, Place, Text};

table! {
    /// What data is used for.
    pub struct Purpose = "doel" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// The purpose in words, per language.
        title: Text = "titel" as Texts,
        /// What makes it legitimate.
        kind: PurposeKind = "soort" as Choice<PurposeKind>,
        /// The purpose it is a part of.
        part_of: Option<String> = "onderdeel-van" as Opt<Ref<Purpose>>,
        /// What must be so before data may be used for it, per language.
        condition: Option<Text> = "voorwaarde" as Opt<Texts>,
        /// The only categories that may be used for it; without it, what its activities list.
        only_data: Mask = "alleen-gegevens" as Categories,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

choices! {
    /// What makes a purpose legitimate.
    pub enum PurposeKind {
        /// A task that the law gives.
        Primary = "primair",
        /// Follows directly from one.
        Derived = "afgeleid",
        /// The law obliges to it.
        LegalDuty = "wettelijke-plicht",
        /// The organisation's own operations.
        OwnOperations = "bedrijfsvoering",
    }
}

table! {
    /// A further use that is declared to fit the purpose for which data was collected (AVG art. 6, fourth paragraph).
    pub struct CompatibleUse = "verenigbaar-gebruik" {
        /// The purpose it was collected for.
        from: String = "van" as Ref<Purpose>,
        /// The purpose it may also be used for.
        to: String = "naar" as Ref<Purpose>,
        /// Which data; without it, all that was collected for the first.
        data: Mask = "gegevens" as Categories,
        /// Why it fits, per language.
        reason: Text = "reden" as Texts,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}
