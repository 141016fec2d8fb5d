//! The one door to the database. Every access names why, passes the gate, touches only what the statement allows, and is logged.
//!
//! Reading order: `processing` (why), `gate` (may it), `texts` and `columns` (which data), `tx` (what a closure can do),
//! `call` (one access from beginning to end), `seal` and `keys` (how values lie), `log` (what stays of it), `history` and
//! `places` (how a person finds it), `acts` (how an
//! organisation does), `walk` (how all of it is passed on), `blobs`.

mod acts;
pub mod backup;
mod blobs;
mod call;
mod catalogue;
mod columns;
mod disclosing;
mod door;
mod elsewhere;
mod ending;
mod gate;
mod gauge;
mod heads;
mod history;
mod keys;
mod log;
mod person_texts;
mod places;
mod processing;
mod row;
mod seal;
#[cfg(test)]
mod tests;
mod texts;
mod tx;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use basics::{
    Activity, Actor, Channel, Clock, Fault, Ids, Moment, Recipient, Refusal, SubjectId, Trace,
};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use statement::{Date, Register};
use store::{Analyst, Blobs, Query, Store, StoreSettings, Work};
use tokio::sync::oneshot;

pub use acts::{Act, Acts, Wanted as WantedActs};
pub use blobs::{BlobId, BlobKey, NewBlob};
pub use catalogue::{Catalogue, Holds, Kept, Table};
pub use disclosing::{AFTER_INCIDENT, Giving, Lines, ON_DEMAND, WITH_CONSENT};
pub use door::day_in;
pub use elsewhere::{Copied, Elsewhere, copy, distribution, prepare};
pub use ending::{
    BlobMark, ClockLeap, ERASE, EXPORT, Erased, Erasure, Export, ExportedFile, ExportedRow,
    ExportedValue, HOLD, HeldRows, HoldSet, KeptFrom, Marks, NewHold, SWEEP, SweepOrder,
    SweepRecord, Swept, SweptWhole, Whose, kept_without_end,
};
pub use gate::Standing;
#[cfg(feature = "bench")]
pub use gauge::{Gauged, gauge, gauged, leave_rows_of_reads};
pub use history::{Acted, Foreign, Given, History, Processed, number_at};
#[doc(hidden)]
pub use inventory;
pub use log::Verification;
pub use processing::{Processing, Subjects};
pub use row::{Row, Value};
pub use store::{Change, Place, Prepared, Progress, RoomSchema, Wording, changes};
pub use texts::{Insert, Sealed, Sql, Text};
pub use tx::{Disclosure, HeldPart, Hold, ReadTx, SessionHash, Tx};

use door::Door;
use ending::Erasures;
use heads::Heads;
use keys::Keyring;
use log::Ledger;

/// The vault's own tables.
pub const SCHEMA: RoomSchema = RoomSchema {
    room: "vault",
    sql: include_str!("schema.sql"),
    changes: &[],
};

/// The activity by which a session's person is found.
const RESOLVE_SESSION: Activity = Activity("sessie-herkennen");

/// What a vault is opened with.
pub struct VaultSettings {
    /// Holds `blobs/`, and `postbus.db` unless the rows lie elsewhere.
    pub data: PathBuf,
    /// Holds `master.key` and the noted heads of the log, and `keys.db` unless the keyring lies elsewhere.
    pub keys: PathBuf,
    pub elsewhere: Elsewhere,
    pub register: Arc<Register>,
    /// Tables of the rooms, without the vault's own.
    pub rooms: Vec<RoomSchema>,
    pub clock: Clock,
    pub ids: Ids,
}

/// Every text of the rooms linked into this program with the tables it names: for a test of what is joined.
///
/// Errors: a text that does not prepare on these rooms' tables.
pub fn tables_of_texts(
    rooms: &[RoomSchema],
) -> Result<Vec<(&'static Sql, BTreeSet<String>)>, Fault> {
    let analyst = Analyst::of(&[&[SCHEMA], rooms].concat())?;
    let sql = |text: &'static Text| match text {
        Text::Sql(sql) => Some(*sql),
        Text::Insert(_) | Text::Sealed(_) => None,
    };
    let named = |sql: &'static Sql| {
        let touched = analyst.touched(sql)?;
        let tables = touched.tables().into_iter().map(str::to_owned);
        Ok((sql, tables.collect()))
    };
    texts::all().filter_map(sql).map(named).collect()
}

/// The door of one installation. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    door: Arc<Door>,
    store: Arc<Store<Ledger>>,
    blobs: Blobs,
    heads: Heads,
    erasures: Erasures,
    lies_by_month: bool,
}

impl Vault {
    /// Opens or makes the database, the keyring and the blob folder, and analyses every SQL text of the program.
    ///
    /// Errors: what `Store::open` and the keyring refuse; a column without annotation; a text that no text may be.
    pub fn open(settings: VaultSettings) -> Result<Self, Fault> {
        let VaultSettings {
            data,
            keys,
            elsewhere,
            register,
            rooms,
            clock,
            ids,
        } = settings;
        let beside = |place: Option<Place>, file: PathBuf| place.unwrap_or(Place::File(file));
        let database = beside(elsewhere.rows, data.join("postbus.db"));
        let keys_at = beside(elsewhere.keyring, keys.join("keys.db"));
        let has_rows = store::is_begun(&database, log::BEGUN)?;
        if has_rows && !store::is_begun(&keys_at, keys::BEGUN)? {
            return Err(Fault::broken(format!(
                "{} is there but its keyring is not at {}: look whether that disk is mounted, or put the keyring back \
                 (nothing can be read without it)",
                database,
                keys.display()
            )));
        }
        let rooms: Vec<RoomSchema> = std::iter::once(SCHEMA).chain(rooms).collect();
        let keyring = Arc::new(Keyring::open(&keys, keys_at)?);
        // Looked at again: another process may have made the tables since, and taken people in.
        if !has_rows && keyring.has_people()? && !store::is_begun(&database, log::BEGUN)? {
            return Err(Fault::broken(format!(
                "the keyring at {} holds the keys of people but their database is not at {}: look whether that disk is \
                 mounted, or put the database back (a new one would be an empty letterbox)",
                keys.display(),
                database
            )));
        }
        std::fs::create_dir_all(&data)
            .map_err(|fault| Fault::broken(format!("cannot make {}: {fault}", data.display())))?;
        let heads = Heads::beside(&keys);
        let erasures = Erasures::beside(&keys);
        // Whoever was erased stays so, also when an old keyring was put back by hand: then their rows may be back too.
        let erased = erasures.all()?;
        let done = erased.iter().filter(|(_, known)| known.is_done());
        let back = keyring.has_of(done.map(|(subject, _)| *subject).collect())?;
        erasures.begin_again(back.into_iter(), clock.now())?;
        let erased: Vec<SubjectId> = erased.into_keys().collect();
        if keyring.destroy_all(erased.iter().copied())? > 0 {
            keyring.forget_destroyed(&erased)?;
        }
        let is_shared = database.is_shared();
        let together = match is_shared {
            true => ending::Together::ON_A_SERVER,
            false => ending::Together::HERE,
        };
        let door = Arc::new(Door::build(
            register,
            &rooms,
            together,
            Arc::clone(&keyring),
            clock,
            ids,
        )?);
        let lies_by_month = is_shared;
        let mut settings = StoreSettings::on(database);
        settings.writers = elsewhere.writers.unwrap_or(settings.writers);
        let latest = Arc::default();
        let store = Store::open(settings, &rooms, || {
            Ledger::on(Arc::clone(&keyring), Arc::clone(&latest))
        })?;
        let blobs = Blobs::folder(&data.join("blobs"), is_shared)?;
        Ok(Self {
            door,
            store: Arc::new(store),
            blobs,
            heads,
            erasures,
            lies_by_month,
        })
    }

    /// Reads. The log row is durable before this answers.
    pub async fn read<T, E, F>(&self, processing: Processing, closure: F) -> Result<T, E>
    where
        F: Fn(&mut ReadTx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let (door, writes) = (Arc::clone(&self.door), self.store.write_queue());
        door.traffic.somebody_comes();
        self.store.read(move |reader| {
            let read = |query: &mut dyn Query| call::read(&door, &processing, query, &closure);
            let read = match door.reads_log(processing.activity) {
                true => reader.snapshot(read),
                false => reader.standing(read),
            };
            let (answer, traces) = match read {
                Ok(read) => read,
                Err(fault) => return drop(reply.send(Err(fault.into()))),
            };
            if traces.is_empty() || !gauge::reads_leave_rows() {
                return drop(reply.send(answer));
            }
            // No row, no answer: a full queue drops the work, and with it the reply.
            let _ = writes.hand_over_after_reading(Box::new(call::ReadTraces {
                traces,
                answer,
                reply,
            }));
        })?;
        heard(answer).await
    }

    /// Writes: `Ok` is durable when this answers, `Err` has left nothing but its log row.
    pub async fn write<T, E, F>(&self, processing: Processing, closure: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        heard(self.hand_over(processing, closure)?).await
    }

    /// Writes on many people, one closure each, handed over together. Answers in the same order; one that fails spoils no other.
    pub async fn write_all<T, E, F>(&self, writes: Vec<(Processing, F)>) -> Vec<Result<T, E>>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let waiting: Vec<_> = writes
            .into_iter()
            .map(|(processing, closure)| self.hand_over(processing, closure))
            .collect();
        let mut answers = Vec::with_capacity(waiting.len());
        for answer in waiting {
            answers.push(match answer {
                Ok(answer) => heard(answer).await,
                Err(fault) => Err(fault.into()),
            });
        }
        answers
    }

    /// Finds the person of a session and reads what `closure` needs to know of it. Leaves no log row of its own:
    /// the processing it is for does. `None` when the hash finds nobody.
    pub async fn session<T, E, F>(
        &self,
        hash: SessionHash,
        channel: Channel,
        trace: Trace,
        closure: F,
    ) -> Result<Option<T>, E>
    where
        F: Fn(&mut ReadTx<'_>, SubjectId) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let processing = session_processing(channel, trace);
        self.read(processing, move |tx| match tx.find_session(&hash)? {
            Some(subject) => closure(tx, subject).map(Some),
            None => Ok(None),
        })
        .await
    }

    /// As [`Vault::session`], for the little that is written while resolving: when it was last seen, that it has ended.
    pub async fn touch_session<T, E, F>(
        &self,
        hash: SessionHash,
        channel: Channel,
        trace: Trace,
        closure: F,
    ) -> Result<Option<T>, E>
    where
        F: Fn(&mut Tx<'_>, SubjectId) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let processing = session_processing(channel, trace);
        self.write(processing, move |tx| match tx.find_session(&hash)? {
            Some(subject) => closure(tx, subject).map(Some),
            None => Ok(None),
        })
        .await
    }

    /// Whether the statement in force names this activity; a room offers nothing that it does not.
    pub fn offers(&self, activity: Activity) -> bool {
        self.door.register.activity(activity.0).is_some()
    }

    pub fn register(&self) -> &Arc<Register> {
        &self.door.register
    }
    /// The day of the installation's calendar.
    pub fn today(&self) -> Date {
        self.door.day(self.door.clock.now())
    }
    pub fn clock(&self) -> &Clock {
        &self.door.clock
    }
    pub fn ids(&self) -> &Ids {
        &self.door.ids
    }

    /// HMAC-SHA-256 under a key of this installation, apart per purpose.
    pub fn keyed_hash(&self, purpose: &'static str, bytes: &[u8]) -> [u8; 32] {
        self.door.keyring.keyed_hash(purpose, bytes)
    }

    /// A private key of the installation, kept wrapped in the keyring and made once. Blocks: for start-up.
    pub fn secret(&self, name: &str, make: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>, Fault> {
        self.door.keyring.secret(name, make)
    }

    /// Seals and stores a blob; durable when this answers.
    pub async fn put_blob(&self, bytes: Bytes) -> Result<NewBlob, Fault> {
        blobs::put(
            &self.blobs,
            BlobId::new(self.ids(), self.clock().now()),
            bytes,
        )
        .await
    }

    /// The opened bytes of a blob as a stream of chunks.
    pub async fn blob(
        &self,
        blob: BlobId,
        key: &BlobKey,
    ) -> Result<BoxStream<'static, Result<Bytes, Fault>>, Fault> {
        blobs::get(&self.blobs, blob, key).await
    }

    pub async fn remove_blob(&self, blob: BlobId) -> Result<(), Fault> {
        self.blobs.remove(&blob.to_string()).await
    }

    /// Every blob with the moment it was stored; a name that is no blob's is left out.
    pub fn list_blobs(&self) -> BoxStream<'static, Result<(BlobId, Moment), Fault>> {
        use futures_util::StreamExt;
        let named = |found: Result<(String, Moment), Fault>| async move {
            match found {
                Ok((name, at)) => name.parse().ok().map(|blob| Ok((blob, at))),
                Err(fault) => Some(Err(fault)),
            }
        };
        self.blobs.list().filter_map(named).boxed()
    }

    /// Notes where the log's chains stand in a place outside the database. For a daily job and the start.
    pub async fn note_log_head(&self) -> Result<(), Fault> {
        let now = self.clock().now();
        let heads = self.look(log::heads).await?;
        heads.iter().try_for_each(|head| self.heads.note(head, now))
    }

    /// The rows of the log that an organisation caused, the newest first, each with whose it is: for the organisation itself, which
    /// then enters each of these persons by the gate, with a row in the log of each.
    ///
    /// Errors: what the gate refuses; somebody who is no organisation; an activity that may not read what the log holds.
    pub async fn acts(&self, processing: &Processing, wanted: WantedActs) -> Result<Acts, Fault> {
        walk::may_read(&self.door, processing)?;
        let Actor::Organisation(organisation) = processing.actor.clone() else {
            let what = format!("{} of what an organisation did", processing.activity);
            return Err(Fault::refused(Refusal::Subject, what));
        };
        self.look(move |query| acts::find(query, &organisation, &wanted))
            .await
    }

    /// Whether there is such a person, for who then enters them by the gate: nobody is in the log by a name that we never gave.
    ///
    /// Errors: what the gate refuses; an activity that may not read what the log holds.
    pub async fn knows(&self, processing: &Processing, subject: SubjectId) -> Result<bool, Fault> {
        walk::may_read(&self.door, processing)?;
        static KNOWN: store::Sql =
            store::Sql::new("SELECT subject_id FROM subjects WHERE subject_id = $1");
        self.look(move |query| {
            let (name, mut known) = (subject.to_string(), false);
            query.about(Some(&name));
            let asked = query.query(&KNOWN, &[name.as_str().into()], &mut |_| {
                known = true;
                Ok(())
            });
            query.about(None);
            asked.map(|()| known)
        })
        .await
    }

    /// At most `count` rows of each chain of the log behind the number that `after` has for it, in the order in which they
    /// came; for Postbus itself to pass on to that recipient. That leaves no row in the log, or there would be no end of it.
    ///
    /// Errors: what [`may_pass_on`](Self::may_pass_on) refuses.
    pub async fn log_after(
        &self,
        activity: Activity,
        recipient: Recipient,
        after: BTreeMap<i64, i64>,
        count: i64,
    ) -> Result<Disclosure<Vec<(i64, Vec<Processed>)>>, Fault> {
        self.may_pass_on(activity, recipient)?;
        let rows = self.look(move |query| walk::rows_after(query, &after, count));
        Ok(Disclosure::asked(rows.await?))
    }

    /// Whether Postbus itself may pass the log on to that recipient.
    ///
    /// Errors: what the gate refuses; an activity that may not read what the log holds; a recipient that the activity does not name
    /// or that does not get it.
    pub fn may_pass_on(&self, activity: Activity, recipient: Recipient) -> Result<(), Fault> {
        walk::may_pass_on(&self.door, activity, recipient)
    }

    /// Writes down where persons' rows of the log lie, as far as that is due. For a job that runs often.
    pub async fn place_log_rows(&self) -> Result<(), Fault> {
        self.place_runs_of(places::RUN).await
    }

    async fn place_runs_of(&self, rows: usize) -> Result<(), Fault> {
        loop {
            let now = self.clock().now();
            let next = self.look(move |query| places::next_run(query, now, rows));
            let Some(run) = next.await? else {
                return Ok(());
            };
            for slice in run.into_slices() {
                let (reply, answer) = oneshot::channel();
                self.store
                    .write(Box::new(places::WriteSlice { slice, reply }))?;
                heard::<_, Fault>(answer).await?;
            }
        }
    }

    /// Whether rows lie by month here, so that months are to be made.
    pub fn lies_by_month(&self) -> bool {
        self.lies_by_month
    }

    /// Sees to it that the months that come have their place, where rows lie by month. For a daily job and the start.
    pub async fn make_months(&self) -> Result<(), Fault> {
        let store = Arc::clone(&self.store);
        let made = tokio::task::spawn_blocking(move || store.make_months()).await;
        let made = made.map_err(|_| Fault::broken("making months broke off"))??;
        if made > 0 {
            tracing::info!(made, "months of tables were made beforehand");
        }
        Ok(())
    }

    /// SQL texts that no activity of the statement covers, each with why. Nothing can run them here.
    pub fn uncovered_texts(&self) -> Vec<String> {
        self.door.columns.uncovered(&self.door.register)
    }

    /// SQL texts that the engine at hand does not take, each with why.
    pub async fn texts_not_taken(&self) -> Result<Vec<String>, Fault> {
        let (reply, answer) = oneshot::channel();
        let door = Arc::clone(&self.door);
        self.store.read(move |reader| {
            let refused = door
                .columns
                .texts()
                .filter_map(|sql| reader.prepare(sql).err());
            let _ = reply.send(Ok(refused.map(|fault| fault.to_string()).collect()));
        })?;
        heard(answer).await
    }

    /// Reads the vault's own tables.
    async fn look<T: Send + 'static>(
        &self,
        look: impl Fn(&mut dyn Query) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        self.store.read(move |reader| {
            let _ = reply.send(reader.snapshot(|query| look(query)).and_then(|found| found));
        })?;
        heard(answer).await
    }

    fn hand_over<T, E, F>(
        &self,
        processing: Processing,
        closure: F,
    ) -> Result<oneshot::Receiver<Result<T, E>>, Fault>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        self.door.traffic.somebody_comes();
        let (reply, answer) = oneshot::channel();
        let work: Box<dyn Work<Ledger>> = Box::new(call::WriteCall {
            door: Arc::clone(&self.door),
            processing,
            closure,
            start: None,
            answer: None,
            failure: None,
            reply,
        });
        self.store.write(work)?;
        Ok(answer)
    }
}

fn session_processing(channel: Channel, trace: Trace) -> Processing {
    Processing::of(
        RESOLVE_SESSION,
        Actor::Visitor,
        Subjects::Found,
        channel,
        trace,
    )
    .quietly()
}

async fn heard<T, E: From<Fault>>(answer: oneshot::Receiver<Result<T, E>>) -> Result<T, E> {
    answer.await.unwrap_or_else(|_| {
        Err(Fault::unavailable(
            "the access could not be logged or was not taken up",
            std::time::Duration::from_secs(2),
        )
        .uncertain()
        // The store tells of its full queue.
        .told()
        .into())
    })
}
