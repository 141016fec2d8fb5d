//! The tables of the rooms: made once in each database, and refused where they differ from this program's.

use basics::Fault;

use crate::engine::{self, Place};
use crate::{RoomSchema, postgres, sqlite};

/// Makes the tables of each room that are not there yet. A room whose text changed since needs a migration, and says so.
pub(crate) fn bring_in(place: &Place, rooms: &[RoomSchema]) -> Result<(), Fault> {
    match place {
        Place::File(file) => sqlite::bring_in_rooms(file, rooms),
        Place::Server(server) => postgres::bring_in_rooms(server, rooms),
    }
}

/// What preparing a database did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Prepared {
    /// Rooms whose tables were not there yet.
    pub made: Vec<&'static str>,
    /// How many months of tables that lie by month were not there yet.
    pub months: u64,
}

/// Makes the tables as their owner, and lets the role of `place` work with them. For an operator; blocks.
///
/// Errors: a file; an owner that may not make tables or roles, or a role to serve that is not there or may too much, with
/// what to run instead.
pub fn prepare(place: &Place, rooms: &[RoomSchema]) -> Result<Prepared, Fault> {
    match place {
        Place::File(_) => Err(Fault::broken("a file is prepared when it is opened")),
        Place::Server(server) => engine::aside(|| postgres::prepare(server, rooms)),
    }
}

/// Whether a store is there that is in use: on a server this table, of no person in particular, has a row. Nothing is made.
/// Blocks.
///
/// Errors: a server that cannot be reached.
pub fn is_begun(place: &Place, table: &'static str) -> Result<bool, Fault> {
    match place {
        Place::File(file) => Ok(file.exists()),
        Place::Server(server) => engine::aside(|| postgres::has_rows(server.address(), table)),
    }
}

pub(crate) fn another_version(room: &str) -> Fault {
    Fault::broken(format!(
        "the tables of {room} in this database are of another version of Postbus; start with a fresh data folder"
    ))
}

/// The text without comments and spacing: what decides whether tables differ.
pub(crate) fn ddl(sql: &str) -> String {
    sql.lines()
        .map(|line| {
            line.split("--")
                .next()
                .unwrap_or("")
                .split_whitespace()
                .collect::<String>()
        })
        .collect()
}
