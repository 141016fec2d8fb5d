//! Which columns a text touches, as the engine itself names them while preparing it on an empty copy of the schema.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use basics::Fault;
use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use crate::RoomSchema;
use crate::sql::Sql;
use crate::sqlite::named;

/// What a text reads and changes: (table, column), and whole tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    pub reads: BTreeSet<(String, String)>,
    pub updates: BTreeSet<(String, String)>,
    /// Tables of which rows are counted or seen without naming a column.
    pub rows: BTreeSet<String>,
    /// An INSERT's table with its columns.
    pub inserts: BTreeSet<(String, String)>,
    pub deletes: BTreeSet<String>,
    /// Tables that get rows, as the engine says; the columns stand in `inserts`.
    added_to: BTreeSet<String>,
    /// What no text may do (a view, a trigger, REPLACE, a pragma, DDL), in words.
    pub forbidden: BTreeSet<String>,
}

impl Touched {
    /// Every table the text names.
    pub fn tables(&self) -> BTreeSet<&str> {
        let columns = self
            .reads
            .iter()
            .chain(&self.updates)
            .chain(&self.inserts)
            .map(|(table, _)| table.as_str());
        columns
            .chain(self.rows.iter().chain(&self.deletes).map(String::as_str))
            .collect()
    }
}

/// Analyses texts against an empty copy of the schema.
pub struct Analyst {
    connection: Connection,
    seen: Arc<Mutex<Touched>>,
}

impl Analyst {
    pub fn of(rooms: &[RoomSchema]) -> Result<Self, Fault> {
        let mut connection = Connection::open_in_memory().map_err(named)?;
        for room in rooms {
            for (name, text) in room.texts() {
                connection.execute_batch(text).map_err(|error| {
                    named(error).while_doing(format!("reading {name} of {}", room.room))
                })?;
            }
        }
        let seen = Arc::new(Mutex::new(Touched::default()));
        let noted = Arc::clone(&seen);
        connection
            .authorizer(Some(move |context: AuthContext<'_>| {
                if let Ok(mut touched) = noted.lock() {
                    note(&context, &mut touched);
                }
                Authorization::Allow
            }))
            .map_err(named)?;
        Ok(Self { connection, seen })
    }

    /// The columns of `table`, in order; empty when there is no such table.
    pub fn columns(&self, table: &str) -> Result<Vec<String>, Fault> {
        let mut statement = self
            .connection
            .prepare("SELECT name FROM pragma_table_info(?1)")
            .map_err(named)?;
        let columns = statement
            .query_map([table], |row| row.get(0))
            .map_err(named)?;
        columns.collect::<Result<_, _>>().map_err(named)
    }

    /// The columns of `table`'s primary key, in order.
    pub fn key(&self, table: &str) -> Result<Vec<String>, Fault> {
        let mut statement = self
            .connection
            .prepare("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk")
            .map_err(named)?;
        let columns = statement
            .query_map([table], |row| row.get(0))
            .map_err(named)?;
        columns.collect::<Result<_, _>>().map_err(named)
    }

    /// Prepares `sql` and tells what it touches. A text that does not prepare is a Fault.
    pub fn touched(&self, sql: &Sql) -> Result<Touched, Fault> {
        self.seen
            .lock()
            .map(|mut touched| *touched = Touched::default())
            .map_err(|_| Fault::broken("the analyst broke"))?;
        self.connection
            .prepare(sql.bound())
            .map_err(|error| named(error).while_doing(format!("preparing {sql:?}")))?;
        let mut touched = self
            .seen
            .lock()
            .map(|mut touched| std::mem::take(&mut *touched))
            .map_err(|_| Fault::broken("the analyst broke"))?;
        note_text(sql.text(), &mut touched);
        Ok(touched)
    }
}

fn note(context: &AuthContext<'_>, touched: &mut Touched) {
    // Names come as the text spells them.
    let name = str::to_ascii_lowercase;
    let pair = |table: &str, column: &str| (name(table), name(column));
    match context.action {
        AuthAction::Read {
            table_name,
            column_name: "",
        } => drop(touched.rows.insert(name(table_name))),
        AuthAction::Read {
            table_name,
            column_name,
        } => drop(touched.reads.insert(pair(table_name, column_name))),
        AuthAction::Update {
            table_name,
            column_name,
        } => drop(touched.updates.insert(pair(table_name, column_name))),
        AuthAction::Delete { table_name } => drop(touched.deletes.insert(name(table_name))),
        // The engine does not tell an INSERT's columns; `note_text` reads them.
        AuthAction::Insert { table_name } => drop(touched.added_to.insert(name(table_name))),
        AuthAction::Select | AuthAction::Function { .. } | AuthAction::Recursive => {}
        action => drop(touched.forbidden.insert(format!("{action:?}"))),
    }
}

/// What only the text tells: an INSERT's mandatory column list, REPLACE, more than one kind of statement.
fn note_text(text: &str, touched: &mut Touched) {
    let upper = text.to_ascii_uppercase();
    if upper.contains("REPLACE") {
        touched.forbidden.insert("REPLACE".to_owned());
    }
    let listed = upper.find("INSERT INTO ").and_then(|at| {
        let after = &text[at + "INSERT INTO ".len()..];
        let table: String = after
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let (columns, _) = after[table.len()..]
            .trim_start()
            .strip_prefix('(')?
            .split_once(')')?;
        Some((table, columns))
    });
    if let Some((table, columns)) = &listed {
        touched.inserts.extend(
            columns
                .split(',')
                .map(|column| (table.clone(), column.trim().to_owned())),
        );
    }
    // One plain INSERT with its columns, or the columns are unknown.
    let known = listed.map(|(table, _)| table);
    if touched
        .added_to
        .iter()
        .any(|table| known.as_ref() != Some(table))
        || upper.matches("INSERT").count() > 1
    {
        touched
            .forbidden
            .insert("an INSERT that is not `INSERT INTO table (columns)`".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: RoomSchema = RoomSchema {
        room: "probe",
        changes: &[],
        sql: "CREATE TABLE letters (subject_id TEXT PRIMARY KEY, title BLOB, read_at BIGINT); CREATE TABLE other (a TEXT);",
    };

    fn touched(text: &'static str) -> Touched {
        Analyst::of(&[ROOM])
            .and_then(|analyst| analyst.touched(&Sql::new(text)))
            .expect("a text that prepares")
    }

    fn pairs(pairs: &[(&str, &str)]) -> BTreeSet<(String, String)> {
        pairs
            .iter()
            .map(|(table, column)| ((*table).to_owned(), (*column).to_owned()))
            .collect()
    }

    #[test]
    fn a_query_names_its_columns_also_those_of_its_conditions() {
        let touched = touched("SELECT title FROM letters WHERE subject_id = $1");
        assert_eq!(
            touched.reads,
            pairs(&[("letters", "subject_id"), ("letters", "title")])
        );
    }

    #[test]
    fn a_table_is_known_however_it_is_spelt() {
        assert_eq!(
            touched("SELECT TITLE FROM LETTERS").reads,
            pairs(&[("letters", "title")])
        );
    }

    #[test]
    fn counting_rows_is_seen() {
        assert_eq!(
            touched("SELECT COUNT(*) FROM letters").rows,
            BTreeSet::from(["letters".to_owned()])
        );
    }

    #[test]
    fn a_subquery_and_a_returning_clause_do_not_hide_a_column() {
        let touched = touched(
            "UPDATE other SET a = $1 WHERE a IN (SELECT subject_id FROM letters) RETURNING a",
        );
        assert!(
            touched
                .reads
                .contains(&("letters".to_owned(), "subject_id".to_owned()))
        );
        assert_eq!(touched.updates, pairs(&[("other", "a")]));
    }

    #[test]
    fn an_upsert_tells_both_its_columns() {
        let touched = touched(
            "INSERT INTO letters (subject_id, read_at) VALUES ($1, $2) ON CONFLICT (subject_id) DO UPDATE SET read_at = excluded.read_at",
        );
        assert_eq!(
            touched.inserts,
            pairs(&[("letters", "subject_id"), ("letters", "read_at")])
        );
        assert_eq!(touched.updates, pairs(&[("letters", "read_at")]));
    }

    #[test]
    fn what_no_text_may_do_is_told() {
        assert!(
            !touched("INSERT INTO other VALUES ($1)")
                .forbidden
                .is_empty()
        );
        assert!(
            !touched("INSERT OR REPLACE INTO other (a) VALUES ($1)")
                .forbidden
                .is_empty()
        );
        for hidden in [
            "INSERT OR IGNORE INTO other (a) VALUES ($1)",
            "INSERT  INTO other (a) VALUES ($1)",
            "INSERT INTO other (a) SELECT 'INSERT INTO other (a)' FROM letters",
        ] {
            assert!(!touched(hidden).forbidden.is_empty(), "{hidden}");
        }
        assert!(!touched("DROP TABLE other").forbidden.is_empty());
        assert!(!touched("PRAGMA query_only = OFF").forbidden.is_empty());
    }
}
