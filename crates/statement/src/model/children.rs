//! What holds for children.

use super::Right;
use crate::reader::{Count, Flag, Here, List, Promise, Ref, Texts, table};
use crate::{Place, Text};

table! {
    /// What holds for children (AVG art. 8).
    pub struct Children = "kinderen" {
        /// Younger than this, in years.
        under_age: u32 = "jonger-dan" as Count,
        /// Whether their parent or guardian must agree, where consent is the basis.
        consent: bool = "toestemming-ouder" as Flag,
        /// Whether we can check their age.
        checked: bool = "controleerbaar" as Flag,
        /// What we do and cannot do, per language.
        explanation: Text = "uitleg" as Texts,
        /// What who represents a child can ask.
        rights: Vec<String> = "rechten" as List<Ref<Right>>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}
