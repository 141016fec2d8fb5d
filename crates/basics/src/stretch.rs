//! A stretch of trouble: told when it begins and when it is over, however often it is met in between.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A stretch is over when what failed works again and has not failed for so long: a disk with a little room left fails and
/// works in turns.
const QUIET: Duration = Duration::from_secs(5);
/// More kinds of trouble than this in one stretch are not told apart.
const KINDS: usize = 16;

/// Keeps the operator's log from filling with one line over and over. Belongs to what fails: a database, a listener.
#[derive(Debug, Default)]
pub struct Stretch {
    is_on: AtomicBool,
    met: Mutex<Met>,
}

#[derive(Debug, Default)]
struct Met {
    kinds: Vec<String>,
    count: u64,
    last: Option<Instant>,
    /// It worked since it last failed, too soon after to say that the stretch is over.
    has_worked: bool,
}

impl Met {
    fn is_quiet(&self) -> bool {
        self.last.is_none_or(|last| last.elapsed() >= QUIET)
    }
}

impl Stretch {
    /// Counts a failure; answers whether it is to be told: the first of its kind in this stretch.
    pub fn begins(&self, kind: &str) -> bool {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_on.store(true, Ordering::Release);
        if met.has_worked && met.is_quiet() {
            *met = Met::default();
        }
        met.has_worked = false;
        met.count += 1;
        met.last = Some(Instant::now());
        if met.kinds.len() >= KINDS || met.kinds.iter().any(|told| told == kind) {
            return false;
        }
        met.kinds.push(kind.to_owned());
        true
    }

    /// Something worked. Answers how many failures the stretch had, when this ends one.
    pub fn ends(&self) -> Option<u64> {
        // Asked at each success; nearly always nothing is on.
        if !self.is_on.load(Ordering::Acquire) {
            return None;
        }
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        if !met.is_quiet() {
            met.has_worked = true;
            return None;
        }
        self.is_on.store(false, Ordering::Release);
        let Met { count, .. } = std::mem::take(&mut *met);
        (count > 0).then_some(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_told_once_a_stretch_and_the_end_with_a_count() {
        let stretch = Stretch::default();
        assert_eq!(stretch.ends(), None);
        let told = ["full", "full", "locked", "full"].map(|kind| stretch.begins(kind));
        assert_eq!(told, [true, false, true, false]);
        assert_eq!(stretch.ends(), None, "it failed a moment ago");
        stretch.met.lock().unwrap().last = None;
        assert_eq!(stretch.ends(), Some(4));
        assert_eq!(stretch.ends(), None);
        assert!(stretch.begins("full"), "a new stretch");
    }

    #[test]
    fn what_worked_and_fails_long_after_is_told_again() {
        let stretch = Stretch::default();
        assert!(stretch.begins("full"));
        stretch.met.lock().unwrap().last = None;
        assert!(!stretch.begins("full"), "it has not worked since");
        assert_eq!(stretch.ends(), None, "it failed a moment ago");
        stretch.met.lock().unwrap().last = None;
        assert!(stretch.begins("full"));
    }
}
