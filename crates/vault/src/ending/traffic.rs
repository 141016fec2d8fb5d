//! How a sweep gives way: while anybody comes, it takes one step at a time and rests between them, so that who comes waits for
//! one small commit at most.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

/// When nobody has come for so long, nobody is in the way.
const QUIET: Duration = Duration::from_millis(100);
/// So many times as long as a step took, …
const REST: u32 = 9;
/// … and no longer.
const LONGEST_REST: Duration = Duration::from_millis(50);

/// Whether anybody else is at work here.
pub(crate) struct Traffic {
    since: Instant,
    /// When somebody last came, in microseconds since then; 0: nobody has.
    last: AtomicU64,
    turn: Mutex<()>,
}

impl Traffic {
    pub(crate) fn none() -> Self {
        Self {
            since: Instant::now(),
            last: AtomicU64::new(0),
            turn: Mutex::new(()),
        }
    }

    pub(crate) fn somebody_comes(&self) {
        let micros = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.last.store(micros.max(1), Ordering::Relaxed);
    }

    pub(crate) fn is_quiet(&self) -> bool {
        let last = self.last.load(Ordering::Relaxed);
        last == 0 || self.since + Duration::from_micros(last) + QUIET < Instant::now()
    }

    /// Takes a step, in between others.
    pub(crate) async fn give_way<T>(&self, step: impl Future<Output = T>) -> T {
        if self.is_quiet() {
            return step.await;
        }
        let _turn = self.turn.lock().await;
        let began = Instant::now();
        let done = step.await;
        if !self.is_quiet() {
            sleep((began.elapsed() * REST).min(LONGEST_REST)).await;
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(5);

    async fn step() {
        sleep(STEP).await;
    }

    #[tokio::test(start_paused = true)]
    async fn who_sweeps_rests_while_others_come_and_not_when_it_is_quiet() {
        let traffic = Traffic::none();
        let began = Instant::now();
        traffic.give_way(step()).await;
        assert_eq!(began.elapsed(), STEP);

        traffic.somebody_comes();
        let began = Instant::now();
        tokio::join!(traffic.give_way(step()), traffic.give_way(step()));
        assert_eq!(began.elapsed(), 2 * (1 + REST) * STEP);

        sleep(2 * QUIET).await;
        let began = Instant::now();
        tokio::join!(traffic.give_way(step()), traffic.give_way(step()));
        assert_eq!(began.elapsed(), STEP);
    }
}
