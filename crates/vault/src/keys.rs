//! The keyring: a database of its own that holds every person's key, wrapped by the master key. Without a key, no person.

use std::collections::HashSet;
use std::fs;
use std::io::{ErrorKind, Write};
use std::num::NonZeroUsize;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::time::{Duration, Instant};

use basics::{Fault, Moment, SubjectId};
use lru::LruCache;
use ring::hmac;
use store::{
    Cell, Group, Insert, Place, Query, Reader, RoomSchema, Sql, Store, StoreSettings, Value, Work,
};
use zeroize::Zeroizing;

use crate::seal::{KeyBytes, SealingKey, fill_random, random_key};

pub(crate) const SCHEMA: RoomSchema = RoomSchema {
    room: "keyring",
    sql: include_str!("keyring.sql"),
    changes: &[],
};

/// Holds a row from a keyring's first start on.
pub(crate) const BEGUN: &str = "secrets";

const KEYS: &str = "subject_keys";

static FIND_KEY: Sql = Sql::new("SELECT wrapped FROM subject_keys WHERE subject_id = $1");
static FIND_KEYS: Sql = Sql::new(
    "SELECT subject_id, wrapped FROM subject_keys WHERE subject_id IN (
     $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
);
static HAS_KEYS: Sql = Sql::new("SELECT wrapped FROM subject_keys WHERE subject_id > $1 LIMIT 1");
static ADD_KEY: Insert = Insert::new(KEYS, &["subject_id", "wrapped", "made_at"]);
static DESTROY_KEY: Sql = Sql::new("DELETE FROM subject_keys WHERE subject_id = $1");
static FIND_SECRET: Sql = Sql::new("SELECT wrapped FROM secrets WHERE name = $1");
static ADD_SECRET: Insert = Insert::new("secrets", &["name", "wrapped"]);

/// So many are looked up together.
const AT_ONCE: usize = 16;

/// How many persons' keys are kept ready.
const READY_KEYS: NonZeroUsize = NonZeroUsize::new(50_000).expect("not zero");

/// For so long where other processes share the keyring, and may destroy one.
const READY_FOR: Duration = Duration::from_secs(600);

/// A person's key that is to be made durable before the first row under it.
pub(crate) struct NewKey {
    pub(crate) subject: SubjectId,
    wrapped: Vec<u8>,
    made_at: Moment,
}

/// Keys that were used lately, and whose are gone: nobody who looked them up just before puts them back.
struct Ready {
    /// Each with when it was looked up.
    keys: LruCache<SubjectId, (SealingKey, Instant)>,
    /// How long one is taken to be there; none: until it is destroyed here.
    lasting: Option<Duration>,
    gone: HashSet<SubjectId>,
    /// Of those who are about to be needed, by several at once.
    wanted: HashSet<SubjectId>,
}

impl Ready {
    fn of(lasting: Option<Duration>) -> Self {
        Self {
            keys: LruCache::new(READY_KEYS),
            lasting,
            gone: HashSet::new(),
            wanted: HashSet::new(),
        }
    }

    fn get(&mut self, subject: &SubjectId) -> Option<&SealingKey> {
        if let Some(lasting) = self.lasting {
            let is_old = |(_, since): &(SealingKey, Instant)| since.elapsed() >= lasting;
            if self.keys.peek(subject).is_some_and(is_old) {
                self.keys.pop(subject);
            }
            // Two for each one: those that nobody asks for any more go as well.
            for _ in 0..2 {
                if self.keys.peek_lru().is_some_and(|(_, entry)| is_old(entry)) {
                    self.keys.pop_lru();
                }
            }
        }
        self.keys.get(subject).map(|(key, _)| key)
    }

    fn put(&mut self, subject: SubjectId, key: SealingKey) -> Result<(), Fault> {
        if self.gone.contains(&subject) {
            return Err(keyless());
        }
        self.keys.put(subject, (key, Instant::now()));
        Ok(())
    }
}

fn keyless() -> Fault {
    Fault::breached("a person has no key")
}

pub(crate) struct Keyring {
    store: Store<()>,
    reader: Mutex<Reader>,
    master: SealingKey,
    ready: Mutex<Ready>,
    index: hmac::Key,
    hashing: hmac::Key,
}

impl Keyring {
    /// Opens or makes the keyring: its rows at `place`, and in `folder`, unless it is there, `master.key` (mode 0600).
    ///
    /// Errors: a keyring without its master key, a master key that is not this keyring's, a key file others can read.
    pub(crate) fn open(folder: &Path, place: Place) -> Result<Self, Fault> {
        fs::create_dir_all(folder)
            .map_err(|fault| Fault::broken(format!("cannot make {}: {fault}", folder.display())))?;
        let is_new = !store::is_begun(&place, BEGUN)?;
        let lasting = place.is_shared().then_some(READY_FOR);
        let master = master_key(&folder.join("master.key"), is_new)?;
        let store = Store::open(
            StoreSettings {
                readers: 1,
                writers: 1,
                ..StoreSettings::on(place)
            },
            &[SCHEMA],
            || (),
        )?;
        let reader = Mutex::new(store.reader()?);
        let empty = || hmac::Key::new(hmac::HMAC_SHA256, &[0; 32]);
        let mut keyring = Self {
            store,
            reader,
            master: SealingKey::new(&master),
            ready: Mutex::new(Ready::of(lasting)),
            index: empty(),
            hashing: empty(),
        };
        let secret = |name| keyring.secret(name, || random_key().to_vec());
        let (index, hashing) = (secret("number-index")?, secret("keyed-hash")?);
        keyring.index = hmac::Key::new(hmac::HMAC_SHA256, &index);
        keyring.hashing = hmac::Key::new(hmac::HMAC_SHA256, &hashing);
        Ok(keyring)
    }

    /// A new key for a person, ready for use; durable only after `keep`.
    pub(crate) fn make(&self, subject: SubjectId, at: Moment) -> (NewKey, SealingKey) {
        let bytes = random_key();
        let wrapped = self.master.seal(
            &wrapping("subject", &subject.to_string()),
            &[bytes.as_ref()],
        );
        let key = SealingKey::new(&bytes);
        (
            NewKey {
                subject,
                wrapped,
                made_at: at,
            },
            key,
        )
    }

    /// Makes new keys durable; returns after the fsync.
    pub(crate) fn keep(&self, keys: Vec<NewKey>) -> Result<(), Fault> {
        let rows = keys
            .into_iter()
            .map(|key| {
                (
                    &ADD_KEY,
                    vec![
                        key.subject.to_string().into(),
                        Value::Blob(key.wrapped),
                        key.made_at.into(),
                    ],
                )
            })
            .collect();
        self.add(rows)
    }

    pub(crate) fn key(&self, subject: SubjectId) -> Result<SealingKey, Fault> {
        if let Some(key) = self.ready()?.get(&subject) {
            return Ok(key.clone());
        }
        let name = subject.to_string();
        let wrapped = self.find(&FIND_KEY, &name)?.ok_or_else(keyless)?;
        let key = self.unwrapped(&name, &wrapped)?;
        self.ready()?.put(subject, key.clone())?;
        Ok(key)
    }

    /// Notes that this person's key is about to be needed, for [`fetch_wanted`](Self::fetch_wanted).
    pub(crate) fn want(&self, subject: SubjectId) -> Result<(), Fault> {
        let mut ready = self.ready()?;
        if ready.get(&subject).is_none() {
            ready.wanted.insert(subject);
        }
        Ok(())
    }

    /// Has the keys ready that were wanted since, many in one journey. Whose is not there is found out by whoever needs it.
    pub(crate) fn fetch_wanted(&self) -> Result<(), Fault> {
        let wanted: Vec<SubjectId> = self.ready()?.wanted.drain().collect();
        for wanted in wanted.chunks(AT_ONCE) {
            let found = find_keys(&mut *self.reader()?, wanted)?;
            let mut ready = self.ready()?;
            for (subject, wrapped) in found {
                if let Ok(key) = self.unwrapped(&subject.to_string(), &wrapped) {
                    // One that was destroyed meanwhile is not put back.
                    let _ = ready.put(subject, key);
                }
            }
        }
        Ok(())
    }

    fn unwrapped(&self, name: &str, wrapped: &[u8]) -> Result<SealingKey, Fault> {
        self.master
            .open(&wrapping("subject", name), wrapped)
            .and_then(KeyBytes::try_from_vec)
            .map(|bytes| SealingKey::new(&bytes))
            .ok_or_else(|| Fault::breached("a person's key does not unwrap"))
    }

    fn ready(&self) -> Result<MutexGuard<'_, Ready>, Fault> {
        let broke = |_| Fault::broken("the keyring broke");
        self.ready.lock().map_err(broke)
    }

    fn reader(&self) -> Result<MutexGuard<'_, Reader>, Fault> {
        let broke = |_| Fault::broken("the keyring broke");
        self.reader.lock().map_err(broke)
    }

    /// Destroys persons' keys; durable when this answers, how many there were. What is sealed under them is noise from here
    /// on. Called on vault threads only.
    pub(crate) fn destroy_all(
        &self,
        subjects: impl IntoIterator<Item = SubjectId>,
    ) -> Result<u64, Fault> {
        let subjects: Vec<SubjectId> = subjects.into_iter().collect();
        if subjects.is_empty() {
            return Ok(0);
        }
        let mut ready = self.ready()?;
        for subject in &subjects {
            ready.gone.insert(*subject);
            ready.keys.pop(subject);
        }
        drop(ready);
        let (told, hear) = mpsc::channel();
        let destroyed = 0;
        self.store.write(Box::new(Destroy {
            subjects,
            destroyed,
            told,
        }))?;
        let heard = hear.recv();
        heard.unwrap_or_else(|_| Err(Fault::broken("the keyring's writer has stopped")))
    }

    /// What was destroyed of these people is in no file of the keyring any more. A server keeps it in its own log until it writes
    /// that over.
    ///
    /// Errors: somebody who reads for so long that it cannot be done now.
    pub(crate) fn forget_destroyed(&self, subjects: &[SubjectId]) -> Result<(), Fault> {
        let people: Vec<String> = subjects.iter().map(ToString::to_string).collect();
        if !self.store.forget_removed_of(KEYS, &people)? {
            tracing::warn!(
                "the keyring is too large to be written anew while it serves: a key that was destroyed can be read in its files until \
                 their owner says VACUUM (FULL) {KEYS}"
            );
        }
        Ok(())
    }

    /// A secret of this installation by name, made once.
    pub(crate) fn secret(
        &self,
        name: &str,
        make: impl FnOnce() -> Vec<u8>,
    ) -> Result<Vec<u8>, Fault> {
        let binding = wrapping("secret", name);
        let opened = |wrapped: Vec<u8>| {
            self.master.open(&binding, &wrapped).ok_or_else(|| {
                Fault::broken("the master key is not the one this keyring was made with; put the right master.key back")
            })
        };
        if let Some(wrapped) = self.look_up(&FIND_SECRET, name)? {
            return opened(wrapped);
        }
        let secret = make();
        let wrapped = self.master.seal(&binding, &[&secret]);
        match self.add(vec![(&ADD_SECRET, vec![name.into(), Value::Blob(wrapped)])]) {
            Ok(()) => Ok(secret),
            // Another process may have made it at the same moment.
            Err(fault) => self
                .look_up(&FIND_SECRET, name)?
                .ok_or(fault)
                .and_then(opened),
        }
    }

    /// The digest by which a number is found.
    pub(crate) fn number_digest(&self, kind: &str, number: &str) -> [u8; 32] {
        keyed(&self.index, &[kind.as_bytes(), b"\0", number.as_bytes()])
    }

    pub(crate) fn keyed_hash(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        keyed(&self.hashing, &[purpose.as_bytes(), b"\0", bytes])
    }

    /// Of these people, whose key it holds. On any thread.
    pub(crate) fn has_of(&self, subjects: Vec<SubjectId>) -> Result<Vec<SubjectId>, Fault> {
        let (told, hear) = mpsc::channel();
        self.store.read(move |reader| {
            let mut all = Vec::new();
            let mut some = subjects.chunks(AT_ONCE);
            let found = some.try_for_each(|some| {
                let found = find_keys(reader, some)?.into_iter();
                all.extend(found.map(|(subject, _)| subject));
                Ok(())
            });
            let _ = told.send(found.map(|()| all));
        })?;
        hear.recv()
            .unwrap_or_else(|_| Err(Fault::broken("the keyring's reader has stopped")))
    }

    /// Whether it holds the key of anybody.
    pub(crate) fn has_people(&self) -> Result<bool, Fault> {
        self.look_up(&HAS_KEYS, "").map(|key| key.is_some())
    }

    /// As `find`, on any thread.
    fn look_up(&self, sql: &'static Sql, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let (told, hear) = mpsc::channel();
        let name = name.to_owned();
        self.store.read(move |reader| {
            let _ = told.send(wrapped(reader, sql, &name));
        })?;
        hear.recv()
            .unwrap_or_else(|_| Err(Fault::broken("the keyring's reader has stopped")))
    }

    fn find(&self, sql: &'static Sql, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        wrapped(&mut *self.reader()?, sql, name)
    }

    /// Adds rows and waits until they are durable. Called on vault threads only.
    fn add(&self, rows: Vec<(&'static Insert, Vec<Value>)>) -> Result<(), Fault> {
        let (told, hear) = mpsc::channel();
        self.store.write(Box::new(Add { rows, told }))?;
        hear.recv()
            .unwrap_or_else(|_| Err(Fault::broken("the keyring's writer has stopped")))
    }
}

fn wrapped(reader: &mut Reader, sql: &Sql, name: &str) -> Result<Option<Vec<u8>>, Fault> {
    let mut found = None;
    reader.query(sql, &[name.into()], &mut |row| {
        if let Cell::Blob(wrapped) = row.cell(0)? {
            found = Some(wrapped.to_vec());
        }
        Ok(())
    })?;
    Ok(found)
}

/// The wrapped keys of up to [`AT_ONCE`] people, as far as they are there.
fn find_keys(
    reader: &mut Reader,
    wanted: &[SubjectId],
) -> Result<Vec<(SubjectId, Vec<u8>)>, Fault> {
    let Some(last) = wanted.last() else {
        return Ok(Vec::new());
    };
    let padded = wanted.iter().chain(std::iter::repeat(last)).take(AT_ONCE);
    let params: Vec<Value> = padded.map(|subject| subject.to_string().into()).collect();
    let mut found = Vec::new();
    reader.query(&FIND_KEYS, &params, &mut |row| {
        if let (Cell::Text(name), Cell::Blob(wrapped)) = (row.cell(0)?, row.cell(1)?)
            && let Ok(subject) = name.parse()
        {
            found.push((subject, wrapped.to_vec()));
        }
        Ok(())
    })?;
    Ok(found)
}

struct Add {
    rows: Vec<(&'static Insert, Vec<Value>)>,
    told: mpsc::Sender<Result<(), Fault>>,
}

impl Work<()> for Add {
    fn run(&mut self, group: &mut Group<'_>, _companion: &mut ()) -> Result<(), Fault> {
        for (insert, row) in &self.rows {
            group.add(insert, row.clone());
        }
        Ok(())
    }
    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        let _ = self
            .told
            .send(outcome.map_err(|fault| fault.while_doing("keeping keys")));
    }
}

struct Destroy {
    subjects: Vec<SubjectId>,
    destroyed: u64,
    told: mpsc::Sender<Result<u64, Fault>>,
}

impl Work<()> for Destroy {
    fn run(&mut self, group: &mut Group<'_>, _companion: &mut ()) -> Result<(), Fault> {
        self.destroyed = 0;
        for subject in &self.subjects {
            self.destroyed += group.run(&DESTROY_KEY, &[subject.to_string().into()])?;
        }
        Ok(())
    }
    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        let outcome = outcome.map_err(|fault| fault.while_doing("destroying keys"));
        let _ = self.told.send(outcome.map(|()| self.destroyed));
    }
}

fn keyed(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    parts.iter().for_each(|part| context.update(part));
    let mut digest = [0; 32];
    digest.copy_from_slice(context.sign().as_ref());
    digest
}

fn wrapping(what: &str, name: &str) -> Vec<u8> {
    format!("{what}|{name}").into_bytes()
}

trait TryFromVec: Sized {
    fn try_from_vec(bytes: Vec<u8>) -> Option<Self>;
}

impl TryFromVec for KeyBytes {
    fn try_from_vec(bytes: Vec<u8>) -> Option<Self> {
        let bytes = Zeroizing::new(bytes);
        <[u8; 32]>::try_from(bytes.as_slice())
            .ok()
            .map(Zeroizing::new)
    }
}

/// Reads the master key, or makes it when the keyring is new.
fn master_key(path: &PathBuf, keyring_is_new: bool) -> Result<KeyBytes, Fault> {
    let cannot = |what: &str, fault: std::io::Error| {
        Fault::broken(format!(
            "cannot {what} the master key {}: {fault}",
            path.display()
        ))
    };
    match fs::read(path) {
        Ok(bytes) => {
            let mode = fs::metadata(path)
                .map_err(|fault| cannot("look at", fault))?
                .permissions()
                .mode();
            if mode & 0o077 != 0 {
                return Err(Fault::broken(format!(
                    "others can read the master key; set its mode: chmod 600 {}",
                    path.display()
                )));
            }
            KeyBytes::try_from_vec(bytes).ok_or_else(|| {
                Fault::broken(format!(
                    "{} is not a master key of 32 bytes",
                    path.display()
                ))
            })
        }
        Err(fault) if fault.kind() == ErrorKind::NotFound && keyring_is_new => {
            make_master_key(path).map_err(|fault| cannot("make", fault))?;
            // Of several that start at once one has made it.
            master_key(path, false)
        }
        Err(fault) if fault.kind() == ErrorKind::NotFound => Err(Fault::broken(format!(
            "the keyring is there but its master key is not; put it back at {} (nothing can be read without it)",
            path.display()
        ))),
        Err(fault) => Err(cannot("read", fault)),
    }
}

/// Whole before it has its name, which it takes only when nobody has: a start that is cut off leaves no broken master key
/// behind, and no process takes another's away.
fn make_master_key(path: &Path) -> std::io::Result<()> {
    let mut name = [0; 8];
    fill_random(&mut name);
    let unfinished = path.with_extension(format!("new-{}", hex::encode(name)));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(random_key().as_ref())?;
    file.sync_all()?;
    let named = fs::hard_link(&unfinished, path);
    fs::remove_file(&unfinished)?;
    match named {
        Err(fault) if fault.kind() != ErrorKind::AlreadyExists => return Err(fault),
        _ => {}
    }
    fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// Shared by the threads of one vault.
pub(crate) type SharedKeyring = Arc<Keyring>;

#[cfg(test)]
mod tests;
