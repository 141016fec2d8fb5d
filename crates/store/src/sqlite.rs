//! The embedded engine: how its files are opened, its errors named; `rooms` is its tables.

mod rooms;

use std::fs::File;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use basics::Fault;
use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::engine::{self, Batch, LogRows, Oldest};
use crate::sql::Sql;
use crate::trouble::AGAIN;
use crate::value::{Answered, Cell, Row, Value};

pub(crate) use rooms::{bring_in_rooms, known_room, mark_room};

/// How long a write waits for another program's lock. People wait with it, so not long.
const LOCKED_AT_MOST: Duration = Duration::from_secs(2);

/// So often the lock of a file is tried: one that is just ending, or begins another program, still holds it for a moment.
const TRIES: usize = 100;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// Held for as long as a store is open: one process a file.
pub(crate) struct FileLock(#[expect(dead_code, reason = "dropping it lets go")] File);

impl FileLock {
    pub(crate) fn take(database: &Path) -> Result<Self, Fault> {
        let path = database.with_extension("lock");
        let file = File::create(&path).map_err(|fault| cannot("open", &path, &fault))?;
        for _ in 0..TRIES {
            if file.try_lock().is_ok() {
                return Ok(Self(file));
            }
            std::thread::sleep(BETWEEN_TRIES);
        }
        Err(Fault::broken(format!(
            "{} is in use by another Postbus process; end that one first",
            database.display()
        )))
    }
}

fn cannot(what: &str, path: &Path, fault: &std::io::Error) -> Fault {
    Fault::broken(format!(
        "cannot {what} {}: {fault}; its folder must be writable for the user that Postbus runs as",
        path.display()
    ))
}

/// From so many pages on the write-ahead log is copied into the file after each commit, until nobody reads in it and it begins
/// anew. 32 MB.
const LONG: i32 = 2000;

/// A connection to a file.
pub(crate) struct Embedded {
    connection: Connection,
    /// Whether the write-ahead log is long: then whoever keeps a snapshot keeps it from beginning anew.
    log_is_long: Arc<AtomicBool>,
}

/// For tests and for what only this engine has.
impl Deref for Embedded {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Embedded {
    pub(crate) fn writer(file: &Path) -> Result<Self, Fault> {
        let open = || {
            let mut connection = Connection::open(file)?;
            settle(&connection)?;
            connection.execute_batch(
                "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                 PRAGMA secure_delete = ON; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;",
            )?;
            // Whoever cannot write had better not start.
            connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK;")?;
            // Until the first commit tells.
            let log_is_long = Arc::new(AtomicBool::new(true));
            let told = Arc::clone(&log_is_long);
            connection.wal_hook(Some(move |log: &mut Wal, pages| {
                told.store(pages >= LONG, Relaxed);
                if pages >= LONG {
                    // A disk that takes no more shows at the commits; what is not copied now is copied after the next.
                    drop(log.checkpoint());
                }
                Ok(())
            }))?;
            Ok(Self {
                connection,
                log_is_long,
            })
        };
        open().map_err(|error| opening(error, file))
    }

    pub(crate) fn reader(file: &Path) -> Result<Self, Fault> {
        let open = || {
            let connection = Connection::open_with_flags(
                file,
                OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            )?;
            settle(&connection)?;
            // Not mapped into memory: each commit of the writer, so each log row, would unmap the whole file again.
            connection.execute_batch(
                "PRAGMA query_only = ON; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;",
            )?;
            Ok(Self {
                connection,
                log_is_long: Arc::default(),
            })
        };
        open().map_err(|error| opening(error, file))
    }

    fn add_batch(&self, batch: &Batch<'_>) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare_cached(batch.insert.bound())?;
        for row in &batch.rows {
            statement.execute(rusqlite::params_from_iter(row.iter()))?;
        }
        Ok(())
    }

    fn step(&self, statement: &'static str) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(statement)?
            .execute([])
            .map(drop)
    }
}

impl engine::Connection for Embedded {
    /// A file does not go away, and nobody else writes to it.
    fn ready(&mut self) -> Result<bool, Fault> {
        Ok(false)
    }
    fn writer(&self) -> i64 {
        0
    }
    fn begin(&mut self) -> Result<(), Fault> {
        self.step("BEGIN IMMEDIATE").map_err(named)
    }
    fn begin_reading(&mut self) -> Result<(), Fault> {
        self.step("BEGIN").map_err(named)
    }
    fn commit(&mut self) -> Result<(), Fault> {
        self.step("COMMIT").map_err(|error| {
            if left_nothing(&error) {
                named(error)
            } else {
                named(error).uncertain()
            }
        })
    }
    fn add_and_commit(&mut self, batches: &[Batch<'_>]) -> Result<(), Fault> {
        for batch in batches {
            self.add_batch(batch)
                .map_err(|error| batch.failed(named(error)))?;
        }
        self.commit()
    }
    fn roll_back(&mut self) -> Result<(), Fault> {
        self.step("ROLLBACK").map_err(named)
    }
    fn is_open(&self) -> bool {
        !self.connection.is_autocommit()
    }
    /// This engine knows no roles and no policies: what a text may reach is checked before it runs.
    fn about(&mut self, _subject: Option<&str>) {}
    fn those_in(&mut self, tables: &[&str], people: &[String]) -> Result<Vec<String>, Fault> {
        let has_row = tables
            .iter()
            .map(|table| format!("EXISTS (SELECT 1 FROM {table} WHERE subject_id = value)"));
        let has_row: Vec<String> = has_row.collect();
        let text = format!(
            "SELECT value FROM json_each(?1) WHERE {}",
            has_row.join(" OR ")
        );
        let mut asked = self.connection.prepare_cached(&text).map_err(named)?;
        let people = listed(people.iter().map(|id| format!("\"{id}\"")));
        let found = asked.query_map([people], |row| row.get(0));
        found
            .and_then(Iterator::collect::<rusqlite::Result<_>>)
            .map_err(named)
    }
    fn remove_from_log(&mut self, rows: LogRows<'_>) -> Result<u64, Fault> {
        static PLACES_OF: Sql = Sql::new("DELETE FROM log_places WHERE subject_id = $1");
        static OF: Sql = Sql::new(
            "DELETE FROM log WHERE log_no IN (SELECT value FROM json_each($2)) AND subject_id = $1",
        );
        static PLACES_OF_OLDEST: Sql = Sql::new(
            "DELETE FROM log_places WHERE (run_no, subject_id, log_no) IN (
             SELECT (SELECT MIN(r.run_no) FROM log_runs AS r WHERE r.chain = l.chain AND r.run_no >= l.log_no), l.subject_id, l.log_no
             FROM log AS l WHERE l.log_no <= $1
             AND l.subject_id NOT IN (SELECT value FROM json_each($3)) ORDER BY l.log_no LIMIT $2)",
        );
        static OLDEST_PLACES: Sql = Sql::new(
            "DELETE FROM log_places WHERE (run_no, subject_id, log_no) IN (
             SELECT run_no, subject_id, log_no FROM log_places WHERE run_no IN (SELECT run_no FROM log_runs WHERE from_no < $1)
             AND log_no <= $1 AND subject_id NOT IN (SELECT value FROM json_each($3)) LIMIT $2)",
        );
        static OLDEST: Sql = Sql::new(
            "DELETE FROM log WHERE log_no IN (SELECT log_no FROM log WHERE log_no <= $1
             AND subject_id NOT IN (SELECT value FROM json_each($3)) ORDER BY log_no LIMIT $2)",
        );
        // An id of `audit` begins with the millisecond in which what is logged began.
        static FORGET_NUMBERS: Sql = Sql::new(
            "UPDATE audit SET log_no = NULL WHERE audit_id IN (SELECT a.audit_id FROM log AS l JOIN audit AS a
             ON a.audit_id >= printf('%08x-%04x', (l.start_time / 1000) >> 16, (l.start_time / 1000) & 65535)
             AND a.audit_id < printf('%08x-%04x~', (l.start_time / 1000) >> 16, (l.start_time / 1000) & 65535)
             AND a.log_no = l.log_no
             WHERE l.log_no IN (SELECT value FROM json_each($2)) AND l.subject_id = $1)",
        );
        static ACTS: Sql = Sql::new(
            "DELETE FROM audit WHERE audit_id IN (SELECT value FROM json_each($1)) AND audit_id < $2",
        );
        static GIVINGS: Sql = Sql::new(
            "DELETE FROM givings WHERE audit_id IN (SELECT value FROM json_each($1)) AND audit_id < $2",
        );
        static REMOVALS: Sql = Sql::new(
            "DELETE FROM log_removals WHERE removal_no IN (SELECT value FROM json_each($1))",
        );
        let values = |of: Oldest<'_>| {
            let but_of = listed(of.but_of.iter().map(|id| format!("\"{id}\"")));
            [of.until.into(), of.most.into(), but_of.into()]
        };
        match rows {
            LogRows::PlacesOf(person) => self.run(&PLACES_OF, &[person.into()]),
            LogRows::Of { person, numbers } => {
                let numbers = listed(numbers.iter().map(i64::to_string));
                let of_person = [person.into(), numbers.into()];
                self.run(&FORGET_NUMBERS, &of_person)?;
                self.run(&OF, &of_person)
            }
            LogRows::Oldest(of) => {
                self.run(&PLACES_OF_OLDEST, &values(of))?;
                self.run(&OLDEST, &values(of))
            }
            LogRows::OldestPlaces(of) => self.run(&OLDEST_PLACES, &values(of)),
            LogRows::Acts { ids, before } => {
                let ids = listed(ids.iter().map(|id| format!("\"{id}\"")));
                self.run(&ACTS, &[ids.into(), before.into()])
            }
            LogRows::Givings { ids, before } => {
                let ids = listed(ids.iter().map(|id| format!("\"{id}\"")));
                self.run(&GIVINGS, &[ids.into(), before.into()])
            }
            LogRows::Removals(numbers) => {
                let numbers = listed(numbers.iter().map(i64::to_string));
                self.run(&REMOVALS, &[numbers.into()])
            }
        }
    }
    fn save(&mut self) -> Result<(), Fault> {
        self.step("SAVEPOINT closure").map_err(named)
    }
    fn keep(&mut self) -> Result<(), Fault> {
        self.step("RELEASE closure").map_err(named)
    }
    fn undo(&mut self) -> Result<(), Fault> {
        self.step("ROLLBACK TO closure").map_err(named)?;
        self.keep()
    }
    fn met_another(&self) -> bool {
        false
    }
    fn lets_snapshots_stand(&self) -> bool {
        !self.log_is_long.load(Relaxed)
    }
    fn prepare(&mut self, sql: &Sql) -> Result<(), Fault> {
        self.connection
            .prepare_cached(sql.bound())
            .map(drop)
            .map_err(|error| named(error).while_doing(format!("preparing {sql:?}")))
    }
    fn rest(&mut self) -> Result<(), Fault> {
        Ok(())
    }
    fn run(&mut self, sql: &Sql, params: &[Value]) -> Result<u64, Fault> {
        let mut statement = self.connection.prepare_cached(sql.bound()).map_err(named)?;
        let changed = statement.execute(rusqlite::params_from_iter(params));
        Ok(changed.map_err(named)? as u64)
    }
    fn query(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut statement = self.connection.prepare_cached(sql.bound()).map_err(named)?;
        if !statement.readonly() {
            return Err(Fault::broken(format!(
                "a query that changes rows; use `run`: {sql:?}"
            )));
        }
        let mut rows = statement
            .query(rusqlite::params_from_iter(params))
            .map_err(named)?;
        while let Some(row) = rows.next().map_err(named)? {
            each(&Row(Answered::Embedded(row)))?;
        }
        Ok(())
    }
}

/// Writes all that is committed to the file itself and cuts the write-ahead log to nothing.
pub(crate) fn forget_removed(file: &Path) -> Result<(), Fault> {
    let connection = Embedded::writer(file)?;
    let pragma = "PRAGMA wal_checkpoint(TRUNCATE)";
    let is_busy = connection.query_row(pragma, [], |row| row.get::<_, bool>(0));
    if is_busy.map_err(named)? {
        return Err(Fault::unavailable(
            "somebody still reads what was removed",
            AGAIN,
        ));
    }
    Ok(())
}

/// A list as JSON has it.
fn listed(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(","))
}

/// As `Search::people_with` says.
pub(crate) fn people_with(
    connection: &Connection,
    ended: &crate::Ended<'_>,
    after: &str,
    most: i64,
) -> Result<Vec<String>, Fault> {
    let until: String = ended
        .columns
        .iter()
        .map(|column| format!(" AND {column} <= ?2"))
        .collect();
    let holding: Vec<String> = ended
        .holding
        .iter()
        .map(|column| format!("{column} IS NOT NULL"))
        .collect();
    let holding = match holding.is_empty() {
        true => String::new(),
        false => format!(" AND ({})", holding.join(" OR ")),
    };
    let text = format!(
        "SELECT DISTINCT subject_id FROM {} WHERE subject_id > ?1{until}{holding} ORDER BY subject_id LIMIT ?3",
        ended.table
    );
    let mut found = connection.prepare(&text).map_err(named)?;
    let found = found.query_map(rusqlite::params![after, ended.until, most], |row| {
        row.get(0)
    });
    found
        .and_then(Iterator::collect::<rusqlite::Result<_>>)
        .map_err(named)
}

fn settle(connection: &Connection) -> rusqlite::Result<()> {
    // Else a text is planned for the numbers bound to it, and planned anew whenever they are bound: each LIMIT $2.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(512);
    connection.busy_timeout(LOCKED_AT_MOST)
}

/// Why a database does not open, with what the operator can do about it.
fn opening(error: rusqlite::Error, file: &Path) -> Fault {
    let advice = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "make room on its disk",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "end that program (a backup, a database shell)"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) => {
            "its folder and all in it must be writable for the user that Postbus runs as"
        }
        Some(ErrorCode::SystemIoFailure) => "look whether its disk is full, read-only or broken",
        _ => return named(error).while_doing(format!("opening {}", file.display())),
    };
    let why = named(error);
    Fault::broken(format!(
        "opening {}: {why}: {advice}, then start again",
        file.display()
    ))
}

/// The engine's error as a Fault: trouble that passes (full disk, lock, io) is Unavailable, the rest is ours.
pub(crate) fn named(error: rusqlite::Error) -> Fault {
    let Some(code) = error.sqlite_error_code() else {
        return Fault::broken(format!("the database: {error}"));
    };
    let passing = match code {
        ErrorCode::DiskFull => "the disk is full",
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            "another program holds the database locked"
        }
        ErrorCode::ReadOnly => "the database cannot be written, only read",
        ErrorCode::CannotOpen => "a file of the database cannot be opened",
        ErrorCode::SystemIoFailure => "a file of the database cannot be read or written",
        ErrorCode::OutOfMemory => "there is no memory left for the database",
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            return Fault::broken(format!(
                "the database is damaged ({error}): end Postbus and put a backup back"
            ));
        }
        _ => return Fault::broken(format!("the database: {error}")),
    };
    // The extended code tells one trouble with a file from another.
    let code = error.sqlite_extended_error_code().unwrap_or_default();
    Fault::unavailable(format!("{passing} (SQLite {code})"), AGAIN)
}

/// Whether a COMMIT that failed so has certainly left nothing: a full disk or a lock ends it before its last frame is
/// written, anything else may strike after that.
pub(crate) fn left_nothing(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
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

/// The cell of a row as this engine gave it.
pub(crate) fn cell<'r>(row: &'r rusqlite::Row<'_>, column: usize) -> Result<Cell<'r>, Fault> {
    use rusqlite::types::ValueRef;
    let value = row
        .get_ref(column)
        .map_err(|fault| Fault::broken(format!("reading column {column}: {fault}")))?;
    match value {
        ValueRef::Null => Ok(Cell::Null),
        ValueRef::Integer(int) => Ok(Cell::Int(int)),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes)
            .map(Cell::Text)
            .map_err(|_| Fault::broken(format!("column {column} is not UTF-8"))),
        ValueRef::Blob(bytes) => Ok(Cell::Blob(bytes)),
        ValueRef::Real(_) => Err(Fault::broken(format!("column {column} holds a float"))),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::engine::Connection as _;

    #[test]
    fn a_file_that_another_is_just_letting_go_of_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("t.db");
        let held = FileLock::take(&file).unwrap();
        assert!(FileLock::take(&file).is_err(), "it is not let go of");
        let (begins, begun) = std::sync::mpsc::channel();
        let waits = std::thread::spawn(move || {
            begins.send(()).unwrap();
            FileLock::take(&file)
        });
        begun.recv().unwrap();
        std::thread::sleep(5 * BETWEEN_TRIES);
        drop(held);
        assert!(waits.join().unwrap().is_ok());
    }

    #[test]
    fn a_limit_that_is_bound_does_not_make_a_text_be_prepared_anew() {
        let connection = Connection::open_in_memory().unwrap();
        settle(&connection).unwrap();
        let mut connection = Embedded {
            connection,
            log_is_long: Arc::default(),
        };
        connection
            .execute_batch("CREATE TABLE t (a TEXT PRIMARY KEY) WITHOUT ROWID")
            .unwrap();
        static LIST: Sql = Sql::new("SELECT a FROM t WHERE a > $1 ORDER BY a LIMIT $2");
        for _ in 0..3 {
            connection
                .query(&LIST, &["x".into(), 7.into()], &mut |_| Ok(()))
                .unwrap();
        }
        let list = connection.prepare_cached(LIST.bound()).unwrap();
        assert_eq!(list.get_status(StatementStatus::Run), 3);
        assert_eq!(list.get_status(StatementStatus::RePrepare), 0);
    }
}
