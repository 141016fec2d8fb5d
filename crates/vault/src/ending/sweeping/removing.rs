//! What one commit removes of people and of others: found in a few questions for all of them, removed in one go.

use std::collections::BTreeSet;

use basics::{Fault, SubjectId};
use statement::Mask;
use store::{Command, Group, Query, Value};

use super::super::erasing::Hung;
use super::super::exporting::picked;
use super::super::kept::{Whole, With, of_columns};
use super::super::plan::{ByKeys, Hanging};
use super::step::{Due, DueNaming, Step, by_columns, due_of_others, due_of_person, named};
use super::{KEEPING, Run};
use crate::door::Door;

/// With so many rows of people a commit takes no further person.
const MOST: usize = 256;

/// What goes of one person.
struct Going {
    handles: Vec<Vec<Value>>,
    /// By their places in the plan.
    hung: Vec<Hung>,
    step: Step,
}

impl Going {
    fn of(
        door: &Door,
        order: Run,
        at: usize,
        (due, most): (&Due, usize),
        in_keeping: bool,
        query: &mut dyn Query,
    ) -> Result<Self, Fault> {
        let mut step = Step::default();
        let handles = due_of_person(door, order, at, (due, most), in_keeping, query, &mut step)?;
        let hanging = match &door.keeping.ending[at].of {
            Whole::Row { at, .. } if !handles.is_empty() => Some(&door.plan.of_people[*at]),
            _ => None,
        };
        let name = due.subject.to_string();
        let hung = hanging.into_iter().flat_map(|rows| {
            let on = |hangs| (hangs, &rows.handle);
            rows.hanging.iter().map(on)
        });
        let hung =
            hung.map(|(hangs, handle)| Hung::on(hangs, Some(&name), handle, &handles, query));
        Ok(Self {
            hung: hung.collect::<Result<_, _>>()?,
            handles,
            step,
        })
    }
}

/// Commands, and what each removes counts for.
#[derive(Default)]
struct Removing {
    commands: Vec<Command>,
    /// None for what nobody would miss.
    of: Vec<Option<Counts>>,
    /// How many rows end by themselves: the last of what is told.
    ending: u64,
}

/// The person, where it is of one, and the place among what is told.
type Counts = (Option<SubjectId>, usize);

impl Removing {
    fn add(&mut self, commands: impl IntoIterator<Item = Command>, of: Option<Counts>) {
        self.commands.extend(commands);
        self.of.resize(self.commands.len(), of);
    }

    fn add_each(
        &mut self,
        by: &ByKeys,
        (subject, counts): Counts,
        first: &[Value],
        keys: &[Vec<Value>],
    ) -> Result<(), Fault> {
        let about = subject.map(|subject| subject.to_string());
        by.each_behind(first, keys, |sql, params| {
            let (about, params) = (about.clone(), params.to_vec());
            self.add([Command { about, sql, params }], Some((subject, counts)));
            Ok(())
        })
    }

    /// Notes how many rows of what is told went, and of whom. No when something that had ended ends no more: another process
    /// wrote between question and removal, and what hangs on it or goes with it is to stay.
    fn run(
        self,
        told: Vec<(String, Mask)>,
        group: &mut Group<'_>,
        step: &mut Step,
    ) -> Result<bool, Fault> {
        let removed = group.run_all(&self.commands)?;
        let mut counts = vec![0; told.len()];
        for (removed, of) in removed.into_iter().zip(self.of) {
            if let Some((subject, at)) = of {
                counts[at] += removed;
                step.touched.extend(subject.filter(|_| removed > 0));
            }
        }
        let all_ended = counts.last() == Some(&self.ending);
        let told = told.into_iter().zip(counts);
        let told = told.map(|((table, categories), rows)| (table, rows, categories));
        step.rows.extend(told);
        Ok(all_ended)
    }
}

/// Answers as [`Removing::run`].
pub(super) fn sweep_people(
    door: &Door,
    order: Run,
    at: usize,
    (people, most): (&[Due], usize),
    group: &mut Group<'_>,
    step: &mut Step,
) -> Result<bool, Fault> {
    let names: Vec<String> = people.iter().map(|due| due.subject.to_string()).collect();
    let in_keeping: BTreeSet<String> = group.those_in(&KEEPING, &names)?.into_iter().collect();
    let going = group.ask_for_each(people, |due, query| {
        let in_keeping = in_keeping.contains(&due.subject.to_string());
        Going::of(door, order, at, (due, most), in_keeping, query)
    })?;
    let mut removing = Removing::default();
    let mut rows = 0;
    for (due, going) in people.iter().zip(going) {
        // Who is left goes with the next.
        if rows >= MOST {
            step.more.push(due.clone());
            continue;
        }
        rows += going.handles.len();
        removing.ending += going.handles.len() as u64;
        if !going.handles.is_empty() {
            remove_of_person(door, order, at, due.subject, &going, &mut removing)?;
        }
        for hung in &going.hung {
            step.blobs.extend(hung.blobs()?);
        }
        step.merge(going.step);
    }
    removing.run(told_of(door, at), group, step)
}

/// What is told of what ends with rows: what hangs on them, what others keep as long, and themselves.
fn told_of(door: &Door, at: usize) -> Vec<(String, Mask)> {
    let ending = &door.keeping.ending[at];
    let (hanging, with): (&[Hanging], &[With]) = match &ending.of {
        Whole::Row { at, with } => (&door.plan.of_people[*at].hanging, with),
        Whole::Naming { at } => (&door.plan.naming[*at].hanging, &[]),
        Whole::Columns(_) => (&[], &[]),
    };
    let hanging = hanging.iter().map(|hangs| (hangs.name, &hangs.columns));
    let with = with.iter().map(|with| &door.plan.of_people[with.at]);
    let along = hanging.chain(with.map(|other| (other.name, &other.columns)));
    let along = along.map(|(table, columns)| {
        let categories = of_columns(&door.register, columns);
        (table.to_owned(), categories)
    });
    let itself = (ending.said(), ending.categories);
    along.chain([itself]).collect()
}

fn remove_of_person(
    door: &Door,
    order: Run,
    at: usize,
    subject: SubjectId,
    going: &Going,
    removing: &mut Removing,
) -> Result<(), Fault> {
    let ending = &door.keeping.ending[at];
    let (name, handles) = (subject.to_string(), &going.handles);
    let mut counts = 0;
    if let Whole::Row { at, with } = &ending.of {
        let rows = &door.plan.of_people[*at];
        for (hangs, hung) in rows.hanging.iter().zip(&going.hung) {
            let (unclaims, removes) = hung.commands(hangs, Some(&name))?;
            removing.add(unclaims, None);
            removing.add(removes, Some((Some(subject), counts)));
            counts += 1;
        }
        for with in with {
            match &with.by {
                None => {
                    let command = Command {
                        about: Some(name.clone()),
                        sql: door.plan.of_people[with.at].remove_all,
                        params: vec![name.as_str().into()],
                    };
                    removing.add([command], Some((Some(subject), counts)));
                }
                Some(by) => {
                    let keys = by_columns(&rows.handle, handles, &by.columns);
                    let first = [name.as_str().into()];
                    removing.add_each(&by.remove, (Some(subject), counts), &first, &keys)?;
                }
            }
            counts += 1;
        }
    }
    let until = door.keeping.calendar.ended(&ending.term, order.now).until();
    // The key stands first in a handle.
    let key: Vec<usize> = (0..ending.key_width(&door.plan)).collect();
    let keys: Vec<_> = handles.iter().map(|handle| picked(handle, &key)).collect();
    let first = [name.as_str().into(), until.into()];
    removing.add_each(&ending.end, (Some(subject), counts), &first, &keys)
}

pub(super) fn remove_naming(
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
    let (told, mut removing) = (told_of(door, at), Removing::default());
    for (counts, hangs) in naming.hanging.iter().enumerate() {
        let hung = Hung::on(hangs, None, &naming.key, &keys, group)?;
        let (unclaims, removes) = hung.commands(hangs, None)?;
        removing.add(unclaims, None);
        removing.add(removes, Some((None, counts)));
        step.blobs.extend(hung.blobs()?);
    }
    let themselves = (None, naming.hanging.len());
    removing.add_each(&ending.end, themselves, &[until.into()], &keys)?;
    removing.run(told, group, step)?;
    Ok(())
}
