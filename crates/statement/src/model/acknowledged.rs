//! A finding that is kept on purpose.

use crate::Place;
use crate::reader::{Acronym, Filled, Here, Opt, table};

table! {
    /// A finding that the statement keeps on purpose; the check shows it with its reason. Only codes from S-601 on.
    pub struct Acknowledged = "erkend" {
        /// The code of the finding.
        code: String = "code" as Acronym,
        /// What the finding is about, such as `"recht inzage"`; without it, every finding of the code.
        about: Option<String> = "over" as Opt<Filled>,
        /// Why it stays, for whoever reads the check.
        reason: String = "reden" as Filled,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}
