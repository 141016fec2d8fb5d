//! What one organisation did, found by its own trail: the rows of the log that it caused, and of whom each is.

use basics::{Fault, Moment, Oin, SubjectId, Trace, uuid::Uuid};
use store::{Query, Sql, Value};

use crate::history::{AT_ONCE, around, millis_of};
use crate::places::EVERYBODY;
use crate::row::Row;

static ACTS: Sql = Sql::new(
    "SELECT audit_id, log_no FROM audit
     WHERE actor = $1 AND activity = $2 AND audit_id >= $3 AND audit_id < $4 AND log_no IS NOT NULL
     ORDER BY audit_id DESC LIMIT $5",
);
static ACTS_OF_TRACE: Sql = Sql::new(
    "SELECT audit_id, log_no FROM audit
     WHERE actor = $1 AND activity = $2 AND audit_id >= $3 AND audit_id < $4 AND log_no IS NOT NULL AND trace_id = $6
     ORDER BY audit_id DESC LIMIT $5",
);
static WHOSE: Sql = Sql::new(
    "SELECT log_no, subject_id FROM log WHERE log_no IN (
     $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
     $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49,
     $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64)",
);

/// A request is answered long before this; its trace begins with its moment.
const LONGEST_REQUEST_MILLIS: i64 = 15 * 60 * 1000;

/// What is asked for; of a trace that was made for a request.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Any of these.
    pub activities: Vec<String>,
    pub trace: Option<Trace>,
    /// Begun in or after the millisecond of this moment.
    pub since: Option<Moment>,
    /// Begun in or before the millisecond of this moment.
    pub until: Option<Moment>,
    /// Older than this one.
    pub before: Option<Uuid>,
    pub count: usize,
}

/// One row that the organisation caused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Orders by time.
    pub id: Uuid,
    pub subject: SubjectId,
    /// Of its row in the log.
    pub number: i64,
}

/// Some rows, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acts {
    /// Those that are still in the log.
    pub rows: Vec<Act>,
    /// Where to go on, when there were more: also behind rows that were swept or erased.
    pub next: Option<Uuid>,
}

/// At most as many as are wanted.
pub(crate) fn find(
    query: &mut dyn Query,
    organisation: &Oin,
    wanted: &Wanted,
) -> Result<Acts, Fault> {
    let [from, until] = range(wanted);
    let mut acts: Vec<(Uuid, i64)> = Vec::new();
    for activity in &wanted.activities {
        let mut params: Vec<Value> = vec![
            organisation.as_str().into(),
            activity.as_str().into(),
            from.as_str().into(),
            until.as_str().into(),
            i64::try_from(wanted.count + 1).unwrap_or(i64::MAX).into(),
        ];
        let sql = match wanted.trace {
            None => &ACTS,
            Some(trace) => {
                params.push(Value::Blob(trace.bytes().to_vec()));
                &ACTS_OF_TRACE
            }
        };
        query.query(sql, &params, &mut |row| {
            let row = Row { row, key: None };
            acts.push((row.id(0)?, row.int(1)?));
            Ok(())
        })?;
    }
    acts.sort_unstable_by(|one, other| other.cmp(one));
    let has_more = acts.len() > wanted.count;
    acts.truncate(wanted.count);
    let next = acts.last().filter(|_| has_more).map(|(id, _)| *id);
    let rows = whose(query, &acts)?;
    Ok(Acts { rows, next })
}

/// Ids from the first to what comes behind the last.
fn range(wanted: &Wanted) -> [String; 2] {
    let began = wanted.trace.map(|trace| millis_of(&trace));
    let since = wanted
        .since
        .map(|since| since.millis())
        .into_iter()
        .chain(began);
    let until = wanted.until.map(|until| until.millis()).into_iter();
    let until = until.chain(began.map(|began| began.saturating_add(LONGEST_REQUEST_MILLIS)));
    let from = since
        .max()
        .map_or(String::new(), |since| around(since)[0].clone());
    let until = until
        .min()
        .map_or("~".to_owned(), |until| around(until)[1].clone());
    let before = wanted.before.map(|id| id.hyphenated().to_string());
    [
        from,
        before.map_or(until.clone(), |before| before.min(until)),
    ]
}

fn whose(query: &mut dyn Query, acts: &[(Uuid, i64)]) -> Result<Vec<Act>, Fault> {
    let mut found = Vec::with_capacity(acts.len());
    query.about(Some(EVERYBODY));
    for part in acts.chunks(AT_ONCE) {
        let mut params: Vec<Value> = part.iter().map(|(_, number)| (*number).into()).collect();
        params.resize(AT_ONCE, part[0].1.into());
        let asked = query.query(&WHOSE, &params, &mut |row| {
            let row = Row { row, key: None };
            let (number, subject) = (row.int(0)?, row.id(1)?);
            let act = part.iter().find(|(_, of)| *of == number);
            found.extend(act.map(|(id, number)| Act {
                id: *id,
                subject,
                number: *number,
            }));
            Ok(())
        });
        if let Err(fault) = asked {
            query.about(None);
            return Err(fault);
        }
    }
    query.about(None);
    found.sort_unstable_by_key(|act| std::cmp::Reverse(act.id));
    Ok(found)
}
