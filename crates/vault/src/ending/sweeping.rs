//! The sweep: what has been kept for its term goes, in small commits beside everything else. A row whose time has not ended is
//! named by no statement here: each says up to when what it removes began, and each row is reckoned once more by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use basics::{Activity, Actor, Channel, Fault, Moment, Refusal, SpanId, SubjectId, Trace};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use statement::{Mask, Term};
use store::{Cell, Group, LogRows, Query, Value, Work};
use tokio::sync::oneshot;

use super::erasing::{Done, remove_hanging};
use super::exporting::{categories, owned, picked};
use super::kept::Whole;
use super::plan::STEP;
use crate::door::Door;
use crate::gate;
use crate::log::{Ledger, LogRow, Status, last_number};
use crate::{BlobId, Processing, Subjects, Vault};

/// What has been kept for its term is removed by this.
pub const SWEEP: Activity = Activity("gegevens-opruimen");

/// People looked up at a time, and worked on at the same time.
const PEOPLE: i64 = 256;
const AT_ONCE: usize = 16;
/// Rows of the log removed in one commit.
const LOG_STEP: i64 = 1_000;
/// Months of the log that are dropped, when they are over, before the rows that are left.
const MONTHS: i64 = 3;
const MONTH: i64 = 28 * 86_400 * 1_000_000;

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
}

impl Swept {
    pub fn rows(&self) -> u64 {
        self.tables.values().sum()
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
    /// Removes everything whose term has ended by now, after whoever is on the list of erasures; `is_trial` only counts it.
    /// Tells on the way how many rows there were.
    ///
    /// Errors: a statement whose activity `gegevens-opruimen` leaves a category out.
    pub async fn sweep(
        &self,
        is_trial: bool,
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
        if !is_trial {
            self.finish_erasures().await?;
        }
        let order = Order {
            trace,
            now,
            is_trial,
        };
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
        order: Order,
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
                .map(|name| {
                    name.parse()
                        .map_err(|_| Fault::broken("a person with an id that is none"))
                })
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
                told(swept.rows());
            }
        }
    }

    async fn sweep_person(
        &self,
        order: Order,
        at: usize,
        subject: SubjectId,
    ) -> Result<OfOne, Fault> {
        let mut of_one = OfOne::default();
        loop {
            let step = self.sweep_step(order, What::Person { at, subject }).await?;
            of_one.files += step.blobs.len() as u64;
            of_one.rows.extend(step.rows);
            of_one.held = step.is_held.then_some(subject);
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
        order: Order,
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
            told(swept.rows());
        }
    }

    async fn sweep_log(&self, order: Order, swept: &mut Swept) -> Result<(), Fault> {
        let Some((category, term)) = self.door.keeping.log.clone() else {
            return Ok(());
        };
        let mask = self.door.register.category(&category);
        let mask = mask.map_or(Mask::EMPTY, |id| Mask::EMPTY.with(id));
        let ended = self.door.keeping.calendar.ended(&term, order.now);
        let held = self.held_for(mask, order.now).await?;
        swept.held.extend(held.iter().copied());
        if held.is_empty() && !order.is_trial {
            self.drop_months_of_log(ended.until()).await?;
        }
        loop {
            let step = self
                .sweep_step(
                    order,
                    What::Log {
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

    /// Whose data of these categories are kept, since something stands on them.
    async fn held_for(&self, categories: Mask, now: Moment) -> Result<BTreeSet<SubjectId>, Fault> {
        let store = Arc::clone(&self.store);
        let people = tokio::task::spawn_blocking(move || {
            let ended = store::Ended {
                table: "standing",
                columns: &["from_at".to_owned()],
                holding: &[],
                until: now.micros(),
            };
            let (mut all, mut after) = (Vec::new(), String::new());
            loop {
                let some = store.people_with(&ended, &after, PEOPLE)?;
                let Some(last) = some.last() else {
                    return Ok::<_, Fault>(all);
                };
                after.clone_from(last);
                all.extend(some);
            }
        });
        let people = people
            .await
            .map_err(|_| Fault::broken("looking for limits broke off"))??;
        let door = Arc::clone(&self.door);
        self.look(move |query| {
            let mut held = BTreeSet::new();
            for name in &people {
                query.about(Some(name));
                if gate::is_held(&door.register, SWEEP, categories, name, now, query)? {
                    held.extend(name.parse::<SubjectId>().ok());
                }
            }
            Ok(held)
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
                // One that somebody reads, or that the server's own clock is still in, goes row by row.
                if let Err(fault) = store.drop_month("log", month) {
                    tracing::debug!(%fault, "a month of the log is not dropped");
                }
            }
        });
        dropped
            .await
            .map_err(|_| Fault::broken("dropping months broke off"))
    }

    async fn sweep_step(&self, order: Order, what: What) -> Result<Step, Fault> {
        let (reply, answer) = oneshot::channel();
        self.store.write(Box::new(Sweeping {
            door: Arc::clone(&self.door),
            order,
            what,
            step: Step::default(),
            reply,
        }))?;
        crate::heard(answer).await
    }
}

/// One sweep.
#[derive(Clone, Copy)]
struct Order {
    trace: Trace,
    now: Moment,
    is_trial: bool,
}

#[derive(Default)]
struct OfOne {
    rows: Vec<(String, u64, Mask)>,
    files: u64,
    held: Option<SubjectId>,
}

/// What one commit removes.
enum What {
    Person {
        /// Its place among what ends.
        at: usize,
        subject: SubjectId,
    },
    Naming {
        at: usize,
        naming: usize,
        found: Vec<DueNaming>,
    },
    Log {
        until: i64,
        held: BTreeSet<SubjectId>,
    },
}

/// A row of others whose time has ended.
struct DueNaming {
    key: Vec<Value>,
    subject: Option<SubjectId>,
}

struct Sweeping {
    door: Arc<Door>,
    order: Order,
    what: What,
    step: Step,
    reply: oneshot::Sender<Result<Step, Fault>>,
}

#[derive(Default)]
struct Step {
    rows: Vec<(String, u64, Mask)>,
    blobs: Vec<BlobId>,
    is_held: bool,
    has_more: bool,
}

impl Work<Ledger> for Sweeping {
    fn run(&mut self, group: &mut Group<'_>, ledger: &mut Ledger) -> Result<(), Fault> {
        group.enter();
        let run = self.sweep(group, ledger);
        if group.is_halted() {
            return group.undo();
        }
        run
    }

    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        let Self { reply, step, .. } = *self;
        let outcome = outcome.map_err(|fault| fault.while_doing(SWEEP.0));
        let _ = reply.send(outcome.map(|()| step));
    }
}

impl Sweeping {
    fn sweep(&mut self, group: &mut Group<'_>, ledger: &mut Ledger) -> Result<(), Fault> {
        self.step = Step::default();
        let (door, order, step) = (&self.door, self.order, &mut self.step);
        let touched: BTreeSet<SubjectId> = match &self.what {
            What::Person { at, subject } => {
                sweep_rows(door, order, *at, *subject, group, step)?;
                let has_removed = step.rows.iter().any(|(_, rows, _)| *rows > 0);
                has_removed.then_some(*subject).into_iter().collect()
            }
            What::Naming { at, naming, found } => {
                remove_naming(door, order, (*at, *naming), found, group, step)?;
                found.iter().filter_map(|due| due.subject).collect()
            }
            What::Log { until, held } => {
                let held: Vec<String> = held.iter().map(ToString::to_string).collect();
                let most = if order.is_trial { i64::MAX } else { LOG_STEP };
                let rows = LogRows::Oldest {
                    until: *until,
                    most,
                    but_of: &held,
                };
                let removed = group.remove_from_log(rows)?;
                step.has_more = removed == LOG_STEP.unsigned_abs() && !order.is_trial;
                step.rows.push(("log".to_owned(), removed, Mask::EMPTY));
                // That a row of the log went is in its digest; a row about it would need one in turn.
                BTreeSet::new()
            }
        };
        if order.is_trial {
            step.has_more = false;
            return group.undo();
        }
        for subject in touched {
            let row = LogRow {
                subject,
                trace: order.trace,
                span: SpanId::new(&door.ids),
                status: Status::Ok,
                activity: SWEEP,
                statement_version: Arc::clone(&door.version),
                start: order.now,
                end: door.clock.now(),
            };
            ledger.note(Some(row), Vec::new());
        }
        group.keep()
    }
}

fn sweep_rows(
    door: &Door,
    order: Order,
    at: usize,
    subject: SubjectId,
    group: &mut Group<'_>,
    step: &mut Step,
) -> Result<(), Fault> {
    let ending = &door.keeping.ending[at];
    let name = subject.to_string();
    group.about(Some(&name));
    if gate::is_held(
        &door.register,
        SWEEP,
        ending.categories,
        &name,
        order.now,
        group,
    )? {
        step.is_held = true;
        return Ok(());
    }
    let until = door.keeping.calendar.ended(&ending.term, order.now).until();
    let most = if order.is_trial {
        i64::MAX
    } else {
        STEP as i64
    };
    let bound: [Value; 3] = [name.as_str().into(), until.into(), most.into()];
    let rows = door
        .plan
        .of_people
        .iter()
        .find(|rows| rows.name == ending.table);
    let rows = rows.ok_or_else(|| Fault::broken("what ends is in no table of people"))?;
    // A person's only row is named by the person.
    let width = rows.handle.len().max(1);
    let mut handles: Vec<Vec<Value>> = Vec::new();
    group.query(ending.due, &bound, &mut |row| {
        if let Some(handle) = due(door, &ending.term, ending.from.len(), order.now, row, width)? {
            handles.push(handle);
        }
        Ok(())
    })?;
    step.has_more = handles.len() >= STEP;
    if handles.is_empty() {
        return Ok(());
    }
    if let Whole::Row { at, with } = &ending.of {
        let rows = &door.plan.of_people[*at];
        for hangs in &rows.hanging {
            let mut done = Done::default();
            remove_hanging(
                group,
                &name,
                &rows.handle,
                &handles,
                std::slice::from_ref(hangs),
                &mut done,
            )?;
            step.blobs.extend(done.blobs);
            let categories = of_columns(door, &hangs.columns);
            step.rows
                .push((hangs.name.to_owned(), done.rows, categories));
        }
        for with in with {
            let other = &door.plan.of_people[with.at];
            let mut removed = 0;
            match &with.by {
                None => removed += group.run(other.remove_all, &[name.as_str().into()])?,
                Some((by, remove)) => {
                    let places = by
                        .iter()
                        .filter_map(|column| rows.handle.iter().position(|name| name == column));
                    let places: Vec<usize> = places.collect();
                    let keys: Vec<_> = handles
                        .iter()
                        .map(|handle| picked(handle, &places))
                        .collect();
                    remove.each_behind(&[name.as_str().into()], &keys, |sql, params| {
                        removed += group.run(sql, params)?;
                        Ok(())
                    })?;
                }
            }
            let categories = of_columns(door, &other.columns);
            step.rows.push((other.name.to_owned(), removed, categories));
        }
    }
    let key: Vec<usize> = (0..rows.key.len().max(1)).collect();
    let keys: Vec<_> = handles.iter().map(|handle| picked(handle, &key)).collect();
    let mut removed = 0;
    ending.end.each_behind(&bound[..2], &keys, |sql, params| {
        removed += group.run(sql, params)?;
        Ok(())
    })?;
    let said = match &ending.of {
        Whole::Columns(columns) => format!("{} ({})", ending.table, columns.join(", ")),
        Whole::Row { .. } | Whole::Naming { .. } => ending.table.to_owned(),
    };
    step.rows.push((said, removed, ending.categories));
    Ok(())
}

/// The handle of a row whose term has ended by its own moments, reckoned in the calendar.
fn due(
    door: &Door,
    term: &Term,
    moments: usize,
    now: Moment,
    row: &store::Row<'_>,
    width: usize,
) -> Result<Option<Vec<Value>>, Fault> {
    let mut began = None;
    for at in width..width + moments {
        let Cell::Int(micros) = row.cell(at)? else {
            return Ok(None);
        };
        began = began.max(Some(Moment::from_micros(micros)));
    }
    let has_ended = began.is_some_and(|began| door.keeping.calendar.has_ended(began, term, now));
    if !has_ended {
        return Ok(None);
    }
    let handle = (0..width).map(|at| row.cell(at).map(owned));
    handle.collect::<Result<_, _>>().map(Some)
}

fn due_naming(
    door: &Door,
    at: usize,
    naming: usize,
    now: Moment,
    after: &[Value],
    query: &mut dyn Query,
) -> Result<Vec<DueNaming>, Fault> {
    let ending = &door.keeping.ending[at];
    let width = door.plan.naming[naming].key.len();
    let until = door.keeping.calendar.ended(&ending.term, now).until();
    let params: Vec<Value> = std::iter::once(until.into())
        .chain(after.iter().cloned())
        .collect();
    let mut found = Vec::new();
    query.query(ending.due, &params, &mut |row| {
        if let Some(key) = due(door, &ending.term, ending.from.len(), now, row, width)? {
            let subject = match row.cell(width + ending.from.len())? {
                Cell::Text(name) => name.parse().ok(),
                _ => None,
            };
            found.push(DueNaming { key, subject });
        }
        Ok(())
    })?;
    Ok(found)
}

fn remove_naming(
    door: &Door,
    order: Order,
    (at, naming): (usize, usize),
    found: &[DueNaming],
    group: &mut Group<'_>,
    step: &mut Step,
) -> Result<(), Fault> {
    let (ending, naming) = (&door.keeping.ending[at], &door.plan.naming[naming]);
    let until = door.keeping.calendar.ended(&ending.term, order.now).until();
    let keys: Vec<Vec<Value>> = found.iter().map(|due| due.key.clone()).collect();
    for hangs in &naming.hanging {
        let mut done = Done::default();
        remove_hanging(
            group,
            "",
            &naming.key,
            &keys,
            std::slice::from_ref(hangs),
            &mut done,
        )?;
        let categories = of_columns(door, &hangs.columns);
        step.rows
            .push((hangs.name.to_owned(), done.rows, categories));
    }
    let mut removed = 0;
    ending
        .end
        .each_behind(&[until.into()], &keys, |sql, params| {
            removed += group.run(sql, params)?;
            Ok(())
        })?;
    step.rows
        .push((ending.table.to_owned(), removed, ending.categories));
    Ok(())
}

fn of_columns(door: &Door, columns: &[super::plan::Column]) -> Mask {
    use crate::catalogue::{Catalogue, Holds};
    let category = |column: &super::plan::Column| match &column.holds {
        Holds::Category(name, _) => Catalogue::category_of(&door.register, name),
        Holds::Nothing | Holds::Subject => None,
    };
    columns.iter().filter_map(category).collect()
}
