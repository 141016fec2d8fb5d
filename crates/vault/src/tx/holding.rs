//! The holds of a person: what keeps their data beyond its term, set and lifted by an activity that may.

use basics::{Fault, Moment};
use store::{Insert, Query, Sql};

use super::{ReadTx, Tx};
use crate::row::Row;

static HOLDS: Sql = Sql::new(
    "SELECT hold_id, category, row_key, ground, from_at, until_at, reference, set_by, lifted_by FROM holds WHERE subject_id = $1
     ORDER BY hold_id",
);
static LIFT: Sql = Sql::new(
    "UPDATE holds SET until_at = $3, lifted_by = $4 WHERE subject_id = $1 AND hold_id = $2",
);
static NEW_HOLD: Insert = Insert::new(
    "holds",
    &[
        "subject_id",
        "hold_id",
        "category",
        "row_key",
        "ground",
        "from_at",
        "until_at",
        "reference",
        "set_by",
    ],
);

/// The category of the holds themselves, as `schema.sql` has it.
pub(crate) const CATEGORY: &str = "opschorting";

/// What a hold is on, by the statement's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldPart {
    pub category: String,
    /// By a hold or a hotspot that the statement names for the category.
    pub ground: String,
    /// One row with what hangs on it, by its key as a copy of the data has it; without it all of the category.
    pub row: Option<String>,
}

/// What keeps data of a person beyond their term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Random.
    pub id: String,
    pub part: HeldPart,
    pub from: Moment,
    pub until: Option<Moment>,
    /// Under which the case can be found.
    pub reference: String,
    pub set_by: String,
    pub lifted_by: Option<String>,
}

impl Hold {
    /// Also where it was set by a clock that is ahead of this one.
    pub fn stands(&self, now: Moment) -> bool {
        self.until.is_none_or(|until| until > now)
    }

    fn of(row: &Row<'_>) -> Result<Self, Fault> {
        let key = row.text(2)?;
        Ok(Self {
            id: row.text(0)?.to_owned(),
            part: HeldPart {
                category: row.text(1)?.to_owned(),
                ground: row.text(3)?.to_owned(),
                row: (!key.is_empty()).then(|| key.to_owned()),
            },
            from: row.moment(4)?,
            until: row.opt_moment(5)?,
            reference: row.text(6)?.to_owned(),
            set_by: row.text(7)?.to_owned(),
            lifted_by: row.opt_text(8)?.map(str::to_owned),
        })
    }

    /// Every hold of a person, also those that stand no more.
    pub(crate) fn all_of(subject: &str, query: &mut dyn Query) -> Result<Vec<Self>, Fault> {
        let mut all = Vec::new();
        query.query(&HOLDS, &[subject.into()], &mut |row| {
            all.push(Self::of(&Row { row, key: None })?);
            Ok(())
        })?;
        Ok(all)
    }
}

impl ReadTx<'_> {
    /// The holds of the person this closure is on.
    pub(crate) fn holds(&mut self) -> Result<Vec<Hold>, Fault> {
        self.may_touch(CATEGORY, false)?;
        let subject = self.subject()?.to_string();
        Hold::all_of(&subject, &mut self.ground)
    }
}

impl Tx<'_> {
    pub(crate) fn add_hold(&mut self, hold: &Hold) -> Result<(), Fault> {
        self.may_touch(CATEGORY, true)?;
        let row = vec![
            self.subject()?.to_string().into(),
            hold.id.as_str().into(),
            hold.part.category.as_str().into(),
            hold.part.row.as_deref().unwrap_or_default().into(),
            hold.part.ground.as_str().into(),
            hold.from.into(),
            hold.until.into(),
            hold.reference.as_str().into(),
            hold.set_by.as_str().into(),
        ];
        self.writing().add(&NEW_HOLD, row);
        Ok(())
    }

    pub(crate) fn lift_hold(&mut self, hold: &Hold, by: &str) -> Result<(), Fault> {
        self.may_touch(CATEGORY, true)?;
        let subject = self.subject()?.to_string();
        let row = [
            subject.into(),
            hold.id.as_str().into(),
            self.now().into(),
            by.into(),
        ];
        self.writing().run(&LIFT, &row).map(drop)
    }
}
