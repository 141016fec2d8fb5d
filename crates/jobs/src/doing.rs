//! One claimed job while it is done: its claim is renewed, and what became of it is put in the queue.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use basics::{Activity, Fault, Trace};
use futures_util::FutureExt;
use tokio::sync::watch;
use vault::{Processing, Tx, Vault};

use crate::queue::{Claim, wait_after};
use crate::runner::Work;

/// The queue itself holds nobody's data.
const KEEP_QUEUE: Activity = Activity("wachtrij");

pub(crate) struct Doing {
    pub(crate) vault: Vault,
    pub(crate) claim: Claim,
    pub(crate) work: Option<Work>,
    /// How often the claim is renewed.
    pub(crate) renew_every: Duration,
}

/// What became of the work.
enum Ended {
    Done(Result<(), Fault>),
    /// Another runner has the job.
    Lost,
}

impl Doing {
    /// Does the job to its end.
    pub(crate) async fn run(self) -> Result<(), Fault> {
        let (_hold, never) = watch::channel(false);
        self.run_until(never).await
    }

    /// Does the job, or lets go of it where it is when the stop is given.
    pub(crate) async fn run_until(mut self, mut stop: watch::Receiver<bool>) -> Result<(), Fault> {
        let (job, now) = (self.claim.job.clone(), self.vault.clock().now());
        let Some(work) = self.work.take() else {
            tracing::error!(kind = job.kind, "nobody does jobs of this kind");
            let claim = self.claim;
            return write(&self.vault, move |tx| {
                claim.again(tx, now.plus(wait_after(12)), job.attempts + 1)
            })
            .await;
        };
        let ended = {
            let handled = AssertUnwindSafe((work.handle)(job.clone())).catch_unwind();
            let mut handled = pin!(handled);
            loop {
                tokio::select! {
                    done = &mut handled => {
                        let panicked = |_| Err(Fault::broken("the job panicked"));
                        break Ended::Done(done.unwrap_or_else(panicked));
                    }
                    () = tokio::time::sleep(self.renew_every) => {
                        if !self.renew().await {
                            break Ended::Lost;
                        }
                    }
                    Ok(()) = async { stop.wait_for(|stop| *stop).await.map(drop) } => {
                        let claim = self.claim;
                        return write(&self.vault, move |tx| claim.release(tx)).await;
                    }
                }
            }
        };
        let (claim, kind) = (self.claim, job.kind);
        match (ended, work.interval) {
            (Ended::Lost, _) => {
                tracing::warn!(kind, "another runner has taken over a job; it ends here");
                Ok(())
            }
            (Ended::Done(Ok(())), None) => write(&self.vault, move |tx| claim.done(tx)).await,
            (Ended::Done(Ok(())), Some(interval)) => {
                write(&self.vault, move |tx| {
                    claim.again(tx, now.plus(interval), 0)
                })
                .await
            }
            (Ended::Done(Err(fault)), _) => {
                let attempts = job.attempts + 1;
                tracing::warn!(kind, attempts, %fault, "a job failed and is tried again");
                write(&self.vault, move |tx| {
                    claim.again(tx, now.plus(wait_after(attempts)), attempts)
                })
                .await
            }
        }
    }

    /// Whether the job is still ours. While the queue cannot be written nobody else can claim it either, but by the end of
    /// the claim one that can may have.
    async fn renew(&mut self) -> bool {
        let claim = self.claim.clone();
        match write(&self.vault, move |tx| claim.renew(tx)).await {
            Ok(Some(renewed)) => {
                self.claim = renewed;
                true
            }
            Ok(None) => false,
            Err(_) => self.vault.clock().now() < self.claim.until,
        }
    }
}

pub(crate) async fn write<T: Send + 'static>(
    vault: &Vault,
    closure: impl Fn(&mut Tx<'_>) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    vault.write(keeping_queue(vault), closure).await
}

pub(crate) fn keeping_queue(vault: &Vault) -> Processing {
    Processing::upkeep(KEEP_QUEUE, Trace::new(vault.ids()))
}
