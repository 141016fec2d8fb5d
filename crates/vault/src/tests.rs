//! The door as a room meets it: what it lets through, what it refuses, what it leaves in the log.

use std::path::Path;
use std::sync::Arc;

use basics::{
    Activity, Actor, Channel, Clock, Fault, FaultKind, Ids, Moment, NumberKind, Oin, PersonNumber,
    Refusal, SubjectId, Trace,
};
use statement::Register;

use crate::{
    Insert, Processing, RoomSchema, Sealed, SessionHash, Sql, Standing, Subjects, Tx, Value, Vault,
    VaultSettings, insert, sealed, sql,
};

const ROOM: RoomSchema = RoomSchema {
    room: "notes",
    sql: "CREATE TABLE notes (
  subject_id TEXT NOT NULL, -- subject
  note_id TEXT NOT NULL, -- bericht, clear: random
  title BLOB NOT NULL, -- bericht, sealed
  read_at BIGINT, -- berichtstatus, clear: a moment
  CONSTRAINT notes_pk PRIMARY KEY (subject_id, note_id)
) WITHOUT ROWID;
CREATE TABLE shelves (
  name TEXT NOT NULL, -- none
  CONSTRAINT shelves_pk PRIMARY KEY (name)
);",
};

const NEW_NOTE: &Insert = insert!("notes"(subject_id, note_id, title, read_at));
const NEW_SHELF: &Insert = insert!("shelves"(name));
const NOTES: &Sql = sql!("SELECT note_id, title FROM notes WHERE subject_id = $1 ORDER BY note_id");
const MARK: &Sql = sql!(
    "UPDATE notes SET read_at = $3 WHERE subject_id = $1 AND note_id = $2 AND read_at IS NULL"
);
const COUNT: &Sql = sql!("SELECT CAST(COUNT(*) AS BIGINT) FROM notes WHERE subject_id = $1");
const SHELVES: &Sql = sql!("SELECT name FROM shelves ORDER BY name");
const TITLE: Sealed = sealed!("notes.title");

basics::id!(NoteId, "a note");

const LOGIN: Activity = Activity("inloggen");
const DELIVER: Activity = Activity("bericht-aanleveren");
const LIST: Activity = Activity("berichten-bekijken");
const READ: Activity = Activity("bericht-lezen");
const UPKEEP: Activity = Activity("onderhoud");

const STATEMENT: &str = include_str!("../../../statements/mijnoverheid.toml");

type Closure = Box<dyn Fn(&mut Tx<'_>) -> Result<u64, Fault> + Send>;

struct House {
    vault: Vault,
    ids: Ids,
}

impl House {
    fn at(folder: &Path, statement: &str) -> Self {
        let ids = Ids::system();
        let vault = Vault::open(VaultSettings {
            data: folder.join("data"),
            keys: folder.join("keys"),
            register: Arc::new(Register::parse(statement).expect("a statement in force")),
            rooms: vec![ROOM],
            clock: Clock::fixed(Moment::from_micros(1_795_181_400_000_000)),
            ids: ids.clone(),
        })
        .expect("a vault");
        Self { vault, ids }
    }

    fn on(
        &self,
        activity: Activity,
        actor: Actor,
        subjects: Subjects,
        channel: Channel,
    ) -> Processing {
        Processing::of(activity, actor, subjects, channel, Trace::new(&self.ids))
    }

    fn of_person(&self, activity: Activity, subject: SubjectId) -> Processing {
        self.on(
            activity,
            Actor::Person(subject),
            Subjects::One(subject),
            Channel::Web,
        )
    }

    fn of_organisation(&self) -> Processing {
        let oin = Oin::parse("00000099000000001000").expect("a test OIN");
        self.on(
            DELIVER,
            Actor::Organisation(oin),
            Subjects::Found,
            Channel::Api,
        )
    }

    async fn enrol(&self, digits: &str) -> Result<SubjectId, Fault> {
        let number = number(digits);
        self.vault
            .write(
                self.on(LOGIN, Actor::Visitor, Subjects::Found, Channel::Web),
                move |tx| tx.enrol(&number),
            )
            .await
    }

    async fn deliver(&self, digits: &str, title: &'static str) -> Result<Option<NoteId>, Fault> {
        let number = number(digits);
        self.vault
            .write(self.of_organisation(), move |tx| {
                let Some(_) = tx.find(&number)? else {
                    return Ok(None);
                };
                add_note(tx, title).map(Some)
            })
            .await
    }

    async fn titles(&self, subject: SubjectId) -> Result<Vec<String>, Fault> {
        self.vault
            .read(self.of_person(LIST, subject), |tx| {
                tx.query(NOTES, &[], |row| {
                    row.open_text(1, TITLE, row.id::<NoteId>(0)?.uuid())
                })
            })
            .await
    }
}

fn number(digits: &str) -> PersonNumber {
    PersonNumber::parse(NumberKind::Bsn, digits).expect("a test number")
}

fn add_note(tx: &mut Tx<'_>, title: &str) -> Result<NoteId, Fault> {
    let id = NoteId::new(tx.ids(), tx.now());
    let subject = tx.subject()?;
    tx.add(
        NEW_NOTE,
        id.uuid(),
        vec![
            Value::id(subject),
            Value::id(id),
            Value::seal(title),
            Value::Null,
        ],
    )?;
    Ok(id)
}

const ANNA: &str = "999993653";
const BRAM: &str = "999990019";

fn refusal<T: std::fmt::Debug>(answer: Result<T, Fault>) -> Refusal {
    answer
        .expect_err("the gate says no")
        .refusal()
        .expect("a refusal")
        .clone()
}

#[tokio::test]
async fn a_note_goes_in_and_comes_out_for_its_person_only() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let (anna, bram) = (
        house.enrol(ANNA).await.unwrap(),
        house.enrol(BRAM).await.unwrap(),
    );
    house
        .deliver(ANNA, "Uw aanslag")
        .await
        .unwrap()
        .expect("found");
    assert_eq!(house.titles(anna).await.unwrap(), ["Uw aanslag"]);
    assert!(house.titles(bram).await.unwrap().is_empty());
    let across = house.on(LIST, Actor::Person(bram), Subjects::One(anna), Channel::Web);
    let answer = house
        .vault
        .read(across, |tx| tx.query(COUNT, &[], |row| row.int(0)))
        .await;
    assert_eq!(refusal(answer), Refusal::Subject);
    assert_eq!(
        house.enrol(ANNA).await.unwrap(),
        anna,
        "enrolling again finds"
    );
}

#[tokio::test]
async fn what_the_statement_does_not_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    let count = |tx: &mut crate::ReadTx<'_>| tx.query(COUNT, &[], |row| row.int(0));
    let unnamed = house
        .vault
        .read(house.of_person(Activity("berichten-verkopen"), anna), count)
        .await;
    assert_eq!(refusal(unnamed), Refusal::NotInStatement);
    let role = house.on(LIST, Actor::System, Subjects::One(anna), Channel::Web);
    assert_eq!(refusal(house.vault.read(role, count).await), Refusal::Role);
    let channel = house.on(LIST, Actor::Person(anna), Subjects::One(anna), Channel::Api);
    assert_eq!(
        refusal(house.vault.read(channel, count).await),
        Refusal::Channel
    );
    // Listing may read letters, not change their state.
    let write = house
        .vault
        .write(house.of_person(LIST, anna), |tx| {
            tx.run(MARK, &[Value::id("x"), 1.into()])
        })
        .await;
    assert!(matches!(refusal(write), Refusal::Category(_)));
}

#[tokio::test]
async fn a_category_taken_from_the_statement_takes_the_query_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let line = STATEMENT
        .lines()
        .skip_while(|line| !line.contains("\"berichten-bekijken\""))
        .find(|line| line.starts_with("leest"))
        .unwrap();
    let without = STATEMENT.replacen(line, &line.replace("\"bericht\", ", ""), STATEMENT.len());
    assert_ne!(without, STATEMENT);
    let house = House::at(folder.path(), &without);
    let anna = house.enrol(ANNA).await.unwrap();
    assert!(matches!(
        refusal(house.titles(anna).await),
        Refusal::Category(_)
    ));
}

#[tokio::test]
async fn nobodys_processing_reaches_no_persons_table() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let trace = Trace::new(&house.ids);
    house
        .vault
        .write(Processing::upkeep(UPKEEP, trace), |tx| {
            tx.add(NEW_SHELF, tx.ids().random(), vec!["boven".into()])
        })
        .await
        .unwrap_or_else(|fault: Fault| panic!("{fault}"));
    let shelves = house.vault.read(Processing::upkeep(UPKEEP, trace), |tx| {
        tx.query(SHELVES, &[], |row| row.text(0).map(str::to_owned))
    });
    assert_eq!(
        shelves
            .await
            .unwrap_or_else(|fault: Fault| panic!("{fault}")),
        ["boven"]
    );
    let count = house
        .vault
        .read(Processing::upkeep(UPKEEP, trace), |tx| {
            tx.query(COUNT, &[], |row| row.int(0))
        })
        .await;
    assert!(matches!(refusal(count), Refusal::Category(_)));
    assert_eq!(
        house.vault.verify_log().await.unwrap().whole,
        0,
        "nobody, so no row"
    );
}

#[tokio::test]
async fn an_error_and_a_panic_undo_their_own_closure_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    let note = house.deliver(ANNA, "eerste").await.unwrap().unwrap();
    let moment = |tx: &Tx<'_>| Value::from(tx.now());
    let calls: Vec<(Processing, Closure)> = vec![
        (
            house.of_person(READ, anna),
            Box::new(move |tx| {
                tx.run(MARK, &[Value::id(note), moment(tx)])?;
                Err(Fault::broken("on second thoughts"))
            }),
        ),
        (
            house.of_person(READ, anna),
            Box::new(|_| panic!("a mistake")),
        ),
        (
            house.of_person(READ, anna),
            Box::new(move |tx| tx.run(MARK, &[Value::id(note), moment(tx)])),
        ),
    ];
    let answers = house.vault.write_all(calls).await;
    assert!(answers[0].is_err() && answers[1].is_err());
    assert_eq!(
        *answers[2].as_ref().unwrap(),
        1,
        "the first closure's mark was undone"
    );
    assert_eq!(house.titles(anna).await.unwrap(), ["eerste"]);
}

#[tokio::test]
async fn a_failed_enrolment_leaves_no_person() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let login = house.on(LOGIN, Actor::Visitor, Subjects::Found, Channel::Web);
    let answer: Result<(), Fault> = house
        .vault
        .write(login, |tx| {
            tx.enrol(&number(ANNA))?;
            Err(Fault::broken("no"))
        })
        .await;
    assert!(answer.is_err());
    assert_eq!(house.deliver(ANNA, "x").await.unwrap(), None);
    assert!(house.vault.verify_log().await.unwrap().is_whole());
}

#[tokio::test]
async fn many_at_once_enrol_one_person_once() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let logins: Vec<_> = (0..40)
        .map(|_| {
            let processing = house.on(LOGIN, Actor::Visitor, Subjects::Found, Channel::Web);
            (processing, |tx: &mut Tx<'_>| tx.enrol(&number(ANNA)))
        })
        .collect();
    let found: Vec<Result<SubjectId, Fault>> = house.vault.write_all(logins).await;
    let first = *found[0].as_ref().unwrap();
    assert!(found.iter().all(|other| *other.as_ref().unwrap() == first));
}

#[tokio::test]
async fn a_block_closes_what_it_covers_until_it_is_lifted() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    let limit = |tx: &mut Tx<'_>| tx.limit(Standing::Block, "berichten-bekijken", None, "proef");
    house
        .vault
        .write(house.of_person(READ, anna), limit)
        .await
        .unwrap_or_else(|fault: Fault| panic!("{fault}"));
    assert!(
        matches!(refusal(house.titles(anna).await), Refusal::Standing(kind) if kind == "blokkade")
    );
    let lift = |tx: &mut Tx<'_>| tx.lift(Standing::Block, "berichten-bekijken");
    house
        .vault
        .write(house.of_person(READ, anna), lift)
        .await
        .unwrap_or_else(|fault: Fault| panic!("{fault}"));
    assert!(house.titles(anna).await.is_ok());
}

#[tokio::test]
async fn a_session_is_found_by_its_hash_until_closed_and_leaves_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let hash = SessionHash::of(b"256 random bits");
    let login = house.on(LOGIN, Actor::Visitor, Subjects::Found, Channel::Web);
    let anna = house
        .vault
        .write(login, move |tx| {
            let subject = tx.enrol(&number(ANNA))?;
            tx.open_session(&hash)?;
            Ok::<_, Fault>(subject)
        })
        .await
        .unwrap();
    let rows = house.vault.verify_log().await.unwrap().whole;
    let whose = |hash| {
        house
            .vault
            .session(hash, Channel::Web, Trace::new(&house.ids), |_, subject| {
                Ok::<_, Fault>(subject)
            })
    };
    assert_eq!(whose(hash).await.unwrap(), Some(anna));
    assert_eq!(whose(SessionHash::of(b"another")).await.unwrap(), None);
    assert_eq!(house.vault.verify_log().await.unwrap().whole, rows);
    let close = move |tx: &mut Tx<'_>| tx.close_session(&hash);
    house
        .vault
        .write(house.of_person(READ, anna), close)
        .await
        .unwrap_or_else(|fault: Fault| panic!("{fault}"));
    assert_eq!(whose(hash).await.unwrap(), None);
}

#[tokio::test]
async fn every_access_leaves_a_row_and_the_chain_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    let anna = house.enrol(ANNA).await.unwrap();
    house.deliver(ANNA, "eerste").await.unwrap();
    house.titles(anna).await.unwrap();
    let before = house.vault.verify_log().await.unwrap();
    assert_eq!((before.whole, before.is_whole()), (3, true));
    drop(house);
    let house = House::at(folder.path(), STATEMENT);
    assert_eq!(house.titles(anna).await.unwrap(), ["eerste"]);
    let after = house.vault.verify_log().await.unwrap();
    assert_eq!(
        (after.whole, after.links, after.is_whole()),
        (4, before.links + 1, true)
    );
}

#[tokio::test]
async fn every_linked_text_is_covered_or_named() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    assert_eq!(house.vault.uncovered_texts(), Vec::<String>::new());
    let kind = house.vault.read(
        house.of_person(LIST, house.enrol(ANNA).await.unwrap()),
        |tx| {
            static UNKNOWN: Sql = Sql::new("SELECT 1");
            tx.query(&UNKNOWN, &[], |row| row.int(0))
        },
    );
    assert_eq!(
        *kind.await.expect_err("not registered").kind(),
        FaultKind::Broken
    );
}

#[tokio::test]
async fn a_cut_tail_of_the_log_shows() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), STATEMENT);
    house.enrol(ANNA).await.unwrap();
    let backup = folder.path().join("backup.db");
    let database = folder.path().join("data/postbus.db");
    // A database put back from an earlier moment is a log with its tail cut off.
    drop(house);
    std::fs::copy(&database, &backup).unwrap();
    let house = House::at(folder.path(), STATEMENT);
    house.deliver(ANNA, "later").await.unwrap();
    house.vault.note_log_head().await.unwrap();
    assert!(house.vault.verify_log().await.unwrap().is_whole());
    drop(house);
    std::fs::copy(&backup, &database).unwrap();
    let found = House::at(folder.path(), STATEMENT)
        .vault
        .verify_log()
        .await
        .unwrap();
    assert_eq!(
        (found.lost_links, found.missing, found.broken_link),
        (vec![2], vec![], None)
    );
}
