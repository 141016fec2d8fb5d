//! What keeps a store from working, told to the operator once a stretch: where, what, and when it is over.

use std::time::Duration;

use basics::{Fault, FaultKind, Stretch};

/// When a caller may try again; most trouble takes an operator longer.
pub(crate) const AGAIN: Duration = Duration::from_secs(5);

/// Trouble with one thing that can fail: a database, a folder of blobs.
#[derive(Debug)]
pub(crate) struct Trouble {
    what: String,
    stretch: Stretch,
}

impl Trouble {
    pub(crate) fn with(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            stretch: Stretch::default(),
        }
    }

    /// Tells the first fault of its kind that may pass, and marks it as told; any other goes by.
    pub(crate) fn noted(&self, fault: Fault) -> Fault {
        if !matches!(
            fault.kind(),
            FaultKind::Unavailable(_) | FaultKind::Uncertain(_)
        ) || fault.is_told()
        {
            return fault;
        }
        if self.stretch.begins(fault.cause()) {
            tracing::error!(
                of = self.what,
                "{fault}; what needs it is refused until this passes"
            );
        }
        fault.told()
    }

    /// An outcome, with its fault noted or the trouble over.
    pub(crate) fn judged<T>(&self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        if outcome.is_ok() {
            self.is_over();
        }
        outcome.map_err(|fault| self.noted(fault))
    }

    /// It works: tells the end of a stretch.
    pub(crate) fn is_over(&self) {
        if let Some(refused) = self.stretch.ends() {
            tracing::warn!(of = self.what, refused, "it works again");
        }
    }
}
