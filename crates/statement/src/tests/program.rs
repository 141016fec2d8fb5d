//! The statement beside the program: the cookies that it sets, and the day on which it is asked.

use std::time::Duration;

use super::SMALL;
use crate::{CookieLife, Date, Finding, Known, KnownCookie, Level, Register, check};

const MIJNOVERHEID: &str = include_str!("../../../../statements/mijnoverheid.toml");

/// A program in which reading sets two cookies.
fn setting(names: [&'static str; 2]) -> Known {
    let cookie = |name, life| KnownCookie {
        name,
        life,
        set_by: "inloggen",
    };
    Known {
        cookies: vec![
            cookie(names[0], CookieLife::Session),
            cookie(names[1], CookieLife::For(Duration::from_secs(600))),
        ],
        ..Known::default()
    }
}

fn coded<'f>(findings: &'f [Finding], code: &str) -> Vec<&'f Finding> {
    findings.iter().filter(|one| one.code == code).collect()
}

/// MO-46: what the program sets is what the statement says, or the statement does not start.
#[test]
fn mo_46_a_cookie_that_the_program_sets_is_declared_as_it_is_set() {
    let known = setting(["sessie", "inlogpoging"]);
    let found = |file: &str| {
        let findings = check(file, Some(&known));
        let found: Vec<_> = coded(&findings, "S-724")
            .into_iter()
            .inspect(|one| assert!(one.stops() && one.line.is_some(), "{one}"))
            .map(|one| one.about.clone())
            .collect();
        let register = Register::parse(file).expect("nothing else is wrong");
        let stops = register.beside(&known);
        assert_eq!(stops.iter().filter(|one| one.stops()).count(), found.len());
        found
    };
    assert_eq!(found(MIJNOVERHEID), [""; 0]);
    for (name, life) in [
        ("sessie", "= \"sessie\"\npers"),
        ("inlogpoging", "= \"PT10M\"\npers"),
    ] {
        let start = MIJNOVERHEID
            .find(&format!("[[cookie]]\nnaam = \"{name}\""))
            .expect("it is declared");
        let (before, rest) = MIJNOVERHEID.split_at(start);
        let end = rest.find("\n\n").expect("it ends") + 2;
        let (cookie, after) = rest.split_at(end);
        let about = format!("cookie {name}");
        let without = found(&format!("{before}{after}"));
        assert_eq!(without, [about.as_str()]);
        for (passage, instead) in [(life, "= \"P1D\"\npers"), ("\"willekeurig\"", "\"vast\"")] {
            let other = cookie.replace(passage, instead);
            assert_ne!(other, cookie);
            let other = found(&format!("{before}{other}{after}"));
            assert_eq!(other, [about.as_str()], "{instead}");
        }
    }
    // Nobody logs in here, and nothing is set.
    let findings = check(SMALL, Some(&known));
    assert!(coded(&findings, "S-724").is_empty());
}

/// MO-57: an agreement that does not hold today keeps the role off, and whoever checks the file is told.
#[test]
fn mo_57_an_agreement_that_does_not_hold_today_is_told() {
    let on = |year| Known {
        today: Some(Date {
            year,
            month: 6,
            day: 1,
        }),
        ..Known::default()
    };
    let agreed = "[[verwerker]]\nnaam = \"hulp\"\ntitel = { nl = \"Hulp\" }\ntaak = { nl = \"Helpt\" }\n\
        overeenkomst = { datum = 2026-01-01, kenmerk = \"H-1\", tot = 2027-12-31 }\n[inloggen]";
    let file = SMALL.replace("[inloggen]", agreed);
    for (year, said) in [
        (2025, Some("begins on 2026-01-01")),
        (2026, None),
        (2027, None),
        (2028, Some("ended on 2027-12-31")),
    ] {
        let findings = check(&file, Some(&on(year)));
        let told = coded(&findings, "S-780");
        assert_eq!(told.len(), usize::from(said.is_some()), "{year}");
        for (finding, said) in told.into_iter().zip(said) {
            assert_eq!(finding.level, Level::Warning);
            assert!(finding.text.contains(said), "{finding}");
            assert!(finding.line.is_some());
        }
    }
    // Without a day nothing is said of it.
    let findings = check(&file, Some(&Known::default()));
    assert!(coded(&findings, "S-780").is_empty());
}
