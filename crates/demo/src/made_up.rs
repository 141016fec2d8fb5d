//! People by the thousand: names put together, and numbers that pass the eleven-test.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::draw::Draw;

/// The largest number of people that can be made.
pub const MOST: usize = 1_000_000;

/// The first eight digits of the first number. The sample people's numbers begin with 99999, which is never reached.
const FIRST: u32 = 90_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    first: Vec<String>,
    last: Vec<String>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    toml::from_str(include_str!("../samples/names.toml")).expect("a test reads the same file")
});

/// Test numbers, in order: nine digits that begin with a 9 and pass the eleven-test.
pub fn numbers() -> impl Iterator<Item = String> {
    (FIRST..).filter_map(|digits| {
        let text = digits.to_string();
        let sum: u32 = text
            .bytes()
            .zip((2..=9).rev())
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum();
        // The last digit takes away what is over eleven; where that is ten, there is no such number.
        (sum % 11 < 10).then(|| format!("{text}{}", sum % 11))
    })
}

/// The name of the person at this place.
pub fn name(place: usize) -> String {
    let mut draw = Draw::of(&["name", &place.to_string()]);
    let first = &NAMES.first[draw.below(NAMES.first.len())];
    format!("{first} {}", NAMES.last[draw.below(NAMES.last.len())])
}

#[cfg(test)]
mod tests {
    use basics::Bsn;

    use super::*;

    #[test]
    fn made_up_numbers_are_valid_and_of_their_own_range() {
        let numbers: Vec<String> = numbers().take(20_000).collect();
        assert!(numbers.iter().all(|number| Bsn::parse(number).is_ok()));
        assert!(numbers.is_sorted() && numbers.windows(2).all(|two| two[0] != two[1]));
        // Eleven apart, more or less: a million of them stay below the numbers of the sample people.
        let last: usize = numbers[19_999].parse().unwrap();
        let first = usize::try_from(FIRST).unwrap() * 10;
        assert!((first..first + 11 * 20_001).contains(&last), "{last}");
        assert!(first + 11 * (MOST + 1) < 999_990_000);
        assert_eq!(numbers[0], "900000004", "as the help says");
    }

    #[test]
    fn names_are_the_same_every_time_and_differ() {
        assert_eq!(name(7), name(7));
        let names: std::collections::BTreeSet<String> = (0..200).map(name).collect();
        assert!(names.len() > 150);
    }
}
