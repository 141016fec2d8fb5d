//! A connection that ends while its COMMIT is on the way: nobody knows what became of it, so nobody runs anything twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use basics::{Fault, FaultKind};

use super::server::Database;
use crate::{Group, Insert, RoomSchema, Sql, Store, StoreSettings, Work};

const PATIENCE: Duration = Duration::from_secs(30);
const ROOM: RoomSchema = RoomSchema {
    room: "probe",
    changes: &[],
    sql: "-- lies by subject_id
CREATE TABLE letters (
  subject_id TEXT NOT NULL, -- subject
  letter_id TEXT NOT NULL,
  CONSTRAINT letters_pk PRIMARY KEY (subject_id, letter_id)
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
