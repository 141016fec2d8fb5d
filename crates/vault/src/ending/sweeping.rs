//! The sweep: what has been kept for its term goes, in small commits beside everything else. A row whose time has not ended is
//! named by no statement here: each says up to when what it removes began, and each row is reckoned once more by itself.
//!
//! `clock` says whether the clock can be believed, `record` keeps what a sweep did, `step` is one commit of it and `removing` what
//! goes in it, `logged` goes through the log and `beside` through what lies beside it, `trial` only counts.

mod beside;
mod clock;
mod logged;
mod record;
mod removing;
mod step;
mod trial;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use basics::{Activity, Actor, Channel, Fault, Moment, Refusal, SubjectId, Trace};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use statement::{Date, Mask};
use store::Value;
use tokio::sync::oneshot;

use super::foreseen::categories;
use super::kept::Whole;
use super::plan::STEP;
use crate::door::Door;
use crate::gate;
use crate::{Processing, Subjects, Vault};
use step::{Due, Others, Step, Sweeping, What, due_naming};

pub use clock::ClockLeap;
pub use record::{SweepRecord, SweptWhole};

/// What has been kept for its term is removed by this.
pub const SWEEP: Activity = Activity("gegevens-opruimen");

/// People looked up at a time, …
const PEOPLE: i64 = 256;
/// … of whom up to so many are swept in one commit while nobody else comes, …
const TOGETHER: usize = 32;
/// … and so many such steps are under way at the same time; so many people are counted at the same time.
const AT_ONCE: usize = 3;
const TRIED_AT_ONCE: usize = 16;
/// Rows of a person removed in one commit while somebody else comes.
const BETWEEN: usize = 16;
/// Rows of others removed in one commit; fewer when somebody would wait for it.
const OTHERS: i64 = 256;
const OTHERS_BETWEEN: i64 = 24;
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
        let missing = entered
            .grant
            .writes
            .missing(categories(&self.door.register, &self.door.plan));
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
        // Whatever the clock says: whoever was erased has no term.
        self.finish_erasures().await?;
        let confirmed = self.believed(order.confirmed, now).await?;
        let number = self.begin_record(now, confirmed).await?;
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
        let (mut swept, mut search) = (Swept::default(), None);
        for at in 0..self.door.keeping.ending.len() {
            match self.door.keeping.ending[at].of {
                Whole::Naming { at: naming } => {
                    self.sweep_naming(order, at, naming, &mut swept, told)
                        .await?;
                }
                Whole::Row { .. } | Whole::Columns(_) => {
                    self.sweep_people(order, at, &mut search, &mut swept, told)
                        .await?;
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
        search: &mut Option<store::Search>,
        swept: &mut Swept,
        told: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), Fault> {
        let mut after = String::new();
        loop {
            let (door, store, kept) = (
                Arc::clone(&self.door),
                Arc::clone(&self.store),
                search.take(),
            );
            let looked = tokio::task::spawn_blocking(move || {
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
                let mut search = kept.map_or_else(|| store.search(), Ok)?;
                let people = search.people_with(&ended, &after, PEOPLE)?;
                Ok::<_, Fault>((search, people))
            });
            let looked = looked.await;
            let (kept, people) =
                looked.map_err(|_| Fault::broken("looking for what ends broke off"))??;
            *search = Some(kept);
            let Some(last) = people.last() else {
                return Ok(());
            };
            after = last.clone();
            let people: Vec<Due> = people
                .iter()
                .map(|name| subject_of(name).map(Due::all_of))
                .collect::<Result<_, _>>()?;
            let (some, at_once) = match order.is_trial {
                true => (1, TRIED_AT_ONCE),
                false => (TOGETHER, AT_ONCE),
            };
            let some: Vec<VecDeque<Due>> = people
                .chunks(some)
                .map(|some| some.iter().cloned().collect())
                .collect();
            let of_some = some
                .into_iter()
                .map(|some| self.sweep_some(order, at, some));
            let mut of_some = stream::iter(of_some).buffer_unordered(at_once);
            while let Some(of_some) = of_some.try_next().await? {
                for (table, rows, categories) in of_some.rows {
                    swept.add(&self.door, &table, rows, categories);
                }
                swept.files += of_some.files;
                swept.held.extend(of_some.held);
                HeldRows::merge(&mut swept.by_ground, of_some.by_ground);
                told(swept.rows());
            }
        }
    }

    /// A few people: together, and one by one while somebody else comes.
    async fn sweep_some(
        &self,
        order: Run,
        at: usize,
        mut left: VecDeque<Due>,
    ) -> Result<Step, Fault> {
        let mut all = Step::default();
        while !left.is_empty() {
            let is_quiet = self.door.traffic.is_quiet();
            let some = match is_quiet && !order.is_trial {
                true => left.len(),
                false => 1,
            };
            let rows = if is_quiet { STEP } else { BETWEEN };
            let people: Vec<Due> = left.drain(..some).collect();
            let mut step = match order.is_trial {
                true => {
                    let door = Arc::clone(&self.door);
                    let counted = self.look(move |query| {
                        let mut step = Step::default();
                        for due in &people {
                            step.merge(trial::count_of_person(&door, order, at, due, query)?);
                        }
                        Ok(step)
                    });
                    self.door.traffic.give_way(counted).await?
                }
                false => {
                    let what = What::People { at, people, rows };
                    self.sweep_step(order, what).await?
                }
            };
            left.extend(std::mem::take(&mut step.more));
            self.remove_blobs(std::mem::take(&mut step.blobs)).await?;
            all.merge(step);
        }
        Ok(all)
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
            true => Some(Arc::new(self.people_in_keeping().await?)),
            false => None,
        };
        let mut ahead = None;
        let mut behind: Vec<Value> = vec!["".into(); self.door.plan.naming[naming].key.len()];
        loop {
            let found = match ahead.take() {
                Some(found) => found,
                None => self.due_naming(order, at, naming, behind.clone()).await?,
            };
            if found.last.is_empty() {
                return Ok(());
            }
            let Others { due: found, last } = found;
            behind = last;
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
                    let next = self.due_naming(order, at, naming, behind.clone());
                    let (step, next) = tokio::try_join!(self.sweep_step(order, what), next)?;
                    ahead = Some(next);
                    step
                }
            };
            self.remove_blobs(step.blobs).await?;
            swept.files += step.files;
            for (table, rows, categories) in step.rows {
                swept.add(&self.door, &table, rows, categories);
            }
            swept.held.extend(step.held);
            HeldRows::merge(&mut swept.by_ground, step.by_ground);
            told(swept.rows());
        }
    }

    /// Rows of others that have ended behind a key; as many as go in one commit.
    async fn due_naming(
        &self,
        order: Run,
        at: usize,
        naming: usize,
        behind: Vec<Value>,
    ) -> Result<Others, Fault> {
        let door = Arc::clone(&self.door);
        let most = match door.traffic.is_quiet() {
            true => OTHERS,
            false => OTHERS_BETWEEN,
        };
        self.look(move |query| due_naming(&door, at, naming, order.now, &behind, most, query))
            .await
    }

    async fn sweep_step(&self, order: Run, what: What) -> Result<Step, Fault> {
        let (reply, answer) = oneshot::channel();
        let sweeping = Sweeping {
            door: Arc::clone(&self.door),
            order,
            what,
            step: Step::default(),
            changed_twice: false,
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
