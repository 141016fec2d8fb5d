//! Places for connections: a limited number, of which the longest idle one is given up for a newcomer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use basics::Stretch;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Of so many places one is made free at once, so that looking for the idle ones is not done for each newcomer.
const SHARE: usize = 64;
/// When nobody is idle, how long until somebody may be.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// In place of a moment: a request is under way.
const BUSY: u64 = u64::MAX;

/// All the places of a process. Clones share them.
#[derive(Clone)]
pub(super) struct Places(Arc<Inner>);

struct Inner {
    most: usize,
    free: Arc<Semaphore>,
    taken: Mutex<HashMap<u64, Arc<Life>>>,
    next: AtomicU64,
    began: Instant,
    full: Stretch,
}

/// One place, taken; free again when dropped.
pub(super) struct Place {
    pub(super) life: Arc<Life>,
    number: u64,
    places: Places,
    _permit: OwnedSemaphorePermit,
}

/// What a connection is doing, for those who must judge it. Moments are milliseconds since the first place.
pub(super) struct Life {
    began: Instant,
    idle_since: AtomicU64,
    last_read: AtomicU64,
    last_written: AtomicU64,
    has_unsent: AtomicBool,
    is_handled: AtomicBool,
    has_unread: AtomicBool,
    is_leaving: AtomicBool,
    leave: Notify,
}

impl Places {
    pub(super) fn of(most: usize) -> Self {
        let most = most.clamp(1, u32::MAX as usize >> 1);
        Self(Arc::new(Inner {
            most,
            free: Arc::new(Semaphore::new(most)),
            taken: Mutex::default(),
            next: AtomicU64::new(0),
            began: Instant::now(),
            full: Stretch::default(),
        }))
    }

    /// Waits for a place; who is idle longest makes room.
    pub(super) async fn take(&self) -> Place {
        let inner = &self.0;
        if let Ok(permit) = Arc::clone(&inner.free).try_acquire_owned() {
            if let Some(count) = inner.full.ends() {
                tracing::info!(count, "there is room for further connections again");
            }
            return self.place(permit);
        }
        loop {
            if inner.full.begins("full") {
                tracing::warn!(
                    most = inner.most,
                    "as many connections as there may be: the longest idle ones make room"
                );
            }
            self.make_room();
            let free = Arc::clone(&inner.free).acquire_owned();
            if let Ok(Ok(permit)) = tokio::time::timeout(LOOK_AGAIN, free).await {
                return self.place(permit);
            }
        }
    }

    /// Asks those who are idle longest to leave.
    pub(super) fn make_room(&self) {
        let taken = self.taken();
        let mut idle: Vec<(u64, &Life)> = taken
            .values()
            .filter(|life| !life.is_leaving.load(Ordering::Relaxed))
            .filter(|life| life.is_idle())
            .map(|life| (life.last_wanted(), life.as_ref()))
            .collect();
        let count = (self.0.most / SHARE).max(1);
        if count < idle.len() {
            idle.select_nth_unstable_by_key(count, |(since, _)| *since);
            idle.truncate(count);
        }
        for (_, life) in idle {
            life.is_leaving.store(true, Ordering::Relaxed);
            life.leave.notify_one();
        }
    }

    /// Resolves when the last connection is gone; from then on there are no places.
    pub(super) async fn all_free(&self) {
        let most = u32::try_from(self.0.most).expect("`of` keeps it below");
        let _ = self.0.free.acquire_many(most).await;
    }

    fn place(&self, permit: OwnedSemaphorePermit) -> Place {
        let life = Arc::new(Life::from(self.0.began));
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        self.taken().insert(number, Arc::clone(&life));
        Place {
            life,
            number,
            places: self.clone(),
            _permit: permit,
        }
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<u64, Arc<Life>>> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken().remove(&self.number);
    }
}

impl Life {
    fn from(began: Instant) -> Self {
        Self {
            began,
            idle_since: AtomicU64::new(BUSY),
            last_read: AtomicU64::new(0),
            last_written: AtomicU64::new(0),
            has_unsent: AtomicBool::new(false),
            is_handled: AtomicBool::new(false),
            has_unread: AtomicBool::new(false),
            is_leaving: AtomicBool::new(false),
            leave: Notify::new(),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(BUSY - 1)
    }

    /// The connection is there: its place may have waited for it long.
    pub(super) fn begins(&self) {
        self.bytes_came();
        self.is_idle_from_now();
    }
    /// An answer is given: the other side is waited for.
    pub(super) fn is_idle_from_now(&self) {
        self.idle_since.store(self.now(), Ordering::Relaxed);
    }
    pub(super) fn is_idle(&self) -> bool {
        self.idle_since.load(Ordering::Relaxed) != BUSY
    }
    /// From when on an idle one is of no use: an answer that is given may still be on its way.
    fn last_wanted(&self) -> u64 {
        let idle_since = self.idle_since.load(Ordering::Relaxed);
        idle_since.max(self.last_written.load(Ordering::Relaxed))
    }
    /// A request is being handled: whatever is waited for is ours, but for the rest of its body.
    pub(super) fn is_handled(&self, handled: bool) {
        if handled {
            self.idle_since.store(BUSY, Ordering::Relaxed);
        }
        self.is_handled.store(handled, Ordering::Relaxed);
    }
    pub(super) fn bytes_came(&self) {
        self.last_read.store(self.now(), Ordering::Relaxed);
    }
    pub(super) fn bytes_went(&self) {
        self.last_written.store(self.now(), Ordering::Relaxed);
    }
    /// Bytes of ours wait until the other side takes in those that went before.
    pub(super) fn leaves_unsent(&self, unsent: bool) {
        self.has_unsent.store(unsent, Ordering::Relaxed);
    }
    pub(super) fn has_unsent(&self) -> bool {
        self.has_unsent.load(Ordering::Relaxed)
    }
    /// The other side may still be sending a body that nobody wants.
    pub(super) fn leaves_unread(&self) {
        self.has_unread.store(true, Ordering::Relaxed);
    }
    pub(super) fn has_unread(&self) -> bool {
        self.has_unread.load(Ordering::Relaxed)
    }
    /// How long no byte went in or out.
    pub(super) fn quiet(&self) -> Duration {
        self.untaken().min(self.since(&self.last_read))
    }
    /// How long the other side took nothing in.
    pub(super) fn untaken(&self) -> Duration {
        self.since(&self.last_written)
    }
    fn since(&self, moment: &AtomicU64) -> Duration {
        Duration::from_millis(self.now().saturating_sub(moment.load(Ordering::Relaxed)))
    }

    /// Resolves when the other side has let nothing through for so long, while we waited for it.
    pub(super) async fn stalled(&self, most: Duration) {
        loop {
            let quiet = self.quiet();
            if quiet < most {
                tokio::time::sleep(most - quiet).await;
            } else if self.is_handled.load(Ordering::Relaxed) {
                tokio::time::sleep(most).await;
            } else {
                return;
            }
        }
    }

    /// Resolves when this connection is asked to make room.
    pub(super) async fn asked_to_leave(&self) {
        self.leave.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longest_idle_makes_room_and_a_busy_one_stays() {
        let places = Places::of(3);
        let (busy, old, young) = (
            places.take().await,
            places.take().await,
            places.take().await,
        );
        busy.life.begins();
        busy.life.is_handled(true);
        old.life.begins();
        tokio::time::advance(Duration::from_secs(1)).await;
        young.life.begins();
        let next = tokio::spawn({
            let places = places.clone();
            async move { drop(places.take().await) }
        });
        old.life.asked_to_leave().await;
        assert!(!young.life.is_leaving.load(Ordering::Relaxed));
        assert!(!busy.life.is_leaving.load(Ordering::Relaxed));
        drop(old);
        next.await.unwrap();
        drop((busy, young));
        places.all_free().await;
    }

    #[tokio::test(start_paused = true)]
    async fn who_still_takes_an_answer_in_is_not_the_longest_idle() {
        let places = Places::of(2);
        let (slow, quiet) = (places.take().await, places.take().await);
        slow.life.begins();
        tokio::time::advance(Duration::from_secs(1)).await;
        quiet.life.begins();
        tokio::time::advance(Duration::from_secs(1)).await;
        slow.life.bytes_went();
        places.make_room();
        assert!(quiet.life.is_leaving.load(Ordering::Relaxed));
        assert!(!slow.life.is_leaving.load(Ordering::Relaxed));
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_stalls_only_while_the_other_side_is_waited_for() {
        let place = Places::of(1).take().await;
        let life = &place.life;
        tokio::time::advance(Duration::from_secs(60)).await;
        life.begins();
        let stalled = |seconds| {
            tokio::time::timeout(
                Duration::from_secs(seconds),
                life.stalled(Duration::from_secs(10)),
            )
        };
        assert!(stalled(9).await.is_err());
        life.is_handled(true);
        assert!(stalled(60).await.is_err());
        life.is_handled(false);
        life.bytes_went();
        assert!(stalled(9).await.is_err());
        assert!(stalled(60).await.is_ok());
    }
}
