//! Words every room shares: ids, people's numbers, who acts, time, faults, money. No io, no async.

mod actor;
mod clock;
mod fault;
mod ids;
mod money;
mod numbers;
mod stretch;

pub use actor::{Activity, Actor, Channel, Recipient, Role};
pub use clock::{Clock, Moment};
pub use fault::{Fault, FaultKind, Refusal};
pub use ids::{ForeignSpan, Ids, SpanId, SubjectId, Trace};
pub use money::Cents;
pub use numbers::{Bsn, Crib, NumberKind, Oin, OinFault, PersonNumber, PersonNumberFault};
pub use stretch::Stretch;

#[doc(hidden)]
pub use uuid;
