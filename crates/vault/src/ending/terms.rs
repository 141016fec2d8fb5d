//! When a term ends: reckoned in the calendar of the installation. What has not ended cannot be swept: only here is said of a
//! moment that its term has.

use std::time::Duration;

use basics::{Fault, Moment};
use jiff::Span;
use jiff::tz::TimeZone;
use statement::Term;

/// A calendar month is never longer.
const LONGEST_MONTH: i64 = 32 * 86_400 * 1_000_000;

/// Clocks go back no further.
const HOUR: Duration = Duration::from_secs(3600);

/// The calendar in which months are reckoned.
#[derive(Clone)]
pub(crate) struct Calendar(TimeZone);

/// Everything that began up to a moment has ended; nobody else makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    until: Moment,
}

impl Ended {
    /// Up to which beginning.
    pub(crate) fn until(self) -> Moment {
        self.until
    }
}

/// What begins at this moment or later has not ended by `by`, in whatever calendar: a month has 28 days at least.
pub(crate) fn began_before(term: &Term, by: Moment) -> Moment {
    let months = Duration::from_secs(u64::from(term.months()) * 28 * 86_400);
    by.minus(months).minus(term.rest()).plus(HOUR)
}

impl Calendar {
    pub(crate) fn of(time_zone: &str) -> Result<Self, Fault> {
        TimeZone::get(time_zone)
            .map(Self)
            .map_err(|_| Fault::broken(format!("there is no time zone {time_zone}")))
    }

    /// When what began at `from` has been kept for its term; never, where the calendar ends before that. A day that the last
    /// month does not have ends with that month: so what began later never ends earlier.
    pub(crate) fn end(&self, from: Moment, term: &Term) -> Moment {
        let ends = || {
            let from = from.timestamp().to_zoned(self.0.clone());
            let months = Span::new().try_months(term.months())?;
            let mut ends = from.checked_add(months)?;
            if ends.day() != from.day() {
                ends = ends.tomorrow()?.start_of_day()?;
            }
            let seconds = i64::try_from(term.rest().as_secs()).unwrap_or(i64::MAX);
            ends.checked_add(Span::new().try_seconds(seconds)?)
        };
        ends().map_or(Moment::from_micros(i64::MAX), |ends| {
            Moment::from_timestamp(ends.timestamp())
        })
    }

    /// Whether a term from this beginning has ended by now.
    pub(crate) fn has_ended(&self, from: Moment, term: &Term, now: Moment) -> bool {
        self.end(from, term) <= now
    }

    /// Up to which beginning a term has ended by now, less an hour: in the hour that is there twice when clocks go back, what
    /// began earlier can end later.
    pub(crate) fn ended(&self, term: &Term, now: Moment) -> Ended {
        let months = i64::from(term.months()).saturating_mul(LONGEST_MONTH);
        let rest = i64::try_from(term.rest().as_micros()).unwrap_or(i64::MAX);
        let span = months.saturating_add(rest);
        // Has ended at the first for certain, has not at the second.
        let (mut ended, mut not) = (
            now.micros()
                .saturating_sub(span)
                .saturating_sub(LONGEST_MONTH),
            now.micros().saturating_add(1),
        );
        while not - ended > 1 {
            let middle = ended + (not - ended) / 2;
            match self.has_ended(Moment::from_micros(middle), term, now) {
                true => ended = middle,
                false => not = middle,
            }
        }
        Ended {
            until: Moment::from_micros(ended).minus(HOUR),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn calendar() -> Calendar {
        Calendar::of("Europe/Amsterdam").expect("a zone")
    }

    fn moment(text: &str) -> Moment {
        Moment::from_timestamp(text.parse().expect("a moment"))
    }

    fn term(text: &str) -> Term {
        text.parse().expect("a term")
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        for (from, kept, end) in [
            ("2026-01-28T12:00:00Z", "P1M", "2026-02-28T12:00:00Z"),
            ("2026-01-31T12:00:00Z", "P1M", "2026-02-28T23:00:00Z"),
            ("2024-02-29T12:00:00Z", "P1Y", "2025-02-28T23:00:00Z"),
            // Half past one in the night stays so when the clock has changed.
            ("2026-01-15T00:30:00Z", "P6M", "2026-07-14T23:30:00Z"),
            ("2026-03-28T12:00:00Z", "P1D", "2026-03-29T12:00:00Z"),
            ("2026-11-20T13:30:00Z", "PT1H", "2026-11-20T14:30:00Z"),
        ] {
            assert_eq!(
                calendar().end(moment(from), &term(kept)),
                moment(end),
                "{from} {kept}"
            );
        }
    }

    /// DT-84: reckoned by the day alone, what began at midnight of the 31st would end before what began on the 30th.
    #[test]
    fn dt_84_what_began_on_the_last_days_of_a_month_ends_in_that_order() {
        let (calendar, term) = (calendar(), term("P1M"));
        let now = moment("2063-02-27T23:00:00Z");
        let until = calendar.ended(&term, now).until();
        assert_eq!(until, moment("2063-01-27T22:00:00Z"));
        let mut before = Moment::from_micros(0);
        for hours in 0..31 * 24 {
            let from = moment("2063-01-01T00:00:00Z").plus(hours * HOUR);
            let end = calendar.end(from, &term);
            assert!(before <= end, "{from}");
            before = end;
        }
    }

    proptest! {
        // DT-84: what is thrown away before its time is a breach. MO-67, CN-75: nor is anything kept for longer.
        #[test]
        fn dt_84_nothing_has_ended_before_its_term_nor_is_left_a_day_later(
            now in 1_000_000_000_000_000_i64..3_000_000_000_000_000,
            term in prop_oneof![Just("P18M"), Just("P5Y"), Just("P10Y"), Just("P90D"), Just("P1M"), Just("PT1H"), Just("P1Y6M3D")],
            before in 0_i64..400_000_000_000_000,
        ) {
            let (calendar, term, now) = (calendar(), self::term(term), Moment::from_micros(now));
            let until = calendar.ended(&term, now).until();
            let later = until.plus(2 * HOUR).plus(Duration::from_micros(1));
            prop_assert!(calendar.end(later, &term) > now, "{later} has ended too");
            for earlier in [before, before % 8_000_000_000] {
                let earlier = Moment::from_micros(until.micros() - earlier);
                prop_assert!(calendar.end(earlier, &term) <= now, "{earlier} has not ended");
            }
        }
    }
}
