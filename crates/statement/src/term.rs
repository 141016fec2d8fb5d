//! Terms: ISO 8601 durations, kept in months and seconds apart because a month has no fixed length.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

const DAY: u64 = 86_400;
/// The longest that is read, in years: every calendar reaches as far back and ahead.
const LONGEST: u32 = 1000;

/// A length of time as the law writes it: `P5Y`, `P18M`, `P90D`, `PT15M`. Never zero.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Term {
    months: u32,
    seconds: u64,
    written: String,
}

/// Why a text is no term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadTerm {
    /// Not an ISO 8601 duration in whole numbers, or no time at all.
    Shape,
    /// Longer than a thousand years.
    Length,
}

impl Term {
    /// Calendar months (a year is twelve), to be added in the installation's calendar.
    pub const fn months(&self) -> u32 {
        self.months
    }
    /// What comes on top of the months; a day counts as 24 hours.
    pub const fn rest(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
    /// As a fixed length; `None` where it has months or years.
    pub const fn fixed(&self) -> Option<Duration> {
        if self.months == 0 {
            Some(self.rest())
        } else {
            None
        }
    }
    /// Whether this is no longer than `other`, from whatever day both start. Where months meet days it errs on the
    /// safe side: a month counts as 28 to 31 days.
    pub fn surely_within(&self, other: &Term) -> bool {
        if self.months <= other.months {
            self.seconds
                <= other
                    .seconds
                    .saturating_add(shortest(other.months - self.months))
        } else {
            self.seconds
                .saturating_add(longest(self.months - other.months))
                <= other.seconds
        }
    }
}

fn shortest(months: u32) -> u64 {
    (u64::from(months / 12) * 365 + u64::from(months % 12) * 28) * DAY
}

fn longest(months: u32) -> u64 {
    (u64::from(months / 12) * 366 + u64::from(months % 12) * 31) * DAY
}

impl FromStr for Term {
    type Err = BadTerm;

    fn from_str(text: &str) -> Result<Self, BadTerm> {
        let body = text.strip_prefix('P').ok_or(BadTerm::Shape)?;
        let (days, time) = match body.split_once('T') {
            Some((_, "")) => return Err(BadTerm::Shape),
            Some((days, time)) => (days, time),
            None => (body, ""),
        };
        let [years, months, weeks, days] = amounts(days, ['Y', 'M', 'W', 'D'])?;
        let [hours, minutes, seconds] = amounts(time, ['H', 'M', 'S'])?;
        let term = Term {
            months: years * 12 + months,
            seconds: (u64::from(weeks) * 7 + u64::from(days)) * DAY
                + u64::from(hours) * 3600
                + u64::from(minutes) * 60
                + u64::from(seconds),
            written: text.to_owned(),
        };
        let longest = u64::from(LONGEST) * 366 * DAY;
        if term.months == 0 && term.seconds == 0 {
            Err(BadTerm::Shape)
        } else if term.months > LONGEST * 12 || term.seconds > longest {
            Err(BadTerm::Length)
        } else {
            Ok(term)
        }
    }
}

/// Reads `5Y6M` for the letters in their order, each at most once; up to six digits each.
fn amounts<const N: usize>(mut text: &str, letters: [char; N]) -> Result<[u32; N], BadTerm> {
    let mut amounts = [0; N];
    for (amount, letter) in amounts.iter_mut().zip(letters) {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = text.split_at(digits);
        if let Some(rest) = rest.strip_prefix(letter) {
            if digits > 6 {
                return Err(BadTerm::Shape);
            }
            *amount = number.parse().map_err(|_| BadTerm::Shape)?;
            text = rest;
        }
    }
    if text.is_empty() {
        Ok(amounts)
    } else {
        Err(BadTerm::Shape)
    }
}

/// As it was written.
impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}
impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(text: &str) -> Term {
        text.parse().unwrap()
    }

    #[test]
    fn terms_are_read_in_months_and_seconds() {
        for (text, months, seconds) in [
            ("P5Y", 60, 0),
            ("P1Y6M", 18, 0),
            ("P90D", 0, 90 * 86_400),
            ("P2W", 0, 14 * 86_400),
            ("PT15M", 0, 900),
            ("P1DT12H30S", 0, 86_400 + 12 * 3600 + 30),
        ] {
            let term = term(text);
            assert_eq!(
                (term.months(), term.rest().as_secs()),
                (months, seconds),
                "{text}"
            );
            assert_eq!(term.to_string(), text);
        }
        assert_eq!(term("PT12H").fixed(), Some(Duration::from_secs(43_200)));
        assert_eq!(term("P1M").fixed(), None);
    }

    #[test]
    fn what_is_no_term_is_refused() {
        for broken in [
            "",
            "P",
            "PT",
            "5Y",
            "P5",
            "P0Y",
            "P-1Y",
            "P1.5Y",
            "P1M1Y",
            "P1Y1Y",
            "P1YT",
            "PT1D",
            "P1H",
            "PY",
            "p1Y",
            "P1Y ",
            "P9999999Y",
        ] {
            assert_eq!(broken.parse::<Term>(), Err(BadTerm::Shape), "{broken:?}");
        }
    }

    #[test]
    fn a_term_is_within_another_from_any_day() {
        for (short, long) in [
            ("P18M", "P18M"),
            ("P18M", "P1Y6M"),
            ("P18M", "P5Y"),
            ("P90D", "P18M"),
            ("P365D", "P1Y"),
            ("P1Y", "P366D"),
        ] {
            assert!(term(short).surely_within(&term(long)), "{short} in {long}");
        }
        for (long, short) in [
            ("P19M", "P18M"),
            ("P5Y1D", "P5Y"),
            ("P366D", "P1Y"),
            ("P1Y", "P365D"),
            ("PT2S", "PT1S"),
        ] {
            assert!(!term(long).surely_within(&term(short)), "{long} in {short}");
        }
    }
}
