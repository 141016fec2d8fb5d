//! What was done with one person's data, newest first: the rows of the log that are theirs, found through the runs of places.

use std::collections::BTreeMap;

use basics::{Actor, Fault, ForeignSpan, Moment, Oin, Refusal, SpanId, SubjectId, Trace};
use store::{Sql, Value};

use crate::disclosing::GIVING;
use crate::log;
use crate::processing::Processing;
use crate::row::Row;
use crate::tx::ReadTx;

pub(crate) use statement::LOGGED;

/// Rows and runs are looked up so many at a time.
pub(crate) const AT_ONCE: usize = 64;

static RUNS: Sql = Sql::new(
    "SELECT run_no, chain, placed_to FROM log_runs WHERE placed_to IS NOT NULL ORDER BY run_no",
);
static PLACES: Sql = Sql::new(
    "SELECT log_no FROM log_places WHERE subject_id = $1 AND run_no IN (
     $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26,
     $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50,
     $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64, $65)",
);
/// What no run holds yet.
static TAIL: Sql = Sql::new("SELECT log_no FROM log WHERE subject_id = $1 AND log_no > $2");
static ROWS: Sql = Sql::new(
    "SELECT log_no, trace_id, span_id, parent_span_id, foreign_trace_id, foreign_oin, status, activity, statement_version,
            start_time, end_time FROM log
     WHERE subject_id = $1 AND log_no IN (
     $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26,
     $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50,
     $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64, $65)
     ORDER BY log_no DESC",
);
/// An id of `audit` begins with the moment at which its processing began, as the log has it.
static ACTED: Sql = Sql::new(
    "SELECT role, actor, recipient, data, audit_id FROM audit WHERE audit_id >= $1 AND audit_id < $2 AND trace_id = $3 AND activity = $4",
);
static BY_LAW: Sql = Sql::new("SELECT law, article FROM givings WHERE audit_id = $1");

/// A processing of another organisation that called for ours. Which organisation we know; the ids are its own word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    pub organisation: Oin,
    pub trace: Trace,
    pub span: SpanId,
}

impl Foreign {
    pub(crate) fn of(processing: &Processing) -> Option<Self> {
        match (&processing.actor, processing.foreign) {
            (Actor::Organisation(oin), Some(ForeignSpan { trace, span })) => Some(Self {
                organisation: oin.clone(),
                trace,
                span,
            }),
            _ => None,
        }
    }

    /// From these columns of a row: span, trace, organisation.
    fn read(row: &Row<'_>, columns: [usize; 3]) -> Result<Option<Self>, Fault> {
        let [span, trace, organisation] = columns;
        let found = (
            row.opt_blob(span)?,
            row.opt_blob(trace)?,
            row.opt_text(organisation)?,
        );
        let (Some(span), Some(trace), Some(organisation)) = found else {
            return Ok(None);
        };
        let organisation = Oin::parse(organisation);
        Ok(Some(Self {
            organisation: organisation
                .map_err(|_| Fault::broken("an OIN of the log does not read"))?,
            trace: Trace::from_bytes(array(trace)?),
            span: SpanId::from_bytes(array(span)?),
        }))
    }
}

/// One row of the log: one processing of one person's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Processed {
    /// Its number in the log: grows with time, and is nobody else's.
    pub number: i64,
    pub subject: SubjectId,
    pub trace: Trace,
    pub span: SpanId,
    /// What called for it elsewhere.
    pub foreign: Option<Foreign>,
    pub went_well: bool,
    /// A line of the statement, by its name there.
    pub activity: String,
    /// The version of the statement that was in force.
    pub statement_version: String,
    pub start: Moment,
    pub end: Moment,
}

impl Processed {
    /// Whether this row, and so every row with a lower number, was committed before this moment: its number begins with its
    /// own, also after a clock was set back.
    pub const fn committed_before(&self, moment: Moment) -> bool {
        self.number < number_at(moment)
    }
}

/// The number that a row has which is committed at this moment: what is committed later has a higher one.
pub const fn number_at(moment: Moment) -> i64 {
    log::number(moment, 0)
}

/// Who acted, where it was not the person themselves: never which member of a staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acted {
    /// In the statement's terms.
    pub role: String,
    pub organisation: Option<Oin>,
}

/// What went to someone outside, by the statement's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub recipient: String,
    pub data: Vec<String>,
    /// The legal source that was named for it, with the article, where it did not go by itself.
    pub law: Option<(String, Option<String>)>,
}

/// The rows of one person on their way, newest first.
pub struct History {
    /// Runs not looked into yet, the oldest first.
    runs: Vec<i64>,
    /// Found and not yet read, the oldest first.
    numbers: Vec<i64>,
    before: i64,
    /// Read and not yet given, the oldest first.
    read: Vec<Processed>,
}

impl ReadTx<'_> {
    /// What was done with the data of the person this closure is on, before the row with this number or up to now. Its own
    /// row is not among it: that is written afterwards.
    ///
    /// Errors: an activity that may not read what the log holds.
    pub fn history(&mut self, before: Option<i64>) -> Result<History, Fault> {
        self.may_read_log()?;
        let mut runs = Vec::new();
        let mut placed_to = BTreeMap::new();
        self.ask(&RUNS, &[], |row| {
            runs.push(row.int(0)?);
            placed_to.insert(row.int(1)?, row.int(2)?);
            Ok(())
        })?;
        let placed_to = placed_to.into_values().min().unwrap_or(0);
        let before = before.unwrap_or(i64::MAX);
        let mut history = History {
            runs,
            numbers: Vec::new(),
            before,
            read: Vec::new(),
        };
        let about = [self.subject()?.to_string().into(), placed_to.into()];
        history.found(self, &TAIL, &about)?;
        Ok(history)
    }

    /// The rows with these numbers, as far as they are of the person this closure is on, the newest first.
    ///
    /// Errors: an activity that may not read what the log holds.
    pub fn processed(&mut self, numbers: &[i64]) -> Result<Vec<Processed>, Fault> {
        self.may_read_log()?;
        let subject = self.subject()?;
        let mut rows = Vec::with_capacity(numbers.len());
        for part in numbers.chunks(AT_ONCE) {
            self.ask(&ROWS, &padded(subject, part), |row| {
                rows.push(processed(row, subject)?);
                Ok(())
            })?;
        }
        rows.sort_unstable_by_key(|row: &Processed| std::cmp::Reverse(row.number));
        Ok(rows)
    }

    /// Who acted in a processing of the person this closure is on (none: they themselves, or who the statement's line names),
    /// and what of it went outside.
    pub fn acted(&mut self, processed: &Processed) -> Result<(Option<Acted>, Vec<Given>), Fault> {
        self.may_read_log()?;
        if processed.subject != self.subject()? {
            return Err(Fault::breached("asks who acted for somebody else"));
        }
        let [from, until] = around(processed.start.millis());
        let params = [
            from.into(),
            until.into(),
            Value::Blob(processed.trace.bytes().to_vec()),
            processed.activity.as_str().into(),
        ];
        let (mut acted, mut given) = (None, Vec::new());
        self.ask(&ACTED, &params, |row| {
            let (role, recipient) = (row.text(0)?, row.opt_text(2)?);
            // What goes outside is noted also where the person themselves lets it go.
            if role != "betrokkene" || recipient.is_none() {
                acted = Some(Acted {
                    role: role.to_owned(),
                    organisation: Oin::parse(row.text(1)?).ok(),
                });
            }
            let Some(recipient) = recipient else {
                return Ok(());
            };
            let went = Given {
                recipient: recipient.to_owned(),
                data: names(row.opt_text(3)?),
                law: None,
            };
            given.push((row.text(4)?.to_owned(), went));
            Ok(())
        })?;
        if GIVING.iter().any(|giving| giving.0 == processed.activity) {
            for (audit, given) in &mut given {
                given.law = self.law_of(audit)?;
            }
        }
        Ok((acted, given.into_iter().map(|(_, given)| given).collect()))
    }

    fn law_of(&mut self, audit: &str) -> Result<Option<(String, Option<String>)>, Fault> {
        let mut named = None;
        self.ask(&BY_LAW, &[audit.into()], |row| {
            let article = row.opt_text(1)?.map(str::to_owned);
            named = row.opt_text(0)?.map(|law| (law.to_owned(), article));
            Ok(())
        })?;
        Ok(named)
    }

    pub(crate) fn may_read_log(&self) -> Result<(), Fault> {
        let logged = self.register().category(LOGGED);
        let granted = self.granted();
        if granted.is_some_and(|grant| logged.is_some_and(|logged| grant.reads.has(logged))) {
            return Ok(());
        }
        Err(Fault::refused(
            Refusal::Category(LOGGED.to_owned()),
            self.activity().to_string(),
        ))
    }
}

impl History {
    /// The next row, older than the one before.
    pub fn next(&mut self, tx: &mut ReadTx<'_>) -> Result<Option<Processed>, Fault> {
        if self.read.is_empty() {
            self.read_on(tx)?;
        }
        Ok(self.read.pop())
    }

    fn read_on(&mut self, tx: &mut ReadTx<'_>) -> Result<(), Fault> {
        // Every number of a run is at most the run's own: what is above the next run's comes before all that it holds.
        while !self.is_next_known() {
            self.look_into_runs(tx)?;
        }
        let next_run = self.runs.last().copied().unwrap_or(i64::MIN);
        let known = self.numbers.partition_point(|number| *number <= next_run);
        let taken = self.numbers.len().saturating_sub(AT_ONCE).max(known);
        let numbers = self.numbers.split_off(taken);
        if numbers.is_empty() {
            return Ok(());
        }
        let subject = tx.subject()?;
        let params = padded(subject, &numbers);
        let mut read = Vec::with_capacity(numbers.len());
        tx.ask(&ROWS, &params, |row| {
            read.push(processed(row, subject)?);
            Ok(())
        })?;
        read.reverse();
        self.read = read;
        Ok(())
    }

    fn is_next_known(&self) -> bool {
        match (self.runs.last(), self.numbers.last()) {
            (None, _) => true,
            (Some(run), Some(number)) => number > run,
            (Some(_), None) => false,
        }
    }

    fn look_into_runs(&mut self, tx: &mut ReadTx<'_>) -> Result<(), Fault> {
        let at_once = self.runs.len().saturating_sub(AT_ONCE);
        let runs = self.runs.split_off(at_once);
        let params = padded(tx.subject()?, &runs);
        self.found(tx, &PLACES, &params)
    }

    fn found(&mut self, tx: &mut ReadTx<'_>, sql: &Sql, params: &[Value]) -> Result<(), Fault> {
        let (numbers, before) = (&mut self.numbers, self.before);
        tx.ask(sql, params, |row| {
            numbers.extend(Some(row.int(0)?).filter(|number| *number < before));
            Ok(())
        })?;
        // A row that a run holds can be behind the end of another chain's runs as well.
        numbers.sort_unstable();
        numbers.dedup();
        Ok(())
    }
}

fn padded(subject: SubjectId, numbers: &[i64]) -> Vec<Value> {
    let mut params = vec![subject.to_string().into()];
    params.extend(numbers.iter().map(|number| Value::from(*number)));
    let last = numbers.last().copied().unwrap_or(0);
    params.resize(AT_ONCE + 1, last.into());
    params
}

fn names(listed: Option<&str>) -> Vec<String> {
    let listed = listed.unwrap_or_default().split(", ");
    listed
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The ids that begin in this millisecond: from the first, to what comes behind the last.
pub(crate) fn around(millis: i64) -> [String; 2] {
    [millis, millis.saturating_add(1)]
        .map(|millis| format!("{:08x}-{:04x}", millis >> 16, millis & 0xffff))
}

/// The millisecond in which a trace was made for a request.
pub(crate) fn millis_of(trace: &Trace) -> i64 {
    let moment = trace.bytes()[..6].iter();
    moment.fold(0, |millis, byte| millis << 8 | i64::from(*byte))
}

/// A row in the order of `ROWS`.
pub(crate) fn processed(row: &Row<'_>, subject: SubjectId) -> Result<Processed, Fault> {
    Ok(Processed {
        number: row.int(0)?,
        subject,
        trace: Trace::from_bytes(array(row.blob(1)?)?),
        span: SpanId::from_bytes(array(row.blob(2)?)?),
        foreign: Foreign::read(row, [3, 4, 5])?,
        went_well: row.text(6)? == "Ok",
        activity: row.text(7)?.to_owned(),
        statement_version: row.text(8)?.to_owned(),
        start: row.moment(9)?,
        end: row.moment(10)?,
    })
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Fault> {
    bytes
        .try_into()
        .map_err(|_| Fault::broken("an id of the log has another length"))
}
