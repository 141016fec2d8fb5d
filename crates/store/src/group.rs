//! What one commit holds: the inserts of many closures, flushed together, and the statements that ran at once.

use basics::Fault;
use rusqlite::Connection;

use crate::sql::{Insert, Sql};
use crate::sqlite::{self, left_nothing, named};
use crate::trouble::AGAIN;
use crate::value::{Row, Value};

/// Anything that can be asked a query.
pub trait Query {
    /// Calls `each` for every row in order; stops at its first error.
    fn query(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault>;
}

/// One commit under way. Inserts wait until the flush; other statements run at once under a savepoint of the closure.
pub struct Group<'a> {
    connection: &'a Connection,
    pending: Vec<(&'static Insert, Vec<Value>)>,
    closure: Option<Closure>,
    savepoints: usize,
    /// The first trouble that a statement of the group met: why the engine rolls a group back by itself.
    trouble: Option<Fault>,
}

struct Closure {
    pending_before: usize,
    savepoint: bool,
}

impl<'a> Group<'a> {
    pub(crate) fn begin(connection: &'a Connection) -> Result<Self, Fault> {
        run(connection, "BEGIN IMMEDIATE")?;
        Ok(Self {
            connection,
            pending: Vec::new(),
            closure: None,
            savepoints: 0,
            trouble: None,
        })
    }

    /// Marks where a closure starts, so that it can be undone alone.
    pub fn enter(&mut self) {
        self.closure = Some(Closure {
            pending_before: self.pending.len(),
            savepoint: false,
        });
    }

    /// Keeps the closure's effects.
    pub fn keep(&mut self) -> Result<(), Fault> {
        self.still_open()?;
        match self.closure.take() {
            Some(Closure {
                savepoint: true, ..
            }) => run(self.connection, "RELEASE closure"),
            _ => Ok(()),
        }
    }

    /// Undoes the closure's effects, and nobody else's.
    pub fn undo(&mut self) -> Result<(), Fault> {
        let Some(closure) = self.closure.take() else {
            return Ok(());
        };
        self.still_open()?;
        self.pending.truncate(closure.pending_before);
        if closure.savepoint {
            run(self.connection, "ROLLBACK TO closure")?;
            run(self.connection, "RELEASE closure")?;
        }
        Ok(())
    }

    /// Adds a row at the flush of this group. It cannot be read back before the commit.
    pub fn add(&mut self, insert: &'static Insert, row: Vec<Value>) {
        self.pending.push((insert, row));
    }

    /// Runs an UPDATE, DELETE or upsert now; answers how many rows it changed.
    pub fn run(&mut self, sql: &Sql, params: &[Value]) -> Result<u64, Fault> {
        self.still_open()?;
        if let Some(closure) = &mut self.closure
            && !closure.savepoint
        {
            run(self.connection, "SAVEPOINT closure")?;
            closure.savepoint = true;
            self.savepoints += 1;
        }
        let changed = self
            .connection
            .prepare_cached(sql.bound())
            .and_then(|mut statement| statement.execute(rusqlite::params_from_iter(params)))
            .map_err(named);
        if let Err(fault) = &changed {
            self.trouble.get_or_insert_with(|| fault.clone());
        }
        Ok(changed? as u64)
    }

    /// How many closures of this group ran statements at once.
    pub(crate) const fn savepoints(&self) -> usize {
        self.savepoints
    }

    /// Writes the waiting rows, table by table, and commits: one fsync for all.
    pub(crate) fn commit(mut self) -> Result<(), Fault> {
        self.still_open()?;
        self.flush()?;
        self.still_open()?;
        // From here on the rows may be durable whatever is answered.
        self.connection
            .prepare_cached("COMMIT")
            .and_then(|mut commit| commit.execute([]))
            .map(drop)
            .map_err(|error| {
                if left_nothing(&error) {
                    named(error)
                } else {
                    named(error).uncertain()
                }
            })
    }

    /// On some troubles (a full disk, no memory) the engine rolls the whole transaction back by itself, and every further
    /// statement would be a commit of its own.
    fn still_open(&self) -> Result<(), Fault> {
        if !self.connection.is_autocommit() {
            return Ok(());
        }
        let rolled_back = || Fault::unavailable("the engine rolled a group back by itself", AGAIN);
        Err(self.trouble.clone().unwrap_or_else(rolled_back))
    }

    fn flush(&mut self) -> Result<(), Fault> {
        let mut rows = std::mem::take(&mut self.pending);
        rows.sort_by_key(|(insert, _)| std::ptr::from_ref(*insert).addr());
        let mut rest = rows.as_slice();
        while let Some((insert, _)) = rest.first() {
            let count = rest
                .iter()
                .take_while(|(other, _)| std::ptr::eq(*other, *insert))
                .count();
            let (batch, others) = rest.split_at(count);
            let mut statement = self
                .connection
                .prepare_cached(insert.bound())
                .map_err(named)?;
            for (_, row) in batch {
                statement
                    .execute(rusqlite::params_from_iter(row))
                    .map_err(|error| {
                        named(error).while_doing(format!("adding to {}", insert.table()))
                    })?;
            }
            rest = others;
        }
        Ok(())
    }
}

impl Query for Group<'_> {
    fn query(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        sqlite::query(self.connection, sql, params, each)
    }
}

pub(crate) fn run(connection: &Connection, statement: &'static str) -> Result<(), Fault> {
    connection
        .prepare_cached(statement)
        .and_then(|mut statement| statement.execute([]))
        .map(drop)
        .map_err(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    static ADD: Insert = Insert::new("t", &["a"]);
    static MARK: Sql = Sql::new("UPDATE t SET a = $1");

    #[test]
    fn a_group_that_the_engine_rolled_back_takes_nothing_more() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (a TEXT)").unwrap();
        let mut group = Group::begin(&connection).unwrap();
        group.enter();
        group.add(&ADD, vec!["x".into()]);
        // As the engine does by itself at a full disk.
        connection.execute_batch("ROLLBACK").unwrap();
        assert!(group.run(&MARK, &["y".into()]).is_err());
        assert!(group.undo().is_err());
        assert!(group.commit().is_err());
        let rows: i64 = connection
            .query_row("SELECT COUNT(*) FROM t", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 0);
    }

    #[test]
    fn a_query_does_not_change_anything() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE t (a TEXT); INSERT INTO t (a) VALUES ('x')")
            .unwrap();
        static SLY: Sql = Sql::new("UPDATE t SET a = 'y' RETURNING a");
        assert!(sqlite::query(&connection, &SLY, &[], &mut |_| Ok(())).is_err());
    }
}
