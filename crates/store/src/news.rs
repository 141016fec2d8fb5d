//! Whether a snapshot still tells all there is: it stands until something is committed that its reader may ask for.

use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};

use crate::queue::Queue;
use crate::reader::Read;

/// Counts the commits that readers are to see. What a writer's companion adds to a group of its own accord, the log, is none:
/// whoever reads that takes a snapshot of the moment.
pub(crate) struct News {
    count: AtomicU64,
    /// A snapshot that is kept is in nobody's way.
    may_stand: AtomicBool,
    /// How many have all snapshots let go for a while.
    sweeping: AtomicUsize,
    /// Where those rest that may keep one.
    readers: Arc<Queue<Read>>,
}

impl News {
    /// For those that take their reads here. No snapshot stands until the first commit tells whether it may.
    pub(crate) fn told_to(readers: Arc<Queue<Read>>) -> Self {
        Self {
            count: AtomicU64::new(0),
            may_stand: AtomicBool::new(false),
            sweeping: AtomicUsize::new(0),
            readers,
        }
    }

    /// Told after each commit, before anyone hears of it.
    pub(crate) fn committed(&self, is_news: bool, may_stand: bool) {
        if is_news {
            self.count.fetch_add(1, Release);
        }
        if self.may_stand.swap(may_stand, Relaxed) && !may_stand {
            self.readers.stir();
        }
    }

    /// What a snapshot that begins now is good for; `None` when none is to be kept.
    pub(crate) fn latest(&self) -> Option<u64> {
        let latest = self.count.load(Acquire);
        let may_stand = self.may_stand.load(Relaxed) && self.sweeping.load(SeqCst) == 0;
        may_stand.then_some(latest)
    }

    /// Runs `sweep` while no reader keeps a snapshot.
    pub(crate) fn without_standing<T>(&self, sweep: impl FnOnce() -> T) -> T {
        self.sweeping.fetch_add(1, SeqCst);
        self.readers.stir();
        let swept = sweep();
        self.sweeping.fetch_sub(1, SeqCst);
        swept
    }
}
