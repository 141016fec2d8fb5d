//! The annotated schema: for every column its data category and whether it is sealed, read from the rooms' `schema.sql`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use basics::Fault;
use statement::{CategoryId, Register};
use store::RoomSchema;

use crate::ending::Marks;

/// How a column's values lie in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    Sealed,
    /// Readable in the store, with the reason why that harms nobody.
    Clear(String),
    /// The same, and an id, a number or hash of ours: by it rows are found here. It tells nobody outside anything, so it goes to
    /// nobody.
    Id(String),
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Nothing of a person, with the reason why it is nobody's.
    Nothing(String),
    /// The person the row is about.
    Subject,
    /// Data of this category of the statement.
    Category(String, Kept),
}

impl Holds {
    pub fn is_id(&self) -> bool {
        matches!(self, Self::Category(_, Kept::Id(_)))
    }
}

/// A table: who it belongs to, what its columns hold, and how its rows end.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub room: &'static str,
    pub columns: BTreeMap<String, Holds>,
    /// What may be empty in a row.
    pub nullable: BTreeSet<String>,
    pub marks: Marks,
}

impl Table {
    /// Whether its rows belong to a person: it has a subject column.
    pub fn is_of_a_subject(&self) -> bool {
        self.columns.values().any(|holds| *holds == Holds::Subject)
    }
    /// The category that a column holds data of, by its name in the schema.
    pub fn category(&self, column: &str) -> Option<&str> {
        match self.columns.get(column) {
            Some(Holds::Category(name, _)) => Some(name),
            _ => None,
        }
    }
    fn add(&mut self, column: String, holds: Holds, code: &str) {
        if !code.contains("NOT NULL") && !code.contains("PRIMARY KEY") {
            self.nullable.insert(column.clone());
        }
        self.columns.insert(column, holds);
    }
    pub fn is_sealed(&self, column: &str) -> bool {
        matches!(
            self.columns.get(column),
            Some(Holds::Category(_, Kept::Sealed))
        )
    }
}

/// All tables of an installation.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    tables: HashMap<String, Table>,
}

impl Catalogue {
    /// Reads the annotations. A column without one, or a table with two owners, is a Fault that names it.
    pub fn of(rooms: &[RoomSchema]) -> Result<Self, Fault> {
        let mut catalogue = Self::default();
        for room in rooms {
            for (file, text) in room.texts() {
                catalogue.read_text(room.room, file, text)?;
            }
        }
        Ok(catalogue)
    }

    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(name)
    }
    pub fn tables(&self) -> impl Iterator<Item = (&str, &Table)> {
        self.tables
            .iter()
            .map(|(name, table)| (name.as_str(), table))
    }

    /// The category bit of a column; `None` when it holds nothing of a person. An unknown column or a category that the
    /// statement does not declare is named in the error.
    pub(crate) fn bit(
        &self,
        register: &Register,
        table: &str,
        column: &str,
    ) -> Result<Option<CategoryId>, String> {
        match self
            .table(table)
            .and_then(|table| table.columns.get(column))
        {
            None => Err(format!("{table}.{column} (no such column)")),
            Some(Holds::Nothing(_) | Holds::Subject) => Ok(None),
            Some(Holds::Category(name, _)) => {
                Self::category_of(register, name).map(Some).ok_or_else(|| {
                    format!("{table}.{column} (category {name} is not in the statement)")
                })
            }
        }
    }

    /// A category by its name in a schema: `number` is the one of the number that names a person here.
    pub(crate) fn category_of(register: &Register, name: &str) -> Option<CategoryId> {
        match name {
            "number" => Some(register.number().category),
            name => register.category(name),
        }
    }

    fn read_text(&mut self, room: &'static str, file: &str, text: &str) -> Result<(), Fault> {
        let mut current: Option<(String, Table)> = None;
        let mut marks = Marks::default();
        for (at, line) in text.lines().enumerate() {
            let wrong =
                |what: &str| Fault::broken(format!("{room}/{file} line {}: {what}", at + 1));
            let code = line.split("--").next().unwrap_or("").trim();
            marks.read(line).map_err(|what| wrong(&what))?;
            if let Some(rest) = code.strip_prefix("CREATE TABLE ") {
                let name = rest.trim_end_matches('(').trim().to_owned();
                let table = Table {
                    room,
                    marks: std::mem::take(&mut marks),
                    ..Table::default()
                };
                current = Some((name, table));
            } else if code.starts_with(')') {
                let (name, table) = current
                    .take()
                    .ok_or_else(|| wrong("a table ends that did not begin"))?;
                if let Some(other) = self.tables.insert(name.clone(), table) {
                    return Err(wrong(&format!(
                        "table {name} belongs to {} already",
                        other.room
                    )));
                }
            } else if let Some((_, table)) = &mut current
                && !code.is_empty()
                && !code.starts_with("CONSTRAINT ")
            {
                let (column, holds) = column(code, line).map_err(|what| wrong(&what))?;
                table.add(column, holds, code);
            } else if line.starts_with("ALTER TABLE") || line.starts_with("DROP TABLE") {
                self.alter(room, code, line).map_err(|what| wrong(&what))?;
            }
        }
        Ok(())
    }

    /// A column more, a column less, or a table less, of the room's own. What is sealed is bound to the names of its table
    /// and column, so none of them gets another.
    fn alter(&mut self, room: &str, code: &str, line: &str) -> Result<(), String> {
        let words: Vec<&str> = code.trim_end_matches(';').split_whitespace().collect();
        let (name, change) = match words.as_slice() {
            ["ALTER" | "DROP", "TABLE", name, change @ ..] => (*name, change),
            _ => return Err("a statement that cannot be read".to_owned()),
        };
        let table = self.tables.get_mut(name);
        let table = table
            .filter(|table| table.room == room)
            .ok_or_else(|| format!("{name} is no table of {room}"))?;
        match change {
            [] if words[0] == "DROP" => {
                self.tables.remove(name);
            }
            ["ADD", "COLUMN", ..] => {
                let (column, holds) = column(&change[2..].join(" "), line)?;
                table.add(column, holds, code);
            }
            ["DROP", "COLUMN", column] => {
                if table.columns.remove(*column).is_none() {
                    return Err(format!("{name} has no column {column}"));
                }
            }
            _ => return Err("a change adds a column, drops one, or drops a table".to_owned()),
        }
        Ok(())
    }
}

/// The column of a line with what it holds.
fn column(code: &str, line: &str) -> Result<(String, Holds), String> {
    let column = code.split_whitespace().next().unwrap_or_default();
    let note = line.split_once("--").map(|(_, note)| note.trim());
    let holds = note.and_then(holds).ok_or_else(|| {
        format!(
            "column {column} needs a note: `-- none: why it is nobody's`, `-- subject`, `-- category, sealed`, `-- category, clear: reason` or, of an id, `-- category, id: reason`"
        )
    })?;
    if (column == "subject_id") != (holds == Holds::Subject)
        && !matches!(holds, Holds::Category(_, Kept::Clear(_) | Kept::Id(_)))
    {
        return Err(format!(
            "`-- subject` belongs on subject_id, not on {column}"
        ));
    }
    let is_id = column.ends_with("_id") || column.ends_with("_hash");
    if is_id && matches!(holds, Holds::Category(_, Kept::Clear(_))) {
        return Err(format!(
            "{column} is an id: `-- category, id: reason`, by which it stays behind when something is given"
        ));
    }
    Ok((column.to_owned(), holds))
}

fn holds(note: &str) -> Option<Holds> {
    match note {
        "subject" | "subject, looked up" => return Some(Holds::Subject),
        _ => {}
    }
    if let Some(reason) = note.strip_prefix("none:") {
        return given(reason).map(Holds::Nothing);
    }
    let (category, kept) = note.split_once(',')?;
    let kept = match kept.trim() {
        "sealed" => Kept::Sealed,
        open => match open.split_once(':')? {
            ("clear", reason) => Kept::Clear(given(reason)?),
            ("id", reason) => Kept::Id(given(reason)?),
            _ => return None,
        },
    };
    Some(Holds::Category(category.trim().to_owned(), kept))
}

fn given(reason: &str) -> Option<String> {
    let reason = reason.trim();
    (!reason.is_empty()).then(|| reason.to_owned())
}

#[cfg(test)]
mod tests {
    use store::{Change, Wording};

    use super::*;

    fn read(sql: &'static str) -> Result<Catalogue, Fault> {
        Catalogue::of(&[RoomSchema {
            room: "probe",
            sql,
            changes: &[],
        }])
    }

    #[test]
    fn a_column_without_a_note_is_refused_by_name() {
        let fault = read("CREATE TABLE a (\n  b TEXT,\n  c TEXT -- none: probe\n);")
            .expect_err("b has no note");
        assert!(
            fault
                .to_string()
                .contains("probe/schema.sql line 2: column b needs a note"),
            "{fault}"
        );
    }

    #[test]
    fn a_change_adds_and_drops_columns_and_tables_and_renames_none() {
        let after = |change: &'static str| {
            let change = Change {
                name: "0001-change",
                wording: Wording::Same(change),
            };
            Catalogue::of(&[RoomSchema {
                room: "probe",
                sql: "CREATE TABLE a (\n  b TEXT, -- none: probe\n  c TEXT -- none: probe\n);",
                changes: std::slice::from_ref(Box::leak(Box::new(change))),
            }])
        };
        let added = after("ALTER TABLE a ADD COLUMN d BLOB; -- bericht, sealed").unwrap();
        assert!(added.table("a").unwrap().is_sealed("d"));
        let dropped = after("ALTER TABLE a DROP COLUMN c;").unwrap();
        assert_eq!(dropped.table("a").unwrap().columns.len(), 1);
        assert!(after("DROP TABLE a;").unwrap().table("a").is_none());
        let made =
            after("CREATE TABLE e (\n  f TEXT -- none: probe\n);\nUPDATE a SET b = c;").unwrap();
        assert!(made.table("e").is_some());
        for refused in [
            "ALTER TABLE a ADD COLUMN d BLOB;",
            "ALTER TABLE a RENAME COLUMN b TO d; -- none: probe",
            "ALTER TABLE other ADD COLUMN d BLOB; -- none: probe",
            "ALTER TABLE a DROP COLUMN d;",
            "CREATE TABLE a (\n  f TEXT -- none: probe\n);",
        ] {
            let fault = after(refused).expect_err(refused).to_string();
            assert!(fault.contains("probe/0001-change"), "{fault}");
        }
    }

    #[test]
    fn clear_needs_a_reason() {
        assert!(read("CREATE TABLE a (\n  b TEXT -- bericht, clear:\n);").is_err());
        assert!(read("CREATE TABLE a (\n  b TEXT -- bericht, clear: it is random\n);").is_ok());
    }

    #[test]
    fn an_id_is_noted_as_one() {
        let why = read("CREATE TABLE a (\n  b_id TEXT -- bericht, clear: it is random\n);")
            .expect_err("it is an id");
        assert!(why.to_string().contains("b_id is an id"), "{why}");
        for (line, is_id) in [
            (
                "CREATE TABLE a (\n  b TEXT -- bericht, id: of who acted\n);",
                true,
            ),
            (
                "CREATE TABLE a (\n  b TEXT -- bericht, clear: a moment\n);",
                false,
            ),
        ] {
            let read = read(line).expect("it is noted");
            assert_eq!(
                read.table("a").expect("a").columns["b"].is_id(),
                is_id,
                "{line}"
            );
        }
        assert!(read("CREATE TABLE a (\n  b_id TEXT -- bericht, id:\n);").is_err());
    }

    #[test]
    fn what_is_nobodys_needs_a_reason() {
        for note in ["none", "none:", "none: "] {
            let sql = format!("CREATE TABLE a (\n  b TEXT -- {note}\n);").leak();
            let fault = read(sql).expect_err(note).to_string();
            assert!(
                fault.contains("line 2: column b needs a note: `-- none: why"),
                "{fault}"
            );
        }
        let given = read("CREATE TABLE a (\n  b TEXT -- none: a count\n);").unwrap();
        let holds = &given.table("a").unwrap().columns["b"];
        assert_eq!(*holds, Holds::Nothing("a count".to_owned()));
    }

    #[test]
    fn a_table_has_one_owner() {
        assert!(
            read("CREATE TABLE a (\n  b TEXT -- none: probe\n);\nCREATE TABLE a (\n  b TEXT -- none: probe\n);")
                .is_err()
        );
    }
}
