//! Profiling and decisions by a machine: what an activity does agrees with what it says, and with the decision it makes.

use crate::{Level, Register};

const TOESLAGEN: &str = include_str!("../../../../statements/toeslagen.toml");

/// What stops Toeslagen with this put in place of that, by code and what it is about.
#[track_caller]
fn stops(passage: &str, instead: &str) -> Vec<(&'static str, String)> {
    assert_eq!(TOESLAGEN.matches(passage).count(), 1, "{passage}");
    let file = TOESLAGEN.replace(passage, instead);
    let findings = match Register::parse(&file) {
        Ok(_) => return Vec::new(),
        Err(findings) => findings,
    };
    let errors = findings.into_iter().filter(|one| one.stops());
    errors.map(|one| (one.code, one.about)).collect()
}

/// The lines of `dossiers-kiezen` after what it reads.
const PICKING: &str = "profilering = true\n\
    noodzaak = { nl = \"Wij kunnen niet elk dossier met de hand controleren.\" }\nwijze = \"voorbereid\"\n";

#[track_caller]
fn picking(instead: &str) -> Vec<&'static str> {
    let found = stops(PICKING, instead).into_iter();
    let found: Vec<_> = found
        .inspect(|(_, about)| assert_eq!(about, "activiteit dossiers-kiezen"))
        .map(|(code, _)| code)
        .collect();
    found
}

/// DT-57 and DT-59: the program is in no doubt who decides where nobody says so.
#[test]
fn dt_57_dt_59_profiling_by_the_program_alone_does_not_start_however_it_is_written() {
    // The role is the program's, and nothing says that a person decides.
    assert_eq!(picking("profilering = true\n"), ["S-752"]);
    let by_machine = "profilering = true\nwijze = \"automatisch\"\n";
    assert_eq!(picking(by_machine), ["S-752"]);
    // A decision by a machine, fed by it.
    for manner in ["", "wijze = \"automatisch\"\n"] {
        let fed = format!("profilering = true\nbesluit = \"toekenning\"\n{manner}");
        assert_eq!(picking(&fed), ["S-750"], "{manner}");
    }
    let prepared = "profilering = true\nbesluit = \"toekenning\"\nwijze = \"voorbereid\"\n";
    assert_eq!(picking(prepared), ["S-750", "S-754"]);
    // The program alone is no person.
    let by_hand = "profilering = true\nbesluit = \"toekenning\"\nwijze = \"mens\"\n";
    assert_eq!(picking(by_hand), ["S-750", "S-754", "S-755"]);
    assert_eq!(picking("profilering = true\nwijze = \"mens\"\n"), ["S-755"]);
    assert_eq!(picking(PICKING), [""; 0]);
}

#[test]
fn a_decision_by_a_machine_is_made_by_one() {
    let granting = "wijze = \"automatisch\"\nbesluit = \"toekenning\"";
    for manner in ["mens", "voorbereid"] {
        let by_people = format!("wijze = \"{manner}\"\nbesluit = \"toekenning\"");
        let found = stops(granting, &by_people);
        let about = "activiteit toeslag-toekennen".to_owned();
        assert!(found.contains(&("S-754", about)), "{found:?}");
    }
    // Without a word it is done as the role says: by the program.
    assert_eq!(stops(granting, "besluit = \"toekenning\""), []);
}

#[test]
fn what_people_do_is_not_called_automatic() {
    let judging =
        "schrijft = [\"toekenningsgegevens\"]\nwijze = \"mens\"\nbeloften = [\"DT-30\", \"DT-59\"]";
    let by_machine = judging.replace("\"mens\"", "\"automatisch\"");
    let about = "activiteit dossier-beoordelen".to_owned();
    assert_eq!(stops(judging, &by_machine), [("S-755", about)]);
    assert_eq!(
        stops(judging, &judging.replace("wijze = \"mens\"\n", "")),
        []
    );
}

/// What a decision is made from, and where that comes from, stands with it.
#[test]
fn a_decision_tells_all_that_it_is_made_from() {
    let granted = "gegevens = [\"aanvraaggegevens\", \"inkomen\", \"vermogen\", \"huurgegevens\", \"opvanggegevens\"]\n\
        bronnen = [\"uzelf\", \"belastingdienst\", \"uwv\", \"banken\", \"verhuurders\", \"kinderopvangorganisaties\"]";
    let about = || ("S-756", "automatisch-besluit toekenning".to_owned());
    for left_out in [", \"huurgegevens\"", ", \"uwv\"", ", \"verhuurders\""] {
        let less = granted.replace(left_out, "");
        assert_eq!(stops(granted, &less), [about()], "{left_out}");
    }
    let findings = Register::parse(TOESLAGEN).expect("it starts");
    assert!(
        findings
            .findings()
            .iter()
            .all(|one| one.acknowledged.is_some() || one.level == Level::Note)
    );
}
