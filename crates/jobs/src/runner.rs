//! The runner: looks for what is due, claims it, does it, and puts back what failed.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use basics::{Fault, Stretch};
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::JoinSet;
use vault::Vault;

use crate::doing::{Doing, keeping_queue, write};
use crate::queue::{self, CLAIM_FOR, Job};

/// How often the queue is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

type Handler = Arc<dyn Fn(Job) -> BoxFuture<'static, Result<(), Fault>> + Send + Sync>;

/// What is done with jobs of a kind.
#[derive(Clone)]
pub(crate) struct Work {
    pub(crate) handle: Handler,
    /// Of recurring work.
    pub(crate) interval: Option<Duration>,
    /// In a task of its own.
    is_apart: bool,
}

/// Runs the jobs of one installation.
pub struct Runner {
    vault: Vault,
    works: HashMap<&'static str, Work>,
    recurring_kept: AtomicBool,
    /// The moment of the last look, in microseconds.
    looked_at: AtomicI64,
    renew_every: Duration,
}

/// Jobs that are under way in tasks of their own.
#[derive(Default)]
struct Apart {
    ids: BTreeSet<String>,
    tasks: JoinSet<(String, Result<(), Fault>)>,
}

impl Apart {
    fn begin(
        &mut self,
        id: String,
        work: impl Future<Output = Result<(), Fault>> + Send + 'static,
    ) {
        self.ids.insert(id.clone());
        self.tasks.spawn(async move { (id, work.await) });
    }

    /// Errors: a job of which the queue could not be told what became of it.
    fn take_ended(&mut self) -> Result<(), Fault> {
        let mut told = Ok(());
        while let Some(Ok((id, ended))) = self.tasks.try_join_next() {
            self.ids.remove(&id);
            told = told.and(ended);
        }
        told
    }

    async fn all_ended(mut self) -> Result<(), Fault> {
        let mut told = Ok(());
        while let Some(ended) = self.tasks.join_next().await {
            told = told.and(ended.map_or(Ok(()), |(_, ended)| ended));
        }
        told
    }
}

impl Runner {
    pub fn new(vault: Vault) -> Self {
        Self {
            vault,
            works: HashMap::new(),
            recurring_kept: AtomicBool::new(false),
            looked_at: AtomicI64::new(i64::MIN),
            renew_every: CLAIM_FOR / 3,
        }
    }

    /// Does jobs of this kind with `handle`, which may be run again after a crash: it must be harmless twice.
    #[must_use]
    pub fn on<F>(
        self,
        kind: &'static str,
        handle: impl Fn(Job) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        self.with(kind, handle, None, false)
    }

    /// Does `handle` again and again, this long after it last began and succeeded.
    #[must_use]
    pub fn every<F>(
        self,
        interval: Duration,
        kind: &'static str,
        handle: impl Fn(Job) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        self.with(kind, handle, Some(interval), false)
    }

    /// The same for work that takes long: in a task of its own, so that no other job waits for it. At a stop, and when another
    /// process has taken it over, it is dropped where it waits: what is broken off there must be harmless.
    #[must_use]
    pub fn every_apart<F>(
        self,
        interval: Duration,
        kind: &'static str,
        handle: impl Fn(Job) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        self.with(kind, handle, Some(interval), true)
    }

    fn with<F>(
        mut self,
        kind: &'static str,
        handle: impl Fn(Job) -> F + Send + Sync + 'static,
        interval: Option<Duration>,
        is_apart: bool,
    ) -> Self
    where
        F: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        let work = Work {
            handle: Arc::new(move |job| Box::pin(handle(job))),
            interval,
            is_apart,
        };
        self.works.insert(kind, work);
        self
    }

    /// Runs until `stop` turns true; the job at hand is finished first, what runs apart is let go of.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let trouble = Stretch::default();
        let mut apart = Apart::default();
        loop {
            let taken_up = self.take_up(&mut apart, &stop).await;
            match apart.take_ended().and(taken_up) {
                // There may be more.
                Ok(queue::AT_ONCE..) if !*stop.borrow() => continue,
                Ok(_) => {
                    if let Some(count) = trouble.ends() {
                        tracing::info!(count, "the queue of jobs is worked through again");
                    }
                }
                Err(fault) => {
                    if trouble.begins(fault.cause()) {
                        tracing::warn!(%fault, "the queue of jobs cannot be worked through; it is tried again and again");
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
        if let Err(fault) = apart.all_ended().await {
            tracing::warn!(%fault, "a job that was under way is taken up again when its claim has ended");
        }
    }

    /// Does everything that is due now; answers how many jobs that were.
    pub async fn look(&self) -> Result<usize, Fault> {
        let (_hold, never) = watch::channel(false);
        let mut apart = Apart::default();
        let count = self.take_up(&mut apart, &never).await?;
        apart.all_ended().await?;
        Ok(count)
    }

    /// Takes up what is due, and does what is not done apart.
    async fn take_up(
        &self,
        apart: &mut Apart,
        stop: &watch::Receiver<bool>,
    ) -> Result<usize, Fault> {
        let now = self.vault.clock().now().micros();
        let set_back = now < self.looked_at.swap(now, Ordering::Relaxed);
        if set_back {
            tracing::warn!("the clock was set back: recurring jobs are looked after");
        }
        if set_back || !self.recurring_kept.load(Ordering::Relaxed) {
            self.recurring_kept.store(false, Ordering::Relaxed);
            self.keep_recurring().await?;
            self.recurring_kept.store(true, Ordering::Relaxed);
        }
        let mut count = 0;
        let mut due = self
            .vault
            .read(keeping_queue(&self.vault), queue::due)
            .await?;
        // By a clock that leaps a claim of our own ends before it is renewed.
        due.retain(|job| !apart.ids.contains(&job.id));
        for job in due {
            let Some(claim) = write(&self.vault, move |tx| queue::claim(tx, &job)).await? else {
                continue;
            };
            let job = &claim.job;
            let (id, work) = (job.id.clone(), self.works.get(job.kind.as_str()).cloned());
            let is_apart = work.as_ref().is_some_and(|work| work.is_apart);
            let doing = Doing {
                vault: self.vault.clone(),
                claim,
                work,
                renew_every: self.renew_every,
            };
            match is_apart {
                true => apart.begin(id, doing.run_until(stop.clone())),
                false => doing.run().await?,
            }
            count += 1;
        }
        Ok(count)
    }

    /// Sees to it that every recurring job is in the queue.
    async fn keep_recurring(&self) -> Result<(), Fault> {
        for (kind, work) in &self.works {
            let Some(interval) = work.interval else {
                continue;
            };
            let kind = *kind;
            write(&self.vault, move |tx| {
                queue::keep_recurring(tx, kind, interval)
            })
            .await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
