//! Time: moments in microseconds UTC, and the clock they are read from.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A moment: microseconds since 1970-01-01T00:00:00Z. Stored as BIGINT.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }
    pub const fn micros(self) -> i64 {
        self.0
    }
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1000)
    }
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
    /// This moment in the calendar. Moments outside years -9999..9999 are cut to them.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::MAX)
    }
    pub fn from_timestamp(timestamp: jiff::Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros_of(span)))
    }
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(micros_of(span)))
    }
    /// The time from `earlier` to this moment; zero when it is not earlier.
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

fn micros_of(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

/// RFC 3339 in UTC with milliseconds: `2026-11-20T13:30:00.000Z`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}
impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Moment({self})")
    }
}

/// The clock of an installation: the machine's, or one that a test sets.
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    pub fn system() -> Self {
        Self(None)
    }

    pub fn fixed(at: Moment) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.micros()))))
    }

    pub fn now(&self) -> Moment {
        match &self.0 {
            Some(fixed) => Moment(fixed.load(Ordering::SeqCst)),
            None => machine_time(),
        }
    }

    /// Moves a fixed clock; the machine's clock is left alone.
    pub fn advance(&self, span: Duration) {
        if let Some(fixed) = &self.0 {
            fixed.fetch_add(micros_of(span), Ordering::SeqCst);
        }
    }

    /// Sets a fixed clock, back too, as a machine's clock is put right; the machine's own is left alone.
    pub fn set(&self, at: Moment) {
        if let Some(fixed) = &self.0 {
            fixed.store(at.micros(), Ordering::SeqCst);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the machine's time"
)]
fn machine_time() -> Moment {
    Moment::from_timestamp(jiff::Timestamp::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_stands_until_moved() {
        let clock = Clock::fixed(Moment::from_micros(1_795_181_400_000_000));
        assert_eq!(clock.now().to_string(), "2026-11-20T13:30:00.000Z");
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.now().to_string(), "2026-11-20T13:31:00.000Z");
    }
}
