//! When a visitor's session ends by itself, and when a page that stays open warns of it.

use std::time::Duration;

use basics::Moment;

/// Where a visitor stays logged in; opened beside the page that warned.
pub const STAY_PATH: &str = "/sessie";

/// How long before the end a page warns. WCAG 2.2.1 asks for twenty seconds at least.
const WARNING: Duration = Duration::from_secs(120);

/// The longest wait that the stylesheet knows, in minutes: every class of it at once.
const LONGEST_WAIT: u64 = 1023;

/// The end of a session as it stood when this request was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionEnd {
    pub at: Moment,
    /// From this request until then.
    pub left: Duration,
    /// Whether using the site puts it off. At the end of the longest that a session may last nothing does.
    pub can_be_put_off: bool,
}

impl SessionEnd {
    /// How many whole minutes a page waits before it warns, as the powers of two that make up the number: the stylesheet
    /// has a class for each and adds up what they stand for. Rounded down, so that the warning never comes too late.
    pub(crate) fn wait(&self) -> impl Iterator<Item = u64> + use<> {
        let minutes = self.left.saturating_sub(WARNING).as_secs() / 60;
        let minutes = minutes.min(LONGEST_WAIT);
        (0..10)
            .map(|bit| 1 << bit)
            .filter(move |one| minutes & one != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(seconds: u64) -> Vec<u64> {
        let end = SessionEnd {
            at: Moment::from_micros(0),
            left: Duration::from_secs(seconds),
            can_be_put_off: true,
        };
        end.wait().collect()
    }

    #[test]
    fn cn_52_a_page_warns_two_minutes_before_the_end_or_a_little_sooner() {
        assert_eq!(wait(15 * 60), [1, 4, 8]);
        assert_eq!(wait(15 * 60 - 1), [4, 8]);
        assert_eq!(wait(3 * 60), [1]);
        for soon in [0, 30, 120, 179] {
            assert_eq!(wait(soon), Vec::<u64>::new(), "{soon}");
        }
        assert_eq!(wait(u64::MAX).iter().sum::<u64>(), LONGEST_WAIT);
    }
}
