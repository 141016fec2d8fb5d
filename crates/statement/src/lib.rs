//! The register: a statement file read, checked and put into force. What it does not name, Postbus cannot do.

mod check;
mod date;
mod finding;
mod grant;
mod mask;
mod model;
mod parents;
mod place;
mod reader;
mod register;
mod rules;
mod schema;
mod taken;
mod term;
mod text;

#[cfg(test)]
mod tests;

pub use check::{Known, KnownColumn, KnownCookie, check};
pub use date::Date;
pub use finding::{Finding, Level};
pub use grant::{Access, Grant, Hurdle, Obstacle, Verdict};
pub use mask::{CategoryId, Mask};
pub use model::*;
pub use parents::with_parent;
pub use place::Place;
pub use register::{Register, Version};
pub use schema::{reference, schema};
pub use term::{BadTerm, Term};
pub use text::Text;
