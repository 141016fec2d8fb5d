//! The processing log: a row per processing per person, chained over salted digests, one link a commit.

use std::collections::BTreeMap;

use basics::{Activity, Fault, Ids, Moment, SpanId, SubjectId, Trace};
use ring::digest::{self, SHA256};
use store::{Cell, Companion, Group, Insert, Query, Reader, Sql, Value};

use crate::heads::NotedHead;
use crate::keys::{NewKey, SharedKeyring};
use crate::seal::fill_random;

static ADD_ROW: Insert = Insert::new(
    "log",
    &[
        "log_id",
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
        "chain",
        "seq",
        "place",
    ],
);
static ADD_LINK: Insert = Insert::new("log_chain", &["chain", "seq", "digests", "head", "at"]);
static ADD_AUDIT: Insert = Insert::new(
    "audit",
    &[
        "audit_id", "trace_id", "activity", "role", "actor", "status", "at",
    ],
);
static LAST_LINK: Sql =
    Sql::new("SELECT seq, head FROM log_chain WHERE chain = $1 ORDER BY seq DESC LIMIT 1");
static LINKS: Sql = Sql::new(
    "SELECT seq, digests, head FROM log_chain WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT 512",
);
static ROWS: Sql = Sql::new(
    "SELECT seq, place, log_id, subject_id, trace_id, span_id, parent_span_id, status, activity, statement_version,
            start_time, end_time, salt
     FROM log WHERE chain = $1 AND seq > $2 AND seq <= $3 ORDER BY seq, place",
);
static UNLINKED: Sql =
    Sql::new("SELECT CAST(COUNT(*) AS BIGINT) FROM log WHERE chain <> $1 OR seq > $2");

/// The embedded engine has one writer, so one chain.
const CHAIN: &str = "main";

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
    pub(crate) id: String,
    pub(crate) subject: SubjectId,
    pub(crate) trace: Trace,
    pub(crate) span: SpanId,
    pub(crate) status: Status,
    pub(crate) activity: Activity,
    pub(crate) statement_version: String,
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
    head: Head,
    next: Head,
    rows: Vec<LogRow>,
    audits: Vec<AuditRow>,
    pub(crate) new_keys: Vec<NewKey>,
}

#[derive(Clone, Copy)]
struct Head {
    seq: i64,
    digest: [u8; 32],
}

impl Ledger {
    pub(crate) fn open(keyring: SharedKeyring, reader: &mut Reader) -> Result<Self, Fault> {
        let mut head = Head {
            seq: 0,
            digest: [0; 32],
        };
        reader.query(&LAST_LINK, &[CHAIN.into()], &mut |row| {
            if let (Cell::Int(seq), Cell::Blob(digest)) = (row.cell(0)?, row.cell(1)?) {
                head = Head {
                    seq,
                    digest: array(digest)?,
                };
            }
            Ok(())
        })?;
        Ok(Self {
            keyring,
            head,
            next: head,
            rows: Vec::new(),
            audits: Vec::new(),
            new_keys: Vec::new(),
        })
    }

    pub(crate) fn note(&mut self, row: LogRow) {
        self.rows.push(row);
    }
    pub(crate) fn note_actor(&mut self, row: AuditRow) {
        self.audits.push(row);
    }
}

impl Companion for Ledger {
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
            group.add(&ADD_AUDIT, audit.values());
        }
        if self.rows.is_empty() {
            return Ok(());
        }
        let seq = self.head.seq + 1;
        let mut digests = Vec::with_capacity(self.rows.len() * 32);
        let mut at = Moment::from_micros(0);
        for (place, row) in (0_i64..).zip(self.rows.drain(..)) {
            at = at.max(row.end);
            let mut salt = [0; 16];
            fill_random(&mut salt);
            let row = row.values();
            digests.extend_from_slice(digest_of(&salt, &row).as_ref());
            group.add(
                &ADD_ROW,
                [
                    row,
                    vec![
                        Value::Blob(salt.to_vec()),
                        CHAIN.into(),
                        seq.into(),
                        place.into(),
                    ],
                ]
                .concat(),
            );
        }
        let digest = link(&self.head.digest, seq, &digests);
        group.add(
            &ADD_LINK,
            vec![
                CHAIN.into(),
                seq.into(),
                Value::Blob(digests),
                Value::Blob(digest.to_vec()),
                at.into(),
            ],
        );
        self.next = Head { seq, digest };
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

impl LogRow {
    pub(crate) fn new_id(ids: &Ids, at: Moment) -> String {
        ids.ordered(at).hyphenated().to_string()
    }

    fn values(self) -> Vec<Value> {
        vec![
            self.id.into(),
            self.subject.to_string().into(),
            Value::Blob(self.trace.bytes().to_vec()),
            Value::Blob(self.span.bytes().to_vec()),
            Value::Null,
            self.status.name().into(),
            self.activity.0.into(),
            self.statement_version.into(),
            self.start.into(),
            self.end.into(),
        ]
    }
}

impl AuditRow {
    fn values(self) -> Vec<Value> {
        vec![
            self.id.into(),
            Value::Blob(self.trace.bytes().to_vec()),
            self.activity.0.into(),
            self.role.into(),
            self.actor.into(),
            self.status.name().into(),
            self.at.into(),
        ]
    }
}

/// What `verify` found. Places are `seq/place` in the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    pub links: u64,
    pub whole: u64,
    pub missing: Vec<String>,
    pub altered: Vec<String>,
    /// Rows that no link covers.
    pub unlinked: u64,
    /// The first link whose head does not follow from the one before it.
    pub broken_link: Option<i64>,
    /// Links that were noted outside the database and are not there any more, or are other ones: the tail was cut or rewritten.
    pub lost_links: Vec<i64>,
    pub head: String,
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

/// Walks the chain: every link follows from the one before, every digest has its row, every row its digest.
pub(crate) fn verify(query: &mut dyn Query, noted: &[NotedHead]) -> Result<Verification, Fault> {
    let mut found = Verification::default();
    let mut noted: BTreeMap<i64, &str> = noted
        .iter()
        .map(|noted| (noted.seq, noted.head.as_str()))
        .collect();
    let mut head = Head {
        seq: 0,
        digest: [0; 32],
    };
    loop {
        let mut links: Vec<(i64, Vec<[u8; 32]>)> = Vec::new();
        let from = head.seq;
        query.query(&LINKS, &[CHAIN.into(), from.into()], &mut |row| {
            let (Cell::Int(seq), Cell::Blob(digests), Cell::Blob(stored)) =
                (row.cell(0)?, row.cell(1)?, row.cell(2)?)
            else {
                return Err(Fault::broken("a link of the log is not a link"));
            };
            let digest = link(&head.digest, seq, digests);
            if found.broken_link.is_none() && (seq != head.seq + 1 || digest.as_slice() != stored) {
                found.broken_link = Some(seq);
            }
            head = Head {
                seq,
                digest: array(stored)?,
            };
            if noted
                .get(&seq)
                .is_some_and(|noted| *noted == hex::encode(head.digest))
            {
                noted.remove(&seq);
            }
            links.push((
                seq,
                digests
                    .chunks_exact(32)
                    .map(array)
                    .collect::<Result<_, _>>()?,
            ));
            Ok(())
        })?;
        if links.is_empty() {
            break;
        }
        found.links += links.len() as u64;
        verify_rows(query, from, head.seq, &links, &mut found)?;
    }
    query.query(&UNLINKED, &[CHAIN.into(), head.seq.into()], &mut |row| {
        if let Cell::Int(count) = row.cell(0)? {
            found.unlinked += count.unsigned_abs();
        }
        Ok(())
    })?;
    found.head = hex::encode(head.digest);
    found.lost_links = noted.into_keys().collect();
    Ok(found)
}

/// Where the chain stands now; none before its first link.
pub(crate) fn head(query: &mut dyn Query) -> Result<Option<NotedHead>, Fault> {
    let mut head = None;
    query.query(&LAST_LINK, &[CHAIN.into()], &mut |row| {
        if let (Cell::Int(seq), Cell::Blob(digest)) = (row.cell(0)?, row.cell(1)?) {
            head = Some(NotedHead {
                seq,
                head: hex::encode(digest),
            });
        }
        Ok(())
    })?;
    Ok(head)
}

fn verify_rows(
    query: &mut dyn Query,
    after: i64,
    to: i64,
    links: &[(i64, Vec<[u8; 32]>)],
    found: &mut Verification,
) -> Result<(), Fault> {
    let mut expected: BTreeMap<(i64, i64), [u8; 32]> = links
        .iter()
        .flat_map(|(seq, digests)| {
            (0_i64..)
                .zip(digests)
                .map(|(place, digest)| ((*seq, place), *digest))
        })
        .collect();
    query.query(
        &ROWS,
        &[CHAIN.into(), after.into(), to.into()],
        &mut |row| {
            let (Cell::Int(seq), Cell::Int(place), Cell::Blob(salt)) =
                (row.cell(0)?, row.cell(1)?, row.cell(12)?)
            else {
                return Err(Fault::broken("a row of the log is not a row"));
            };
            let values = (2..12)
                .map(|at| row.cell(at).map(owned))
                .collect::<Result<Vec<_>, _>>()?;
            match expected.remove(&(seq, place)) {
                Some(digest) if digest_of(salt, &values).as_ref() == digest.as_slice() => {
                    found.whole += 1
                }
                Some(_) => found.altered.push(format!("{seq}/{place}")),
                None => found.unlinked += 1,
            }
            Ok(())
        },
    )?;
    found
        .missing
        .extend(expected.keys().map(|(seq, place)| format!("{seq}/{place}")));
    Ok(())
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

fn link(before: &[u8; 32], seq: i64, digests: &[u8]) -> [u8; 32] {
    let mut context = digest::Context::new(&SHA256);
    context.update(before);
    context.update(&seq.to_be_bytes());
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
