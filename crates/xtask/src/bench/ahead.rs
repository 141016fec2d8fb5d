//! A clock that is years ahead, and goes: what is kept for years ends now, and nothing that was written is touched for that.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use basics::{Clock, Moment};

/// Finer than what a moment orders by.
const TICK: Duration = Duration::from_micros(500);

pub struct Ahead {
    pub clock: Clock,
    has_ended: Arc<AtomicBool>,
    going: Option<JoinHandle<()>>,
}

impl Ahead {
    pub fn from(moment: Moment) -> Self {
        let clock = Clock::fixed(moment);
        let has_ended = Arc::new(AtomicBool::new(false));
        let (hands, stop) = (clock.clone(), Arc::clone(&has_ended));
        let going = thread::spawn(move || {
            let mut last = Instant::now();
            while !stop.load(Ordering::Relaxed) {
                thread::sleep(TICK);
                let now = Instant::now();
                hands.advance(now - last);
                last = now;
            }
        });
        Self {
            clock,
            has_ended,
            going: Some(going),
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.has_ended.store(true, Ordering::Relaxed);
        if let Some(going) = self.going.take() {
            // It only counts.
            let _ = going.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_from_where_it_was_set() {
        let from = Moment::from_micros(1_950_000_000_000_000);
        let ahead = Ahead::from(from);
        let deadline = Instant::now() + Duration::from_secs(10);
        while ahead.clock.now() == from && Instant::now() < deadline {
            thread::sleep(TICK);
        }
        assert!(from < ahead.clock.now());
        assert!(ahead.clock.now() < from.plus(Duration::from_secs(20)));
    }
}
