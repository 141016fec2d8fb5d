//! The rooms' tables in a file: made and changed under the lock of the one process that holds it.

use std::path::Path;

use basics::Fault;
use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{Embedded, named};
use crate::RoomSchema;
use crate::changes::{self, BringingIn, Change, Known};

const BOOKS: &str = "\
    CREATE TABLE IF NOT EXISTS store_rooms (room TEXT PRIMARY KEY, sql TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS store_changes (room TEXT NOT NULL, name TEXT NOT NULL, sql TEXT NOT NULL, PRIMARY KEY (room, name))";

/// Makes what is missing of each room, in one transaction.
pub(crate) fn bring_in_rooms(file: &Path, rooms: &[RoomSchema]) -> Result<(), Fault> {
    let mut connection = Embedded::writer(file)?.connection;
    let tx = connection.transaction().map_err(named)?;
    tx.execute_batch(BOOKS).map_err(named)?;
    let mut file = InFile(tx);
    changes::bring_in(&mut file, rooms)?;
    file.0.commit().map_err(named)
}

struct InFile<'c>(Transaction<'c>);

impl BringingIn for InFile<'_> {
    fn known(&mut self, room: &str) -> Result<Option<Known>, Fault> {
        known(&self.0, room)
    }

    fn make(&mut self, room: &RoomSchema) -> Result<(), Fault> {
        let noted = "INSERT INTO store_rooms (room, sql) VALUES (?1, ?2)";
        self.0
            .execute_batch(room.sql)
            .and_then(|()| self.0.execute(noted, [room.room, room.sql]))
            .map(drop)
            .map_err(named)
    }

    fn change(&mut self, room: &RoomSchema, change: &Change) -> Result<(), Fault> {
        let text = change.for_embedded();
        let noted = "INSERT INTO store_changes (room, name, sql) VALUES (?1, ?2, ?3)";
        self.0
            .execute_batch(text)
            .and_then(|()| self.0.execute(noted, [room.room, change.name, text]))
            .map(drop)
            .map_err(named)
    }

    fn wording(&self) -> fn(&Change) -> &'static str {
        Change::for_embedded
    }
}

pub(crate) fn known_room(file: &Path, room: &str) -> Result<Option<Known>, Fault> {
    known(&Embedded::writer(file)?.connection, room)
}

/// A file of before the first change keeps no book of changes.
fn known(connection: &Connection, room: &str) -> Result<Option<Known>, Fault> {
    let has = |table| connection.table_exists(None, table).map_err(named);
    if !has("store_rooms")? {
        return Ok(None);
    }
    let first = "SELECT sql FROM store_rooms WHERE room = ?1";
    let first = connection.query_row(first, [room], |row| row.get(0));
    let Some(first) = first.optional().map_err(named)? else {
        return Ok(None);
    };
    let mut changes = Vec::new();
    if has("store_changes")? {
        let noted = "SELECT name, sql FROM store_changes WHERE room = ?1 ORDER BY name";
        let mut noted = connection.prepare(noted).map_err(named)?;
        let read = noted.query_map([room], |row| Ok((row.get(0)?, row.get(1)?)));
        changes = read
            .and_then(Iterator::collect::<rusqlite::Result<_>>)
            .map_err(named)?;
    }
    Ok(Some(Known { first, changes }))
}

/// Says something about a store under a name among its rooms, or takes it back.
pub(crate) fn mark_room(file: &Path, room: &str, text: Option<&str>) -> Result<(), Fault> {
    let connection = Embedded::writer(file)?.connection;
    let marked = match text {
        Some(text) => connection.execute(
            "INSERT INTO store_rooms (room, sql) VALUES (?1, ?2)",
            [room, text],
        ),
        None => connection.execute("DELETE FROM store_rooms WHERE room = ?1", [room]),
    };
    marked.map(drop).map_err(named)
}
