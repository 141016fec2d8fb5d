//! Bringing the rooms' tables in, one process at a time, and letting the role that serves work with them.

use ::postgres::error::SqlState;
use ::postgres::types::ToSql;
use ::postgres::{Client, GenericClient, Transaction};
use basics::Fault;

use super::{Address, Server, dialect, ending, faults, months, policies};
use crate::RoomSchema;
use crate::changes::{self, BringingIn, Change, Known, Wording};
use crate::rooms::Prepared;

/// PostgreSQL 15.
const OLDEST: u32 = 150_000;
/// The advisory lock under which tables are made; `months.sql` takes it too.
const MAKING_TABLES: i64 = 0x0050_4f53_5442;

/// Under this name `store_rooms` says of which version its functions are.
const FUNCTIONS: &str = "functions";
/// Raised with each change of `months.sql` or `ending.sql`, whose signatures stay: a program of before finds what it needs, and
/// one of before, from version 2 on, does not put its own in their place.
pub(crate) const VERSION: u32 = 2;

/// Makes what is missing, where the owner of the tables is known; looks then whether who serves finds all it needs.
pub(crate) fn bring_in_rooms(server: &Server, rooms: &[RoomSchema]) -> Result<(), Fault> {
    if server.owner.is_some() {
        prepare(server, rooms)?;
    }
    let mut client = server.serving.connect()?;
    for room in rooms {
        match known(&mut client, room.room)? {
            Some(known) => {
                if let Some(change) = changes::missing(room, &known, Change::for_server)?.first() {
                    return Err(Fault::broken(format!(
                        "{server} has not had the change {} to the tables of {} yet: run `postbus store prepare` as their owner",
                        change.name, room.room
                    )));
                }
            }
            None => {
                return Err(Fault::broken(format!(
                    "{server} has no tables of {} yet: run `postbus store prepare` as their owner",
                    room.room
                )));
            }
        }
    }
    if version_of_functions(&mut client)? < VERSION {
        return Err(Fault::broken(format!(
            "{server} has functions of an older version: run `postbus store prepare` as the owner of its tables"
        )));
    }
    refuse_the_mighty(&mut client, server.serving.role())?;
    refuse_the_old(&mut client, server)
}

/// None is there where none was noted.
fn version_of_functions(client: &mut impl GenericClient) -> Result<u32, Fault> {
    let noted = known(client, FUNCTIONS)?;
    Ok(noted.map_or(0, |noted| noted.first.parse().unwrap_or(1)))
}

/// Brings the functions in, where those there are not of a later version.
fn bring_in_functions(tx: &mut Transaction<'_>, role: &str) -> Result<(), Fault> {
    if version_of_functions(tx)? > VERSION {
        return Ok(());
    }
    months::bring_in(tx, role)?;
    ending::bring_in(tx, role)?;
    let noted = "INSERT INTO store_rooms (room, sql) VALUES ($1, $2) ON CONFLICT (room) DO UPDATE SET sql = excluded.sql";
    let noted = tx.execute(noted, &[&FUNCTIONS, &VERSION.to_string()]);
    noted.map(drop).map_err(|error| faults::named(&error))
}

/// Older servers lack what the tables and policies are made of. One that answers before its disk does is told of.
fn refuse_the_old(client: &mut Client, server: &Server) -> Result<(), Fault> {
    let setting = |client: &mut Client, name: &str| {
        client
            .query_one("SELECT current_setting($1)", &[&name])
            .and_then(|row| row.try_get::<_, String>(0))
            .map_err(|error| faults::named(&error))
    };
    let version = setting(client, "server_version_num")?;
    if version.parse::<u32>().is_ok_and(|version| version < OLDEST) {
        return Err(Fault::broken(format!(
            "{server} is older than PostgreSQL 15 ({version})"
        )));
    }
    for name in ["fsync", "full_page_writes", "synchronous_commit"] {
        if setting(client, name)? == "off" {
            tracing::warn!(
                of = %server,
                "{name} is off on this server: what was acknowledged may be lost when its machine fails"
            );
        }
    }
    Ok(())
}

/// The role that serves is held to its policies: it bypasses nothing, owns nothing here, can become nobody who does, and makes
/// nothing that the functions of the owner could come upon.
fn refuse_the_mighty(client: &mut impl GenericClient, role: &str) -> Result<(), Fault> {
    let (is_mighty, owner, becomes_owner, makes) = client
        .query_one(
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolinherit, COALESCE(pg_get_userbyid(relowner)::text, ''),
                    COALESCE(pg_has_role(pg_roles.oid, relowner, 'MEMBER'), FALSE),
                    CASE WHEN has_schema_privilege(pg_roles.oid, current_schema(), 'CREATE')
                      OR has_schema_privilege(to_regrole(quote_ident(rolname::text || '_adds')), current_schema(), 'CREATE')
                    THEN current_schema()::text ELSE '' END
             FROM pg_roles LEFT JOIN pg_class ON pg_class.oid = to_regclass('store_rooms')
             WHERE rolname = $1",
            &[&role],
        )
        .and_then(|row| {
            Ok::<(bool, String, bool, String), _>((
                row.try_get(0)?,
                row.try_get(1)?,
                row.try_get(2)?,
                row.try_get(3)?,
            ))
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
    } else if !makes.is_empty() {
        let schema = quoted(&makes);
        Err(Fault::broken(format!(
            "the role {role} may make things beside the tables: run REVOKE CREATE ON SCHEMA {schema} FROM {}, {}, PUBLIC; where it \
             owns the database, let the owner of the tables own it",
            quoted(role),
            policies::adding_role(role)
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

/// Makes what is missing of each room, as the owner of the tables, in one transaction under the lock.
pub(crate) fn prepare(server: &Server, rooms: &[RoomSchema]) -> Result<Prepared, Fault> {
    let owner = server.owner.as_ref().ok_or_else(|| {
        Fault::broken(format!("the owner of the tables of {server} is not known"))
    })?;
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
         CREATE TABLE IF NOT EXISTS store_changes (room TEXT NOT NULL, name TEXT COLLATE \"C\" NOT NULL, sql TEXT NOT NULL, PRIMARY KEY (room, name));
         GRANT SELECT ON store_rooms, store_changes TO {}",
        policies::quoted(role)
    ))
    .map_err(|error| may_not_make(&error, owner.role()))?;
    refuse_the_mighty(&mut tx, role)?;
    bring_in_functions(&mut tx, role)?;
    let mut server = OnServer { tx, role };
    let mut prepared = changes::bring_in(&mut server, rooms)?;
    let mut tx = server.tx;
    prepared.months = months::make_within(&mut tx)?;
    tx.commit().map_err(said)?;
    Ok(prepared)
}

/// Whoever may not make tables learns what an administrator of the server is to run.
fn may_not_make(error: &::postgres::Error, owner: &str) -> Fault {
    if error.code() != Some(&SqlState::INSUFFICIENT_PRIVILEGE) {
        return faults::named(error);
    }
    Fault::broken(format!(
        "the role {owner} may not make tables here: let it own the database, or GRANT CREATE, USAGE ON SCHEMA … TO {}",
        policies::quoted(owner)
    ))
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
    if !has_adding_role {
        let make = format!("CREATE ROLE {adds} NOLOGIN; GRANT {adds} TO {serves};");
        tx.batch_execute(&make).map_err(|error| {
            said(error).while_doing(format!(
                "making the role that only adds; let whoever may make roles run {make} first"
            ))
        })?;
    }
    tx.batch_execute(&format!(
        "GRANT USAGE ON SCHEMA {} TO {serves}, {adds}",
        policies::quoted(&schema)
    ))
    .map_err(said)
}

/// A database of before the first change keeps no book of changes.
fn known(client: &mut impl GenericClient, room: &str) -> Result<Option<Known>, Fault> {
    let said = |error: ::postgres::Error| faults::named(&error);
    if !is_there(client, "store_rooms")? {
        return Ok(None);
    }
    let first = client
        .query_opt("SELECT sql FROM store_rooms WHERE room = $1", &[&room])
        .and_then(|row| row.map(|row| row.try_get(0)).transpose())
        .map_err(said)?;
    let Some(first) = first else {
        return Ok(None);
    };
    let mut changes = Vec::new();
    if is_there(client, "store_changes")? {
        let noted = "SELECT name, sql FROM store_changes WHERE room = $1 ORDER BY name";
        for row in client.query(noted, &[&room]).map_err(said)? {
            changes.push((row.try_get(0).map_err(said)?, row.try_get(1).map_err(said)?));
        }
    }
    Ok(Some(Known { first, changes }))
}

pub(crate) fn known_room(address: &Address, room: &str) -> Result<Option<Known>, Fault> {
    known(&mut address.connect()?, room)
}

struct OnServer<'c, 'r> {
    tx: Transaction<'c>,
    /// Who serves.
    role: &'r str,
}

impl OnServer<'_, '_> {
    /// Runs a text, and lets who serves work with the tables that it makes.
    fn run(&mut self, text: &str, tables: &str) -> Result<(), Fault> {
        self.tx
            .batch_execute(text)
            .and_then(|()| self.tx.batch_execute(&policies::of_room(tables, self.role)))
            .map_err(|error| faults::named(&error))
    }

    fn note(&mut self, noted: &str, values: &[&(dyn ToSql + Sync)]) -> Result<(), Fault> {
        let noted = self.tx.execute(noted, values);
        noted.map(drop).map_err(|error| faults::named(&error))
    }
}

impl BringingIn for OnServer<'_, '_> {
    fn known(&mut self, room: &str) -> Result<Option<Known>, Fault> {
        known(&mut self.tx, room)
    }

    fn make(&mut self, room: &RoomSchema) -> Result<(), Fault> {
        self.run(&dialect::tables(room.sql)?, room.sql)?;
        self.note(
            "INSERT INTO store_rooms (room, sql) VALUES ($1, $2)",
            &[&room.room, &room.sql],
        )
    }

    fn change(&mut self, room: &RoomSchema, change: &Change) -> Result<(), Fault> {
        match change.wording {
            Wording::Same(text) => self.run(&dialect::tables(text)?, text)?,
            Wording::Pair { postgres, .. } => self.run(postgres, postgres)?,
        }
        self.note(
            "INSERT INTO store_changes (room, name, sql) VALUES ($1, $2, $3)",
            &[&room.room, &change.name, &change.for_server()],
        )
    }

    fn wording(&self) -> fn(&Change) -> &'static str {
        Change::for_server
    }
}

/// Says something about a store under a name among its rooms, or takes it back; as the owner of the tables.
pub(crate) fn mark_room(server: &Server, room: &str, text: Option<&str>) -> Result<(), Fault> {
    let owner = server
        .owner
        .as_ref()
        .ok_or_else(|| Fault::broken("the address of the tables' owner is not known"))?;
    let mut client = owner.connect()?;
    let marked = match text {
        Some(text) => client.execute(
            "INSERT INTO store_rooms (room, sql) VALUES ($1, $2)",
            &[&room, &text],
        ),
        None => client.execute("DELETE FROM store_rooms WHERE room = $1", &[&room]),
    };
    marked.map(drop).map_err(|error| faults::named(&error))
}

fn is_there(client: &mut impl GenericClient, table: &str) -> Result<bool, Fault> {
    client
        .query_one("SELECT to_regclass($1) IS NOT NULL", &[&table])
        .and_then(|row| row.try_get(0))
        .map_err(|error| faults::named(&error))
}

pub(crate) fn has_rows(address: &Address, table: &'static str) -> Result<bool, Fault> {
    let mut client = address.connect()?;
    if !is_there(&mut client, table)? {
        return Ok(false);
    }
    client
        .query_one(&format!("SELECT EXISTS (SELECT FROM {table})"), &[])
        .and_then(|row| row.try_get(0))
        .map_err(|error| faults::named(&error))
}
