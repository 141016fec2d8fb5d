//! Changes to tables, on both engines: once each, in order, whole or not at all, to the same tables as a new database has.

use std::path::PathBuf;

use tempfile::TempDir;

use super::server::Database;
use crate::engine::{self, Place};
use crate::{Change, RoomSchema, Wording, rooms};

const FIRST: &str = "-- lies by subject_id in parts
CREATE TABLE letters (
  subject_id TEXT NOT NULL, -- subject
  letter_id TEXT NOT NULL, -- none
  title BLOB, -- none
  CONSTRAINT letters_pk PRIMARY KEY (subject_id, letter_id)
) WITHOUT ROWID;
CREATE TABLE counts (
  name TEXT NOT NULL, -- none
  count BIGINT NOT NULL, -- none
  CONSTRAINT counts_pk PRIMARY KEY (name)
);
";
const COLOUR: Change = Change {
    name: "0001-letters-have-a-colour",
    wording: Wording::Same(
        "-- Bright.
ALTER TABLE letters ADD COLUMN colour TEXT; -- none
UPDATE counts SET count = count + 1;
INSERT INTO counts (name, count) VALUES ('colours', 1);
CREATE INDEX letters_colour ON letters (colour);
",
    ),
};
const STAMPS: Change = Change {
    name: "0002-stamps",
    wording: Wording::Same(
        "-- lies by subject_id, by month of stamp_id
CREATE TABLE stamps (
  stamp_id TEXT NOT NULL, -- none
  subject_id TEXT NOT NULL, -- subject
  CONSTRAINT stamps_pk PRIMARY KEY (stamp_id, subject_id)
);
ALTER TABLE letters DROP COLUMN title;
",
    ),
};
const ENGINES: Change = Change {
    name: "0003-which-engine",
    wording: Wording::Pair {
        sqlite: "INSERT INTO counts (name, count) SELECT 'sqlite ' || substr(sqlite_version(), 1, 1), 1;",
        postgres: "INSERT INTO counts (name, count) SELECT 'postgres ' || current_schema(), 1;",
    },
};
const BROKEN: Change = Change {
    name: "0002-broken",
    wording: Wording::Same(
        "INSERT INTO counts (name, count) VALUES ('broken', 1);\nALTER TABLE nowhere DROP COLUMN a;",
    ),
};

const fn with(changes: &'static [Change]) -> RoomSchema {
    RoomSchema {
        room: "probe",
        sql: FIRST,
        changes,
    }
}
const OLD: RoomSchema = with(&[]);
const NEXT: RoomSchema = with(&[COLOUR]);
const NEW: RoomSchema = with(&[COLOUR, STAMPS, ENGINES]);

/// A database of either engine.
enum House {
    File(TempDir),
    Server(Database),
}

impl House {
    fn place(&self) -> Place {
        match self {
            House::File(_) => Place::File(self.file()),
            House::Server(database) => database.owned(),
        }
    }

    fn file(&self) -> PathBuf {
        match self {
            House::File(folder) => folder.path().join("probe.db"),
            House::Server(_) => panic!("a file"),
        }
    }

    fn bring_in(&self, room: RoomSchema) -> Result<(), String> {
        let place = self.place();
        engine::aside(|| rooms::bring_in(&place, &[room])).map_err(|fault| fault.to_string())
    }

    fn refused(&self, room: RoomSchema) -> String {
        self.bring_in(room).unwrap_err()
    }

    /// Runs SQL as the owner; answers the rows of a query, their values joined by `|`.
    fn ask(&self, sql: &str) -> Vec<String> {
        match self {
            House::Server(database) => database.asked(sql).lines().map(str::to_owned).collect(),
            House::File(_) => {
                let connection = rusqlite::Connection::open(self.file()).unwrap();
                let mut statement = connection.prepare(sql).unwrap();
                let columns = statement.column_count();
                let rows = statement.query_map([], |row| {
                    let values = (0..columns).map(|at| {
                        Ok(match row.get::<_, rusqlite::types::Value>(at)? {
                            rusqlite::types::Value::Integer(int) => int.to_string(),
                            rusqlite::types::Value::Text(text) => text,
                            other => format!("{other:?}"),
                        })
                    });
                    Ok(values.collect::<rusqlite::Result<Vec<_>>>()?.join("|"))
                });
                rows.unwrap().collect::<Result<_, _>>().unwrap()
            }
        }
    }

    fn counts(&self) -> Vec<String> {
        self.ask("SELECT name, count FROM counts ORDER BY name")
    }

    /// All that the engine itself knows of the tables.
    fn shape(&self) -> Vec<String> {
        self.ask(match self {
            House::File(_) => "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name",
            House::Server(_) => {
                "SELECT c.relname, c.relkind, c.relrowsecurity, c.relacl, pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid),
                        pg_get_indexdef(c.oid), (SELECT array_agg((attname, format_type(atttypid, atttypmod), attnotnull, attcollation) ORDER BY attnum)
                          FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
                        (SELECT array_agg((polname, polcmd, pg_get_expr(polqual, polrelid)) ORDER BY polname) FROM pg_policy WHERE polrelid = c.oid)
                 FROM pg_class AS c WHERE relnamespace = 'public'::regnamespace ORDER BY c.relname COLLATE \"C\""
            }
        })
    }
}

/// Tries it on a file and on a server.
fn on_both(name: &'static str, attempt: impl Fn(&House)) {
    attempt(&House::File(tempfile::tempdir().unwrap()));
    attempt(&House::Server(Database::of(name)));
}

#[test]
fn a_change_is_made_once_and_keeps_the_rows() {
    on_both("change_once", |house| {
        house.bring_in(OLD).unwrap();
        house.ask("INSERT INTO letters (subject_id, letter_id) VALUES ('anna', '1')");
        house.ask("INSERT INTO counts (name, count) VALUES ('old', 1)");
        for _ in 0..2 {
            house.bring_in(NEXT).unwrap();
        }
        assert_eq!(house.counts(), ["colours|1", "old|2"]);
        house.bring_in(NEW).unwrap();
        let counts = house.counts();
        assert_eq!(counts[0], "colours|1");
        let of_engine = match house {
            House::File(_) => "sqlite 3|1",
            House::Server(_) => "postgres public|1",
        };
        assert_eq!(counts[2], of_engine);
        let letters =
            house.ask("SELECT subject_id, letter_id, COALESCE(colour, 'none') FROM letters");
        assert_eq!(letters, ["anna|1|none"]);
    });
}

#[test]
fn an_old_database_and_a_new_one_come_to_the_same_tables() {
    let shape = |name, ways: &'static [RoomSchema]| {
        let shapes = std::cell::RefCell::new(Vec::new());
        on_both(name, |house| {
            for room in ways {
                house.bring_in(*room).unwrap();
            }
            // A role bears the name of its test.
            let shape = house.shape().join("\n").replace(name, "serving");
            assert!(
                shape.contains("stamps") && shape.contains("letters_colour"),
                "{shape}"
            );
            shapes.borrow_mut().push(shape);
        });
        shapes.into_inner()
    };
    let anew = shape("change_new", &[NEW]);
    assert_eq!(anew, shape("change_by_change", &[OLD, NEXT, NEW]));
    assert_eq!(anew, shape("change_all_at_once", &[OLD, NEW]));
}

#[test]
fn a_change_that_fails_leaves_nothing_also_of_those_before_it() {
    on_both("change_failed", |house| {
        house.bring_in(OLD).unwrap();
        let said = house.refused(with(&[COLOUR, BROKEN]));
        assert!(
            said.contains("making the change probe 0002-broken"),
            "{said}"
        );
        assert_eq!(house.counts(), Vec::<String>::new());
        house.bring_in(NEXT).unwrap();
        assert_eq!(house.counts(), ["colours|1"]);
    });
}

#[test]
fn tables_of_a_newer_or_another_program_are_refused() {
    on_both("change_refused", |house| {
        house.bring_in(NEW).unwrap();
        let said = house.refused(NEXT);
        assert!(
            said.contains("have had the change 0002-stamps of a newer Postbus"),
            "{said}"
        );
        const ALTERED: Change = Change {
            wording: Wording::Same("ALTER TABLE letters ADD COLUMN colour BIGINT; -- none"),
            ..COLOUR
        };
        const RENAMED: Change = Change {
            name: "0001-letters-have-another-colour",
            ..COLOUR
        };
        for other in [
            with(&[ALTERED, STAMPS, ENGINES]),
            with(&[RENAMED, STAMPS, ENGINES]),
        ] {
            assert!(house.refused(other).contains("another version of Postbus"));
        }
        let misnumbered = house.refused(with(&[STAMPS]));
        assert!(
            misnumbered.contains("its name begins with 0001-"),
            "{misnumbered}"
        );
        house.bring_in(NEW).unwrap();
    });
}

#[test]
fn who_serves_waits_for_the_owner_to_make_a_change() {
    let database = Database::of("change_by_owner");
    database.prepared_with(&[OLD]);
    let served = |room: RoomSchema| {
        let place = database.unowned();
        engine::aside(|| rooms::bring_in(&place, &[room])).map_err(|fault| fault.to_string())
    };
    served(OLD).unwrap();
    let said = served(NEXT).unwrap_err();
    assert!(
        said.contains("0001-letters-have-a-colour") && said.contains("postbus store prepare"),
        "{said}"
    );
    let prepared = rooms::prepare(&database.owned(), &[NEXT]).unwrap();
    assert_eq!(prepared.made, Vec::<&str>::new());
    assert_eq!(prepared.changed, ["probe 0001-letters-have-a-colour"]);
    served(NEXT).unwrap();
    assert!(served(OLD).unwrap_err().contains("newer Postbus"));
}

#[test]
fn many_that_start_at_once_make_a_change_once() {
    let database = Database::of("change_at_once");
    database.prepared_with(&[OLD]);
    let started = std::sync::Barrier::new(6);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                started.wait();
                rooms::prepare(&database.owned(), &[NEW]).unwrap();
            });
        }
    });
    let counted = database.asked("SELECT name, count FROM counts WHERE name = 'colours'");
    assert_eq!(counted, "colours|1");
}

#[test]
fn what_a_change_makes_is_guarded_like_the_rest() {
    let database = Database::of("change_guarded");
    database.prepared_with(&[OLD]).prepared_with(&[NEW]);
    database.asked(
        "INSERT INTO stamps VALUES ('1', 'anna'); INSERT INTO letters VALUES ('anna', '1', 'red')",
    );
    let serving = |sql: &str| database.asked_serving(sql);
    assert_eq!(serving("SELECT COUNT(*) FROM stamps").unwrap(), "0");
    let of_anna = serving(
        "SET postbus.subject = 'anna'; SELECT s.stamp_id, l.colour FROM stamps AS s JOIN letters AS l ON l.subject_id = s.subject_id",
    );
    assert!(of_anna.unwrap().ends_with("1|red"));
    assert!(serving("SELECT * FROM stamps_rest").is_err());
    assert_eq!(
        database.asked("SELECT COUNT(*) FROM pg_inherits WHERE inhparent = 'stamps'::regclass"),
        "4"
    );
}

#[test]
fn changes_are_read_from_their_files() {
    const READ: &[Change] = crate::changes!["0001-same", "0002-apart" pair];
    assert_eq!(READ.len(), 2);
    assert_eq!(READ[0].for_embedded(), READ[0].for_server());
    assert!(READ[1].for_embedded().contains("embedded"));
    assert!(READ[1].for_server().contains("server"));
}
