//! The sweep of the log: what it will remove and what it leaves is noted first, sealed, so that `verify` knows; then rows go, by
//! the month where they lie so, and in steps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use basics::{Fault, Moment, SubjectId};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use statement::Mask;
use store::{Cell, Sql, Value};

use super::beside::{Beside, Gone, number_of};
use super::step::{OfLog, What};
use super::{HeldRows, KEEPING, PEOPLE, Run, SWEEP, Swept, subject_of};
use crate::ending::holding::Standing;
use crate::heads::NotedSweep;
use crate::log::{Note, SweptTo, last_number, last_of_ours, notes, number};
use crate::places::EVERYBODY;
use crate::{Vault, gate};

/// Rows of the log removed in one commit; fewer when somebody would wait for it.
const STEP: i64 = 1_000;
const STEP_BETWEEN: i64 = 100;
/// Rows of it read at a time.
const PAGE: i64 = 2_000;
/// Months of the log that are dropped, when they are over, before the rows that are left.
const MONTHS: i64 = 3;
const MONTH: i64 = 28 * 86_400 * 1_000_000;
const DAY: Duration = Duration::from_secs(86_400);
/// Sweeps that note at the same moment; there is one, or somebody gives the command beside it.
const TRIES: usize = 5;

static ROWS: Sql = Sql::new(
    "SELECT log_no, subject_id FROM log WHERE log_no > $1 AND log_no <= $2 ORDER BY log_no LIMIT $3",
);
static BETWEEN: Sql =
    Sql::new("SELECT CAST(COUNT(*) AS BIGINT) FROM log WHERE log_no >= $1 AND log_no < $2");
static GIVE_UP: Sql =
    Sql::new("UPDATE sweeps SET left_rows = NULL, seal = NULL WHERE sweep_no = $1 AND seal = $2");
static NOTE: Sql =
    Sql::new("UPDATE sweeps SET log_to = $2, left_rows = $3, seal = $4 WHERE sweep_no = $1");

/// Of whom rows of the log are kept that have come to their end.
struct Kept {
    limited: BTreeSet<SubjectId>,
    by_ground: BTreeMap<String, HeldRows>,
}

impl Kept {
    fn everybody(&self) -> BTreeSet<SubjectId> {
        let by_ground = self.by_ground.values().flat_map(|held| &held.people);
        self.limited.iter().chain(by_ground).copied().collect()
    }
}

impl Vault {
    /// `number` is the sweep's, unless it is a trial.
    pub(super) async fn sweep_log(
        &self,
        order: Run,
        sweep: Option<i64>,
        swept: &mut Swept,
    ) -> Result<(), Fault> {
        let Some((category, term)) = self.door.keeping.log.clone() else {
            return Ok(());
        };
        let mask = self.door.register.category(&category);
        let mask = mask.map_or(Mask::EMPTY, |id| Mask::EMPTY.with(id));
        let ended = self.door.keeping.calendar.ended(&term, order.now).until();
        let kept = self.kept_in_log(mask, order.now).await?;
        let held = kept.everybody();
        swept.held.extend(kept.limited);
        HeldRows::merge(&mut swept.by_ground, kept.by_ground);
        let until = last_number(ended);
        let Some(sweep) = sweep else {
            let before = self.last_note_of_log().await?;
            let left = before.map(|note| note.swept.left).unwrap_or_default();
            let left = Arc::new(self.left_in_log(left, until, &held).await?);
            let rows = self.log_rows_but_of(until, held).await?;
            swept.add(&self.door, "log", rows, mask);
            let gone = Gone { ended, until, left };
            self.sweep_beside(&gone, true)
                .await?
                .tell(self, mask, swept);
            return Ok(());
        };
        let left = self.note_sweep_of_log(sweep, until, &held).await?;
        if held.is_empty() {
            self.drop_months_of_log(ended, mask, swept).await?;
        }
        for of in [OfLog::Rows, OfLog::PlacesLeft] {
            let mut has_more = true;
            while has_more {
                let what = What::Log {
                    of,
                    most: self.at_once(),
                    until,
                    held: held.clone(),
                };
                let step = self.sweep_step(order, what).await?;
                for (table, rows, _) in step.rows {
                    swept.add(&self.door, &table, rows, mask);
                }
                has_more = step.has_more;
            }
        }
        let gone = Gone {
            ended,
            until,
            left: Arc::new(left),
        };
        let beside = self.sweep_beside(&gone, false).await?;
        beside.tell(self, mask, swept);
        Ok(())
    }

    /// Rows of the log, or what lies beside it, for one commit.
    fn at_once(&self) -> i64 {
        match self.door.traffic.is_quiet() {
            true => STEP,
            false => STEP_BETWEEN,
        }
    }

    /// Notes what this sweep is about to remove and what it leaves; durable, inside the database and outside, when this answers
    /// the numbers of what is left.
    async fn note_sweep_of_log(
        &self,
        sweep: i64,
        until: i64,
        held: &BTreeSet<SubjectId>,
    ) -> Result<BTreeSet<i64>, Fault> {
        for _ in 0..TRIES {
            let before = self.last_note_of_log().await?;
            let (log_to, left) = match &before {
                Some(note) => (note.swept.log_to, note.swept.left.clone()),
                None => (i64::MIN, BTreeSet::new()),
            };
            let swept = SweptTo {
                number: sweep,
                log_to: log_to.max(until),
                left: self.left_in_log(left, until, held).await?,
            };
            let seal = swept.seal(&self.door.keyring);
            let mut said: Vec<Value> = vec![sweep.into(), swept.log_to.into()];
            said.extend([swept.left_rows(), seal.to_vec()].map(Value::Blob));
            let given_up = before.map(|note| [note.swept.number.into(), Value::Blob(note.seal)]);
            let is_noted = self.recorded(move |group| {
                // Another sweep may have noted since.
                if let Some(before) = &given_up
                    && group.run(&GIVE_UP, before)? == 0
                {
                    return Ok(false);
                }
                group.run(&NOTE, &said).map(|noted| noted > 0)
            });
            if is_noted.await? {
                let noted = NotedSweep {
                    number: sweep,
                    seal: hex::encode(seal),
                };
                self.heads.note_sweep(&noted, self.clock().now())?;
                return Ok(swept.left);
            }
        }
        Err(Fault::broken("other sweeps of the log are under way"))
    }

    /// What the last sweep of ours noted.
    async fn last_note_of_log(&self) -> Result<Option<Note>, Fault> {
        let keyring = Arc::clone(&self.door.keyring);
        let mut known = self.look(move |query| notes(query, &keyring)).await?;
        if known.iter().any(|note| !note.is_ours) {
            tracing::error!(
                "what a sweep noted of the log was changed in the database: `postbus log verify` says which"
            );
        }
        let last = last_of_ours(&known).map(|last| last.swept.number);
        let mut places = known.iter();
        let last = places.position(|note| Some(note.swept.number) == last);
        Ok(last.map(|at| known.swap_remove(at)))
    }

    /// What is left of the log up to a number: what was left before and still is held, and what ended since of whom it is held.
    /// What was left before and is not there any more stays noted, since nobody removed it by right.
    async fn left_in_log(
        &self,
        mut left: BTreeSet<i64>,
        until: i64,
        held: &BTreeSet<SubjectId>,
    ) -> Result<BTreeSet<i64>, Fault> {
        if left.is_empty() && held.is_empty() {
            return Ok(left);
        }
        let mut behind = i64::MIN;
        loop {
            let rows = self.log_page(behind, until).await?;
            let Some((last, _)) = rows.last() else {
                return Ok(left);
            };
            behind = *last;
            for (number, subject) in rows {
                match held.contains(&subject) {
                    true => left.insert(number),
                    false => left.remove(&number),
                };
            }
        }
    }

    /// How many rows of the log up to a number are not of these people.
    async fn log_rows_but_of(&self, until: i64, held: BTreeSet<SubjectId>) -> Result<u64, Fault> {
        let (mut behind, mut count) = (i64::MIN, 0);
        loop {
            let rows = self.log_page(behind, until).await?;
            let Some((last, _)) = rows.last() else {
                return Ok(count);
            };
            behind = *last;
            let others = rows.iter().filter(|(_, subject)| !held.contains(subject));
            count += others.count() as u64;
        }
    }

    async fn log_page(&self, behind: i64, until: i64) -> Result<Vec<(i64, SubjectId)>, Fault> {
        self.look(move |query| {
            let mut rows = Vec::new();
            query.about(Some(EVERYBODY));
            let range = [behind.into(), until.into(), PAGE.into()];
            let read = query.query(&ROWS, &range, &mut |row| {
                if let (Cell::Int(number), Cell::Text(name)) = (row.cell(0)?, row.cell(1)?) {
                    rows.push((number, subject_of(name)?));
                }
                Ok(())
            });
            query.about(None);
            read.map(|()| rows)
        })
        .await
    }

    /// Whose data of these categories are kept, since a limit stands on them, and whose by a ground of a hold.
    async fn kept_in_log(&self, categories: Mask, now: Moment) -> Result<Kept, Fault> {
        let people = self.people_in_keeping().await?;
        let door = Arc::clone(&self.door);
        let taken = gate::Taken {
            categories,
            has_limits: false,
        };
        self.look(move |query| {
            let mut limited = BTreeSet::new();
            let mut by_ground: BTreeMap<String, HeldRows> = BTreeMap::new();
            for name in &people {
                query.about(Some(name));
                let subject = subject_of(name)?;
                if gate::is_held(&door.register, SWEEP, taken, name, now, query)? {
                    limited.insert(subject);
                }
                // A row of the log is never held by itself.
                for ground in Standing::of(&door.register, name, now, query)?.on(taken, "") {
                    let of_ground = by_ground.entry(ground.to_owned()).or_default();
                    of_ground.people.insert(subject);
                }
            }
            Ok(Kept { limited, by_ground })
        })
        .await
    }

    /// Everybody of whom there is a limit or a hold, whether it still stands or not.
    pub(super) async fn people_in_keeping(&self) -> Result<BTreeSet<String>, Fault> {
        let store = Arc::clone(&self.store);
        let people = tokio::task::spawn_blocking(move || {
            let (mut all, mut search) = (BTreeSet::new(), store.search()?);
            for table in KEEPING {
                let ended = store::Ended {
                    table,
                    columns: &["from_at".to_owned()],
                    holding: &[],
                    until: i64::MAX,
                };
                let mut after = String::new();
                loop {
                    let some = search.people_with(&ended, &after, PEOPLE)?;
                    let Some(last) = some.last() else {
                        break;
                    };
                    after.clone_from(last);
                    all.extend(some);
                }
            }
            Ok::<_, Fault>(all)
        });
        people
            .await
            .map_err(|_| Fault::broken("looking for limits and holds broke off"))?
    }

    /// Whole months are gone at once where rows lie by month.
    async fn drop_months_of_log(
        &self,
        until: Moment,
        categories: Mask,
        swept: &mut Swept,
    ) -> Result<(), Fault> {
        if !self.lies_by_month {
            return Ok(());
        }
        // The month of a moment 31 days back is over when all of it lies before `until`.
        for back in 1..=MONTHS {
            let month = Moment::from_micros(until.micros() - back * MONTH - 3 * MONTH / 28);
            // A run holds nothing that was logged after it; what began in the last hours of a month may have been logged in the
            // next.
            let began = month.minus(DAY);
            let rows = self.rows_of_log(month_of(month)?).await?;
            let beside = self.beside_between(month_of(began)?).await?;
            let store = Arc::clone(&self.store);
            let dropped = tokio::task::spawn_blocking(move || {
                // One that somebody reads, or that the server's own clock is still in, goes row by row.
                let tables = [
                    ("log_places", month),
                    ("log", month),
                    ("givings", began),
                    ("audit", began),
                ];
                tables.map(|(table, month)| {
                    let dropped = store.drop_month(table, month);
                    dropped.unwrap_or_else(|fault| {
                        tracing::debug!(%fault, table, "a month of the log is not dropped");
                        false
                    })
                })
            });
            let [_, log, givings, audit] = dropped
                .await
                .map_err(|_| Fault::broken("dropping months broke off"))?;
            if log {
                swept.add(&self.door, "log", rows, categories);
            }
            let beside = Beside {
                acts: if audit { beside.acts } else { 0 },
                givings: if givings { beside.givings } else { 0 },
                erasures: 0,
            };
            beside.tell(self, categories, swept);
        }
        Ok(())
    }

    /// How many rows of the log are numbered from one moment to another.
    async fn rows_of_log(&self, [begins, ends]: [Moment; 2]) -> Result<u64, Fault> {
        let between = [begins, ends].map(|moment| number(moment, 0).into());
        self.look(move |query| {
            query.about(Some(EVERYBODY));
            let counted = number_of(query, &BETWEEN, &between);
            query.about(None);
            counted
        })
        .await
    }
}

/// When this month begins, and the next; months are those of UTC.
fn month_of(moment: Moment) -> Result<[Moment; 2], Fault> {
    let day = moment.timestamp().to_zoned(TimeZone::UTC).date();
    let first = day.first_of_month();
    let begins = |day: jiff::civil::Date| {
        let begins = day.to_zoned(TimeZone::UTC)?.timestamp();
        Ok::<_, jiff::Error>(Moment::from_timestamp(begins))
    };
    let next = first.checked_add(1.month());
    begins(first)
        .and_then(|first| Ok([first, begins(next?)?]))
        .map_err(|_| Fault::broken("a month of the log that the calendar does not have"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_of_the_log_begins_and_ends_at_midnight_of_utc() {
        let moment = |text: &str| Moment::from_timestamp(text.parse().expect("a moment"));
        for (within, first, next) in [
            (
                "2024-02-29T23:59:59Z",
                "2024-02-01T00:00:00Z",
                "2024-03-01T00:00:00Z",
            ),
            (
                "2026-12-01T00:00:00Z",
                "2026-12-01T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
        ] {
            let expected = [moment(first), moment(next)];
            assert_eq!(month_of(moment(within)).expect("a month"), expected);
        }
    }
}
