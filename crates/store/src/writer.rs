//! Group commit: a thread that takes all that is waiting, runs it, and makes it durable with one fsync. A file has one, a
//! server a few: while it works for one, the next gathers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use basics::{Fault, FaultKind};

use crate::StoreSettings;
use crate::engine::Connection;
use crate::group::{Group, Query};
use crate::news::News;
use crate::queue::{Queue, Refused};
use crate::rounds::{Halt, ROUNDS};
use crate::sql::Sql;
use crate::trouble::Trouble;
use crate::value::{Row, Value};

/// At most this many pieces of work in a group.
const GROUP: usize = 500;
/// A group of so many tells that many are at work. After one, what only reads left waits for others of its kind: until enough
/// are there or a write comes, and no longer than this (decision 22).
const BUSY: usize = 8;
const ENOUGH: usize = 40;
const LINGER: Duration = Duration::from_millis(1);
/// At most this many of them that run statements at once, each behind a savepoint.
const RUN_AT_ONCE: usize = 50;
/// So often a work is tried alone while somebody else's commits come in between.
const TRIES: usize = 4;
/// So many works of a group wait for rows that somebody else holds locked, seconds each; the others do not wait behind more.
const LOCKED_OUT: usize = 3;

/// Something to be written.
pub trait Work<C>: Send {
    /// Leaves its effects in `group`. Run again when it was halted (`Group::is_halted`): whatever it answers then, the group is
    /// undone for it, and the companion is its own to undo. Run again, alone, when the group it was in fails. An error fails the whole group.
    fn run(&mut self, group: &mut Group<'_>, companion: &mut C) -> Result<(), Fault>;
    /// Run when the work failed alone, before a commit of its own: tells the companion what must stay of the failure.
    fn run_after_failure(&mut self, _companion: &mut C) {}
    /// Told once: the effects are durable, or nothing of them is there. Uncertain after a failed COMMIT: either.
    fn finish(self: Box<Self>, outcome: Result<(), Fault>);
}

/// Keeps what belongs to one writer across commits, such as the head of a chain.
pub trait Companion: Send + 'static {
    /// Told before the first group, and whenever others may have written since: learns from the rows where things stand.
    /// `writer` is the number of this writer among those that write to the same database at the same time.
    fn take_up(&mut self, writer: i64, query: &mut dyn Query) -> Result<(), Fault>;
    /// Told when what the works of a group asked in a round has been answered, before they run again: what they want of the
    /// companion can be seen to for all of them together.
    fn between_rounds(&mut self) -> Result<(), Fault> {
        Ok(())
    }
    /// The last word before the flush: may add rows. When it fails, each work of the group runs again, alone; `refused` is then
    /// the fault, where that takes time to pass: what it arose from is not tried again.
    fn before_commit(
        &mut self,
        group: &mut Group<'_>,
        refused: Option<&Fault>,
    ) -> Result<(), Fault>;
    fn after_commit(&mut self);
    fn after_rollback(&mut self);
}

/// For a store whose writer keeps nothing.
impl Companion for () {
    fn take_up(&mut self, _writer: i64, _query: &mut dyn Query) -> Result<(), Fault> {
        Ok(())
    }
    fn before_commit(
        &mut self,
        _group: &mut Group<'_>,
        _refused: Option<&Fault>,
    ) -> Result<(), Fault> {
        Ok(())
    }
    fn after_commit(&mut self) {}
    fn after_rollback(&mut self) {}
}

pub(crate) struct Writer<C> {
    queue: WriteQueue<C>,
    threads: Vec<JoinHandle<()>>,
}

impl<C: Companion> Writer<C> {
    /// Each connection with the companion that knows where things stand there.
    pub(crate) fn start(
        writers: Vec<(Box<dyn Connection>, C)>,
        settings: &StoreSettings,
        news: &Arc<News>,
    ) -> Result<Self, Fault> {
        let place = &settings.place;
        let queue = WriteQueue {
            waiting: Arc::new(Queue::of(settings.queue)),
            trouble: Arc::new(Trouble::with(format!("the queue of writes to {place}"))),
        };
        let mut writer = Self {
            queue,
            threads: Vec::with_capacity(writers.len()),
        };
        let trouble = Arc::new(Trouble::with(format!("writing {place}")));
        for (connection, companion) in writers {
            let taken_from = Arc::clone(&writer.queue.waiting);
            let mut disk = Disk {
                connection,
                trouble: Arc::clone(&trouble),
                news: Arc::clone(news),
            };
            let thread = std::thread::Builder::new()
                .name("store-writer".to_owned())
                .spawn(move || write_all(&mut disk, companion, &taken_from))
                .map_err(|fault| Fault::broken(format!("cannot start a writer: {fault}")))?;
            writer.threads.push(thread);
        }
        Ok(writer)
    }

    pub(crate) fn queue(&self) -> WriteQueue<C> {
        self.queue.clone()
    }
}

/// The way to a writer, for as long as its store is open. Cheap to clone.
pub struct WriteQueue<C> {
    waiting: Arc<Queue<Box<dyn Work<C>>>>,
    trouble: Arc<Trouble>,
}

impl<C> Clone for WriteQueue<C> {
    fn clone(&self) -> Self {
        Self {
            waiting: Arc::clone(&self.waiting),
            trouble: Arc::clone(&self.trouble),
        }
    }
}

/// A writer's connection, and what keeps it and its like from writing.
struct Disk {
    connection: Box<dyn Connection>,
    trouble: Arc<Trouble>,
    /// Where readers look whether their snapshot still tells all there is.
    news: Arc<News>,
}

/// Why a commit failed.
struct Failure {
    fault: Fault,
    /// It was the companion's last word: the disk may be well, and works that did not ask for that word too.
    is_companions: bool,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            is_companions: false,
        }
    }
}

impl<C> WriteQueue<C> {
    /// Errors: a full queue, a writer that has stopped; both Unavailable.
    pub fn hand_over(&self, work: Box<dyn Work<C>>) -> Result<(), Fault> {
        self.judged(self.waiting.put(work))
    }

    /// The same from within a read: the writer is woken when its reader has nothing more to read, once for many reads.
    pub fn hand_over_after_reading(&self, work: Box<dyn Work<C>>) -> Result<(), Fault> {
        self.judged(self.waiting.put_quietly(work))
    }

    /// Wakes the writer for what was handed over after reading.
    pub(crate) fn wake(&self) {
        self.waiting.wake();
    }

    fn judged(&self, handed_over: Result<(), Refused>) -> Result<(), Fault> {
        self.trouble
            .judged(handed_over.map_err(|refused| match refused {
                Refused::Full => {
                    Fault::unavailable("too many writes are waiting", Duration::from_secs(1))
                }
                Refused::Closed => {
                    Fault::unavailable("the writer has stopped", Duration::from_secs(30))
                }
            }))
    }
}

/// What was handed over is finished first.
impl<C> Drop for Writer<C> {
    fn drop(&mut self) {
        self.queue.waiting.close();
        // A closure that held the last handle ends the store on the store's own thread.
        let here = std::thread::current().id();
        for thread in self.threads.drain(..) {
            if thread.thread().id() != here {
                let _ = thread.join();
            }
        }
    }
}

fn write_all<C: Companion>(disk: &mut Disk, mut companion: C, queue: &Queue<Box<dyn Work<C>>>) {
    let mut waiting = VecDeque::new();
    while queue.take_into(&mut waiting, GROUP) {
        let is_busy = waiting.len() >= BUSY;
        write_group(disk, &mut companion, &mut waiting);
        if is_busy && waiting.is_empty() {
            queue.linger(ENOUGH, LINGER);
        }
    }
}

/// Commits as many of `waiting` as fit in one group and tells each how it went.
fn write_group<C: Companion>(
    disk: &mut Disk,
    companion: &mut C,
    waiting: &mut VecDeque<Box<dyn Work<C>>>,
) {
    let mut group: Vec<Box<dyn Work<C>>> = waiting.drain(..).collect();
    let (left, outcome) = attempt(disk, companion, None, &mut group);
    for at in left.into_iter().rev() {
        waiting.push_front(group.remove(at));
    }
    let Err(Failure {
        fault,
        is_companions,
    }) = outcome
    else {
        group.into_iter().for_each(|work| work.finish(Ok(())));
        return;
    };
    let met_another = disk.connection.met_another();
    let met_a_lock = disk.connection.met_a_lock();
    let takes_time =
        !met_another && !met_a_lock && matches!(fault.kind(), FaultKind::Unavailable(_));
    // Whatever was met on the way: nothing whose commit may have happened runs again.
    if is_uncertain(&fault) || takes_time && !is_companions {
        for work in group {
            work.finish(Err(fault.clone()));
        }
        return;
    }
    tracing::debug!(%fault, works = group.len(), "a group failed; its works run one by one");
    let refused = takes_time.then_some(&fault);
    // Somebody else's commit came in between: the same work, seeing it now, may well succeed.
    let alone = group.len() == 1 && !met_another;
    let (mut locked_out, mut lock) = (0, None);
    for work in group {
        if let Some(lock) = lock.as_ref().filter(|_| locked_out == LOCKED_OUT) {
            work.finish(Err(Fault::clone(lock)));
            continue;
        }
        let failed = alone.then(|| fault.clone());
        if let Some(met) = write_alone(disk, companion, work, failed, refused) {
            locked_out += 1;
            lock = Some(met);
        }
    }
}

fn is_uncertain(fault: &Fault) -> bool {
    matches!(fault.kind(), FaultKind::Uncertain(_))
}

/// Commits one work by itself, unless it has `failed` so already; what must stay of a failure is committed after it. Answers
/// the fault where it failed since somebody else holds rows locked.
fn write_alone<C: Companion>(
    disk: &mut Disk,
    companion: &mut C,
    mut work: Box<dyn Work<C>>,
    failed: Option<Fault>,
    refused: Option<&Fault>,
) -> Option<Fault> {
    let mut lock: Option<Fault> = None;
    let outcome = match failed {
        Some(fault) => Err(fault),
        None => {
            let mut tried = attempt_alone(disk, companion, refused, &mut work);
            for _ in 1..TRIES {
                let may_have_happened = tried.as_ref().is_err_and(is_uncertain);
                if tried.is_ok() || may_have_happened || !disk.connection.met_another() {
                    break;
                }
                tried = attempt_alone(disk, companion, refused, &mut work);
            }
            if disk.connection.met_a_lock() {
                lock = tried.as_ref().err().cloned();
            }
            tried
        }
    };
    // Whether it failed nobody knows where its commit was on the way.
    if outcome.as_ref().is_err_and(|fault| !is_uncertain(fault)) {
        let kept = commit(disk, companion, refused, |_, companion| {
            work.run_after_failure(companion);
            Ok(())
        });
        if let Err(Failure { fault, .. }) = kept {
            tracing::error!(%fault, "what must stay of a failed work could not be kept");
        }
    }
    work.finish(outcome);
    lock
}

fn attempt_alone<C: Companion>(
    disk: &mut Disk,
    companion: &mut C,
    refused: Option<&Fault>,
    work: &mut Box<dyn Work<C>>,
) -> Result<(), Fault> {
    let (_, outcome) = attempt(disk, companion, refused, std::slice::from_mut(work));
    outcome.map_err(|failure| failure.fault)
}

/// Looks again at the rows, where somebody else may have written since; answers whether that was so.
fn take_up<C: Companion>(disk: &mut Disk, companion: &mut C) -> Result<bool, Fault> {
    let is_new = disk.connection.ready()?;
    if is_new {
        let writer = disk.connection.writer();
        companion.take_up(writer, &mut Asking(&mut *disk.connection))?;
    }
    Ok(is_new)
}

fn begin<C: Companion>(disk: &mut Disk, companion: &mut C) -> Result<(), Fault> {
    take_up(disk, companion)?;
    // A connection that broke while nothing was asked of it shows now, and nothing is lost with it.
    disk.connection.begin().or_else(|fault| {
        if take_up(disk, companion)? {
            disk.connection.begin()
        } else {
            Err(fault)
        }
    })
}

/// A connection between two transactions, that is only asked.
pub(crate) struct Asking<'a>(pub(crate) &'a mut dyn Connection);

impl Query for Asking<'_> {
    fn about(&mut self, subject: Option<&str>) {
        self.0.about(subject);
    }

    fn query(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.0.query(sql, params, each)
    }
}

/// Runs works until the group is full and commits. Answers which were left for the next, in order.
fn attempt<C: Companion>(
    disk: &mut Disk,
    companion: &mut C,
    refused: Option<&Fault>,
    works: &mut [Box<dyn Work<C>>],
) -> (Vec<usize>, Result<(), Failure>) {
    // Without a beginning one was tried.
    let mut left: VecDeque<usize> = (1..works.len()).collect();
    let outcome = commit(disk, companion, refused, |group, companion| {
        // Of those that ask in rounds any may be why a round fails.
        left.clear();
        left = run_in_rounds(group, companion, works)?;
        while group.ran() < RUN_AT_ONCE
            && let Some(at) = left.pop_front()
        {
            works[at].run(group, companion)?;
        }
        Ok(())
    });
    (left.into(), outcome)
}

/// Runs works on an engine that is away, as far as they go without changing rows at once. Answers which did not.
fn run_in_rounds<C: Companion>(
    group: &mut Group<'_>,
    companion: &mut C,
    works: &mut [Box<dyn Work<C>>],
) -> Result<VecDeque<usize>, Fault> {
    let mut running: Vec<usize> = (0..works.len()).collect();
    if works.len() < 2 || !group.is_away() {
        return Ok(running.into());
    }
    let mut at_once = VecDeque::new();
    group.ask_in_rounds();
    for _ in 0..ROUNDS {
        if running.is_empty() {
            break;
        }
        let mut asking = Vec::new();
        for at in running {
            // Also for a work that does not mark where it begins: what halted another is not its own halt.
            group.enter();
            let run = works[at].run(group, companion);
            match group.halt() {
                Some(halt) => {
                    group.undo()?;
                    match halt {
                        Halt::Asks => asking.push(at),
                        Halt::Changes => at_once.push_back(at),
                    }
                }
                None => run?,
            }
        }
        group.answer_round()?;
        companion.between_rounds()?;
        running = asking;
    }
    group.ask_at_once();
    at_once.extend(running);
    Ok(at_once)
}

/// One commit: what `fill` leaves in the group, with the companion's last word.
fn commit<C: Companion>(
    disk: &mut Disk,
    companion: &mut C,
    refused: Option<&Fault>,
    fill: impl FnOnce(&mut Group<'_>, &mut C) -> Result<(), Fault>,
) -> Result<(), Failure> {
    let mut is_news = false;
    let outcome = begin(disk, companion)
        .map_err(Failure::from)
        .and_then(|()| {
            let mut group = Group::on(&mut *disk.connection);
            fill(&mut group, companion)?;
            is_news = group.has_changes();
            companion
                .before_commit(&mut group, refused)
                .map_err(|fault| Failure {
                    fault,
                    is_companions: true,
                })?;
            Ok(group.commit()?)
        });
    match &outcome {
        Ok(has_changed_rows) => {
            // A commit of nothing needs no disk.
            if *has_changed_rows {
                disk.trouble.is_over();
            }
            companion.after_commit();
        }
        Err(_) => {
            if disk.connection.is_open()
                && let Err(fault) = disk.connection.roll_back()
            {
                tracing::error!(%fault, "a group could not be rolled back");
            }
            companion.after_rollback();
        }
    }
    // Of a commit that failed something may be there all the same.
    disk.news.committed(
        is_news || outcome.is_err(),
        disk.connection.lets_snapshots_stand(),
    );
    // Two that are in each other's way are no trouble of the disk.
    let met_another = disk.connection.met_another();
    outcome.map(drop).map_err(|failure| match met_another {
        true => failure,
        false => Failure {
            fault: disk.trouble.noted(failure.fault),
            ..failure
        },
    })
}

#[cfg(test)]
mod tests;
