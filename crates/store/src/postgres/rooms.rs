//! Bringing the rooms' tables in, one process at a time.

use basics::Fault;

use super::{Address, dialect, faults};
use crate::RoomSchema;
use crate::rooms::{another_version, ddl};

/// The advisory lock under which tables are made.
const MAKING_TABLES: i64 = 0x0050_4f53_5442;

/// Makes each room's tables once. A room whose text changed since needs a migration, and says so.
pub(crate) fn bring_in_rooms(address: &Address, rooms: &[RoomSchema]) -> Result<(), Fault> {
    let mut client = address.connect()?;
    let mut tx = client.transaction().map_err(|error| faults::named(&error))?;
    let said = |error: ::postgres::Error| faults::named(&error);
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&MAKING_TABLES])
        .map_err(said)?;
    tx.batch_execute(
        "CREATE TABLE IF NOT EXISTS store_rooms (room TEXT PRIMARY KEY, sql TEXT NOT NULL)",
    )
    .map_err(said)?;
    for RoomSchema { room, sql } in rooms {
        let known = tx
            .query_opt("SELECT sql FROM store_rooms WHERE room = $1", &[room])
            .map_err(said)?
            .map(|row| row.try_get::<_, String>(0))
            .transpose()
            .map_err(said)?;
        match known {
            Some(known) if ddl(&known) == ddl(sql) => {}
            Some(_) => return Err(another_version(room)),
            None => {
                let making = |fault: Fault| fault.while_doing(format!("making the tables of {room}"));
                tx.batch_execute(&dialect::tables(sql))
                    .map_err(said)
                    .map_err(making)?;
                tx.execute(
                    "INSERT INTO store_rooms (room, sql) VALUES ($1, $2)",
                    &[room, sql],
                )
                .map_err(said)?;
            }
        }
    }
    tx.commit().map_err(said)
}

pub(crate) fn has_room(address: &Address, room: &str) -> Result<bool, Fault> {
    let mut client = address.connect()?;
    let is_made = client
        .query_one("SELECT to_regclass('store_rooms') IS NOT NULL", &[])
        .and_then(|row| row.try_get::<_, bool>(0));
    if !is_made.map_err(|error| faults::named(&error))? {
        return Ok(false);
    }
    let known = client.query_opt("SELECT 1 FROM store_rooms WHERE room = $1", &[&room]);
    Ok(known.map_err(|error| faults::named(&error))?.is_some())
}
