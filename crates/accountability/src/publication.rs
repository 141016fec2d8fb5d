//! The statement as it is published: `document.rs` what it consists of, `parts` its ten parts in words, `markdown.rs` and
//! `document.html` how it is written, `difference.rs` two versions held against each other, `record.rs` and `linked.rs`
//! the record that authorities keep, `versions.rs` which versions were in force, `opinions.rs` what people say of it,
//! `privacy.rs` the pages, `contact.rs` the one on which everybody can be reached.

pub(crate) mod contact;
mod difference;
mod document;
mod linked;
mod markdown;
mod opinions;
mod parts;
pub(crate) mod privacy;
mod record;
#[cfg(test)]
mod tests;
mod untold;
mod versions;
mod words;

use language::Language;
use statement::Statement;

pub use contact::{Addresses, without_address};
pub use difference::{Difference, difference};
pub use document::{Block, Document, Line, Link, Part};
pub use markdown::Markdown;
pub use opinions::{Opinions, opinions, opinions_as_csv};
pub(crate) use versions::reading;
pub use versions::{is_addressable, publish};

use words::Words;

/// The published text of a statement in a language: ten numbered parts with a summary on top, and the list of all that is done.
///
/// Where the statement does not offer the language, its own words stay in its first one.
pub fn document(statement: &Statement, language: Language) -> Document {
    parts::document(&Words::of(statement, language))
}

/// The record of processing activities that the law asks for (AVG art. 30), as JSON.
pub fn record(statement: &Statement, language: Language) -> serde_json::Value {
    record::record(&Words::of(statement, language))
}

/// The same as linked data (W3C DPV 2.1, JSON-LD). `base` is where the statement is published.
pub fn linked(statement: &Statement, language: Language, base: &str) -> serde_json::Value {
    linked::linked(&Words::of(statement, language), base)
}
