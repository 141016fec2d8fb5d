//! The embedded engine: how its files are opened, its errors named, its tables brought in.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use basics::Fault;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::RoomSchema;
use crate::group::Query;
use crate::sql::Sql;
use crate::value::{Row, Value};

/// Held for as long as a store is open: one process a file.
pub(crate) struct FileLock(#[expect(dead_code, reason = "dropping it lets go")] File);

impl FileLock {
    pub(crate) fn take(database: &Path) -> Result<Self, Fault> {
        let path = database.with_extension("lock");
        let file = File::create(&path).map_err(|fault| cannot("open", &path, &fault))?;
        file.try_lock().map_err(|_| {
            Fault::broken(format!(
                "{} is in use by another Postbus process; end that one first",
                database.display()
            ))
        })?;
        Ok(Self(file))
    }
}

fn cannot(what: &str, path: &Path, fault: &std::io::Error) -> Fault {
    Fault::broken(format!("cannot {what} {}: {fault}", path.display()))
}

pub(crate) fn open_writer(file: &Path) -> Result<Connection, Fault> {
    let connection = Connection::open(file)
        .map_err(named)
        .map_err(|fault| opening(fault, file))?;
    connection
        .execute_batch(
            "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA secure_delete = ON; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 2000;",
        )
        .map_err(named)
        .map_err(|fault| opening(fault, file))?;
    settle(&connection).map_err(|fault| opening(fault, file))?;
    Ok(connection)
}

pub(crate) fn open_reader(file: &Path) -> Result<Connection, Fault> {
    let connection = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(named)
    .map_err(|fault| opening(fault, file))?;
    connection
        .execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 1073741824;")
        .map_err(named)
        .map_err(|fault| opening(fault, file))?;
    settle(&connection).map_err(|fault| opening(fault, file))?;
    Ok(connection)
}

fn settle(connection: &Connection) -> Result<(), Fault> {
    connection.set_prepared_statement_cache_capacity(512);
    connection
        .busy_timeout(Duration::from_secs(5))
        .map_err(named)
}

fn opening(fault: Fault, file: &Path) -> Fault {
    fault.while_doing(format!("opening {}", file.display()))
}

/// The engine's error as a Fault: trouble that passes (full disk, lock, io) is Unavailable, the rest is ours.
pub(crate) fn named(error: rusqlite::Error) -> Fault {
    let passing = matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::OutOfMemory
        )
    );
    if passing {
        Fault::unavailable(format!("the database: {error}"), Duration::from_secs(5))
    } else {
        Fault::broken(format!("the database: {error}"))
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(int) => ValueRef::Integer(*int),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl Query for Connection {
    fn query(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        query(self, sql, params, each)
    }
}

pub(crate) fn query(
    connection: &Connection,
    sql: &Sql,
    params: &[Value],
    each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(sql.bound()).map_err(named)?;
    if !statement.readonly() {
        return Err(Fault::broken(format!(
            "a query that changes rows; use `run`: {sql:?}"
        )));
    }
    let mut rows = statement
        .query(rusqlite::params_from_iter(params))
        .map_err(named)?;
    while let Some(row) = rows.next().map_err(named)? {
        each(&Row { inner: row })?;
    }
    Ok(())
}

/// Makes each room's tables once. A room whose text changed since needs a migration, and says so.
pub(crate) fn bring_in_rooms(
    connection: &mut Connection,
    rooms: &[RoomSchema],
) -> Result<(), Fault> {
    let tx = connection.transaction().map_err(named)?;
    tx.execute_batch(
        "CREATE TABLE IF NOT EXISTS store_rooms (room TEXT PRIMARY KEY, sql TEXT NOT NULL)",
    )
    .map_err(named)?;
    for RoomSchema { room, sql } in rooms {
        let known: Option<String> = tx
            .query_row(
                "SELECT sql FROM store_rooms WHERE room = ?1",
                [room],
                |row| row.get(0),
            )
            .map(Some)
            .or_else(|error| {
                if error == rusqlite::Error::QueryReturnedNoRows {
                    Ok(None)
                } else {
                    Err(error)
                }
            })
            .map_err(named)?;
        match known {
            Some(known) if ddl(&known) == ddl(sql) => {}
            Some(_) => {
                return Err(Fault::broken(format!(
                    "the tables of {room} in this database are of another version of Postbus; start with a fresh data folder"
                )));
            }
            None => {
                tx.execute_batch(sql).map_err(|error| {
                    named(error).while_doing(format!("making the tables of {room}"))
                })?;
                tx.execute(
                    "INSERT INTO store_rooms (room, sql) VALUES (?1, ?2)",
                    [room, sql],
                )
                .map_err(named)?;
            }
        }
    }
    tx.commit().map_err(named)
}

/// The text without comments and spacing: what decides whether tables differ.
fn ddl(sql: &str) -> String {
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
