//! When a visitor's session ends by itself, and when a page that stays open warns of it.

use std::time::Duration;

use basics::Moment;

/// Where a visitor stays logged in; opened beside the page that warned.
pub const STAY_PATH: &str = "/sessie";

/// How long before the end a page warns. WCAG 2.2.1 asks for twenty seconds at least.
const WARNING: Duration = Duration::from_secs(120);

/// The shortest wait that the stylesheet knows; each other is twice the one before.
const SHORTEST_WAIT: u64 = 15;
const WAITS: u32 = 12;

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
    /// How long a page waits before it warns, as the waits in seconds that add up to it: the stylesheet has a class for
    /// each. Rounded down, so that the warning never comes too late.
    pub(crate) fn waits(&self) -> impl Iterator<Item = u64> + use<> {
        let steps = self.left.saturating_sub(WARNING).as_secs() / SHORTEST_WAIT;
        let steps = steps.min((1 << WAITS) - 1);
        (0..WAITS)
            .filter(move |bit| steps & (1 << bit) != 0)
            .map(|bit| SHORTEST_WAIT << bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(seconds: u64) -> Vec<u64> {
        let end = SessionEnd {
            at: Moment::from_micros(0),
            left: Duration::from_secs(seconds),
            can_be_put_off: true,
        };
        end.waits().collect()
    }

    #[test]
    fn cn_52_a_page_warns_two_minutes_before_the_end_or_a_moment_sooner() {
        assert_eq!(waits(15 * 60), [60, 240, 480]);
        assert_eq!(waits(15 * 60 - 1), [15, 30, 240, 480]);
        assert_eq!(waits(120 + 15), [15]);
        for soon in [0, 30, 120, 134] {
            assert_eq!(waits(soon), Vec::<u64>::new(), "{soon}");
        }
        assert_eq!(waits(u64::MAX).iter().sum::<u64>(), 4095 * 15);
    }
}
