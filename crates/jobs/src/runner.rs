//! The runner: looks for what is due, claims it, does it, and puts back what failed.

use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use basics::{Activity, Fault, Stretch, Trace};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use vault::{Processing, Tx, Vault};

use crate::queue::{self, Job, wait_after};

/// The queue itself holds nobody's data.
const KEEP_QUEUE: Activity = Activity("wachtrij");

/// How often the queue is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

type Handler = Arc<dyn Fn(Job) -> BoxFuture<'static, Result<(), Fault>> + Send + Sync>;

/// Runs the jobs of one installation.
pub struct Runner {
    vault: Vault,
    handlers: HashMap<&'static str, (Handler, Option<Duration>)>,
    recurring_kept: AtomicBool,
    /// The moment of the last look, in microseconds.
    looked_at: AtomicI64,
}

impl Runner {
    pub fn new(vault: Vault) -> Self {
        Self {
            vault,
            handlers: HashMap::new(),
            recurring_kept: AtomicBool::new(false),
            looked_at: AtomicI64::new(i64::MIN),
        }
    }

    /// Does jobs of this kind with `handle`, which may be run again after a crash: it must be harmless twice.
    #[must_use]
    pub fn on<F>(
        mut self,
        kind: &'static str,
        handle: impl Fn(Job) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        self.handlers
            .insert(kind, (Arc::new(move |job| Box::pin(handle(job))), None));
        self
    }

    /// Does `handle` again and again, this long after it last succeeded.
    #[must_use]
    pub fn every<F>(
        mut self,
        interval: Duration,
        kind: &'static str,
        handle: impl Fn(Job) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        self.handlers.insert(
            kind,
            (Arc::new(move |job| Box::pin(handle(job))), Some(interval)),
        );
        self
    }

    /// Runs until `stop` turns true; the job at hand is finished first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let trouble = Stretch::default();
        loop {
            match self.look().await {
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
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Does everything that is due now; answers how many jobs that were.
    pub async fn look(&self) -> Result<usize, Fault> {
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
        for job in self.vault.read(self.processing(), queue::due).await? {
            let wanted = job.clone();
            if self.write(move |tx| queue::claim(tx, &wanted)).await? {
                self.work(job).await?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Sees to it that every recurring job is in the queue.
    async fn keep_recurring(&self) -> Result<(), Fault> {
        for (kind, (_, interval)) in &self.handlers {
            let Some(interval) = *interval else { continue };
            let kind = *kind;
            self.write(move |tx| queue::keep_recurring(tx, kind, interval))
                .await?;
        }
        Ok(())
    }

    async fn work(&self, job: Job) -> Result<(), Fault> {
        let now = self.vault.clock().now();
        let Some((handle, interval)) = self.handlers.get(job.kind.as_str()) else {
            tracing::error!(kind = job.kind, "nobody does jobs of this kind");
            return self
                .write(move |tx| queue::again(tx, &job, now.plus(wait_after(12)), job.attempts + 1))
                .await;
        };
        let done = AssertUnwindSafe(handle(job.clone())).catch_unwind().await;
        let done = done.unwrap_or_else(|_| Err(Fault::broken("the job panicked")));
        match (done, *interval) {
            (Ok(()), None) => self.write(move |tx| queue::done(tx, &job)).await,
            (Ok(()), Some(interval)) => {
                self.write(move |tx| queue::again(tx, &job, now.plus(interval), 0))
                    .await
            }
            (Err(fault), _) => {
                let attempts = job.attempts + 1;
                tracing::warn!(kind = job.kind, attempts, %fault, "a job failed and is tried again");
                self.write(move |tx| {
                    queue::again(tx, &job, now.plus(wait_after(attempts)), attempts)
                })
                .await
            }
        }
    }

    async fn write<T: Send + 'static>(
        &self,
        closure: impl Fn(&mut Tx<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.vault.write(self.processing(), closure).await
    }

    fn processing(&self) -> Processing {
        Processing::upkeep(KEEP_QUEUE, Trace::new(self.vault.ids()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use basics::{Clock, Ids, Moment};
    use statement::Register;
    use vault::{Elsewhere, VaultSettings};

    use super::*;
    use crate::SCHEMA;

    fn vault(folder: &std::path::Path, clock: &Clock) -> Vault {
        let register = Register::parse(include_str!("../../../statements/mijnoverheid.toml"))
            .expect("in force");
        Vault::open(VaultSettings {
            data: folder.join("data"),
            keys: folder.join("keys"),
            elsewhere: Elsewhere::on_servers(cluster::lent_to(folder).expect("a place is lent"))
                .expect("its addresses read"),
            register: Arc::new(register),
            rooms: vec![SCHEMA],
            clock: clock.clone(),
            ids: Ids::system(),
        })
        .expect("a vault")
    }

    #[tokio::test]
    async fn a_failed_job_comes_back_and_a_done_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(Moment::from_micros(1_795_181_400_000_000));
        let vault = vault(folder.path(), &clock);
        let tries = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&tries);
        let runner = Runner::new(vault).on("greet", move |job| {
            let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
            async move {
                assert_eq!(job.payload, "42");
                if first {
                    Err(Fault::broken("not yet"))
                } else {
                    Ok(())
                }
            }
        });
        runner
            .write(|tx| queue::queue(tx, "greet", "42", tx.now()))
            .await
            .unwrap();
        assert_eq!(runner.look().await.unwrap(), 1);
        assert_eq!(runner.look().await.unwrap(), 0, "it waits a second");
        clock.advance(Duration::from_secs(1));
        assert_eq!(runner.look().await.unwrap(), 1);
        clock.advance(Duration::from_secs(10_000));
        assert_eq!(runner.look().await.unwrap(), 0);
        assert_eq!(tries.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_job_that_panics_is_a_job_that_failed() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(Moment::from_micros(1_795_181_400_000_000));
        let runner = Runner::new(vault(folder.path(), &clock)).on("trip", |job| async move {
            if job.attempts == 0 {
                panic!("a mistake");
            }
            Ok(())
        });
        runner
            .write(|tx| queue::queue(tx, "trip", "", tx.now()))
            .await
            .unwrap();
        assert_eq!(runner.look().await.unwrap(), 1);
        clock.advance(Duration::from_secs(1));
        assert_eq!(runner.look().await.unwrap(), 1);
        clock.advance(Duration::from_secs(9999));
        assert_eq!(runner.look().await.unwrap(), 0);
    }

    #[tokio::test]
    async fn recurring_work_is_done_once_an_interval() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(Moment::from_micros(1_795_181_400_000_000));
        let runner = Runner::new(vault(folder.path(), &clock)).every(
            Duration::from_secs(60),
            "tidy",
            |_| async { Ok(()) },
        );
        assert_eq!(runner.look().await.unwrap(), 1);
        assert_eq!(runner.look().await.unwrap(), 0);
        clock.advance(Duration::from_secs(60));
        assert_eq!(runner.look().await.unwrap(), 1);
    }

    #[tokio::test]
    async fn work_goes_on_when_a_clock_that_ran_ahead_is_set_back() {
        let folder = tempfile::tempdir().unwrap();
        let right = Moment::from_micros(1_795_181_400_000_000);
        let clock = Clock::fixed(right.plus(Duration::from_secs(365 * 24 * 3600)));
        let vault = vault(folder.path(), &clock);
        let runner =
            Runner::new(vault.clone()).every(Duration::from_secs(60), "tidy", |_| async { Ok(()) });
        assert_eq!(runner.look().await.unwrap(), 1);
        clock.set(right);
        assert_eq!(runner.look().await.unwrap(), 1, "due at once");
        assert_eq!(runner.look().await.unwrap(), 0);
        // A job that was claimed ahead of time, by a process that is gone.
        runner
            .write(|tx| queue::queue(tx, "claimed", "", tx.now()))
            .await
            .unwrap();
        let due = || vault.read(runner.processing(), queue::due);
        let job = due().await.unwrap().remove(0);
        clock.advance(Duration::from_secs(24 * 3600));
        let claimed = job.clone();
        assert!(
            runner
                .write(move |tx| queue::claim(tx, &claimed))
                .await
                .unwrap()
        );
        clock.set(right);
        assert_eq!(due().await.unwrap(), [job]);
    }

    /// Two processes saw the same job due; the second comes to claim it when the first is done, or has just claimed it.
    #[tokio::test]
    async fn what_another_process_has_done_or_claimed_is_not_done_again() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(Moment::from_micros(1_795_181_400_000_000));
        let vault = vault(folder.path(), &clock);
        let runner =
            Runner::new(vault.clone()).every(Duration::from_secs(60), "tidy", |_| async { Ok(()) });
        runner.keep_recurring().await.unwrap();
        let due = || vault.read(runner.processing(), queue::due);
        let claim = |job: Job| runner.write(move |tx| queue::claim(tx, &job));
        let seen = due().await.unwrap().remove(0);
        assert_eq!(runner.look().await.unwrap(), 1);
        assert!(!claim(seen.clone()).await.unwrap(), "it is done");

        clock.advance(Duration::from_secs(61));
        assert!(claim(seen.clone()).await.unwrap());
        // The clock of the other is a little behind.
        clock.set(clock.now().minus(Duration::from_millis(1)));
        assert_eq!(due().await.unwrap(), []);
        assert!(!claim(seen).await.unwrap(), "it is claimed");
    }
}
