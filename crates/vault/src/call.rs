//! One access from beginning to end: gate, closure, log row, commit, answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use basics::{Actor, Fault, Moment, SpanId};
use store::{Group, Query, Work};
use tokio::sync::oneshot;

use crate::door::Door;
use crate::gauge;
use crate::history::Foreign;
use crate::log::{AuditRow, Ledger, LogRow, Status};
use crate::processing::{Processing, Subjects};
use crate::tx::{Disclosed, ReadTx, Trail, Tx};

/// A closure that takes longer is reported.
const SLOW: Duration = Duration::from_millis(10);

pub(crate) type Reply<T, E> = oneshot::Sender<Result<T, E>>;

/// A write on its way to the writer.
pub(crate) struct WriteCall<T, E, F> {
    pub(crate) door: Arc<Door>,
    pub(crate) processing: Processing,
    pub(crate) closure: F,
    /// When it ran first.
    pub(crate) start: Option<Moment>,
    pub(crate) answer: Option<Result<T, E>>,
    /// What stays of it when it could not be committed.
    pub(crate) failure: Option<(Traces, bool)>,
    pub(crate) reply: Reply<T, E>,
}

impl<T, E, F> Work<Ledger> for WriteCall<T, E, F>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Fault> + Send + 'static,
{
    fn run(&mut self, group: &mut Group<'_>, ledger: &mut Ledger) -> Result<(), Fault> {
        let start = *self.start.get_or_insert_with(|| self.door.clock.now());
        let new_keys = ledger.new_keys.len();
        group.enter();
        let trail = Trail::default();
        let answer = watched(&self.processing, || {
            let mut tx = Tx::open(&self.door, &self.processing, start, group, ledger, &trail)?;
            (self.closure)(&mut tx)
        });
        if group.is_halted() {
            group.undo()?;
            ledger.new_keys.truncate(new_keys);
            return Ok(());
        }
        // A person whose enrolment is undone was never there.
        let mut undone_enrolment = false;
        if answer.is_ok() {
            group.keep()?;
        } else {
            group.undo()?;
            undone_enrolment = ledger.new_keys.len() > new_keys;
            ledger.new_keys.truncate(new_keys);
        }
        let traces = Traces::of(&self.door, &self.processing, start, trail, answer.is_ok());
        // An enrolment that cannot be committed has not happened either.
        let enrolled = undone_enrolment || ledger.new_keys.len() > new_keys;
        self.failure = Some((traces.clone().failed(), enrolled));
        traces.leave_in(ledger, undone_enrolment);
        self.answer = Some(answer);
        Ok(())
    }

    fn run_after_failure(&mut self, ledger: &mut Ledger) {
        if let Some((traces, without_person)) = self.failure.take() {
            traces.leave_in(ledger, without_person);
        }
    }

    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        let answer = match (outcome, self.answer) {
            (Ok(()), Some(answer)) => answer,
            (Ok(()), None) => Err(Fault::broken("a write ended without having run").into()),
            (Err(fault), _) => Err(fault.while_doing(self.processing.activity.0).into()),
        };
        // Nobody waits any more when the client has gone; the commit stands.
        let _ = self.reply.send(answer);
    }
}

/// Runs a read's closure, and answers it with the traces it leaves.
pub(crate) fn read<T, E>(
    door: &Door,
    processing: &Processing,
    query: &mut dyn Query,
    closure: impl Fn(&mut ReadTx<'_>) -> Result<T, E>,
) -> (Result<T, E>, Traces)
where
    E: From<Fault>,
{
    let start = door.clock.now();
    let trail = Trail::default();
    gauge::begin(query);
    let answer = watched(processing, || {
        let mut tx = ReadTx::open(door, processing, start, query, &trail)?;
        let answer = closure(&mut tx);
        // Whatever it came to, the gate goes before.
        tx.settle()?;
        answer
    });
    let traces = Traces::of(door, processing, start, trail, answer.is_ok());
    (answer, traces)
}

/// The log rows of a read: durable before its answer leaves.
pub(crate) struct ReadTraces<T, E> {
    pub(crate) traces: Traces,
    pub(crate) answer: Result<T, E>,
    pub(crate) reply: Reply<T, E>,
}

impl<T: Send, E: From<Fault> + Send> Work<Ledger> for ReadTraces<T, E> {
    fn run(&mut self, _group: &mut Group<'_>, ledger: &mut Ledger) -> Result<(), Fault> {
        self.traces.clone().leave_in(ledger, false);
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        let _ = self.reply.send(outcome.map_err(E::from).and(self.answer));
    }
}

/// What an access leaves behind: a log row for its person, an audit row for who acted where nothing else tells that.
#[derive(Clone)]
pub(crate) struct Traces {
    log: Option<LogRow>,
    audit: Vec<AuditRow>,
}

impl Traces {
    fn of(
        door: &Door,
        processing: &Processing,
        start: Moment,
        trail: Trail,
        went_well: bool,
    ) -> Self {
        if processing.subjects == Subjects::None || processing.quiet {
            return Self {
                log: None,
                audit: Vec::new(),
            };
        }
        let found = trail.reached.get();
        let status = if went_well { Status::Ok } else { Status::Error };
        let end = door.clock.now();
        let log = found.map(|subject| LogRow {
            subject,
            trace: processing.trace,
            span: SpanId::new(&door.ids),
            foreign: Foreign::of(processing),
            status,
            activity: processing.activity,
            statement_version: Arc::clone(&door.version),
            start,
            end,
        });
        let actor = match &processing.actor {
            Actor::Organisation(oin) => Some(oin.to_string()),
            Actor::Operator => Some(String::new()),
            Actor::Staff { id, .. } => Some(id.clone()),
            Actor::Person(person) => {
                let is_somebody_elses = found.is_some_and(|subject| subject != *person);
                is_somebody_elses.then(String::new)
            }
            Actor::System => (!is_the_systems_own(door, processing)).then(String::new),
            Actor::Visitor => None,
        };
        // What failed has given nothing away.
        let disclosed = trail.disclosed.into_inner();
        let disclosed = disclosed.into_iter().filter(|_| went_well).map(Some);
        let mut disclosed: Vec<Option<Disclosed>> = disclosed.collect();
        if disclosed.is_empty() && actor.is_some() {
            disclosed.push(None);
        }
        let actor = actor.unwrap_or_default();
        let audit = disclosed.into_iter().map(|disclosed| AuditRow {
            id: door.ids.ordered(start).hyphenated().to_string(),
            trace: processing.trace,
            activity: processing.activity,
            statement_version: Arc::clone(&door.version),
            role: processing.actor.role(),
            actor: actor.clone(),
            status,
            at: start,
            disclosed,
        });
        let audit = audit.collect();
        Self { log, audit }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.log.is_none() && self.audit.is_empty()
    }

    /// The same access as one that went wrong.
    fn failed(mut self) -> Self {
        if let Some(row) = &mut self.log {
            row.status = Status::Error;
        }
        for row in &mut self.audit {
            row.status = Status::Error;
            row.disclosed = None;
        }
        self
    }

    fn leave_in(self, ledger: &mut Ledger, without_person: bool) {
        let log = self.log.filter(|_| !without_person);
        ledger.note(log, self.audit);
    }
}

/// Whether the statement's line tells by itself that Postbus acts.
fn is_the_systems_own(door: &Door, processing: &Processing) -> bool {
    let entry = door.register.activity(processing.activity.0);
    entry.is_none_or(|entry| entry.roles == [Actor::System.role().name()])
}

/// Runs a closure: a panic is a Fault of this caller only, a slow one is reported.
fn watched<T, E: From<Fault>>(
    processing: &Processing,
    closure: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let began = Instant::now();
    let answer = catch_unwind(AssertUnwindSafe(closure)).unwrap_or_else(|_| {
        let fault = Fault::broken("the closure panicked").while_doing(processing.activity.0);
        tracing::error!(%fault, trace = %processing.trace, "a closure panicked");
        Err(fault.into())
    });
    let took = began.elapsed();
    if took > SLOW && !processing.at_length {
        tracing::warn!(activity = %processing.activity, trace = %processing.trace, millis = took.as_millis(), "a slow closure");
    }
    answer
}
