//! The statement as it is published: `document.rs` what it consists of, `parts` its ten parts in words, `markdown.rs` and
//! `document.html` how it is written, `versions.rs` which versions were in force, `opinions.rs` what people say of it,
//! `privacy.rs` the pages.

mod document;
mod markdown;
mod opinions;
mod parts;
pub(crate) mod privacy;
mod versions;
mod words;

use language::Language;
use statement::Statement;

pub use document::{Block, Document, Line, Link, Part};
pub use markdown::Markdown;
pub use versions::publish;

use words::Words;

/// The published text of a statement in a language: ten numbered parts with a summary on top, and the list of all that is done.
///
/// Where the statement does not offer the language, its own words stay in its first one.
pub fn document(statement: &Statement, language: Language) -> Document {
    parts::document(&Words::of(statement, language))
}
