//! Holds: what keeps data of a person beyond their term, set and lifted at the terminal by a ground that the statement names.

use std::sync::Arc;

use basics::{Activity, Actor, Channel, Fault, Moment, Trace};
use statement::{CategoryId, Register};
use store::{Query, Value};

use super::Whose;
use super::exporting::owned;
use super::kept::Whole;
use crate::door::Door;
use crate::gate::Taken;
use crate::tx::{CATEGORY, HeldPart, Hold};
use crate::{Processing, Subjects, Tx, Vault};

/// Data of a person are held by this, and let go.
pub const HOLD: Activity = Activity("gegevens-vasthouden");

/// A hold that is to be set, from now on.
#[derive(Clone, Debug)]
pub struct NewHold {
    pub part: HeldPart,
    pub until: Option<Moment>,
    /// Under which the case can be found.
    pub reference: String,
    /// Who at work decided it.
    pub by: String,
}

/// What came of setting one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldSet {
    Set,
    /// One like it stands already, and stays as it is.
    StoodAlready,
}

impl Vault {
    /// Keeps a part of a person's data beyond their term. `None`: nobody like that is known here.
    ///
    /// Errors: a ground that the statement does not name for the category; a row that is not there.
    pub async fn hold(&self, whose: Whose, hold: NewHold) -> Result<Option<HoldSet>, Fault> {
        let door = Arc::clone(&self.door);
        allowed(&door.register, &hold.part)?;
        self.write(self.holding(), move |tx| {
            if whose.find(tx)?.is_none() {
                return Ok(None);
            }
            let now = tx.now();
            let stands = |known: &Hold| known.stands(now) && known.part == hold.part;
            if tx.holds()?.iter().any(stands) {
                return Ok(Some(HoldSet::StoodAlready));
            }
            if let Some(row) = &hold.part.row
                && !has_row(&door, tx, &hold.part.category, row)?
            {
                return Err(Fault::broken(format!(
                    "the person has no row with that key of `{}` that ends by itself",
                    hold.part.category
                )));
            }
            tx.add_hold(&Hold {
                id: tx.ids().random().to_string(),
                part: hold.part.clone(),
                from: now,
                until: hold.until,
                reference: hold.reference.clone(),
                set_by: hold.by.clone(),
                lifted_by: None,
            })?;
            Ok(Some(HoldSet::Set))
        })
        .await
    }

    /// Ends the holds that stand on a part of a person's data; answers how many. `None`: nobody like that is known here. What
    /// has come to its end meanwhile goes with the next sweep.
    pub async fn lift_hold(
        &self,
        whose: Whose,
        part: HeldPart,
        by: String,
    ) -> Result<Option<usize>, Fault> {
        self.write(self.holding(), move |tx| {
            if whose.find(tx)?.is_none() {
                return Ok(None);
            }
            let (now, mut all) = (tx.now(), tx.holds()?);
            all.retain(|known| known.stands(now) && known.part == part);
            for hold in &all {
                tx.lift_hold(hold, &by)?;
            }
            Ok(Some(all.len()))
        })
        .await
    }

    /// Every hold of a person, also those that stand no more. `None`: nobody like that is known here.
    pub async fn holds(&self, whose: Whose) -> Result<Option<Vec<Hold>>, Fault> {
        self.read(self.holding(), move |tx| match whose.find(tx)? {
            Some(_) => tx.holds().map(Some),
            None => Ok(None),
        })
        .await
    }

    fn holding(&self) -> Processing {
        Processing::of(
            HOLD,
            Actor::Operator,
            Subjects::Found,
            Channel::Terminal,
            Trace::new(self.ids()),
        )
    }
}

/// Whether the statement lets somebody hold data: without that nothing tells what must not go yet.
pub(super) fn can_hold(register: &Register) -> bool {
    let category = register.category(CATEGORY);
    let entry = register.activity(HOLD.0);
    entry.is_some_and(|entry| category.is_some_and(|id| entry.writes.has(id)))
}

/// Whether the statement lets this ground keep this category.
fn allowed(register: &Register, part: &HeldPart) -> Result<(), Fault> {
    let category = register
        .categories()
        .find(|category| category.name == part.category);
    let category = category.ok_or_else(|| {
        Fault::broken(format!("the statement has no category `{}`", part.category))
    })?;
    let retention = &category.retention;
    let grounds = || retention.holds.iter().chain(&retention.hotspots);
    if grounds().any(|ground| *ground == part.ground) {
        return Ok(());
    }
    let named: Vec<&str> = grounds().map(String::as_str).collect();
    Err(Fault::broken(match named.as_slice() {
        [] => format!(
            "the statement names nothing that keeps `{}` beyond its term",
            part.category
        ),
        named => format!(
            "`{}` does not keep `{}` beyond its term; the statement names {}",
            part.ground,
            part.category,
            named.join(", ")
        ),
    }))
}

/// Whether a row of this category that ends by itself has this key.
fn has_row(door: &Door, tx: &mut Tx<'_>, category: &str, row: &str) -> Result<bool, Fault> {
    let (subject, mut is_there) = (tx.subject()?.to_string(), false);
    let id = door.register.category(category);
    for ending in &door.keeping.ending {
        if !id.is_some_and(|id| ending.taken.categories.has(id)) {
            continue;
        }
        let (keys, width) = match ending.of {
            Whole::Row { at, .. } => {
                let rows = &door.plan.of_people[at];
                (rows.keys, rows.key.len().max(1))
            }
            Whole::Naming { at } => (door.plan.naming[at].keys, door.plan.naming[at].key.len()),
            Whole::Columns(_) => continue,
        };
        tx.rows_of(keys, &[subject.as_str().into()], &mut |found| {
            let key = (0..width).map(|at| found.cell(at).map(owned));
            is_there |= row_key(&key.collect::<Result<Vec<_>, _>>()?) == row;
            Ok(())
        })?;
    }
    Ok(is_there)
}

/// The key of a row as a hold names it: its values, besides the person, with a stroke between.
pub(super) fn row_key(values: &[Value]) -> String {
    let values = values.iter().map(|value| match value {
        Value::Null => String::new(),
        Value::Int(int) => int.to_string(),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => hex::encode(bytes),
    });
    values.collect::<Vec<_>>().join("/")
}

/// The holds that stand on a person's data at a moment.
#[derive(Default)]
pub(super) struct Standing {
    all: Vec<(Option<CategoryId>, Hold)>,
}

impl Standing {
    pub(super) fn of(
        register: &Register,
        subject: &str,
        now: Moment,
        query: &mut dyn Query,
    ) -> Result<Self, Fault> {
        let mut all = Hold::all_of(subject, query)?;
        all.retain(|hold| hold.stands(now));
        let all = all
            .into_iter()
            .map(|hold| (register.category(&hold.part.category), hold));
        Ok(Self { all: all.collect() })
    }

    /// By which grounds a row with this key is kept, with what its end takes along. Whoever has any hold is kept known.
    pub(super) fn on(&self, taken: Taken, key: &str) -> impl Iterator<Item = &str> {
        let keeps = move |category: &Option<CategoryId>, hold: &Hold| {
            let is_all_or_this = hold.part.row.as_deref().is_none_or(|row| row == key);
            let is_taken = category.is_some_and(|id| taken.categories.has(id));
            taken.has_limits || (is_taken && is_all_or_this)
        };
        let on_it = self
            .all
            .iter()
            .filter(move |(category, hold)| keeps(category, hold));
        on_it.map(|(_, hold)| hold.part.ground.as_str())
    }
}
