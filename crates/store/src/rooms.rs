//! The tables of the rooms: made and changed once in each database, and refused where they are another program's.

use basics::Fault;

use crate::changes::{self, Change, Known};
use crate::engine::{self, Place};
use crate::{RoomSchema, postgres, sqlite};

/// Makes the tables of each room that are not there yet, and the changes they have not had.
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
    /// Changes to tables that were there, each with its room: `letterbox 0001-letters-have-a-colour`.
    pub changed: Vec<String>,
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

/// Under this name `store_rooms` says that a store is a copy that is not finished.
pub(crate) const COPY: &str = "(copy)";

/// Whether every room's tables are there as this program knows them.
pub(crate) fn check(place: &Place, rooms: &[RoomSchema]) -> Result<(), Fault> {
    for room in rooms {
        match known(place, room.room)? {
            Some(known) => {
                if let Some(change) = changes::missing(room, &known, wording(place))?.first() {
                    return Err(Fault::broken(format!(
                        "the tables of {} at {place} have not had the change {} yet: start Postbus on it once, or run \
                         `postbus store prepare`",
                        room.room, change.name
                    )));
                }
            }
            None => {
                return Err(Fault::broken(format!(
                    "{place} has no tables of {}",
                    room.room
                )));
            }
        }
    }
    refuse_copy(place)
}

/// A copy that was broken off is not to be worked with.
pub(crate) fn refuse_copy(place: &Place) -> Result<(), Fault> {
    match known(place, COPY)? {
        Some(Known { first: from, .. }) => Err(Fault::broken(format!(
            "{place} is a copy of {from} that is not finished: run the same `postbus copy` again"
        ))),
        None => Ok(()),
    }
}

/// Makes the tables, unless they are there, and marks them as a copy from there. `holds_rows` is asked of a place that is
/// not yet one.
pub(crate) fn begin_copy(
    place: &Place,
    rooms: &[RoomSchema],
    from: &str,
    holds_rows: impl FnOnce() -> Result<bool, Fault>,
) -> Result<(), Fault> {
    match known(place, COPY)? {
        Some(Known { first: was, .. }) if was == from => return Ok(()),
        Some(Known { first: was, .. }) => {
            return Err(Fault::broken(format!(
                "{place} is an unfinished copy of {was}, not of {from}"
            )));
        }
        None => {}
    }
    bring_in(place, rooms)?;
    if holds_rows()? {
        return Err(Fault::broken(format!(
            "{place} holds rows already: a copy goes to an empty place"
        )));
    }
    mark(place, Some(from))
}

pub(crate) fn end_copy(place: &Place) -> Result<(), Fault> {
    mark(place, None)
}

fn wording(place: &Place) -> fn(&Change) -> &'static str {
    match place {
        Place::File(_) => Change::for_embedded,
        Place::Server(_) => Change::for_server,
    }
}

fn known(place: &Place, room: &str) -> Result<Option<Known>, Fault> {
    match place {
        Place::File(file) if !file.exists() => Ok(None),
        Place::File(file) => sqlite::known_room(file, room),
        Place::Server(server) => postgres::known_room(server.address(), room),
    }
}

/// Marks a store as a copy from somewhere, or as one no more.
fn mark(place: &Place, from: Option<&str>) -> Result<(), Fault> {
    match place {
        Place::File(file) => sqlite::mark_room(file, COPY, from),
        Place::Server(server) => postgres::mark_room(server, COPY, from),
    }
}
