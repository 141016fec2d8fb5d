//! The sweep: what has been kept for its term goes, in small commits beside everything else. A row whose time has not ended is
//! named by no statement here: each says up to when what it removes began, and each row is reckoned once more by itself.
//!
//! `clock` says whether the clock can be believed, `record` keeps what a sweep did, `step` is one commit of it, `logged` goes
//! through the log, `trial` only counts.

mod clock;
mod logged;
mod record;
mod step;
mod trial;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use basics::{Activity, Actor, Channel, Fault, Moment, Refusal, SubjectId, Trace};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use statement::{Date, Mask};
use store::Value;
use tokio::sync::oneshot;

use super::exporting::categories;
use super::kept::Whole;
use crate::door::Door;
use crate::gate;
use crate::{Processing, Subjects, Vault};
use step::{Step, Sweeping, What, due_naming};

pub use clock::ClockLeap;
pub use record::{SweepRecord, SweptWhole};

/// What has been kept for its term is removed by this.
pub const SWEEP: Activity = Activity("gegevens-opruimen");

/// People looked up at a time, and worked on at the same time.
const PEOPLE: i64 = 256;
const AT_ONCE: usize = 16;
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
            return self.sweep_all(run, None, told).await;
        }
        let confirmed = self.believed(order.confirmed, now).await?;
        let number = self.begin_record(now, confirmed).await?;
        self.finish_erasures().await?;
        let swept = self.sweep_all(run, Some(number), told).await?;
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
        record: Option<i64>,
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
        self.sweep_log(order, record, &mut swept).await?;
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
            let step = match order.is_trial {
                true => {
                    let door = Arc::clone(&self.door);
                    let counted = self.look(move |query| {
                        let person = (subject, behind.as_deref());
                        trial::count_of_person(&door, order, at, person, query)
                    });
                    self.door.traffic.give_way(counted).await?
                }
                false => {
                    let what = What::Person {
                        at,
                        subject,
                        behind,
                    };
                    self.sweep_step(order, what).await?
                }
            };
            of_one.files += step.files;
            of_one.rows.extend(step.rows);
            of_one.held.extend(step.held);
            HeldRows::merge(&mut of_one.by_ground, step.by_ground);
            behind = step.last;
            for blob in step.blobs {
                self.remove_blob(blob).await?;
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
        let in_keeping = match order.is_trial {
            true => Some(Arc::new(self.people_in_keeping(order.now).await?)),
            false => None,
        };
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
            let step = match &in_keeping {
                Some(in_keeping) => {
                    let (door, in_keeping) = (Arc::clone(&self.door), Arc::clone(in_keeping));
                    let counted = self.look(move |query| {
                        trial::count_of_others(
                            &door,
                            order,
                            (at, naming),
                            &found,
                            &in_keeping,
                            query,
                        )
                    });
                    self.door.traffic.give_way(counted).await?
                }
                None => {
                    let what = What::Naming { at, naming, found };
                    self.sweep_step(order, what).await?
                }
            };
            for (table, rows, categories) in step.rows {
                swept.add(&self.door, &table, rows, categories);
            }
            swept.held.extend(step.held);
            HeldRows::merge(&mut swept.by_ground, step.by_ground);
            told(swept.rows());
        }
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
