//! What only the bench build holds: the thread CPU that the gate and the column check take in a call and by themselves
//! (`deciding`), and reads that leave no row.
//! In the product each of these is nothing at all.

#[cfg(not(feature = "bench"))]
use store::Query;

#[cfg(feature = "bench")]
mod deciding;

#[cfg(feature = "bench")]
pub use on::{Gauged, gauge, gauged, leave_rows_of_reads};

/// Runs one step of the gate or the column check.
#[cfg(not(feature = "bench"))]
#[inline(always)]
pub(crate) fn checking<T>(check: impl FnOnce() -> T) -> T {
    check()
}

/// Begins the snapshot of a read, so that what is checked first is not charged with it.
#[cfg(not(feature = "bench"))]
#[inline(always)]
pub(crate) fn begin(_: &mut dyn Query) {}

/// Whether a read leaves its log row: always.
#[cfg(not(feature = "bench"))]
pub(crate) const fn reads_leave_rows() -> bool {
    true
}

#[cfg(feature = "bench")]
pub(crate) use on::{begin, checking, reads_leave_rows};

#[cfg(feature = "bench")]
mod on {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

    use rustix::time::{ClockId, clock_gettime};
    use store::{Query, Sql};

    /// Reads nothing.
    static BEGIN: Sql = Sql::new("SELECT seq FROM log_chain LIMIT 0");

    static GAUGING: AtomicBool = AtomicBool::new(false);
    static CHECKS: AtomicU64 = AtomicU64::new(0);
    static NANOS: AtomicU64 = AtomicU64::new(0);
    static CLOCK: AtomicU64 = AtomicU64::new(0);
    static ROWS_OF_READS: AtomicBool = AtomicBool::new(true);

    /// Steps of the gate and the column check so far, with one look at the clock each, and what one look took each time.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct Gauged {
        pub checks: u64,
        pub nanos: u64,
        pub clock: u64,
    }

    /// From now on checks are gauged, or not. Three looks at a clock each, so only where that is what is measured.
    pub fn gauge(on: bool) {
        GAUGING.store(on, Relaxed);
    }

    pub fn gauged() -> Gauged {
        Gauged {
            checks: CHECKS.load(Relaxed),
            nanos: NANOS.load(Relaxed),
            clock: CLOCK.load(Relaxed),
        }
    }

    /// From now on a read leaves its log row, or not.
    pub fn leave_rows_of_reads(on: bool) {
        ROWS_OF_READS.store(on, Relaxed);
    }

    pub(crate) fn reads_leave_rows() -> bool {
        ROWS_OF_READS.load(Relaxed)
    }

    pub(crate) fn begin(query: &mut dyn Query) {
        if GAUGING.load(Relaxed) {
            // A snapshot that cannot begin says so at the read's own first query.
            let _ = query.query(&BEGIN, &[], &mut |_| Ok(()));
        }
    }

    pub(crate) fn checking<T>(check: impl FnOnce() -> T) -> T {
        if !GAUGING.load(Relaxed) {
            return check();
        }
        // What a look takes changes by half from one moment to the next, and is as much as a check: so it is looked at each time.
        let before = thread_nanos();
        let began = thread_nanos();
        let checked = check();
        NANOS.fetch_add(thread_nanos().saturating_sub(began), Relaxed);
        CLOCK.fetch_add(began.saturating_sub(before), Relaxed);
        CHECKS.fetch_add(1, Relaxed);
        checked
    }

    /// CPU of this thread so far.
    fn thread_nanos() -> u64 {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap_or(0)
    }

    impl Gauged {
        /// What came since.
        pub fn since(&self, before: &Self) -> Self {
            Self {
                checks: self.checks - before.checks,
                nanos: self.nanos - before.nanos,
                clock: self.clock - before.clock,
            }
        }

        /// What the checks took, in nanoseconds.
        pub fn within(&self) -> f64 {
            self.nanos as f64 - self.clock as f64
        }

        /// What the gauging took, in nanoseconds.
        pub fn of_clock(&self) -> f64 {
            3.0 * self.clock as f64
        }
    }
}
