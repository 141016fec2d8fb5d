//! Connected organisations: `organisations.rs` who they are and what stands against them, `client_key.rs` and
//! `assertion.rs` how one proves itself, `token.rs` where it gets a token for that, `tokens.rs` what the token opens.

mod assertion;
mod client_key;
mod denied;
mod organisations;
mod scope;
mod signing;
mod token;
mod tokens;

pub use client_key::{client_assertion, new_client_key};
pub use denied::Denied;
pub use organisations::{
    NewOrganisation, Organisation, block, connect, connect_on_order, find, list, name_of, names,
    unblock,
};
pub use scope::{Scope, Scopes};
pub use signing::SIGNING_KEY;
pub use token::routes;
pub use tokens::{Caller, Tokens};

/// The tables of this room.
pub const SCHEMA: vault::RoomSchema = vault::RoomSchema {
    room: "organisations",
    sql: include_str!("schema.sql"),
    changes: &[],
};

#[cfg(test)]
mod tests;
