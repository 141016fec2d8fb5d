//! The processing log: a row per processing per person, chained over salted digests, one link a commit.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use basics::{Activity, Fault, Moment, SpanId, SubjectId, Trace};
use ring::digest::{self, SHA256};
use store::{Cell, Companion, Group, Insert, Query, Sql, Value};

use crate::heads::NotedHead;
use crate::keys::{NewKey, SharedKeyring};
use crate::seal::fill_random;

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
        "audit_id", "trace_id", "activity", "role", "actor", "status", "at", "log_no",
    ],
);
static LAST_LINK: Sql = Sql::new(
    "SELECT seq, head, first_no, digests FROM log_chain WHERE chain = $1 ORDER BY first_no DESC LIMIT 1",
);
static PLACED_TO: Sql = Sql::new("SELECT MAX(placed_to) FROM log_runs WHERE chain = $1");
static CHAINS: Sql = Sql::new("SELECT DISTINCT chain FROM log_chain ORDER BY chain");
static LINKS: Sql = Sql::new(
    "SELECT seq, first_no, digests, head FROM log_chain WHERE chain = $1 AND first_no > $2 ORDER BY first_no LIMIT 512",
);
static ROWS: Sql = Sql::new(
    "SELECT log_no, salt, subject_id, trace_id, span_id, parent_span_id, status, activity, statement_version,
            start_time, end_time
     FROM log WHERE chain = $1 AND log_no >= $2 AND log_no <= $3 ORDER BY log_no",
);
static ALL_ROWS: Sql = Sql::new("SELECT CAST(COUNT(*) AS BIGINT) FROM log");

/// From one row of a chain to the next: the writers number their rows side by side, so no two of them use a number twice.
const STEP: i64 = 1024;

/// The number of a row that this writer commits at this moment.
pub(crate) const fn number(at: Moment, writer: i64) -> i64 {
    at.micros()
        .saturating_mul(STEP)
        .saturating_add(writer % STEP)
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
    pub(crate) role: &'static str,
    pub(crate) actor: String,
    pub(crate) status: Status,
    pub(crate) at: Moment,
}

/// The writer's companion: keeps the head of the chain, and what the closures of a group leave besides their rows.
pub(crate) struct Ledger {
    keyring: SharedKeyring,
    /// Each writer has a chain of its own.
    chain: i64,
    head: Head,
    next: Head,
    rows: Vec<(LogRow, Option<AuditRow>)>,
    /// Of what was done to nobody.
    audits: Vec<AuditRow>,
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
    pub(crate) fn on(keyring: SharedKeyring) -> Self {
        Self {
            keyring,
            chain: 0,
            head: Head::NONE,
            next: Head::NONE,
            rows: Vec::new(),
            audits: Vec::new(),
            new_keys: Vec::new(),
        }
    }

    pub(crate) fn note(&mut self, row: Option<LogRow>, actor: Option<AuditRow>) {
        match row {
            Some(row) => self.rows.push((row, actor)),
            None => self.audits.extend(actor),
        }
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
            group.add(&ADD_AUDIT, audit.values(None));
        }
        if self.rows.is_empty() {
            return Ok(());
        }
        let seq = self.head.seq + 1;
        let at = self.rows.iter().map(|(row, _)| row.end).max();
        let at = at.unwrap_or(Moment::from_micros(0));
        let first_no = number(at, self.chain).max(self.head.last_no + STEP);
        let mut salts = vec![[0; 16]; self.rows.len()];
        fill_random(salts.as_flattened_mut());
        let mut digests = Vec::with_capacity(self.rows.len() * 32);
        let mut last_no = first_no - STEP;
        for ((row, actor), salt) in self.rows.drain(..).zip(salts) {
            last_no += STEP;
            if let Some(actor) = actor {
                group.add(&ADD_AUDIT, actor.values(Some(last_no)));
            }
            let row = row.values(last_no, self.chain, &salt);
            digests.extend_from_slice(digest_of(&salt, &row[HASHED]).as_ref());
            group.add(&ADD_ROW, row);
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
            let row = vec![self.chain.into(), self.chain.into(), 0.into(), 0.into()];
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
        self.new_keys.clear();
    }
}

/// The values of a row that its digest covers: not its number and chain, which its link covers, nor its salt.
const HASHED: Range<usize> = 2..11;

impl LogRow {
    /// In the order of `ADD_ROW`.
    fn values(self, no: i64, chain: i64, salt: &[u8; 16]) -> Vec<Value> {
        vec![
            no.into(),
            chain.into(),
            self.subject.to_string().into(),
            Value::Blob(self.trace.bytes().to_vec()),
            Value::Blob(self.span.bytes().to_vec()),
            Value::Null,
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
    /// In the order of `ADD_AUDIT`, with the number of the row that it is beside.
    fn values(self, no: Option<i64>) -> Vec<Value> {
        vec![
            self.id.into(),
            Value::Blob(self.trace.bytes().to_vec()),
            self.activity.0.into(),
            self.role.into(),
            self.actor.into(),
            self.status.name().into(),
            self.at.into(),
            no.into(),
        ]
    }
}

/// What `verify` found. A link is named `seq`, or `chain.seq` where more than one writes; a row `link/place`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    pub links: u64,
    pub whole: u64,
    pub missing: Vec<String>,
    pub altered: Vec<String>,
    /// Rows that no link covers.
    pub unlinked: u64,
    /// The first link whose head does not follow from the one before it.
    pub broken_link: Option<String>,
    /// Links that were noted outside the database and are not there any more, or are other ones: the tail was cut or rewritten.
    pub lost_links: Vec<String>,
    /// The last head of each chain, in hexadecimal.
    pub heads: Vec<String>,
}

impl Verification {
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty()
            && self.altered.is_empty()
            && self.unlinked == 0
            && self.broken_link.is_none()
            && self.lost_links.is_empty()
    }
}

/// Walks every chain: every link follows from the one before, every digest has its row, every row its digest.
pub(crate) fn verify(query: &mut dyn Query, noted: &[NotedHead]) -> Result<Verification, Fault> {
    let mut found = Verification::default();
    let mut noted: BTreeMap<(i64, i64), &str> = noted
        .iter()
        .map(|noted| ((noted.chain, noted.seq), noted.head.as_str()))
        .collect();
    let mut covered = 0;
    for chain in chains(query)? {
        covered += verify_chain(query, chain, &mut noted, &mut found)?;
    }
    query.query(&ALL_ROWS, &[], &mut |row| {
        if let Cell::Int(count) = row.cell(0)? {
            found.unlinked = count.unsigned_abs().saturating_sub(covered);
        }
        Ok(())
    })?;
    found.lost_links = noted
        .into_keys()
        .map(|(chain, seq)| name(chain, seq))
        .collect();
    Ok(found)
}

/// Walks one chain and takes what it meets out of `noted`; answers how many rows its links cover.
fn verify_chain(
    query: &mut dyn Query,
    chain: i64,
    noted: &mut BTreeMap<(i64, i64), &str>,
    found: &mut Verification,
) -> Result<u64, Fault> {
    let (mut head, mut covered) = (Head::NONE, 0);
    loop {
        let mut links: Vec<Link> = Vec::new();
        query.query(&LINKS, &[chain.into(), head.last_no.into()], &mut |row| {
            let (Cell::Int(seq), Cell::Int(first_no), Cell::Blob(digests), Cell::Blob(stored)) =
                (row.cell(0)?, row.cell(1)?, row.cell(2)?, row.cell(3)?)
            else {
                return Err(Fault::broken("a link of the log is not a link"));
            };
            let digest = link(&head.digest, chain, seq, first_no, digests);
            let follows = seq == head.seq + 1 && digest.as_slice() == stored;
            if !follows && found.broken_link.is_none() {
                found.broken_link = Some(name(chain, seq));
            }
            head.seq = seq;
            head.last_no = first_no;
            head.digest = array(stored)?;
            if noted
                .get(&(chain, seq))
                .is_some_and(|noted| *noted == hex::encode(head.digest))
            {
                noted.remove(&(chain, seq));
            }
            let digests = digests.chunks_exact(32).map(array);
            links.push(Link {
                name: name(chain, seq),
                first_no,
                digests: digests.collect::<Result<_, _>>()?,
            });
            Ok(())
        })?;
        if links.is_empty() {
            break;
        }
        found.links += links.len() as u64;
        covered += verify_rows(query, chain, &links, found)?;
    }
    found.heads.push(hex::encode(head.digest));
    Ok(covered)
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

/// A link as it was read.
struct Link {
    name: String,
    first_no: i64,
    digests: Vec<[u8; 32]>,
}

/// Compares the rows of some links with their digests; answers how many rows there are.
fn verify_rows(
    query: &mut dyn Query,
    chain: i64,
    links: &[Link],
    found: &mut Verification,
) -> Result<u64, Fault> {
    let mut expected: BTreeMap<i64, (String, [u8; 32])> = BTreeMap::new();
    for Link {
        name,
        first_no,
        digests,
    } in links
    {
        let placed = (0_i64..).zip(digests);
        expected.extend(placed.map(|(place, digest)| {
            let name = format!("{name}/{place}");
            (first_no.saturating_add(place * STEP), (name, *digest))
        }));
    }
    let (Some((first, _)), Some((last, _))) =
        (expected.first_key_value(), expected.last_key_value())
    else {
        return Ok(0);
    };
    let range = [chain.into(), (*first).into(), (*last).into()];
    let mut covered = 0;
    query.query(&ROWS, &range, &mut |row| {
        let (Cell::Int(no), Cell::Blob(salt)) = (row.cell(0)?, row.cell(1)?) else {
            return Err(Fault::broken("a row of the log is not a row"));
        };
        let Some((name, digest)) = expected.remove(&no) else {
            return Ok(());
        };
        let hashed = (2..2 + HASHED.len()).map(|at| row.cell(at).map(owned));
        let hashed = hashed.collect::<Result<Vec<_>, _>>()?;
        covered += 1;
        if digest_of(salt, &hashed).as_ref() == digest.as_slice() {
            found.whole += 1;
        } else {
            found.altered.push(name);
        }
        Ok(())
    })?;
    found
        .missing
        .extend(expected.into_values().map(|(name, _)| name));
    Ok(covered)
}

fn owned(cell: Cell<'_>) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Int(int) => Value::Int(int),
        Cell::Text(text) => text.into(),
        Cell::Blob(bytes) => Value::Blob(bytes.to_vec()),
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
