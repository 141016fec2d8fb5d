//! The people whom the data is about.

use crate::reader::{Categories, Count, Flag, Here, List, Name, Opt, Promise, Texts, table};
use crate::{Mask, Place, Text};

table! {
    /// A class of people whom data is about.
    pub struct SubjectClass = "betrokkene" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// Who they are, per language.
        title: Text = "titel" as Texts,
        /// The only categories that may be processed of them; without it, what activities list.
        only_data: Mask = "alleen-gegevens" as Categories,
        /// Whether they are not known by name.
        anonymous: bool = "anoniem" as Flag,
        /// They are younger than this, in years.
        under_age: Option<u32> = "jonger-dan" as Opt<Count>,
        /// When they are in the data at all, per language.
        condition: Option<Text> = "voorwaarde" as Opt<Texts>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}
