//! Verifying the log: every link follows from the one before, every digest has its row, or it is known why not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use basics::Fault;
use store::{Cell, Query, Sql, Value};

use super::swept::{SweptTo, last_of_ours, notes};
use super::{HASHED, Head, REMOVAL_HASHED, STEP, array, chains, digest_of, link, name};
use crate::Vault;
use crate::heads::{NotedHead, NotedSweep};
use crate::keys::Keyring;

static LINKS: Sql = Sql::new(
    "SELECT seq, first_no, digests, head FROM log_chain WHERE chain = $1 AND first_no > $2 ORDER BY first_no LIMIT 512",
);
static ROWS: Sql = Sql::new(
    "SELECT log_no, salt, subject_id, trace_id, span_id, parent_span_id, foreign_trace_id, foreign_oin, status,
            activity, statement_version, start_time, end_time
     FROM log WHERE chain = $1 AND log_no >= $2 AND log_no <= $3 ORDER BY log_no",
);
static REMOVALS: Sql = Sql::new(
    "SELECT removal_no, salt, numbers, at FROM log_removals WHERE chain = $1 AND removal_no >= $2 AND removal_no <= $3 ORDER BY removal_no",
);
static ALL_ROWS: Sql = Sql::new(
    "SELECT CAST(COUNT(*) AS BIGINT) FROM log UNION ALL SELECT CAST(COUNT(*) AS BIGINT) FROM log_removals",
);

/// What `verify` found. A link is named `seq`, or `chain.seq` where more than one writes; a row `link/place`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    pub links: u64,
    pub whole: u64,
    /// Rows that a sweep removed, as it noted: their digest is all that is left.
    pub swept: u64,
    /// Rows of people who were erased, as the chain itself says.
    pub erased: u64,
    /// Rows that are gone, and nothing says why.
    pub missing: Vec<String>,
    pub altered: Vec<String>,
    /// Rows that no link covers.
    pub unlinked: u64,
    /// The first link whose head does not follow from the one before it.
    pub broken_link: Option<String>,
    /// Links that were noted outside the database and are not there any more, or are other ones: the tail was cut or rewritten.
    pub lost_links: Vec<String>,
    /// Notes of how far a sweep went that no sweep made, or that were changed since: the numbers of those sweeps.
    pub forged_notes: Vec<i64>,
    /// The sweep whose note lies outside the database, while neither that nor a later one is in it.
    pub lost_note: Option<i64>,
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
            && self.forged_notes.is_empty()
            && self.lost_note.is_none()
    }
}

impl Vault {
    /// Walks the log's chain: whole, missing or altered, and where; and whether every head noted outside is still in it.
    pub async fn verify_log(&self) -> Result<Verification, Fault> {
        let (noted, swept) = (self.heads.all()?, self.heads.last_sweep()?);
        let keyring = Arc::clone(&self.door.keyring);
        let mut inspector = self.store.inspector()?;
        let verified = tokio::task::spawn_blocking(move || {
            inspector.snapshot(|query| verify(query, &noted, swept.as_ref(), &keyring))
        });
        verified
            .await
            .map_err(|_| Fault::broken("verifying the log broke off"))??
    }
}

/// Walks every chain: every link follows from the one before, every digest has its row, every row its digest.
/// What a sweep removed says its own note, whatever the statement in force has for a term.
fn verify(
    query: &mut dyn Query,
    noted: &[NotedHead],
    noted_sweep: Option<&NotedSweep>,
    keyring: &Keyring,
) -> Result<Verification, Fault> {
    let mut found = Verification::default();
    let notes = notes(query, keyring)?;
    let last = last_of_ours(&notes);
    let others = notes.iter().filter(|note| !note.is_ours);
    found.forged_notes = others.map(|note| note.swept.number).collect();
    found.lost_note = noted_sweep
        .filter(|noted| !last.is_some_and(|last| noted.is_known_by(last)))
        .map(|noted| noted.number);
    let mut rows = Rows {
        swept: last.map(|note| note.swept.clone()),
        ..Rows::default()
    };
    let mut noted: BTreeMap<(i64, i64), &str> = noted
        .iter()
        .map(|noted| ((noted.chain, noted.seq), noted.head.as_str()))
        .collect();
    let mut covered = 0;
    for chain in chains(query)? {
        covered += verify_chain(query, chain, &mut noted, &mut rows, &mut found)?;
    }
    let mut all = 0;
    query.query(&ALL_ROWS, &[], &mut |row| {
        if let Cell::Int(count) = row.cell(0)? {
            all += count.unsigned_abs();
        }
        Ok(())
    })?;
    found.unlinked = all.saturating_sub(covered);
    for (number, name) in rows.missing {
        match rows.removed.contains(&number) {
            true => found.erased += 1,
            false => found.missing.push(name),
        }
    }
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
    rows: &mut Rows,
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
        covered += verify_rows(query, chain, &links, rows, found)?;
    }
    found.heads.push(hex::encode(head.digest));
    Ok(covered)
}

/// What is learned of rows on the way along the chains.
#[derive(Default)]
struct Rows {
    swept: Option<SweptTo>,
    /// Not there, and by no sweep.
    missing: BTreeMap<i64, String>,
    /// Named by a removal that is whole.
    removed: BTreeSet<i64>,
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
    rows: &mut Rows,
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
    for (sql, hashed) in [(&ROWS, HASHED.len()), (&REMOVALS, REMOVAL_HASHED.len())] {
        query.query(sql, &range, &mut |row| {
            let (Cell::Int(no), Cell::Blob(salt)) = (row.cell(0)?, row.cell(1)?) else {
                return Err(Fault::broken("a row of the log is not a row"));
            };
            let Some((name, digest)) = expected.remove(&no) else {
                return Ok(());
            };
            let hashed = (2..2 + hashed).map(|at| row.cell(at).map(owned));
            let hashed = hashed.collect::<Result<Vec<_>, _>>()?;
            covered += 1;
            if digest_of(salt, &hashed).as_ref() != digest.as_slice() {
                found.altered.push(name);
                return Ok(());
            }
            found.whole += 1;
            if let [Value::Blob(numbers), _] = hashed.as_slice() {
                let numbers = numbers.as_chunks().0.iter();
                rows.removed
                    .extend(numbers.map(|number| i64::from_be_bytes(*number)));
            }
            Ok(())
        })?;
    }
    for (number, (name, _)) in expected {
        match rows.swept.as_ref().is_some_and(|swept| swept.takes(number)) {
            true => found.swept += 1,
            false => drop(rows.missing.insert(number, name)),
        }
    }
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
