//! A small house with one room, for the door's own tests.

use std::path::Path;
use std::sync::Arc;

use basics::{
    Activity, Actor, Channel, Clock, Fault, Ids, Moment, NumberKind, Oin, PersonNumber, Refusal,
    SubjectId, Trace,
};
use statement::Register;

use crate::{
    Elsewhere, Insert, Processing, RoomSchema, Sealed, SessionHash, Sql, Subjects, Tx, Value,
    Vault, VaultSettings, insert, sealed, sql,
};

pub(super) const ROOM: RoomSchema = RoomSchema {
    room: "notes",
    changes: &[],
    sql: "CREATE TABLE notes (
  subject_id TEXT NOT NULL, -- subject
  note_id TEXT NOT NULL, -- bericht, id: random
  title BLOB NOT NULL, -- bericht, sealed
  read_at BIGINT, -- berichtstatus, clear: a moment
  CONSTRAINT notes_pk PRIMARY KEY (subject_id, note_id)
) WITHOUT ROWID;
CREATE TABLE shelves (
  name TEXT NOT NULL, -- none: of a shelf
  CONSTRAINT shelves_pk PRIMARY KEY (name)
);",
};

pub(super) const NEW_NOTE: &Insert = insert!("notes"(subject_id, note_id, title, read_at));
pub(super) const NEW_SHELF: &Insert = insert!("shelves"(name));
pub(super) const NOTES: &Sql =
    sql!("SELECT note_id, title FROM notes WHERE subject_id = $1 ORDER BY note_id");
pub(super) const MARK: &Sql = sql!(
    "UPDATE notes SET read_at = $3 WHERE subject_id = $1 AND note_id = $2 AND read_at IS NULL"
);
pub(super) const UNREAD: &Sql =
    sql!("SELECT note_id FROM notes WHERE subject_id = $1 AND read_at IS NULL");
pub(super) const RETITLE: &Sql = sql!("UPDATE notes SET title = $2 WHERE subject_id = $1");
pub(super) const COUNT: &Sql =
    sql!("SELECT CAST(COUNT(*) AS BIGINT) FROM notes WHERE subject_id = $1");
pub(super) const SHELVES: &Sql = sql!("SELECT name FROM shelves ORDER BY name");
pub(super) const RENAME_SHELF: &Sql = sql!("UPDATE shelves SET name = $2 WHERE name = $1");
/// Nothing is divided by 0: the embedded engine finds no shelf, the server refuses the statement.
pub(super) const IMPOSSIBLE_SHELF: &Sql =
    sql!("SELECT name FROM shelves WHERE 1 / CAST($1 AS BIGINT) > 0");
pub(super) const TITLE: Sealed = sealed!("notes.title");

basics::id!(NoteId, "a note");

pub(super) const LOGIN: Activity = Activity("inloggen");
pub(super) const DELIVER: Activity = Activity("bericht-aanleveren");
pub(super) const LIST: Activity = Activity("berichten-bekijken");
pub(super) const BRING_IN: Activity = Activity("account-overbrengen");
pub(super) const LOG_OUT: Activity = Activity("uitloggen");
pub(super) const READ: Activity = Activity("bericht-lezen");
pub(super) const UPKEEP: Activity = Activity("onderhoud");

pub(super) const STATEMENT: &str = include_str!("../../../../statements/mijnoverheid.toml");

pub(super) type Closure = Box<dyn Fn(&mut Tx<'_>) -> Result<u64, Fault> + Send>;

pub(super) struct House {
    pub(super) vault: Vault,
    pub(super) ids: Ids,
}

impl House {
    pub(super) fn at(folder: &Path, statement: &str) -> Self {
        let lent = cluster::lent_to(folder).expect("a place is lent");
        Self::with_rows(lent, folder, statement)
    }

    /// With its rows and keyring in a place of a server, or in the folder.
    pub(super) fn with_rows(lent: Option<cluster::Lent>, folder: &Path, statement: &str) -> Self {
        let ids = Ids::system();
        let vault = Vault::open(VaultSettings {
            data: folder.join("data"),
            keys: folder.join("keys"),
            elsewhere: Elsewhere::on_servers(lent).expect("its addresses read"),
            register: Arc::new(Register::parse(statement).expect("a statement in force")),
            rooms: vec![ROOM],
            clock: Clock::fixed(Moment::from_micros(1_795_181_400_000_000)),
            ids: ids.clone(),
        })
        .expect("a vault");
        Self { vault, ids }
    }

    pub(super) fn on(
        &self,
        activity: Activity,
        actor: Actor,
        subjects: Subjects,
        channel: Channel,
    ) -> Processing {
        Processing::of(activity, actor, subjects, channel, Trace::new(&self.ids))
    }

    pub(super) fn of_person(&self, activity: Activity, subject: SubjectId) -> Processing {
        self.on(
            activity,
            Actor::Person(subject),
            Subjects::One(subject),
            Channel::Web,
        )
    }

    pub(super) fn of_organisation(&self) -> Processing {
        let oin = Oin::parse("00000099000000001000").expect("a test OIN");
        self.on(
            DELIVER,
            Actor::Organisation(oin),
            Subjects::Found,
            Channel::Api,
        )
    }

    pub(super) async fn enrol(&self, digits: &str) -> Result<SubjectId, Fault> {
        let number = number(digits);
        self.vault
            .write(
                self.on(LOGIN, Actor::Visitor, Subjects::Found, Channel::Web),
                move |tx| tx.enrol(&number),
            )
            .await
    }

    /// Something done to Anna by an activity that may change an account.
    pub(super) async fn change(
        &self,
        change: impl Fn(&mut Tx<'_>) -> Result<(), Fault> + Send + 'static,
    ) -> Result<(), Fault> {
        let decided = self.on(
            BRING_IN,
            Actor::Operator,
            Subjects::Found,
            Channel::Terminal,
        );
        self.vault
            .write(decided, move |tx| {
                tx.find(&number(ANNA))?;
                change(tx)
            })
            .await
    }

    pub(super) async fn whose(&self, hash: SessionHash) -> Option<SubjectId> {
        let trace = Trace::new(&self.ids);
        let whose = |_: &mut crate::ReadTx<'_>, subject| Ok::<_, Fault>(subject);
        self.vault
            .session(hash, Channel::Web, trace, whose)
            .await
            .unwrap()
    }

    pub(super) async fn deliver(
        &self,
        digits: &str,
        title: &'static str,
    ) -> Result<Option<NoteId>, Fault> {
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

    pub(super) async fn titles(&self, subject: SubjectId) -> Result<Vec<String>, Fault> {
        self.vault
            .read(self.of_person(LIST, subject), |tx| {
                tx.query(NOTES, &[], |row| {
                    row.open_text(1, TITLE, row.id::<NoteId>(0)?.uuid())
                })
            })
            .await
    }
}

pub(super) fn number(digits: &str) -> PersonNumber {
    PersonNumber::parse(NumberKind::Bsn, digits).expect("a test number")
}

pub(super) fn add_note(tx: &mut Tx<'_>, title: &str) -> Result<NoteId, Fault> {
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

pub(super) const ANNA: &str = "999993653";
pub(super) const BRAM: &str = "999990019";

pub(super) fn refusal<T: std::fmt::Debug>(answer: Result<T, Fault>) -> Refusal {
    answer
        .expect_err("the gate says no")
        .refusal()
        .expect("a refusal")
        .clone()
}
