//! Bringing the rooms' tables in, one process at a time, and letting the role that serves work with them.

use ::postgres::{Client, Transaction};
use basics::Fault;

use super::{Address, Server, dialect, faults, policies};
use crate::RoomSchema;
use crate::rooms::{another_version, ddl};

/// The advisory lock under which tables are made.
const MAKING_TABLES: i64 = 0x0050_4f53_5442;

/// Makes what is missing, where the owner of the tables is known; looks then whether who serves finds all it needs.
pub(crate) fn bring_in_rooms(server: &Server, rooms: &[RoomSchema]) -> Result<(), Fault> {
    if server.owner.is_some() {
        prepare(server, rooms)?;
    }
    let mut client = server.serving.connect()?;
    for room in rooms {
        match known(&mut client, room.room)? {
            Some(text) if ddl(&text) == ddl(room.sql) => {}
            Some(_) => return Err(another_version(room.room)),
            None => {
                return Err(Fault::broken(format!(
                    "{server} has no tables of {} yet: run `postbus store prepare` as their owner",
                    room.room
                )));
            }
        }
    }
    refuse_the_mighty(&mut client, server)
}

/// The role that serves is held to its policies: it bypasses nothing, owns nothing here, and can become nobody who does.
fn refuse_the_mighty(client: &mut Client, server: &Server) -> Result<(), Fault> {
    let role = server.serving.role();
    let (is_mighty, owner, becomes_owner) = client
        .query_one(
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolinherit, pg_get_userbyid(relowner)::text,
                    pg_has_role(pg_roles.oid, relowner, 'MEMBER')
             FROM pg_roles, pg_class WHERE rolname = current_user AND pg_class.oid = 'store_rooms'::regclass",
            &[],
        )
        .and_then(|row| {
            Ok::<(bool, String, bool), _>((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
        })
        .map_err(|error| faults::named(&error))?;
    let quoted = policies::quoted;
    if owner == role {
        Err(Fault::broken(format!(
            "the role {role} owns the tables, so nothing holds it back: serve as another, made with CREATE ROLE … LOGIN \
             NOINHERIT PASSWORD '…'"
        )))
    } else if is_mighty {
        Err(Fault::broken(format!(
            "the role {role} may do more than serve: run ALTER ROLE {} NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOINHERIT",
            quoted(role)
        )))
    } else if becomes_owner {
        Err(Fault::broken(format!(
            "the role {role} may become the owner of the tables: run REVOKE {} FROM {}",
            quoted(&owner),
            quoted(role)
        )))
    } else {
        Ok(())
    }
}

/// The statement that makes the role that serves.
fn making(role: &str) -> String {
    format!(
        "make it with CREATE ROLE {} LOGIN NOINHERIT PASSWORD '…'",
        policies::quoted(role)
    )
}

/// Makes each room's tables once, as their owner. A room whose text changed since needs a migration, and says so.
pub(crate) fn prepare(server: &Server, rooms: &[RoomSchema]) -> Result<(), Fault> {
    let owner = server
        .owner
        .as_ref()
        .ok_or_else(|| Fault::broken("the address of the tables' owner is not known"))?;
    let mut client = owner.connect()?;
    let mut tx = client
        .transaction()
        .map_err(|error| faults::named(&error))?;
    let said = |error: ::postgres::Error| faults::named(&error);
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&MAKING_TABLES])
        .map_err(said)?;
    let role = server.serving.role();
    make_roles(&mut tx, role)?;
    tx.batch_execute(&format!(
        "CREATE TABLE IF NOT EXISTS store_rooms (room TEXT PRIMARY KEY, sql TEXT NOT NULL);
         GRANT SELECT ON store_rooms TO {}",
        policies::quoted(role)
    ))
    .map_err(said)?;
    for RoomSchema { room, sql } in rooms {
        let known = tx
            .query_opt("SELECT sql FROM store_rooms WHERE room = $1", &[room])
            .and_then(|row| row.map(|row| row.try_get::<_, String>(0)).transpose())
            .map_err(said)?;
        match known {
            Some(known) if ddl(&known) == ddl(sql) => {}
            Some(_) => return Err(another_version(room)),
            None => {
                let making =
                    |fault: Fault| fault.while_doing(format!("making the tables of {room}"));
                tx.batch_execute(&dialect::tables(sql))
                    .and_then(|()| tx.batch_execute(&policies::of_room(sql, role)))
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

/// Sees to the role that only adds, and that who serves may become it.
fn make_roles(tx: &mut Transaction<'_>, role: &str) -> Result<(), Fault> {
    let said = |error: ::postgres::Error| faults::named(&error);
    let adds = policies::adding_role(role);
    let mut is_there = |name: &str| {
        tx.query_opt("SELECT 1 FROM pg_roles WHERE rolname = $1", &[&name])
            .map(|row| row.is_some())
            .map_err(said)
    };
    if !is_there(role)? {
        return Err(Fault::broken(format!(
            "there is no role {role} to serve: {}",
            making(role)
        )));
    }
    let has_adding_role = is_there(&format!("{role}_adds"))?;
    let serves = policies::quoted(role);
    let schema: String = tx
        .query_one("SELECT current_schema()::text", &[])
        .and_then(|row| row.try_get(0))
        .map_err(said)?;
    let make = if has_adding_role {
        String::new()
    } else {
        format!("CREATE ROLE {adds} NOLOGIN; GRANT {adds} TO {serves};")
    };
    let schema = policies::quoted(&schema);
    tx.batch_execute(&format!(
        "{make} GRANT USAGE ON SCHEMA {schema} TO {serves}, {adds}"
    ))
    .map_err(|error| {
        said(error).while_doing(format!(
            "making the role {adds} (the owner of the tables may need CREATEROLE for it)"
        ))
    })
}

/// The text of a room's tables, as they were made.
fn known(client: &mut Client, room: &str) -> Result<Option<String>, Fault> {
    let is_made = client
        .query_one("SELECT to_regclass('store_rooms') IS NOT NULL", &[])
        .and_then(|row| row.try_get::<_, bool>(0));
    if !is_made.map_err(|error| faults::named(&error))? {
        return Ok(None);
    }
    client
        .query_opt("SELECT sql FROM store_rooms WHERE room = $1", &[&room])
        .and_then(|row| row.map(|row| row.try_get(0)).transpose())
        .map_err(|error| faults::named(&error))
}

pub(crate) fn has_room(address: &Address, room: &str) -> Result<bool, Fault> {
    known(&mut address.connect()?, room).map(|text| text.is_some())
}
