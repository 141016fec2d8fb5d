//! One commit of the sweep: what of a person, of a sender's rows or of the log has ended goes, and each person's log says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use basics::{Fault, Moment, SpanId, SubjectId};
use statement::{Mask, Term};
use store::{Cell, Group, LogRows, Oldest, Query, Value, Work};
use tokio::sync::oneshot;

use super::super::exporting::{owned, picked};
use super::super::holding::{Standing, row_key};
use super::super::kept::{Ending, Whole};
use super::removing::{remove_naming, sweep_people};
use super::{HeldRows, Run, SWEEP, subject_of};
use crate::BlobId;
use crate::door::Door;
use crate::gate;
use crate::log::{Ledger, LogRow, Status};

/// Another process is soon done with what it changes.
const AGAIN: Duration = Duration::from_secs(1);

/// What one commit removes.
pub(super) enum What {
    People {
        /// Its place among what ends.
        at: usize,
        people: Vec<Due>,
        /// So many of each at most.
        rows: usize,
    },
    Naming {
        at: usize,
        naming: usize,
        found: Vec<DueNaming>,
    },
    Log {
        of: OfLog,
        until: i64,
        held: BTreeSet<SubjectId>,
        most: i64,
    },
}

/// What of the log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OfLog {
    /// Rows, with where they lie.
    Rows,
    /// Where rows lay that are gone already, by the month.
    PlacesLeft,
}

/// A person of whom something may have ended.
#[derive(Clone)]
pub(super) struct Due {
    pub(super) subject: SubjectId,
    /// The key of the last row that was looked at.
    pub(super) behind: Option<Vec<Value>>,
}

impl Due {
    pub(super) fn all_of(subject: SubjectId) -> Self {
        Self {
            subject,
            behind: None,
        }
    }
}

/// A row of others whose time has ended.
pub(super) struct DueNaming {
    pub(super) key: Vec<Value>,
    pub(super) subject: Option<SubjectId>,
}

/// Rows of others that were looked at.
#[derive(Default)]
pub(super) struct Others {
    pub(super) due: Vec<DueNaming>,
    /// The key of the last of them; empty when there were none.
    pub(super) last: Vec<Value>,
}

pub(super) struct Sweeping {
    pub(super) door: Arc<Door>,
    pub(super) order: Run,
    pub(super) what: What,
    pub(super) step: Step,
    /// Another process wrote in between, and once more.
    pub(super) changed_twice: bool,
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
    /// There may be more rows of the log.
    pub(super) has_more: bool,
    /// Of whom there may be more.
    pub(super) more: Vec<Due>,
    /// Of whom rows went.
    pub(super) touched: BTreeSet<SubjectId>,
}

impl Step {
    pub(super) fn merge(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.blobs.extend(other.blobs);
        self.files += other.files;
        self.held.extend(other.held);
        HeldRows::merge(&mut self.by_ground, other.by_ground);
        self.has_more |= other.has_more;
        self.more.extend(other.more);
        self.touched.extend(other.touched);
    }

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
        let mut swept = self.sweep(group, ledger);
        if matches!(swept, Ok(false)) {
            // Once more, as it is now.
            group.undo()?;
            group.enter();
            swept = self.sweep(group, ledger);
        }
        if group.is_halted() {
            return group.undo();
        }
        self.changed_twice = !swept?;
        match self.changed_twice {
            // The sweep's own trouble, and nobody else's in this commit.
            true => group.undo(),
            false => group.keep(),
        }
    }

    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        let Self {
            reply,
            step,
            changed_twice,
            ..
        } = *self;
        let outcome = outcome.and_then(|()| match changed_twice {
            true => Err(Fault::unavailable("what had ended changed twice", AGAIN)),
            false => Ok(step),
        });
        let _ = reply.send(outcome.map_err(|fault| fault.while_doing(SWEEP.0)));
    }
}

impl Sweeping {
    /// No when another process changed meanwhile what had ended: then nothing is noted, and its effects are to be undone.
    fn sweep(&mut self, group: &mut Group<'_>, ledger: &mut Ledger) -> Result<bool, Fault> {
        self.step = Step::default();
        let (door, order, step) = (&self.door, self.order, &mut self.step);
        match &self.what {
            What::People { at, people, rows } => {
                if !sweep_people(door, order, *at, (people, *rows), group, step)? {
                    return Ok(false);
                }
            }
            What::Naming { at, naming, found } => {
                remove_naming(door, order, (*at, *naming), found, group, step)?;
            }
            What::Log {
                of,
                until,
                held,
                most,
            } => {
                let held: Vec<String> = held.iter().map(ToString::to_string).collect();
                let rows = Oldest {
                    until: *until,
                    most: *most,
                    but_of: &held,
                };
                let removed = group.remove_from_log(match of {
                    OfLog::Rows => LogRows::Oldest(rows),
                    OfLog::PlacesLeft => LogRows::OldestPlaces(rows),
                })?;
                step.has_more = removed == most.unsigned_abs();
                // That a row of the log went is in its digest; a row about it would need one in turn.
                if *of == OfLog::Rows {
                    step.rows.push(("log".to_owned(), removed, Mask::EMPTY));
                }
            }
        }
        step.files = step.blobs.len() as u64;
        for subject in std::mem::take(&mut step.touched) {
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
        Ok(true)
    }
}

/// The handles of at most so many rows of a person whose term has ended and that nothing holds, behind a key; notes what is held.
/// `in_keeping`: a limit or a hold may stand on data of the person.
pub(super) fn due_of_person(
    door: &Door,
    order: Run,
    at: usize,
    (Due { subject, behind }, most): (&Due, usize),
    in_keeping: bool,
    query: &mut dyn Query,
    step: &mut Step,
) -> Result<Vec<Vec<Value>>, Fault> {
    let ending = &door.keeping.ending[at];
    let name = subject.to_string();
    query.about(Some(&name));
    let mut standing = Standing::default();
    if in_keeping {
        if gate::is_held(&door.register, SWEEP, ending.taken, &name, order.now, query)? {
            step.held.insert(*subject);
            return Ok(Vec::new());
        }
        standing = Standing::of(&door.register, &name, order.now, query)?;
    }
    let until = door.keeping.calendar.ended(&ending.term, order.now).until();
    let mut bound: Vec<Value> = vec![name.as_str().into(), until.into(), (most as i64).into()];
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
            if !is_gone && !step.keeps(grounds, *subject) {
                handles.push(handle);
            }
        }
        last = Some(key);
        Ok(())
    })?;
    if seen >= most {
        step.more.push(Due {
            subject: *subject,
            behind: last,
        });
    }
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
    most: i64,
    query: &mut dyn Query,
) -> Result<Others, Fault> {
    let ending = &door.keeping.ending[at];
    let width = door.plan.naming[naming].key.len();
    let until = door.keeping.calendar.ended(&ending.term, now).until();
    let params: Vec<Value> = std::iter::once(until.into())
        .chain(after.iter().cloned())
        .chain([most.into()])
        .collect();
    let mut others = Others::default();
    query.query(ending.due, &params, &mut |row| {
        let key = (0..width).map(|at| row.cell(at).map(owned));
        others.last = key.collect::<Result<_, _>>()?;
        if let Some((_, key)) = due(door, &ending.term, ending.from.len(), now, row, width)? {
            let subject = match row.cell(width + ending.from.len())? {
                Cell::Text(name) => name.parse().ok(),
                _ => None,
            };
            others.due.push(DueNaming { key, subject });
        }
        Ok(())
    })?;
    Ok(others)
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
            step.touched.insert(*subject);
        }
        keys.push(key.clone());
    }
    Ok(keys)
}
