//! The sweep of what lies beside the log: who acted, why something was given, what an erasure took. Each goes when the rows of
//! the log that it is about have gone, which are known by their numbers: those up to one, but for some that are left.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use basics::{Fault, Moment};
use statement::Mask;
use store::{Cell, LogRows, Query, Sql, Value};

use super::Swept;
use crate::Vault;
use crate::history::around;

/// Acts looked at in one go, and removed in one commit; fewer when somebody would wait for it.
const STEP: i64 = 1_000;
const STEP_BETWEEN: i64 = 100;
const ERASURES_AT_ONCE: i64 = 64;

/// Of an act's id this is the millisecond in which it began: what came of the same stands together.
const MILLISECOND: usize = 13;

static ACTS: Sql = Sql::new(
    "SELECT audit_id, trace_id, log_no FROM audit WHERE audit_id > $1 AND audit_id < $2 ORDER BY audit_id LIMIT $3",
);
static GIVINGS_BETWEEN: Sql =
    Sql::new("SELECT CAST(COUNT(*) AS BIGINT) FROM givings WHERE audit_id >= $1 AND audit_id < $2");
static ACTS_BETWEEN: Sql =
    Sql::new("SELECT CAST(COUNT(*) AS BIGINT) FROM audit WHERE audit_id >= $1 AND audit_id < $2");
static GIVING_OF: Sql =
    Sql::new("SELECT CAST(COUNT(*) AS BIGINT) FROM givings WHERE audit_id = $1");
static ERASURES: Sql = Sql::new(
    "SELECT removal_no, numbers FROM log_removals WHERE removal_no > $1 AND removal_no <= $2 ORDER BY removal_no LIMIT $3",
);

/// Rows of the log that a sweep has removed, or would.
#[derive(Clone)]
pub(super) struct Gone {
    /// Before this moment they began, …
    pub(super) ended: Moment,
    /// … up to this number they are gone, …
    pub(super) until: i64,
    /// … but for these.
    pub(super) left: Arc<BTreeSet<i64>>,
}

impl Gone {
    fn stands(&self, number: i64) -> bool {
        number > self.until || self.left.contains(&number)
    }
}

/// What lies beside them.
#[derive(Clone, Copy, Default)]
pub(super) struct Beside {
    pub(super) acts: u64,
    pub(super) givings: u64,
    pub(super) erasures: u64,
}

impl Beside {
    /// `categories` are those of the log.
    pub(super) fn tell(self, vault: &Vault, categories: Mask, swept: &mut Swept) {
        for (table, rows) in [
            ("audit", self.acts),
            ("givings", self.givings),
            ("log_removals", self.erasures),
        ] {
            swept.add(&vault.door, table, rows, categories);
        }
    }
}

impl Vault {
    /// Removes it; of a trial it is counted.
    pub(super) async fn sweep_beside(&self, gone: &Gone, is_trial: bool) -> Result<Beside, Fault> {
        let (acts, givings) = self.sweep_acts(gone, is_trial).await?;
        let erasures = self.sweep_erasures(gone, is_trial).await?;
        Ok(Beside {
            acts,
            givings,
            erasures,
        })
    }

    async fn sweep_acts(&self, gone: &Gone, is_trial: bool) -> Result<(u64, u64), Fault> {
        let [before, _] = around(gone.ended.millis());
        let (mut behind, mut acts, mut givings) = (String::new(), 0, 0);
        loop {
            let most = match self.door.traffic.is_quiet() {
                true => STEP,
                false => STEP_BETWEEN,
            };
            let (range, of) = (behind..before.clone(), gone.clone());
            let looked = self.look(move |query| Acts::ended(query, &range, most, &of));
            let Acts { last, ended } = looked.await?;
            let Some(last) = last else {
                return Ok((acts, givings));
            };
            behind = last;
            acts += ended.len() as u64;
            if ended.is_empty() {
                continue;
            }
            givings += match is_trial {
                true => self.look(move |query| givings_of(query, &ended)).await?,
                false => {
                    let before = before.clone();
                    let removed = self.recorded(move |group| {
                        let (ids, before) = (ended.as_slice(), before.as_str());
                        let givings = group.remove_from_log(LogRows::Givings { ids, before })?;
                        group.remove_from_log(LogRows::Acts { ids, before })?;
                        Ok(givings)
                    });
                    self.door.traffic.give_way(removed).await?
                }
            };
        }
    }

    /// The notes of erasures of which every row would have gone by its term. What was left and is not there any more is gone by
    /// right as long as a note says so.
    async fn sweep_erasures(&self, gone: &Gone, is_trial: bool) -> Result<u64, Fault> {
        let (mut behind, mut erasures) = (i64::MIN, 0);
        loop {
            let of = gone.clone();
            let (last, ended) = self
                .look(move |query| ended_erasures(query, behind, &of))
                .await?;
            let Some(last) = last else {
                return Ok(erasures);
            };
            behind = last;
            erasures += ended.len() as u64;
            if !is_trial && !ended.is_empty() {
                self.recorded(move |group| group.remove_from_log(LogRows::Removals(&ended)))
                    .await?;
            }
        }
    }

    /// What of it began from one moment to another.
    pub(super) async fn beside_between(&self, time: [Moment; 2]) -> Result<Beside, Fault> {
        let between = time.map(|moment| {
            let [begins, _] = around(moment.millis());
            Value::from(begins)
        });
        self.look(move |query| {
            Ok(Beside {
                acts: number_of(query, &ACTS_BETWEEN, &between)?,
                givings: number_of(query, &GIVINGS_BETWEEN, &between)?,
                erasures: 0,
            })
        })
        .await
    }
}

/// Acts in the order of their ids.
struct Acts {
    /// The last that was looked at; none when there were none.
    last: Option<String>,
    /// Those of which nothing that came of the same stands in the log.
    ended: Vec<String>,
}

/// Who acted in something.
struct Act {
    id: String,
    trace: Vec<u8>,
    stands: bool,
}

impl Act {
    /// What came of the same has this too.
    fn same(&self) -> (&str, &[u8]) {
        (millisecond(&self.id), &self.trace)
    }
}

impl Acts {
    /// Looks at so many, and at the rest of what began with the last.
    fn ended(
        query: &mut dyn Query,
        range: &Range<String>,
        most: i64,
        gone: &Gone,
    ) -> Result<Self, Fault> {
        let mut acts = some_acts(query, range, most, gone)?;
        let last = acts.last().map(|act| act.id.clone());
        if let Some(last) = last {
            let end = format!("{}~", millisecond(&last));
            acts.extend(some_acts(query, &(last..end), i64::MAX, gone)?);
        }
        let standing = acts.iter().filter(|act| act.stands);
        let standing: BTreeSet<_> = standing.map(Act::same).collect();
        let ended = acts.iter().filter(|act| !standing.contains(&act.same()));
        Ok(Self {
            ended: ended.map(|act| act.id.clone()).collect(),
            last: acts.last().map(|act| act.id.clone()),
        })
    }
}

fn some_acts(
    query: &mut dyn Query,
    range: &Range<String>,
    most: i64,
    gone: &Gone,
) -> Result<Vec<Act>, Fault> {
    let mut acts = Vec::new();
    let values = [
        range.start.as_str().into(),
        range.end.as_str().into(),
        most.into(),
    ];
    query.query(&ACTS, &values, &mut |row| {
        let (Cell::Text(id), Cell::Blob(trace)) = (row.cell(0)?, row.cell(1)?) else {
            return Err(Fault::broken("who acted stands under no id"));
        };
        acts.push(Act {
            id: id.to_owned(),
            trace: trace.to_vec(),
            stands: matches!(row.cell(2)?, Cell::Int(number) if gone.stands(number)),
        });
        Ok(())
    })?;
    Ok(acts)
}

fn millisecond(id: &str) -> &str {
    id.get(..MILLISECOND).unwrap_or(id)
}

fn givings_of(query: &mut dyn Query, acts: &[String]) -> Result<u64, Fault> {
    let of_each = acts.iter();
    let of_each = of_each.map(|id| number_of(query, &GIVING_OF, &[id.as_str().into()]));
    of_each.sum()
}

/// Some notes of erasures: the last of them, and those of which nothing is among what was left.
fn ended_erasures(
    query: &mut dyn Query,
    behind: i64,
    gone: &Gone,
) -> Result<(Option<i64>, Vec<i64>), Fault> {
    let (mut last, mut ended) = (None, Vec::new());
    let range = [behind.into(), gone.until.into(), ERASURES_AT_ONCE.into()];
    query.query(&ERASURES, &range, &mut |row| {
        let (Cell::Int(no), Cell::Blob(numbers)) = (row.cell(0)?, row.cell(1)?) else {
            return Err(Fault::broken("a note of an erasure is none"));
        };
        last = Some(no);
        let mut numbers = numbers.as_chunks().0.iter();
        if !numbers.any(|no| gone.left.contains(&i64::from_be_bytes(*no))) {
            ended.push(no);
        }
        Ok(())
    })?;
    Ok((last, ended))
}

pub(super) fn number_of(
    query: &mut dyn Query,
    sql: &'static Sql,
    values: &[Value],
) -> Result<u64, Fault> {
    let mut number = 0;
    query.query(sql, values, &mut |row| {
        if let Cell::Int(int) = row.cell(0)? {
            number = int.unsigned_abs();
        }
        Ok(())
    })?;
    Ok(number)
}
