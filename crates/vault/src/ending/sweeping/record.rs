//! The record of every sweep: when it ran, whether it came to its end, what went. By it a later one knows whether the clock leapt.

use std::collections::BTreeMap;
use std::sync::Arc;

use basics::{Fault, Moment};
use statement::Date;
use store::{Cell, Group, Insert, Query, Sql, Value, Work};
use tokio::sync::oneshot;

use super::clock::{ClockLeap, unexplained};
use super::{SWEEP, Swept};
use crate::Vault;
use crate::log::Ledger;

static LAST: Sql = Sql::new("SELECT MAX(sweep_no) FROM sweeps");
static BEGIN: Sql =
    Sql::new("INSERT INTO sweeps (sweep_no, began_at, confirmed) VALUES ($1, $2, $3)");
static END: Sql = Sql::new(
    "UPDATE sweeps SET ended_at = $2, removed = $3, files = $4, held = $5 WHERE sweep_no = $1",
);
static ADD_CATEGORY: Insert = Insert::new("swept", &["sweep_no", "category", "removed"]);
static FORGET_CATEGORIES: Sql = Sql::new(
    "DELETE FROM swept WHERE sweep_no IN (SELECT sweep_no FROM sweeps WHERE began_at <= $1 AND seal IS NULL)",
);
static FORGET: Sql = Sql::new("DELETE FROM sweeps WHERE began_at <= $1 AND seal IS NULL");
static ALL: Sql = Sql::new(
    "SELECT sweep_no, began_at, confirmed, ended_at, removed, files, held FROM sweeps ORDER BY sweep_no DESC LIMIT $1",
);
static CATEGORIES: Sql =
    Sql::new("SELECT category, removed FROM swept WHERE sweep_no = $1 ORDER BY category");

/// One sweep as it is recorded. It names nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepRecord {
    pub number: i64,
    pub began: Moment,
    /// The day that somebody named, when the clock alone was not believed.
    pub confirmed: Option<String>,
    /// None while it runs, and of one that was broken off.
    pub whole: Option<SweptWhole>,
}

/// What is known of a sweep that came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweptWhole {
    pub ended: Moment,
    pub rows: i64,
    pub files: i64,
    /// Of how many people something was kept longer.
    pub held: i64,
    pub categories: BTreeMap<String, i64>,
}

impl Vault {
    /// The last sweeps, the latest first.
    pub async fn sweeps(&self, most: i64) -> Result<Vec<SweepRecord>, Fault> {
        self.look(move |query| all(query, most)).await
    }

    /// Whether the clock is too far ahead to sweep by, unless somebody confirms it.
    pub async fn clock_leap(&self) -> Result<Option<ClockLeap>, Fault> {
        self.clock_leap_at(self.clock().now()).await
    }

    pub(in crate::ending) async fn clock_leap_at(
        &self,
        now: Moment,
    ) -> Result<Option<ClockLeap>, Fault> {
        let since = self.look(move |query| unexplained(query, now)).await?;
        Ok(since.map(|since| ClockLeap { since, now }))
    }

    /// Answers its number.
    pub(super) async fn begin_record(
        &self,
        at: Moment,
        confirmed: Option<Date>,
    ) -> Result<i64, Fault> {
        self.recorded(move |group| {
            let mut last = 0;
            group.query(&LAST, &[], &mut |row| {
                if let Cell::Int(number) = row.cell(0)? {
                    last = number;
                }
                Ok(())
            })?;
            let number = last.saturating_add(1);
            let confirmed = confirmed.map(|day| day.to_string());
            group.run(&BEGIN, &[number.into(), at.into(), confirmed.into()])?;
            Ok(number)
        })
        .await
    }

    /// And forgets the records of those that are older than what the log tells.
    pub(super) async fn end_record(
        &self,
        number: i64,
        began: Moment,
        swept: &Swept,
    ) -> Result<(), Fault> {
        let kept = self.door.keeping.log.as_ref();
        let calendar = &self.door.keeping.calendar;
        let old = kept.map(|(_, term)| calendar.ended(term, began).until());
        let ended = self.clock().now();
        let count = |count: u64| Value::from(i64::try_from(count).unwrap_or(i64::MAX));
        let held = count(swept.people_held() as u64);
        let all = [
            number.into(),
            ended.into(),
            count(swept.rows()),
            count(swept.files),
            held,
        ];
        let categories = swept.categories.iter();
        let categories: Vec<Vec<Value>> = categories
            .map(|(name, rows)| vec![number.into(), name.as_str().into(), count(*rows)])
            .collect();
        self.recorded(move |group| {
            group.run(&END, &all)?;
            if let Some(old) = old {
                group.run(&FORGET_CATEGORIES, &[old.into()])?;
                group.run(&FORGET, &[old.into()])?;
            }
            for row in &categories {
                group.add(&ADD_CATEGORY, row.clone());
            }
            Ok(())
        })
        .await
    }

    /// Writes in a table of the sweeps' own.
    pub(super) async fn recorded<T: Send + 'static>(
        &self,
        write: impl Fn(&mut Group<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        let store = Arc::clone(&self.store);
        store.write(Box::new(Recording {
            write,
            written: None,
            reply,
        }))?;
        crate::heard(answer).await
    }
}

struct Recording<F, T> {
    write: F,
    written: Option<T>,
    reply: oneshot::Sender<Result<T, Fault>>,
}

impl<F, T> Work<Ledger> for Recording<F, T>
where
    F: Fn(&mut Group<'_>) -> Result<T, Fault> + Send,
    T: Send,
{
    fn run(&mut self, group: &mut Group<'_>, _ledger: &mut Ledger) -> Result<(), Fault> {
        group.enter();
        let written = (self.write)(group);
        if group.is_halted() {
            return group.undo();
        }
        self.written = Some(written?);
        group.keep()
    }

    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        let Self { reply, written, .. } = *self;
        let written = outcome.and_then(|()| {
            written.ok_or_else(|| Fault::broken("a record of a sweep was not written"))
        });
        let _ = reply.send(written.map_err(|fault| fault.while_doing(SWEEP.0)));
    }
}

fn all(query: &mut dyn Query, most: i64) -> Result<Vec<SweepRecord>, Fault> {
    let mut found: Vec<SweepRecord> = Vec::new();
    query.query(&ALL, &[most.into()], &mut |row| {
        let (Cell::Int(number), Cell::Int(began)) = (row.cell(0)?, row.cell(1)?) else {
            return Err(Fault::broken("the record of a sweep is none"));
        };
        let confirmed = match row.cell(2)? {
            Cell::Text(day) => Some(day.to_owned()),
            _ => None,
        };
        let whole = match (row.cell(3)?, row.cell(4)?, row.cell(5)?, row.cell(6)?) {
            (Cell::Int(ended), Cell::Int(rows), Cell::Int(files), Cell::Int(held)) => {
                Some(SweptWhole {
                    ended: Moment::from_micros(ended),
                    rows,
                    files,
                    held,
                    categories: BTreeMap::new(),
                })
            }
            _ => None,
        };
        found.push(SweepRecord {
            number,
            began: Moment::from_micros(began),
            confirmed,
            whole,
        });
        Ok(())
    })?;
    for record in &mut found {
        let Some(whole) = &mut record.whole else {
            continue;
        };
        query.query(&CATEGORIES, &[record.number.into()], &mut |row| {
            if let (Cell::Text(name), Cell::Int(rows)) = (row.cell(0)?, row.cell(1)?) {
                whole.categories.insert(name.to_owned(), rows);
            }
            Ok(())
        })?;
    }
    Ok(found)
}
