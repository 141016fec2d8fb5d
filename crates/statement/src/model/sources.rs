//! Where data comes from.

use super::LegalSource;
use crate::reader::{
    Categories, Choice, Country, Filled, Flag, Here, List, Name, NonEmpty, Opt, Promise, Ref,
    Texts, choices, table,
};
use crate::{Mask, Place, Text};

table! {
    /// Where data comes from (AVG art. 14).
    pub struct Source = "bron" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// Who it is, per language.
        title: Text = "titel" as Texts,
        /// What kind of source it is.
        kind: SourceKind = "soort" as Choice<SourceKind>,
        /// What we get from it.
        data: Mask = "gegevens" as NonEmpty,
        /// What we tell it in order to ask: at most a number that names the person, unless it is a recipient too.
        query: Mask = "bevraging" as Categories,
        /// Whether the law obliges it to give them.
        obliged: bool = "verplicht" as Flag,
        /// The law that says so.
        source: Option<String> = "rechtsbron" as Opt<Ref<LegalSource>>,
        /// The article, where the published text cites one.
        article: Option<String> = "artikel" as Opt<Filled>,
        /// The country it is in, ISO 3166. Where there is a `[doorgifte]` and a `bevraging`, it must be said.
        country: Option<String> = "land" as Opt<Country>,
        /// How and what for, per language.
        explanation: Option<Text> = "uitleg" as Opt<Texts>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

choices! {
    /// What kind of source it is.
    pub enum SourceKind {
        /// The person themselves, or who acts for them.
        Subject = "betrokkene",
        Organisation = "organisatie",
        /// Comes about in the service.
        Service = "dienst",
        Public = "openbaar",
        /// Paid for.
        Bought = "gekocht",
    }
}
