//! The register: a statement file read, checked and put into force. What it does not name, Postbus cannot do.

mod activity;
mod category;
mod file;
mod finding;
mod login;
mod mask;
mod parts;
mod reading;
mod register;
mod term;
mod text;
mod words;

#[cfg(test)]
mod tests;

pub use activity::{Entry, ROLES};
pub use category::{Category, Class, Retention, StartEvent, TermSource};
pub use finding::{Finding, Level};
pub use login::{LoginLevel, NumberRule, SessionRule};
pub use mask::{CategoryId, Mask};
pub use parts::{
    Band, Basis, Cookie, CookieLife, Date, LegalSource, Operator, Purpose, Recipient, Version,
};
pub use register::Register;
pub use term::{BadTerm, Term};
pub use text::Text;
