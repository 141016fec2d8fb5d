//! How data ends: what is somebody's, read from the annotated schema, so that it is copied for its person, erased, or swept
//! when its time has come. There is no list of tables to forget one in.
//!
//! `marks` is what a schema says of a table, `plan` the tables with their texts, `kept` for how long each is kept, `foreseen` what
//! a statement says of that by itself, `left_out` what the statement has no category for, `terms` when a term ends, `holding` what
//! keeps them longer, `exporting`, `erasing` and `sweeping` what is done with them, `erasures` the list of who was erased,
//! `traffic` how a sweep gives way to others.

mod erasing;
mod erasures;
mod exporting;
mod foreseen;
mod holding;
mod kept;
mod left_out;
mod marks;
mod plan;
mod sweeping;
mod terms;
mod traffic;

use basics::{Activity, Fault, PersonNumber, SubjectId};

use crate::ReadTx;

pub(crate) use erasures::Erasures;
pub(crate) use exporting::copy_of;
pub(crate) use kept::Keeping;
pub(crate) use plan::{Plan, Together};
pub(crate) use traffic::Traffic;

pub use erasing::{Erased, Erasure};
pub use exporting::{Export, ExportedFile, ExportedRow, ExportedValue};
pub use foreseen::kept_without_end;
pub use holding::{HOLD, HoldSet, NewHold};
pub use marks::{BlobMark, KeptFrom, Marks};
pub use sweeping::{ClockLeap, HeldRows, SWEEP, SweepOrder, SweepRecord, Swept, SweptWhole};

/// What somebody's data are copied for them by, …
pub const EXPORT: Activity = Activity("gegevens-meegeven");
/// … and erased.
pub const ERASE: Activity = Activity("gegevens-wissen");
/// What concerns all that is kept of somebody.
pub(crate) const WHOLE: [Activity; 3] = [EXPORT, ERASE, SWEEP];

/// Whose data.
#[derive(Clone, Debug)]
pub enum Whose {
    Number(PersonNumber),
    Id(SubjectId),
}

impl Whose {
    /// Finds the person and opens them for this closure. `None`: there is nobody like that here, or no more.
    pub(crate) fn find(&self, tx: &mut ReadTx<'_>) -> Result<Option<SubjectId>, Fault> {
        match self {
            Whose::Number(number) => tx.find(number),
            Whose::Id(subject) => tx.find_id(*subject),
        }
    }
}
