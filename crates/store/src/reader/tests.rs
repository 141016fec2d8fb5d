//! Snapshots that stand from one read to the next: what they tell, what they may not keep others from.

use std::sync::mpsc::channel;
use std::time::Duration;

use super::*;
use crate::{Cell, Companion, Group, Insert, RoomSchema, Sql, Store, Work};

const SCHEMA: RoomSchema = RoomSchema {
    room: "letters",
    changes: &[],
    sql: "CREATE TABLE letters (name TEXT NOT NULL) STRICT; CREATE TABLE looks (place INTEGER NOT NULL, name TEXT NOT NULL) STRICT;",
};
static LETTER: Insert = Insert::new("letters", &["name"]);
static LOOK: Insert = Insert::new("looks", &["place", "name"]);
static COUNT: Sql = Sql::new("SELECT (SELECT COUNT(*) FROM letters), (SELECT COUNT(*) FROM looks)");
const PATIENCE: Duration = Duration::from_secs(60);

/// Notes each look, as the log is kept.
#[derive(Default)]
struct Ledger(i64);

impl Companion for Ledger {
    fn take_up(&mut self, _writer: i64, _query: &mut dyn Query) -> Result<(), Fault> {
        Ok(())
    }
    fn before_commit(&mut self, group: &mut Group<'_>, _: Option<&Fault>) -> Result<(), Fault> {
        group.add(&LOOK, vec![self.0.into(), "x".repeat(100_000).into()]);
        self.0 += 1;
        Ok(())
    }
    fn after_commit(&mut self) {}
    fn after_rollback(&mut self) {}
}

/// Adds a letter, or only looks.
struct Visit {
    adds: bool,
    done: std::sync::mpsc::Sender<Result<(), Fault>>,
}

impl Work<Ledger> for Visit {
    fn run(&mut self, group: &mut Group<'_>, _: &mut Ledger) -> Result<(), Fault> {
        if self.adds {
            group.add(&LETTER, vec!["a letter".into()]);
        }
        Ok(())
    }
    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        self.done.send(outcome).unwrap();
    }
}

struct House {
    store: Store<Ledger>,
    folder: tempfile::TempDir,
}

impl House {
    /// With one reader, so that each read finds what the one before left.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = StoreSettings::at(folder.path().join("letters.db"));
        settings.readers = 1;
        let store = Store::open(settings, &[SCHEMA], Ledger::default).unwrap();
        let house = Self { store, folder };
        // No snapshot stands before a commit told whether it may.
        house.visit(false);
        house
    }

    fn visit(&self, adds: bool) {
        let (done, hear) = channel();
        self.store.write(Box::new(Visit { adds, done })).unwrap();
        hear.recv_timeout(PATIENCE).unwrap().unwrap();
    }

    /// How many letters and looks there are.
    fn counted(&self, standing: bool) -> (i64, i64) {
        let (tell, hear) = channel();
        let count = |query: &mut dyn Query| {
            let mut counted = (-1, -1);
            let asked = query.query(&COUNT, &[], &mut |row| {
                if let (Cell::Int(letters), Cell::Int(looks)) = (row.cell(0)?, row.cell(1)?) {
                    counted = (letters, looks);
                }
                Ok(())
            });
            asked.map(|()| counted)
        };
        self.store
            .read(move |reader| {
                let counted = match standing {
                    true => reader.standing(count),
                    false => reader.snapshot(count),
                };
                tell.send(counted).unwrap();
            })
            .unwrap();
        hear.recv_timeout(PATIENCE).unwrap().unwrap().unwrap()
    }

    fn log_bytes(&self) -> u64 {
        let log = self.folder.path().join("letters.db-wal");
        std::fs::metadata(log).unwrap().len()
    }
}

#[test]
fn a_snapshot_stands_until_there_is_news() {
    let house = House::new();
    assert_eq!(house.counted(true), (0, 1));
    house.visit(false);
    assert_eq!(house.counted(true), (0, 1), "looks alone are no news");
    assert_eq!(
        house.counted(false),
        (0, 2),
        "but are there for who asks for them"
    );
    assert_eq!(house.counted(true), (0, 2));
    house.visit(true);
    assert_eq!(house.counted(true), (1, 3), "a letter is news at once");
}

/// Else it would grow for as long as nobody looks.
#[test]
fn the_write_ahead_log_begins_anew_under_a_reader_that_sleeps() {
    let house = House::new();
    house.counted(true);
    for _ in 0..700 {
        house.visit(false);
    }
    // Seven pages a look, 80 MB.
    let bytes = house.log_bytes();
    assert!(bytes < 45_000_000, "{bytes}");
}

#[test]
fn what_was_removed_can_be_forgotten_under_a_reader_that_sleeps() {
    let house = House::new();
    house.visit(true);
    assert_eq!(house.counted(true).0, 1);
    house.visit(false);
    house.store.forget_removed().unwrap();
    assert_eq!(house.log_bytes(), 0);
    assert_eq!(house.counted(true).0, 1);
}
