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

/// Makes the tables as their owner, and lets the role of `place` work with them. For an operator; blocks.
///
/// Errors: a file; an owner that may not make tables or roles, with what to run instead.
pub fn prepare(place: &Place, rooms: &[RoomSchema]) -> Result<(), Fault> {
    match place {
        Place::File(_) => Err(Fault::broken("a file is prepared when it is opened")),
        Place::Server(server) => engine::aside(|| postgres::prepare(server, rooms)),
    }
}

/// Whether a store is there with the tables of this room; nothing is made. Blocks.
///
/// Errors: a server that cannot be reached.
pub fn is_made(place: &Place, room: &str) -> Result<bool, Fault> {
    match place {
        Place::File(file) => Ok(file.exists()),
        Place::Server(server) => engine::aside(|| postgres::has_room(server.address(), room)),
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
