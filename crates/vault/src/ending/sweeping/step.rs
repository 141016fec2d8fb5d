//! One commit of the sweep: what of a person, of a sender's rows or of the log has ended goes, and each person's log says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use basics::{Fault, Moment, SpanId, SubjectId};
use statement::{Mask, Term};
use store::{Cell, Group, LogRows, Oldest, Query, Value, Work};
use tokio::sync::oneshot;

use super::super::erasing::{Done, remove_hanging};
use super::super::exporting::{owned, picked};
use super::super::holding::{Standing, row_key};
use super::super::kept::{Ending, Whole, of_columns};
use super::super::plan::STEP;
use super::{HeldRows, KEEPING, Run, SWEEP, subject_of};
use crate::BlobId;
use crate::door::Door;
use crate::gate;
use crate::log::{Ledger, LogRow, Status};

/// What one commit removes.
pub(super) enum What {
    Person {
        /// Its place among what ends.
        at: usize,
        subject: SubjectId,
        /// The key of the last row that was looked at, when there are more.
        behind: Option<Vec<Value>>,
    },
    Naming {
        at: usize,
        naming: usize,
        found: Vec<DueNaming>,
    },
    Log {
        until: i64,
        held: BTreeSet<SubjectId>,
        most: i64,
    },
}

/// A row of others whose time has ended.
pub(super) struct DueNaming {
    pub(super) key: Vec<Value>,
    pub(super) subject: Option<SubjectId>,
}

pub(super) struct Sweeping {
    pub(super) door: Arc<Door>,
    pub(super) order: Run,
    pub(super) what: What,
    pub(super) step: Step,
    pub(super) reply: oneshot::Sender<Result<Step, Fault>>,
}

#[derive(Default)]
pub(super) struct Step {
    pub(super) rows: Vec<(String, u64, Mask)>,
    /// Files that nobody's row names any more, …
    pub(super) blobs: Vec<BlobId>,
    /// … and how many those are.
    pub(super) files: u64,
    pub(super) held: BTreeSet<SubjectId>,
    pub(super) by_ground: BTreeMap<String, HeldRows>,
    pub(super) has_more: bool,
    /// Of whom rows of others went.
    named: BTreeSet<SubjectId>,
    /// The key of the last row that was looked at.
    pub(super) last: Option<Vec<Value>>,
}

impl Step {
    /// Whether a row stays by a hold; notes by which.
    fn keeps<'g>(&mut self, grounds: impl Iterator<Item = &'g str>, subject: SubjectId) -> bool {
        let grounds: BTreeSet<&str> = grounds.collect();
        for ground in &grounds {
            let held = self.by_ground.entry((*ground).to_owned()).or_default();
            held.rows += 1;
            held.people.insert(subject);
        }
        !grounds.is_empty()
    }
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
            What::Person {
                at,
                subject,
                behind,
            } => {
                sweep_rows(door, order, *at, (*subject, behind.as_deref()), group, step)?;
                let has_removed = step.rows.iter().any(|(_, rows, _)| *rows > 0);
                has_removed.then_some(*subject).into_iter().collect()
            }
            What::Naming { at, naming, found } => {
                remove_naming(door, order, (*at, *naming), found, group, step)?;
                std::mem::take(&mut step.named)
            }
            What::Log { until, held, most } => {
                let held: Vec<String> = held.iter().map(ToString::to_string).collect();
                let rows = Oldest {
                    until: *until,
                    most: *most,
                    but_of: &held,
                };
                // Of rows that went by the month the places are still there.
                let places = group.remove_from_log(LogRows::OldestPlaces(rows))?;
                let removed = group.remove_from_log(LogRows::Oldest(rows))?;
                step.has_more = places.max(removed) == most.unsigned_abs();
                step.rows.push(("log".to_owned(), removed, Mask::EMPTY));
                // That a row of the log went is in its digest; a row about it would need one in turn.
                BTreeSet::new()
            }
        };
        step.files = step.blobs.len() as u64;
        for subject in touched {
            let row = LogRow {
                subject,
                trace: order.trace,
                span: SpanId::new(&door.ids),
                foreign: None,
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

/// The handles of rows of a person whose term has ended and that nothing holds, some behind a key; notes what is held.
pub(super) fn due_of_person(
    door: &Door,
    order: Run,
    at: usize,
    (subject, behind): (SubjectId, Option<&[Value]>),
    query: &mut dyn Query,
    step: &mut Step,
) -> Result<Vec<Vec<Value>>, Fault> {
    let ending = &door.keeping.ending[at];
    let name = subject.to_string();
    query.about(Some(&name));
    let is_held = gate::is_held(&door.register, SWEEP, ending.taken, &name, order.now, query)?;
    if is_held {
        step.held.insert(subject);
        return Ok(Vec::new());
    }
    let until = door.keeping.calendar.ended(&ending.term, order.now).until();
    let mut bound: Vec<Value> = vec![name.as_str().into(), until.into(), (STEP as i64).into()];
    let find = match (behind, ending.due_behind) {
        (Some(behind), Some(due_behind)) => {
            bound.extend_from_slice(behind);
            due_behind
        }
        _ => ending.due,
    };
    let mut rows = door.plan.of_people.iter();
    let rows = rows.find(|rows| rows.name == ending.table);
    let rows = rows.ok_or_else(|| Fault::broken("what ends is in no table of people"))?;
    // A person's only row is named by the person.
    let width = rows.handle.len().max(1);
    let key_width = rows.key.len().max(1);
    let standing = Standing::of(&door.register, &name, order.now, query)?;
    let whole = match order.is_trial {
        true => WholeRow::of(door, order, at, &name, query)?,
        false => None,
    };
    let mut handles: Vec<Vec<Value>> = Vec::new();
    let (mut seen, mut last) = (0, None);
    query.query(find, &bound, &mut |row| {
        seen += 1;
        let key = (0..key_width).map(|at| row.cell(at).map(owned));
        let key: Vec<Value> = key.collect::<Result<_, _>>()?;
        if let Some((began, handle)) =
            due(door, &ending.term, ending.from.len(), order.now, row, width)?
        {
            let said = row_key(&key);
            let is_gone = |whole: &WholeRow<'_>| whole.goes(door, order, began, &standing, &said);
            let is_gone = whole.as_ref().is_some_and(is_gone);
            let grounds = standing.on(ending.taken, &said);
            if !is_gone && !step.keeps(grounds, subject) {
                handles.push(handle);
            }
        }
        last = Some(key);
        Ok(())
    })?;
    step.has_more = seen >= STEP;
    step.last = last;
    Ok(handles)
}

/// The end of a row of which columns end as well: where both have, the row went first.
struct WholeRow<'a>(&'a Ending);

impl<'a> WholeRow<'a> {
    /// None where nothing of the person's goes as a whole.
    fn of(
        door: &'a Door,
        order: Run,
        at: usize,
        name: &str,
        query: &mut dyn Query,
    ) -> Result<Option<Self>, Fault> {
        let ending = &door.keeping.ending[at];
        if !matches!(ending.of, Whole::Columns(_)) {
            return Ok(None);
        }
        let mut all = door.keeping.ending.iter();
        let whole =
            all.find(|other| other.table == ending.table && matches!(other.of, Whole::Row { .. }));
        let Some(whole) = whole else {
            return Ok(None);
        };
        let is_held = gate::is_held(&door.register, SWEEP, whole.taken, name, order.now, query)?;
        Ok((!is_held).then_some(Self(whole)))
    }

    fn goes(&self, door: &Door, order: Run, began: Moment, standing: &Standing, key: &str) -> bool {
        let calendar = &door.keeping.calendar;
        began <= calendar.ended(&self.0.term, order.now).until()
            && calendar.has_ended(began, &self.0.term, order.now)
            && standing.on(self.0.taken, key).next().is_none()
    }
}

fn sweep_rows(
    door: &Door,
    order: Run,
    at: usize,
    person: (SubjectId, Option<&[Value]>),
    group: &mut Group<'_>,
    step: &mut Step,
) -> Result<(), Fault> {
    let ending = &door.keeping.ending[at];
    let handles = due_of_person(door, order, at, person, group, step)?;
    if handles.is_empty() {
        return Ok(());
    }
    let name = person.0.to_string();
    let until = door.keeping.calendar.ended(&ending.term, order.now).until();
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
            let categories = of_columns(&door.register, &hangs.columns);
            step.rows
                .push((hangs.name.to_owned(), done.rows, categories));
        }
        for with in with {
            let other = &door.plan.of_people[with.at];
            let mut removed = 0;
            match &with.by {
                None => removed += group.run(other.remove_all, &[name.as_str().into()])?,
                Some(by) => {
                    let keys = by_columns(&rows.handle, &handles, &by.columns);
                    by.remove
                        .each_behind(&[name.as_str().into()], &keys, |sql, params| {
                            removed += group.run(sql, params)?;
                            Ok(())
                        })?;
                }
            }
            let categories = of_columns(&door.register, &other.columns);
            step.rows.push((other.name.to_owned(), removed, categories));
        }
    }
    // The key stands first in a handle.
    let key: Vec<usize> = (0..ending.key_width(&door.plan)).collect();
    let keys: Vec<_> = handles.iter().map(|handle| picked(handle, &key)).collect();
    let (mut removed, first) = (0, [name.as_str().into(), until.into()]);
    ending.end.each_behind(&first, &keys, |sql, params| {
        removed += group.run(sql, params)?;
        Ok(())
    })?;
    step.rows.push((ending.said(), removed, ending.categories));
    Ok(())
}

/// Of each handle what these columns hold.
pub(super) fn by_columns(
    named: &[String],
    handles: &[Vec<Value>],
    columns: &[String],
) -> Vec<Vec<Value>> {
    let places = columns.iter();
    let places = places.filter_map(|column| named.iter().position(|name| name == column));
    let places: Vec<usize> = places.collect();
    let picked = handles.iter().map(|handle| picked(handle, &places));
    picked.collect()
}

/// The handle of a row whose term has ended by its own moments, reckoned in the calendar, and when it began.
fn due(
    door: &Door,
    term: &Term,
    moments: usize,
    now: Moment,
    row: &store::Row<'_>,
    width: usize,
) -> Result<Option<(Moment, Vec<Value>)>, Fault> {
    let mut began = None;
    for at in width..width + moments {
        let Cell::Int(micros) = row.cell(at)? else {
            return Ok(None);
        };
        began = began.max(Some(Moment::from_micros(micros)));
    }
    let calendar = &door.keeping.calendar;
    let Some(began) = began.filter(|began| calendar.has_ended(*began, term, now)) else {
        return Ok(None);
    };
    let handle = (0..width).map(|at| row.cell(at).map(owned));
    let handle = handle.collect::<Result<_, _>>()?;
    Ok(Some((began, handle)))
}

pub(super) fn due_naming(
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
        if let Some((_, key)) = due(door, &ending.term, ending.from.len(), now, row, width)? {
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

/// Whose data rows of others may be about.
pub(super) fn named(found: &[DueNaming]) -> Vec<String> {
    let named: BTreeSet<SubjectId> = found.iter().filter_map(|due| due.subject).collect();
    named.iter().map(ToString::to_string).collect()
}

/// The keys of rows of others that nothing holds; `in_keeping` are those named of whom something may be held. Notes what is.
pub(super) fn due_of_others(
    door: &Door,
    order: Run,
    at: usize,
    found: &[DueNaming],
    in_keeping: &[String],
    query: &mut dyn Query,
    step: &mut Step,
) -> Result<Vec<Vec<Value>>, Fault> {
    let ending = &door.keeping.ending[at];
    let mut standing = BTreeMap::new();
    for name in in_keeping {
        let subject = subject_of(name)?;
        query.about(Some(name));
        if gate::is_held(&door.register, SWEEP, ending.taken, name, order.now, query)? {
            step.held.insert(subject);
        }
        let of_one = Standing::of(&door.register, name, order.now, query)?;
        standing.insert(subject, of_one);
    }
    query.about(None);
    let mut keys: Vec<Vec<Value>> = Vec::new();
    for DueNaming { key, subject } in found {
        if let Some(subject) = subject {
            let on_it = standing.get(subject).into_iter();
            let said = row_key(key);
            let grounds = on_it.flat_map(|standing| standing.on(ending.taken, &said));
            if step.held.contains(subject) || step.keeps(grounds, *subject) {
                continue;
            }
            step.named.insert(*subject);
        }
        keys.push(key.clone());
    }
    Ok(keys)
}

fn remove_naming(
    door: &Door,
    order: Run,
    (at, naming): (usize, usize),
    found: &[DueNaming],
    group: &mut Group<'_>,
    step: &mut Step,
) -> Result<(), Fault> {
    let (ending, naming) = (&door.keeping.ending[at], &door.plan.naming[naming]);
    let until = door.keeping.calendar.ended(&ending.term, order.now).until();
    let in_keeping = group.those_in(&KEEPING, &named(found))?;
    let keys = due_of_others(door, order, at, found, &in_keeping, group, step)?;
    if keys.is_empty() {
        return Ok(());
    }
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
        let categories = of_columns(&door.register, &hangs.columns);
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
