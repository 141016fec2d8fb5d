//! Why an access happens: activity, actor, subjects, channel, trace. No access without one.

use basics::{Activity, Actor, Channel, ForeignSpan, SubjectId, Trace};

/// Whose data an access is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subjects {
    /// Nobody's: texts may touch columns of category `none` only; no log row.
    None,
    One(SubjectId),
    /// The closure finds the person itself, by number, session or receipt.
    Found,
}

/// The reason of one access, decided by the gate and written to the log.
#[derive(Clone, Debug)]
pub struct Processing {
    pub activity: Activity,
    pub actor: Actor,
    pub subjects: Subjects,
    pub channel: Channel,
    pub trace: Trace,
    /// What called for it elsewhere, where an organisation acts and says so.
    pub(crate) foreign: Option<ForeignSpan>,
    /// Resolving a session: the processing it is for leaves the row.
    pub(crate) quiet: bool,
    /// Is all of a person, and may take its time.
    pub(crate) at_length: bool,
}

impl Processing {
    pub const fn of(
        activity: Activity,
        actor: Actor,
        subjects: Subjects,
        channel: Channel,
        trace: Trace,
    ) -> Self {
        Self {
            activity,
            actor,
            subjects,
            channel,
            trace,
            foreign: None,
            quiet: false,
            at_length: false,
        }
    }

    /// Notes in the log what called for it elsewhere. It opens nothing: the trace stays our own.
    pub const fn called_by(mut self, foreign: Option<ForeignSpan>) -> Self {
        self.foreign = foreign;
        self
    }

    pub(crate) const fn at_length(mut self) -> Self {
        self.at_length = true;
        self
    }

    pub(crate) const fn quietly(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// What a person does to their own data, on the web.
    pub const fn own(activity: Activity, subject: SubjectId, trace: Trace) -> Self {
        Self::of(
            activity,
            Actor::Person(subject),
            Subjects::One(subject),
            Channel::Web,
            trace,
        )
    }

    /// Work of Postbus itself on nobody's data, such as its queue of jobs.
    pub const fn upkeep(activity: Activity, trace: Trace) -> Self {
        Self::of(
            activity,
            Actor::System,
            Subjects::None,
            Channel::Internal,
            trace,
        )
    }
}
