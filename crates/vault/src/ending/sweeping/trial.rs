//! What a sweep would remove, counted in small looks and without the writer: chosen by the same texts, found by the same keys.

use std::collections::BTreeSet;

use basics::Fault;
use store::{Cell, Query, Sql, Value};

use super::super::erasing::place;
use super::super::kept::{Whole, of_columns};
use super::super::plan::{ByKeys, Hanging, STEP};
use super::Run;
use super::beside::number_of;
use super::step::{Due, DueNaming, Step, by_columns, due_of_others, due_of_person, named};
use crate::door::Door;

/// What of a person would go.
pub(super) fn count_of_person(
    door: &Door,
    order: Run,
    at: usize,
    due: &Due,
    query: &mut dyn Query,
) -> Result<Step, Fault> {
    let (mut step, ending) = (Step::default(), &door.keeping.ending[at]);
    let handles = due_of_person(door, order, at, (due, STEP), true, query, &mut step)?;
    if handles.is_empty() {
        return Ok(step);
    }
    let name = due.subject.to_string();
    if let Whole::Row { at, with } = &ending.of {
        let rows = &door.plan.of_people[*at];
        for hangs in &rows.hanging {
            count_hanging(door, &name, &rows.handle, &handles, hangs, query, &mut step)?;
        }
        for with in with {
            let other = &door.plan.of_people[with.at];
            let count = match &with.by {
                None => rows_of(other.keys, &name, query)?,
                Some(by) => {
                    let keys = by_columns(&rows.handle, &handles, &by.columns);
                    counted(&by.count, &[name.as_str().into()], &keys, query)?
                }
            };
            let categories = of_columns(&door.register, &other.columns);
            step.rows.push((other.name.to_owned(), count, categories));
        }
    }
    let count = handles.len() as u64;
    step.rows.push((ending.said(), count, ending.categories));
    Ok(step)
}

/// Which of these rows of others would go. `in_keeping` are all of whom anything may be held.
pub(super) fn count_of_others(
    door: &Door,
    order: Run,
    (at, naming): (usize, usize),
    found: &[DueNaming],
    in_keeping: &BTreeSet<String>,
    query: &mut dyn Query,
) -> Result<Step, Fault> {
    let mut step = Step::default();
    let (ending, naming) = (&door.keeping.ending[at], &door.plan.naming[naming]);
    let mut in_keeping_here = named(found);
    in_keeping_here.retain(|name| in_keeping.contains(name));
    let keys = due_of_others(door, order, at, found, &in_keeping_here, query, &mut step)?;
    for hangs in &naming.hanging {
        count_hanging(door, "", &naming.key, &keys, hangs, query, &mut step)?;
    }
    let count = keys.len() as u64;
    step.rows.push((ending.said(), count, ending.categories));
    Ok(step)
}

/// What hangs on rows with these handles.
fn count_hanging(
    door: &Door,
    person: &str,
    handle: &[String],
    handles: &[Vec<Value>],
    hangs: &Hanging,
    query: &mut dyn Query,
    step: &mut Step,
) -> Result<(), Fault> {
    let keys = by_columns(handle, handles, &hangs.by);
    if let Some(blob) = &hangs.blob {
        let at = place(&hangs.columns, &blob.mark.id);
        hangs.list.each(person, &keys, |sql, params| {
            query.query(sql, params, &mut |row| {
                step.files += u64::from(matches!(row.cell(at)?, Cell::Text(_)));
                Ok(())
            })
        })?;
    }
    let mut count = 0;
    hangs.count.each(person, &keys, |sql, params| {
        count += number_of(query, sql, params)?;
        Ok(())
    })?;
    let categories = of_columns(&door.register, &hangs.columns);
    step.rows.push((hangs.name.to_owned(), count, categories));
    Ok(())
}

fn counted(
    count: &ByKeys,
    first: &[Value],
    keys: &[Vec<Value>],
    query: &mut dyn Query,
) -> Result<u64, Fault> {
    let mut all = 0;
    count.each_behind(first, keys, |sql, params| {
        all += number_of(query, sql, params)?;
        Ok(())
    })?;
    Ok(all)
}

fn rows_of(sql: &Sql, person: &str, query: &mut dyn Query) -> Result<u64, Fault> {
    let mut rows = 0;
    query.query(sql, &[person.into()], &mut |_| {
        rows += 1;
        Ok(())
    })?;
    Ok(rows)
}
