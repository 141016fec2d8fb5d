//! Groups of which one work fails, and what becomes of the others.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;
use crate::{Cell, Insert, RoomSchema, Store};

const SCHEMA: RoomSchema = RoomSchema {
    room: "letters",
    changes: &[],
    sql: "CREATE TABLE letters (name TEXT NOT NULL) STRICT;",
};
static ADD: Insert = Insert::new("letters", &["name"]);
static FIND: Sql = Sql::new("SELECT name FROM letters ORDER BY name");
const PATIENCE: Duration = Duration::from_secs(30);

/// Keeps newcomers on a disk that is full.
struct FullKeyring {
    has_newcomer: bool,
    tried: Arc<AtomicUsize>,
}

impl Companion for FullKeyring {
    fn take_up(&mut self, _writer: i64, _query: &mut dyn Query) -> Result<(), Fault> {
        Ok(())
    }
    fn before_commit(
        &mut self,
        _group: &mut Group<'_>,
        refused: Option<&Fault>,
    ) -> Result<(), Fault> {
        if !self.has_newcomer {
            return Ok(());
        }
        if let Some(fault) = refused {
            return Err(fault.clone());
        }
        self.tried.fetch_add(1, SeqCst);
        Err(Fault::unavailable("the disk is full", PATIENCE))
    }
    fn after_commit(&mut self) {}
    fn after_rollback(&mut self) {
        self.has_newcomer = false;
    }
}

struct Letter {
    name: &'static str,
    is_newcomers: bool,
    told: Sender<(&'static str, Result<(), Fault>)>,
}

impl Work<FullKeyring> for Letter {
    fn run(&mut self, group: &mut Group<'_>, keyring: &mut FullKeyring) -> Result<(), Fault> {
        keyring.has_newcomer |= self.is_newcomers;
        group.add(&ADD, vec![self.name.into()]);
        Ok(())
    }
    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        self.told.send((self.name, outcome)).unwrap();
    }
}

/// Holds the writer up until the others wait; tells when it does, so that they are not of its group.
struct Gate {
    held_up: Sender<()>,
    opened: Option<Receiver<()>>,
}

impl Work<FullKeyring> for Gate {
    fn run(&mut self, _: &mut Group<'_>, _: &mut FullKeyring) -> Result<(), Fault> {
        if let Some(opened) = self.opened.take() {
            self.held_up.send(()).unwrap();
            opened.recv_timeout(PATIENCE).unwrap();
        }
        Ok(())
    }
    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        outcome.unwrap();
    }
}

#[test]
fn one_that_the_companion_refuses_takes_nobody_along() {
    let folder = tempfile::tempdir().unwrap();
    let tried = Arc::new(AtomicUsize::new(0));
    let keyring = || FullKeyring {
        has_newcomer: false,
        tried: Arc::clone(&tried),
    };
    let settings = StoreSettings::at(folder.path().join("letters.db"));
    let store = Store::open(settings, &[SCHEMA], keyring).unwrap();
    let (open, opened) = channel();
    let (held_up, is_held_up) = channel();
    let opened = Some(opened);
    store.write(Box::new(Gate { held_up, opened })).unwrap();
    is_held_up.recv_timeout(PATIENCE).unwrap();
    let (told, hear) = channel();
    for name in ["a", "b (new)", "c", "d (new)", "e"] {
        let is_newcomers = name.ends_with("(new)");
        let told = told.clone();
        let letter = Letter {
            name,
            is_newcomers,
            told,
        };
        store.write(Box::new(letter)).unwrap();
    }
    open.send(()).unwrap();
    for _ in 0..5 {
        let (name, outcome) = hear.recv_timeout(PATIENCE).unwrap();
        let kind = outcome.map_err(|fault| fault.kind().clone());
        let refused = Err(FaultKind::Unavailable(PATIENCE));
        let expected = if name.ends_with("(new)") {
            refused
        } else {
            Ok(())
        };
        assert_eq!(kind, expected, "{name}");
    }
    let mut there = Vec::new();
    let mut reader = store.reader().unwrap();
    let each = &mut |row: &Row<'_>| {
        if let Cell::Text(name) = row.cell(0)? {
            there.push(name.to_owned());
        }
        Ok(())
    };
    Query::query(&mut reader, &FIND, &[], each).unwrap();
    assert_eq!(there, ["a", "c", "e"]);
    // A disk that makes each try wait is not waited for once a newcomer.
    assert_eq!(tried.load(SeqCst), 1);
}
