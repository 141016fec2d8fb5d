//! Any bytes: the check ends with findings at places that are there, and a start agrees with it.

use proptest::prelude::*;

use super::SMALL;
use crate::{Known, Level, Register, check};

const MIJNOVERHEID: &str = include_str!("../../../../statements/mijnoverheid.toml");

/// What holds for any file.
fn holds(file: &str) -> Result<(), TestCaseError> {
    let findings = check(file, None);
    let lines: Vec<&str> = file.split('\n').collect();
    for finding in &findings {
        let (line, column) = (finding.line, finding.column);
        prop_assert_eq!(line.is_some(), column.is_some());
        if let (Some(line), Some(column)) = (line, column) {
            prop_assert!((1..=lines.len()).contains(&line), "{finding}");
            prop_assert!((1..=lines[line - 1].chars().count() + 1).contains(&column));
        }
        prop_assert!(!finding.text.is_empty());
    }
    prop_assert!(findings.is_sorted_by_key(|finding| (finding.line, finding.column)));
    match Register::parse(file) {
        Ok(register) => {
            prop_assert!(!findings.iter().any(|finding| finding.stops()));
            prop_assert_eq!(register.findings(), findings);
        }
        Err(refused) => {
            prop_assert!(findings.iter().any(|finding| finding.level == Level::Error));
            prop_assert_eq!(refused, findings);
        }
    }
    // What the program can do adds notes, and stops nothing.
    let stops = |known| check(file, known).iter().filter(|one| one.stops()).count();
    prop_assert_eq!(stops(None), stops(Some(&Known::default())));
    Ok(())
}

/// What a hand that slips puts into a file.
fn slip() -> impl Strategy<Value = String> {
    prop_oneof![
        "[\\PC\n]{0,12}",
        Just("[[gegeven]]\n".to_owned()),
        Just("naam = \"bericht\"\n".to_owned()),
        Just("\"".to_owned()),
        Just("''".to_owned()),
        Just("{ nl = \"x\" }".to_owned()),
        Just("[\"x\"]".to_owned()),
        Just("[".to_owned()),
        Just("9999999999999999999999".to_owned()),
        Just("\u{FEFF}".to_owned()),
        Just("\r\n".to_owned()),
    ]
}

proptest! {
    #[test]
    fn no_bytes_make_the_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        holds(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn no_slip_of_a_hand_makes_the_reading_panic(cut in 0..SMALL.len(), put in slip(), over in 0..40usize) {
        let end = (cut + over).min(SMALL.len());
        holds(&format!("{}{put}{}", &SMALL[..cut], &SMALL[end..]))?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn lines_may_go_come_twice_or_change_places(seeds in prop::collection::vec((any::<prop::sample::Index>(), 0..3u8), 1..6)) {
        let mut lines: Vec<&str> = MIJNOVERHEID.lines().collect();
        for (index, what) in seeds {
            let at = index.index(lines.len());
            match what {
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[at]),
                _ => lines.swap(0, at),
            }
        }
        holds(&lines.join("\n"))?;
    }
}

#[test]
fn depth_and_length_do_not_overwhelm_the_reading() {
    for file in [
        format!("a = {}", "[".repeat(10_000)),
        format!("a = {}", "{ a = ".repeat(10_000)),
        format!("a{} = 1", ".a".repeat(2_000)),
        format!("a = \"{}", "\\u".repeat(1_000)),
        "[[gegeven]]\n".repeat(2_000),
    ] {
        let findings = check(&file, None);
        assert!(findings.iter().any(crate::Finding::stops));
    }
}
