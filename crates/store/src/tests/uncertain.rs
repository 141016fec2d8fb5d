//! A connection that ends while its COMMIT is on the way: nobody knows what became of it, so nobody runs anything twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use basics::{Fault, FaultKind};

use super::server::Database;
use crate::{Group, Insert, Query, RoomSchema, Sql, Store, StoreSettings, Work};

const PATIENCE: Duration = Duration::from_secs(30);
const ROOM: RoomSchema = RoomSchema {
    room: "probe",
    changes: &[],
    sql: "-- lies by subject_id
CREATE TABLE letters (
  subject_id TEXT NOT NULL, -- subject
  letter_id TEXT NOT NULL,
  CONSTRAINT letters_pk PRIMARY KEY (subject_id, letter_id)
) WITHOUT ROWID;
-- lies by subject_id
CREATE TABLE notes (
  subject_id TEXT NOT NULL, -- subject
  CONSTRAINT notes_pk PRIMARY KEY (subject_id)
) WITHOUT ROWID;",
};
static ADD: Insert = Insert::new("letters", &["subject_id", "letter_id"]);
static RENAME: Sql =
    Sql::new("UPDATE letters SET letter_id = 'b' WHERE subject_id = $1 AND letter_id = 'a'");

/// The server ends the connection of whoever commits a change to a letter.
const BREAK: &str = "CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
  CREATE CONSTRAINT TRIGGER break_off AFTER INSERT OR UPDATE ON letters DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION break_off()";

struct Letter {
    person: String,
    /// Changes a row besides, so that it runs under a savepoint.
    renames: bool,
    runs: Arc<AtomicUsize>,
    told: Sender<Result<(), Fault>>,
}

impl Work<()> for Letter {
    fn run(&mut self, group: &mut Group<'_>, (): &mut ()) -> Result<(), Fault> {
        group.enter();
        if self.renames {
            let renamed = group.run(&RENAME, &["anna".into()]);
            if group.is_halted() {
                return group.undo();
            }
            renamed?;
        }
        self.runs.fetch_add(1, SeqCst);
        group.add(&ADD, vec![self.person.as_str().into(), "c".into()]);
        group.keep()
    }
    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        self.told.send(outcome).unwrap();
    }
}

#[test]
fn whose_commit_was_on_its_way_is_told_so_and_runs_no_second_time() {
    let database = Database::of("uncertain");
    database.prepared_with(&[ROOM]);
    let store = Store::open(StoreSettings::on(database.unowned()), &[ROOM], || ()).unwrap();
    let runs = Arc::new(AtomicUsize::new(0));
    let write = |person: String, renames| -> Receiver<Result<(), Fault>> {
        let (told, hear) = channel();
        let runs = Arc::clone(&runs);
        let letter = Letter {
            person,
            renames,
            runs,
            told,
        };
        store.write(Box::new(letter)).unwrap();
        hear
    };
    let heard = |hear: &Receiver<Result<(), Fault>>| hear.recv_timeout(PATIENCE).unwrap();
    heard(&write("anna".to_owned(), false)).unwrap();
    database.asked(BREAK);
    runs.store(0, SeqCst);
    let all: Vec<_> = (0..6)
        .map(|at| write(format!("boris{at}"), at % 3 == 0))
        .collect();
    for hear in &all {
        let fault = heard(hear).unwrap_err();
        assert!(matches!(fault.kind(), FaultKind::Uncertain(_)), "{fault}");
    }
    assert_eq!(runs.load(SeqCst), all.len());
    database.asked("DROP TRIGGER break_off ON letters");
    heard(&write("carla".to_owned(), true)).unwrap();
    let there = "SELECT string_agg(subject_id, ' ' ORDER BY subject_id) FROM letters";
    assert_eq!(database.asked(there), "anna carla");
    assert_eq!(runs.load(SeqCst), all.len() + 1);
}

/// Changes a row of its person, and undoes itself alone where it cannot, as closures of the vault do.
struct Change {
    person: &'static str,
    /// Says that it is there, and waits for a word before it does anything.
    held: Option<(Sender<()>, Receiver<()>)>,
    /// Asks for their notes first.
    asks: bool,
    runs: Arc<AtomicUsize>,
    own: Result<(), Fault>,
    told: Sender<(&'static str, Result<(), Fault>)>,
}

impl Work<()> for Change {
    fn run(&mut self, group: &mut Group<'_>, (): &mut ()) -> Result<(), Fault> {
        if let Some((there, go)) = self.held.take() {
            there.send(()).unwrap();
            go.recv_timeout(PATIENCE).unwrap();
        }
        group.enter();
        group.about(Some(self.person));
        let asked = match self.asks {
            true => group.those_in(&["notes"], &[self.person.to_owned()]),
            false => Ok(Vec::new()),
        };
        let changed = asked.and_then(|_| group.run(&RENAME, &[self.person.into()]));
        if group.is_halted() {
            return group.undo();
        }
        self.runs.fetch_add(1, SeqCst);
        self.own = changed.map(drop);
        match self.own {
            Ok(()) => group.keep(),
            Err(_) => group.undo(),
        }
    }
    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        let told = outcome.and(self.own);
        self.told.send((self.person, told)).unwrap();
    }
}

/// The works that come together behind one that waits, in this order, each with whether it asks; what each hears, by its person.
fn together(
    store: &Store<()>,
    runs: &Arc<AtomicUsize>,
    works: &[(&'static str, bool)],
) -> BTreeMap<&'static str, Result<(), Fault>> {
    let (told, hear) = channel();
    let write = |person, asks, held| {
        let change = Change {
            person,
            held,
            asks,
            runs: Arc::clone(runs),
            own: Ok(()),
            told: told.clone(),
        };
        store.write(Box::new(change)).unwrap();
    };
    let ((there, is_there), (go, held)) = (channel(), channel());
    write("nobody", false, Some((there, held)));
    is_there.recv_timeout(PATIENCE).unwrap();
    for (person, asks) in works {
        write(person, *asks, None);
    }
    go.send(()).unwrap();
    let heard = (0..=works.len()).map(|_| hear.recv_timeout(PATIENCE).unwrap());
    heard.collect()
}

fn one_writer(database: &Database) -> Store<()> {
    let mut settings = StoreSettings::on(database.unowned());
    settings.writers = 1;
    Store::open(settings, &[ROOM], || ()).unwrap()
}

/// What else was met on the way says nothing of a commit: a lock that one of the group met makes nobody run twice.
#[test]
fn a_lock_that_somebody_met_makes_nobody_run_twice() {
    let database = Database::of("uncertain_and_locked");
    database.prepared_with(&[ROOM]);
    database.asked("INSERT INTO letters VALUES ('anna', 'a'), ('dora', 'a')");
    database.asked(BREAK);
    let mut other = database.connected();
    other
        .batch_execute("BEGIN; SELECT FROM letters WHERE subject_id = 'dora' FOR UPDATE")
        .unwrap();
    let (store, runs) = (one_writer(&database), Arc::default());
    let works = [("anna", false), ("dora", false), ("boris", false)];
    let heard = together(&store, &runs, &works);
    drop(other);
    heard["nobody"].as_ref().unwrap();
    for person in ["anna", "boris"] {
        let fault = heard[person].as_ref().unwrap_err();
        assert!(matches!(fault.kind(), FaultKind::Uncertain(_)), "{fault}");
    }
    assert!(heard["dora"].is_err());
    assert_eq!(runs.load(SeqCst), 4);
}

/// A question that fails is nobody else's fault: who changes rows behind it does so.
#[test]
fn a_question_that_fails_takes_nobody_along() {
    let database = Database::of("uncertain_questions");
    database.prepared_with(&[ROOM]);
    database.asked("INSERT INTO letters VALUES ('anna', 'a'), ('boris', 'a'), ('carla', 'a')");
    let mut other = database.connected();
    other
        .batch_execute("BEGIN; LOCK TABLE notes IN ACCESS EXCLUSIVE MODE")
        .unwrap();
    let (store, runs) = (one_writer(&database), Arc::default());
    for works in [
        [("dora", true), ("anna", false)].as_slice(),
        &[("boris", false), ("dora", true), ("carla", false)],
    ] {
        for (person, told) in together(&store, &runs, works) {
            assert_eq!(told.is_err(), person == "dora", "{person}: {told:?}");
        }
    }
    drop(other);
    let renamed =
        "SELECT string_agg(subject_id, ' ' ORDER BY subject_id) FROM letters WHERE letter_id = 'b'";
    assert_eq!(database.asked(renamed), "anna boris carla");
}
