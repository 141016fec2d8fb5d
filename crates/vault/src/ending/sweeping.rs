//! The sweep: what has been kept for its term goes, in small commits beside everything else. A row whose time has not ended is
//! named by no statement here: each says up to when what it removes began, and each row is reckoned once more by itself.
//!
//! `clock` says whether the clock can be believed, `record` keeps what a sweep did, `step` is one commit of it.

mod clock;
mod record;
mod step;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use basics::{Activity, Actor, Channel, Fault, Moment, Refusal, SubjectId, Trace};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use statement::{Date, Mask};
use store::Value;
use tokio::sync::oneshot;

use super::exporting::categories;
use super::holding::Standing;
use super::kept::Whole;
use crate::door::Door;
use crate::gate;
use crate::log::last_number;
use crate::{Processing, Subjects, Vault};
use step::{Step, Sweeping, What, due_naming};

pub use clock::ClockLeap;
pub use record::{SweepRecord, SweptWhole};

/// What has been kept for its term is removed by this.
pub const SWEEP: Activity = Activity("gegevens-opruimen");

/// People looked up at a time, and worked on at the same time.
const PEOPLE: i64 = 256;
const AT_ONCE: usize = 16;
/// Rows of the log removed in one commit; fewer when somebody would wait for it.
const LOG_STEP: i64 = 1_000;
const LOG_STEP_BETWEEN: i64 = 250;
/// Months of the log that are dropped, when they are over, before the rows that are left.
const MONTHS: i64 = 3;
const MONTH: i64 = 28 * 86_400 * 1_000_000;

/// What keeps data of a person beyond their term stands in these tables.
const KEEPING: [&str; 2] = ["standing", "holds"];

/// How a sweep is to go; as it is usual: what has ended goes, by a clock that is believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepOrder {
    /// Only counts, and is not recorded.
    pub is_trial: bool,
    /// The day that it is, said by somebody who looked at another clock.
    pub confirmed: Option<Date>,
}

impl SweepOrder {
    pub fn trial() -> Self {
        Self {
            is_trial: true,
            ..Self::default()
        }
    }

    pub fn confirming(day: Date) -> Self {
        Self {
            confirmed: Some(day),
            ..Self::default()
        }
    }
}

/// What a sweep removed, or would remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Rows by the category of what was in them; a row with several counts for each.
    pub categories: BTreeMap<String, u64>,
    /// Rows by their table; of a row that stayed, as `table (column, …)`.
    pub tables: BTreeMap<String, u64>,
    pub files: u64,
    /// People of whom something is kept longer, since a restriction or an objection stands on it.
    pub held: BTreeSet<SubjectId>,
    /// What has come to its end and is kept longer by a hold, by the ground of it in the statement.
    pub by_ground: BTreeMap<String, HeldRows>,
}

/// What a ground keeps longer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldRows {
    /// Rows that end by themselves; of the log none are counted.
    pub rows: u64,
    pub people: BTreeSet<SubjectId>,
}

impl HeldRows {
    fn merge(all: &mut BTreeMap<String, Self>, more: BTreeMap<String, Self>) {
        for (ground, held) in more {
            let of_ground = all.entry(ground).or_default();
            of_ground.rows += held.rows;
            of_ground.people.extend(held.people);
        }
    }
}

impl Swept {
    pub fn rows(&self) -> u64 {
        self.tables.values().sum()
    }

    /// Of how many people something is kept longer, for whatever reason.
    pub fn people_held(&self) -> usize {
        let by_ground = self.by_ground.values().flat_map(|held| &held.people);
        self.held
            .iter()
            .chain(by_ground)
            .collect::<BTreeSet<_>>()
            .len()
    }

    fn add(&mut self, door: &Door, table: &str, rows: u64, categories: Mask) {
        if rows == 0 {
            return;
        }
        *self.tables.entry(table.to_owned()).or_default() += rows;
        let named = door.register.categories();
        for category in named.filter(|category| categories.has(category.id)) {
            *self.categories.entry(category.name.clone()).or_default() += rows;
        }
    }
}

impl Vault {
    /// Removes everything whose term has ended by now, after whoever is on the list of erasures. Tells on the way how many rows
    /// there were.
    ///
    /// Errors: a statement whose activity `gegevens-opruimen` leaves a category out; a clock that is further ahead than anything
    /// here explains ([`clock_leap`](Self::clock_leap)) and that nobody confirmed; a confirmation of another day than the clock's.
    pub async fn sweep(
        &self,
        order: SweepOrder,
        told: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Swept, Fault> {
        let trace = Trace::new(self.ids());
        let processing = Processing::of(
            SWEEP,
            Actor::System,
            Subjects::Found,
            Channel::Internal,
            trace,
        );
        let now = self.clock().now();
        let entered = gate::enter(&self.door.register, &processing, || self.door.day(now))?;
        let missing = entered.grant.writes.missing(categories(&self.door));
        if !missing.is_empty() {
            let names = self.door.register.names(missing);
            return Err(Fault::refused(Refusal::Category(names), SWEEP.to_string()));
        }
        let run = Run {
            trace,
            now,
            is_trial: order.is_trial,
        };
        if order.is_trial {
            return self.sweep_all(run, told).await;
        }
        let confirmed = self.believed(order.confirmed, now).await?;
        let number = self.begin_record(now, confirmed).await?;
        self.finish_erasures().await?;
        let swept = self.sweep_all(run, told).await?;
        self.end_record(number, now, &swept).await?;
        Ok(swept)
    }

    /// Whether this sweep may go by this clock; the day, where it needs that word.
    async fn believed(&self, day: Option<Date>, now: Moment) -> Result<Option<Date>, Fault> {
        let today = self.door.day(now);
        match (day, self.clock_leap_at(now).await?) {
            (Some(day), _) if day != today => Err(Fault::broken(format!(
                "the clock says that it is {today}, not {day}: nothing is swept"
            ))),
            (None, Some(leap)) => Err(Fault::broken(leap.to_string())),
            (day, Some(_)) => Ok(day),
            (_, None) => Ok(None),
        }
    }

    async fn sweep_all(
        &self,
        order: Run,
        told: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Swept, Fault> {
        let mut swept = Swept::default();
        for at in 0..self.door.keeping.ending.len() {
            match self.door.keeping.ending[at].of {
                Whole::Naming { at: naming } => {
                    self.sweep_naming(order, at, naming, &mut swept, told)
                        .await?;
                }
                Whole::Row { .. } | Whole::Columns(_) => {
                    self.sweep_people(order, at, &mut swept, told).await?;
                }
            }
        }
        self.sweep_log(order, &mut swept).await?;
        told(swept.rows());
        Ok(swept)
    }

    async fn sweep_people(
        &self,
        order: Run,
        at: usize,
        swept: &mut Swept,
        told: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), Fault> {
        let mut after = String::new();
        loop {
            let (door, store) = (Arc::clone(&self.door), Arc::clone(&self.store));
            let people = tokio::task::spawn_blocking(move || {
                let ending = &door.keeping.ending[at];
                let until = door.keeping.calendar.ended(&ending.term, order.now).until();
                let holding = match &ending.of {
                    Whole::Columns(columns) => columns.as_slice(),
                    _ => &[],
                };
                let ended = store::Ended {
                    table: ending.table,
                    columns: &ending.from,
                    holding,
                    until: until.micros(),
                };
                store.people_with(&ended, &after, PEOPLE)
            });
            let people = people.await;
            let people = people.map_err(|_| Fault::broken("looking for what ends broke off"))??;
            let Some(last) = people.last() else {
                return Ok(());
            };
            after = last.clone();
            let subjects: Vec<SubjectId> = people
                .iter()
                .map(|name| subject_of(name))
                .collect::<Result<_, _>>()?;
            let of_each = subjects
                .into_iter()
                .map(|subject| self.sweep_person(order, at, subject));
            let mut of_each = stream::iter(of_each).buffer_unordered(AT_ONCE);
            while let Some(of_one) = of_each.try_next().await? {
                for (table, rows, categories) in of_one.rows {
                    swept.add(&self.door, &table, rows, categories);
                }
                swept.files += of_one.files;
                swept.held.extend(of_one.held);
                HeldRows::merge(&mut swept.by_ground, of_one.by_ground);
                told(swept.rows());
            }
        }
    }

    async fn sweep_person(
        &self,
        order: Run,
        at: usize,
        subject: SubjectId,
    ) -> Result<OfOne, Fault> {
        let mut of_one = OfOne::default();
        let mut behind = None;
        loop {
            let what = What::Person {
                at,
                subject,
                behind,
            };
            let step = self.sweep_step(order, what).await?;
            of_one.files += step.blobs.len() as u64;
            of_one.rows.extend(step.rows);
            of_one.held.extend(step.held);
            HeldRows::merge(&mut of_one.by_ground, step.by_ground);
            behind = step.last;
            if !order.is_trial {
                for blob in step.blobs {
                    self.remove_blob(blob).await?;
                }
            }
            if !step.has_more {
                return Ok(of_one);
            }
        }
    }

    async fn sweep_naming(
        &self,
        order: Run,
        at: usize,
        naming: usize,
        swept: &mut Swept,
        told: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), Fault> {
        let mut behind: Vec<Value> = vec!["".into(); self.door.plan.naming[naming].key.len()];
        loop {
            let (door, after) = (Arc::clone(&self.door), behind.clone());
            let found = self
                .look(move |query| due_naming(&door, at, naming, order.now, &after, query))
                .await?;
            let Some(last) = found.last() else {
                return Ok(());
            };
            behind.clone_from(&last.key);
            let step = self
                .sweep_step(order, What::Naming { at, naming, found })
                .await?;
            for (table, rows, categories) in step.rows {
                swept.add(&self.door, &table, rows, categories);
            }
            swept.held.extend(step.held);
            HeldRows::merge(&mut swept.by_ground, step.by_ground);
            told(swept.rows());
        }
    }

    async fn sweep_log(&self, order: Run, swept: &mut Swept) -> Result<(), Fault> {
        let Some((category, term)) = self.door.keeping.log.clone() else {
            return Ok(());
        };
        let mask = self.door.register.category(&category);
        let mask = mask.map_or(Mask::EMPTY, |id| Mask::EMPTY.with(id));
        let ended = self.door.keeping.calendar.ended(&term, order.now);
        let (mut held, by_ground) = self.held_for(mask, order.now).await?;
        swept.held.extend(held.iter().copied());
        held.extend(by_ground.values().flat_map(|held| &held.people));
        HeldRows::merge(&mut swept.by_ground, by_ground);
        if held.is_empty() && !order.is_trial {
            self.drop_months_of_log(ended.until()).await?;
        }
        loop {
            let most = match self.door.traffic.is_quiet() {
                true => LOG_STEP,
                false => LOG_STEP_BETWEEN,
            };
            let step = self
                .sweep_step(
                    order,
                    What::Log {
                        most,
                        until: last_number(ended.until()),
                        held: held.clone(),
                    },
                )
                .await?;
            for (table, rows, _) in step.rows {
                swept.add(&self.door, &table, rows, mask);
            }
            if !step.has_more {
                return Ok(());
            }
        }
    }

    /// Whose data of these categories are kept, since a limit stands on them, and whose by a ground of a hold.
    async fn held_for(
        &self,
        categories: Mask,
        now: Moment,
    ) -> Result<(BTreeSet<SubjectId>, BTreeMap<String, HeldRows>), Fault> {
        let store = Arc::clone(&self.store);
        let people = tokio::task::spawn_blocking(move || {
            let mut all = BTreeSet::new();
            for table in KEEPING {
                let ended = store::Ended {
                    table,
                    columns: &["from_at".to_owned()],
                    holding: &[],
                    until: now.micros(),
                };
                let mut after = String::new();
                loop {
                    let some = store.people_with(&ended, &after, PEOPLE)?;
                    let Some(last) = some.last() else {
                        break;
                    };
                    after.clone_from(last);
                    all.extend(some);
                }
            }
            Ok::<_, Fault>(all)
        });
        let people = people
            .await
            .map_err(|_| Fault::broken("looking for limits and holds broke off"))??;
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
            Ok((limited, by_ground))
        })
        .await
    }

    /// Whole months are gone at once where rows lie by month.
    async fn drop_months_of_log(&self, until: Moment) -> Result<(), Fault> {
        if !self.lies_by_month {
            return Ok(());
        }
        let store = Arc::clone(&self.store);
        let dropped = tokio::task::spawn_blocking(move || {
            // The month of a moment 31 days back is over when all of it lies before `until`.
            for back in 1..=MONTHS {
                let month = Moment::from_micros(until.micros() - back * MONTH - 3 * MONTH / 28);
                // One that somebody reads, or that the server's own clock is still in, goes row by row. A run holds nothing that
                // was logged after it.
                for table in ["log_places", "log"] {
                    if let Err(fault) = store.drop_month(table, month) {
                        tracing::debug!(%fault, table, "a month of the log is not dropped");
                    }
                }
            }
        });
        dropped
            .await
            .map_err(|_| Fault::broken("dropping months broke off"))
    }

    async fn sweep_step(&self, order: Run, what: What) -> Result<Step, Fault> {
        let (reply, answer) = oneshot::channel();
        let sweeping = Sweeping {
            door: Arc::clone(&self.door),
            order,
            what,
            step: Step::default(),
            reply,
        };
        let step = async {
            self.store.write(Box::new(sweeping))?;
            crate::heard(answer).await
        };
        self.door.traffic.give_way(step).await
    }
}

fn subject_of(name: &str) -> Result<SubjectId, Fault> {
    name.parse()
        .map_err(|_| Fault::broken("a person with an id that is none"))
}

/// One sweep under way.
#[derive(Clone, Copy)]
struct Run {
    trace: Trace,
    now: Moment,
    is_trial: bool,
}

#[derive(Default)]
struct OfOne {
    rows: Vec<(String, u64, Mask)>,
    files: u64,
    held: BTreeSet<SubjectId>,
    by_ground: BTreeMap<String, HeldRows>,
}
