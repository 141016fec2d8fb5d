//! The processing log: a row per processing per person, chained over salted digests, one link a commit.

mod swept;
mod verification;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::Relaxed;

use basics::{Activity, Fault, Moment, Role, SpanId, SubjectId, Trace};
use ring::digest::{self, SHA256};
use store::{Cell, Companion, Group, Insert, Query, Sql, Value};

use crate::disclosing::ADD_GIVING;
use crate::heads::NotedHead;
use crate::history::Foreign;
use crate::keys::{NewKey, SharedKeyring};
use crate::seal::fill_random;
use crate::tx::Disclosed;

pub(crate) use swept::{Note, SweptTo, last_of_ours, notes};
pub use verification::Verification;

/// Holds a row from the first thing on that was done to anybody.
pub(crate) const BEGUN: &str = "log_chain";

static ADD_ROW: Insert = Insert::new(
    "log",
    &[
        "log_no",
        "chain",
        "subject_id",
        "trace_id",
        "span_id",
        "parent_span_id",
        "foreign_trace_id",
        "foreign_oin",
        "status",
        "activity",
        "statement_version",
        "start_time",
        "end_time",
        "salt",
    ],
);
static ADD_LINK: Insert = Insert::new(
    "log_chain",
    &["first_no", "chain", "seq", "digests", "head", "at"],
);
static ADD_FIRST_RUN: Insert =
    Insert::new("log_runs", &["run_no", "chain", "from_no", "placed_to"]);
static ADD_AUDIT: Insert = Insert::new(
    "audit",
    &[
        "audit_id",
        "trace_id",
        "activity",
        "statement_version",
        "role",
        "actor",
        "status",
        "at",
        "log_no",
        "recipient",
        "data",
    ],
);
static ADD_REMOVAL: Insert = Insert::new(
    "log_removals",
    &["removal_no", "chain", "numbers", "at", "salt"],
);
static LAST_LINK: Sql = Sql::new(
    "SELECT seq, head, first_no, digests FROM log_chain WHERE chain = $1 ORDER BY first_no DESC LIMIT 1",
);
static PLACED_TO: Sql = Sql::new("SELECT MAX(placed_to) FROM log_runs WHERE chain = $1");
static CHAINS: Sql = Sql::new("SELECT DISTINCT chain FROM log_chain ORDER BY chain");

/// From one row of a chain to the next: the writers number their rows side by side, so no two of them use a number twice.
const STEP: i64 = 1024;

/// The last number that a row committed up to this moment can have.
pub(crate) const fn last_number(at: Moment) -> i64 {
    at.micros().saturating_mul(STEP).saturating_add(STEP - 1)
}

/// When a row with this number was committed.
pub(crate) const fn moment_of(number: i64) -> Moment {
    Moment::from_micros(number.div_euclid(STEP))
}

/// The number of a row that this writer commits at this moment.
pub(crate) const fn number(at: Moment, writer: i64) -> i64 {
    at.micros()
        .saturating_mul(STEP)
        .saturating_add(writer % STEP)
}

/// The next number of this writer's behind any number.
const fn number_after(latest: i64, writer: i64) -> i64 {
    let own = latest - latest.rem_euclid(STEP) + writer % STEP;
    if own > latest { own } else { own + STEP }
}

/// How a processing ended (Logboek Dataverwerkingen `status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    Error,
}

impl Status {
    const fn name(self) -> &'static str {
        match self {
            Status::Ok => "Ok",
            Status::Error => "Error",
        }
    }
}

/// One row to be.
#[derive(Clone, Debug)]
pub(crate) struct LogRow {
    pub(crate) subject: SubjectId,
    pub(crate) trace: Trace,
    pub(crate) span: SpanId,
    pub(crate) foreign: Option<Foreign>,
    pub(crate) status: Status,
    pub(crate) activity: Activity,
    pub(crate) statement_version: Arc<str>,
    pub(crate) start: Moment,
    pub(crate) end: Moment,
}

/// Who acted, where that is not the person themselves.
#[derive(Clone, Debug)]
pub(crate) struct AuditRow {
    pub(crate) id: String,
    pub(crate) trace: Trace,
    pub(crate) activity: Activity,
    pub(crate) statement_version: Arc<str>,
    pub(crate) role: Role,
    pub(crate) actor: String,
    pub(crate) status: Status,
    pub(crate) at: Moment,
    /// What left the house with it.
    pub(crate) disclosed: Option<Disclosed>,
}

/// The writer's companion: keeps the head of the chain, and what the closures of a group leave besides their rows.
pub(crate) struct Ledger {
    keyring: SharedKeyring,
    /// The last number that a writer of this process gave: what is committed later has a higher one.
    latest: Arc<AtomicI64>,
    /// Each writer has a chain of its own.
    chain: i64,
    head: Head,
    next: Head,
    rows: Vec<(LogRow, Vec<AuditRow>)>,
    /// Of what was done to nobody.
    audits: Vec<AuditRow>,
    /// Numbers of rows that an erasure removes, and when.
    removals: Vec<(Vec<i64>, Moment)>,
    pub(crate) new_keys: Vec<NewKey>,
}

/// Where a chain stands: its last link, and the last number a row of it has.
#[derive(Clone, Copy)]
struct Head {
    seq: i64,
    digest: [u8; 32],
    last_no: i64,
}

impl Head {
    /// Before the first link.
    const NONE: Self = Self {
        seq: 0,
        digest: [0; 32],
        last_no: 0,
    };
}

impl Ledger {
    /// `latest` is shared by the writers of a process, and begins at 0.
    pub(crate) fn on(keyring: SharedKeyring, latest: Arc<AtomicI64>) -> Self {
        Self {
            keyring,
            latest,
            chain: 0,
            head: Head::NONE,
            next: Head::NONE,
            rows: Vec::new(),
            audits: Vec::new(),
            removals: Vec::new(),
            new_keys: Vec::new(),
        }
    }

    /// The first of so many numbers, for rows that are committed at this moment.
    fn numbers_from(&self, at: Moment, count: usize) -> i64 {
        let least = number(at, self.chain).max(self.head.last_no + STEP);
        let further = i64::try_from(count).unwrap_or(0).saturating_sub(1) * STEP;
        let from = |latest| least.max(number_after(latest, self.chain));
        let given = self.latest.fetch_update(Relaxed, Relaxed, |latest| {
            Some(from(latest).saturating_add(further))
        });
        given.map_or(least, from)
    }

    pub(crate) fn note(&mut self, row: Option<LogRow>, actors: Vec<AuditRow>) {
        match row {
            Some(row) => self.rows.push((row, actors)),
            None => self.audits.extend(actors),
        }
    }
    /// From here on these rows are missing by right.
    pub(crate) fn note_removal(&mut self, numbers: Vec<i64>, at: Moment) {
        self.removals.push((numbers, at));
    }
}

impl Companion for Ledger {
    fn take_up(&mut self, writer: i64, query: &mut dyn Query) -> Result<(), Fault> {
        let mut head = Head::NONE;
        query.query(&LAST_LINK, &[writer.into()], &mut |row| {
            if let (Cell::Int(seq), Cell::Blob(digest)) = (row.cell(0)?, row.cell(1)?) {
                head.seq = seq;
                head.digest = array(digest)?;
            }
            if let (Cell::Int(first_no), Cell::Blob(digests)) = (row.cell(2)?, row.cell(3)?) {
                let rows = i64::try_from(digests.len() / 32).unwrap_or(0);
                head.last_no = first_no.saturating_add((rows - 1) * STEP);
            }
            Ok(())
        })?;
        query.query(&PLACED_TO, &[writer.into()], &mut |row| {
            if let Cell::Int(placed_to) = row.cell(0)? {
                head.last_no = head.last_no.max(placed_to);
            }
            Ok(())
        })?;
        self.chain = writer;
        self.head = head;
        self.next = head;
        Ok(())
    }

    fn between_rounds(&mut self) -> Result<(), Fault> {
        self.keyring.fetch_wanted()
    }

    fn before_commit(
        &mut self,
        group: &mut Group<'_>,
        refused: Option<&Fault>,
    ) -> Result<(), Fault> {
        if !self.new_keys.is_empty() {
            if let Some(fault) = refused {
                return Err(fault.clone());
            }
            self.keyring.keep(std::mem::take(&mut self.new_keys))?;
        }
        for audit in self.audits.drain(..) {
            audit.add(group, None);
        }
        let count = self.rows.len() + self.removals.len();
        if count == 0 {
            return Ok(());
        }
        let seq = self.head.seq + 1;
        let ends = self.rows.iter().map(|(row, _)| row.end);
        let at = ends.chain(self.removals.iter().map(|(_, at)| *at)).max();
        let at = at.unwrap_or(Moment::from_micros(0));
        let first_no = self.numbers_from(at, count);
        let mut salts = vec![[0; 16]; count];
        fill_random(salts.as_flattened_mut());
        let mut salts = salts.into_iter();
        let mut digests = Vec::with_capacity(count * 32);
        let mut last_no = first_no - STEP;
        for ((row, actors), salt) in self.rows.drain(..).zip(&mut salts) {
            last_no += STEP;
            // One of them has it: who looks for what somebody did finds each row once.
            let mut beside = Some(last_no);
            for actor in actors {
                actor.add(group, beside.take());
            }
            let row = row.values(last_no, self.chain, &salt);
            digests.extend_from_slice(digest_of(&salt, &row[HASHED]).as_ref());
            group.add(&ADD_ROW, row);
        }
        for ((numbers, at), salt) in self.removals.drain(..).zip(&mut salts) {
            last_no += STEP;
            let row = removal(last_no, self.chain, &numbers, at, &salt);
            digests.extend_from_slice(digest_of(&salt, &row[REMOVAL_HASHED]).as_ref());
            group.add(&ADD_REMOVAL, row);
        }
        let digest = link(&self.head.digest, self.chain, seq, first_no, &digests);
        group.add(
            &ADD_LINK,
            vec![
                first_no.into(),
                self.chain.into(),
                seq.into(),
                Value::Blob(digests),
                Value::Blob(digest.to_vec()),
                at.into(),
            ],
        );
        if seq == 1 {
            // Nothing of this chain lies before.
            let before = first_no - STEP;
            let row = vec![
                self.chain.into(),
                self.chain.into(),
                before.into(),
                before.into(),
            ];
            group.add(&ADD_FIRST_RUN, row);
        }
        self.next = Head {
            seq,
            digest,
            last_no,
        };
        Ok(())
    }

    fn after_commit(&mut self) {
        self.head = self.next;
    }

    fn after_rollback(&mut self) {
        self.next = self.head;
        self.rows.clear();
        self.audits.clear();
        self.removals.clear();
        self.new_keys.clear();
    }
}

/// The values of a row that its digest covers: not its number and chain, which its link covers, nor its salt.
const HASHED: Range<usize> = 2..13;

/// The same of a removal.
const REMOVAL_HASHED: Range<usize> = 2..4;

/// In the order of `ADD_REMOVAL`.
fn removal(no: i64, chain: i64, numbers: &[i64], at: Moment, salt: &[u8; 16]) -> Vec<Value> {
    let numbers = numbers.iter().flat_map(|number| number.to_be_bytes());
    vec![
        no.into(),
        chain.into(),
        Value::Blob(numbers.collect()),
        at.into(),
        Value::Blob(salt.to_vec()),
    ]
}

impl LogRow {
    /// In the order of `ADD_ROW`.
    fn values(self, no: i64, chain: i64, salt: &[u8; 16]) -> Vec<Value> {
        let foreign = self.foreign.as_ref();
        vec![
            no.into(),
            chain.into(),
            self.subject.to_string().into(),
            Value::Blob(self.trace.bytes().to_vec()),
            Value::Blob(self.span.bytes().to_vec()),
            foreign.map_or(Value::Null, |one| Value::Blob(one.span.bytes().to_vec())),
            foreign.map_or(Value::Null, |one| Value::Blob(one.trace.bytes().to_vec())),
            foreign.map(|one| one.organisation.to_string()).into(),
            self.status.name().into(),
            self.activity.0.into(),
            (*self.statement_version).into(),
            self.start.into(),
            self.end.into(),
            Value::Blob(salt.to_vec()),
        ]
    }
}

impl AuditRow {
    /// Adds it, with the number of the row that it is beside.
    fn add(self, group: &mut Group<'_>, no: Option<i64>) {
        let giving = self.disclosed.as_ref().and_then(|disclosed| {
            let giving = disclosed.giving.as_ref()?;
            Some(giving.values(&self.id))
        });
        group.add(&ADD_AUDIT, self.values(no));
        if let Some(values) = giving {
            group.add(&ADD_GIVING, values);
        }
    }

    /// In the order of `ADD_AUDIT`.
    fn values(self, no: Option<i64>) -> Vec<Value> {
        let (recipient, data) = self.disclosed.map_or((None, None), |disclosed| {
            (Some(disclosed.recipient.into_owned()), Some(disclosed.data))
        });
        vec![
            self.id.into(),
            Value::Blob(self.trace.bytes().to_vec()),
            self.activity.0.into(),
            (*self.statement_version).into(),
            self.role.name().into(),
            self.actor.into(),
            self.status.name().into(),
            self.at.into(),
            no.into(),
            recipient.into(),
            data.into(),
        ]
    }
}

/// Where each chain stands now.
pub(crate) fn heads(query: &mut dyn Query) -> Result<Vec<NotedHead>, Fault> {
    let mut heads = Vec::new();
    for chain in chains(query)? {
        query.query(&LAST_LINK, &[chain.into()], &mut |row| {
            if let (Cell::Int(seq), Cell::Blob(digest)) = (row.cell(0)?, row.cell(1)?) {
                heads.push(NotedHead {
                    chain,
                    seq,
                    head: hex::encode(digest),
                });
            }
            Ok(())
        })?;
    }
    Ok(heads)
}

fn chains(query: &mut dyn Query) -> Result<Vec<i64>, Fault> {
    let mut chains = Vec::new();
    query.query(&CHAINS, &[], &mut |row| {
        if let Cell::Int(chain) = row.cell(0)? {
            chains.push(chain);
        }
        Ok(())
    })?;
    Ok(chains)
}

fn name(chain: i64, seq: i64) -> String {
    match chain {
        0 => seq.to_string(),
        chain => format!("{chain}.{seq}"),
    }
}

/// SHA-256 over the salt and every value with its kind and length, so that no two rows read alike.
fn digest_of(salt: &[u8], row: &[Value]) -> digest::Digest {
    let mut context = digest::Context::new(&SHA256);
    context.update(salt);
    for value in row {
        let (kind, bytes): (u8, &[u8]) = match value {
            Value::Null => (0, &[]),
            Value::Int(int) => (1, &int.to_be_bytes()),
            Value::Text(text) => (2, text.as_bytes()),
            Value::Blob(bytes) => (3, bytes),
        };
        context.update(&[kind]);
        context.update(&(bytes.len() as u64).to_be_bytes());
        context.update(bytes);
    }
    context.finish()
}

fn link(before: &[u8; 32], chain: i64, seq: i64, first_no: i64, digests: &[u8]) -> [u8; 32] {
    let mut context = digest::Context::new(&SHA256);
    context.update(before);
    context.update(&chain.to_be_bytes());
    context.update(&seq.to_be_bytes());
    context.update(&first_no.to_be_bytes());
    context.update(digests);
    let mut head = [0; 32];
    head.copy_from_slice(context.finish().as_ref());
    head
}

fn array(bytes: &[u8]) -> Result<[u8; 32], Fault> {
    bytes
        .try_into()
        .map_err(|_| Fault::broken("a digest of the log has another length"))
}
