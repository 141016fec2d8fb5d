//! The one error for what no caller handles: carries context, is logged once, shown plainly.

use std::fmt;
use std::time::Duration;

/// What kind of answer a fault becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Our own mistake or a broken part: 500.
    Broken,
    /// For a while, not for ever: 503 with Retry-After.
    Unavailable(Duration),
    /// Whether it was done is not known, since a commit was broken off: 503 with Retry-After. Never run again by us.
    Uncertain(Duration),
    /// The gate said no: 403, or 404 where the activity is not in the statement.
    Refused(Refusal),
    /// A sealed value did not open under the subject's key, or a subject was reached past the door:
    /// a security event, 500.
    Breached,
}

/// Why the gate said no. The text names activities and rules, never a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The statement in force does not name the activity.
    NotInStatement,
    /// The statement names it, but not for this role.
    Role,
    /// … not over this channel.
    Channel,
    /// … not for this category of data; holds the table and column.
    Category(String),
    /// The actor is not this person and nothing lets them act for them.
    Subject,
    /// The role's people are a processor's, and no agreement with it holds today.
    Agreement,
    /// The role sees only people who came to it, and this person did not.
    NoContact,
    /// The statement names no such recipient for the activity, or not these data for it, or not there.
    Recipient(String),
    /// A limit stands on this person's data (restriction, objection, block): its kind.
    Standing(String),
}

/// Context and kind of what went wrong. Never holds a person's number or a letter's text.
#[derive(Clone)]
pub struct Fault {
    kind: FaultKind,
    context: Vec<String>,
    told: bool,
}

impl Fault {
    pub fn broken(what: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Broken,
            context: vec![what.into()],
            told: false,
        }
    }
    pub fn unavailable(what: impl Into<String>, retry_after: Duration) -> Self {
        Self {
            kind: FaultKind::Unavailable(retry_after),
            context: vec![what.into()],
            told: false,
        }
    }
    /// This fault, met while a commit was under way: what had a chance may have happened.
    #[must_use]
    pub fn uncertain(mut self) -> Self {
        if let FaultKind::Unavailable(retry_after) = self.kind {
            self.kind = FaultKind::Uncertain(retry_after);
        }
        self
    }
    pub fn refused(why: Refusal, what: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Refused(why),
            context: vec![what.into()],
            told: false,
        }
    }
    pub fn breached(what: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Breached,
            context: vec![what.into()],
            told: false,
        }
    }

    /// Says what was being done when this happened.
    #[must_use]
    pub fn while_doing(mut self, what: impl Into<String>) -> Self {
        self.context.push(what.into());
        self
    }

    /// This fault, told to the operator where it arose, once for all that it strikes (see [`crate::Stretch`]).
    #[must_use]
    pub fn told(mut self) -> Self {
        self.told = true;
        self
    }
    /// Whether nobody further on need tell it.
    pub const fn is_told(&self) -> bool {
        self.told
    }
    /// What went wrong at first, without what was being done.
    pub fn cause(&self) -> &str {
        self.context.first().map_or("", String::as_str)
    }

    pub const fn kind(&self) -> &FaultKind {
        &self.kind
    }

    /// The refusal, when the gate said no.
    pub const fn refusal(&self) -> Option<&Refusal> {
        match &self.kind {
            FaultKind::Refused(why) => Some(why),
            _ => None,
        }
    }
}

/// Outermost first: `opening the store: database is locked`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.context.iter().rev().enumerate() {
            if at > 0 {
                f.write_str(": ")?;
            }
            f.write_str(part)?;
        }
        if let FaultKind::Refused(why) = &self.kind {
            write!(f, " ({why:?})")?;
        }
        Ok(())
    }
}
impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({self})")
    }
}
impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_becomes_uncertain() {
        let wait = Duration::from_secs(5);
        let full = Fault::unavailable("full", wait).uncertain();
        assert_eq!(*full.kind(), FaultKind::Uncertain(wait));
        assert_eq!(
            *Fault::broken("a clash").uncertain().kind(),
            FaultKind::Broken
        );
    }
}
