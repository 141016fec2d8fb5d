//! Each purpose rests on a task or duty that is named, guarded data come in for one alone, what is secret goes outside on one alone;
//! and what is cited can be found.

use super::{SMALL, broken, finds};
use crate::{Finding, Level, Register};

const TOESLAGEN: &str = include_str!("../../../../statements/toeslagen.toml");

fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code).collect()
}

/// The shipped statement with one passage put in place of another, which does not start for this alone.
fn does_not_start(passage: &str, instead: &str, why: &[(&str, &str)]) {
    assert!(TOESLAGEN.contains(passage), "{passage}");
    let file = TOESLAGEN.replacen(passage, instead, 1);
    let findings = Register::parse(&file).expect_err("it contradicts itself");
    let stops: Vec<_> = findings
        .iter()
        .filter(|finding| finding.stops())
        .map(|finding| (finding.code, finding.about.as_str()))
        .collect();
    assert_eq!(stops, why);
}

/// DT-2: a purpose is a task, follows from one or is a duty, and the activity for it rests on a law that says so.
#[test]
fn dt_2_each_purpose_rests_on_a_legal_task_or_duty_that_is_named() {
    finds(
        "S-790",
        "soort = \"primair\"",
        "soort = \"afgeleid\"",
        "naam = \"proeven\"",
    );
    let of_itself = "soort = \"afgeleid\"\nonderdeel-van = \"proeven\"";
    let round = broken("soort = \"primair\"", of_itself);
    assert!(codes(&round).contains(&"S-790") && codes(&round).contains(&"S-214"));
    // Running the organisation itself is a purpose apart (DT-3), and no task to follow from.
    let own = "soort = \"bedrijfsvoering\"\n[[doel]]\nnaam = \"verder\"\ntitel = { nl = \"Verder\" }\n\
               soort = \"afgeleid\"\nonderdeel-van = \"proeven\"";
    let follows = broken("soort = \"primair\"", own);
    assert_eq!(codes(&follows), ["S-451", "S-790"]);
    for (kind, is_law) in [
        ("taak", true),
        ("wettelijke-plicht", true),
        ("politietaak", true),
        ("overeenkomst", false),
        ("vitaal-belang", false),
        ("gerechtvaardigd-belang", false),
        ("toestemming", false),
    ] {
        let file = SMALL.replace("soort = \"taak\"", &format!("soort = \"{kind}\""));
        let findings = crate::check(&file, None);
        assert_eq!(codes(&findings).contains(&"S-791"), !is_law, "{kind}");
        let own = file.replace("soort = \"primair\"", "soort = \"bedrijfsvoering\"");
        let findings = crate::check(&own, None);
        assert!(!codes(&findings).contains(&"S-791"), "{kind}");
    }
    // A basis without a law is none at all.
    let lawless = broken(
        "titel = { nl = \"Taak\" }\nsoort = \"taak\"\nrechtsbronnen = [\"wet\"]",
        "titel = { nl = \"Taak\" }\nsoort = \"taak\"\nrechtsbronnen = []",
    );
    assert_eq!(codes(&lawless), ["S-405"]);
    does_not_start(
        "doel = \"wijzen-op-recht\"\ngrondslag = \"taak\"",
        "doel = \"wijzen-op-recht\"\ngrondslag = \"overeenkomst\"",
        &[("S-791", "activiteit wijzen-op-zorgtoeslag")],
    );
    does_not_start(
        "onderdeel-van = \"kwaliteit\"",
        "",
        &[("S-790", "doel gesprek-opnemen")],
    );
}

/// DT-46: special data and data about crime come in only where a task or a duty leads to them.
#[test]
fn dt_46_guarded_data_come_in_only_where_a_legal_task_leads_to_them() {
    let guarded = |class: &str, purpose: &str, basis: &str| {
        let file = SMALL
            .replace(
                "klasse = \"gewoon\"",
                &format!("klasse = \"{class}\"\nvoorwaarden = [{{ rechtsbron = \"wet\" }}]"),
            )
            .replace(
                "leest = [\"nummer\", \"bericht\"]",
                "leest = [\"nummer\"]\nschrijft = [\"bericht\"]\nvoorwaarden = [{ rechtsbron = \"wet\" }]",
            )
            .replace("soort = \"primair\"", &format!("soort = \"{purpose}\""))
            .replace("soort = \"taak\"", &format!("soort = \"{basis}\""));
        let findings = crate::check(&file, None);
        codes(&findings).contains(&"S-792")
    };
    for class in ["bijzonder", "strafrechtelijk", "politie"] {
        assert!(!guarded(class, "primair", "taak"), "{class}");
        assert!(!guarded(class, "wettelijke-plicht", "wettelijke-plicht"));
        assert!(guarded(class, "bedrijfsvoering", "taak"), "{class}");
        assert!(guarded(class, "primair", "overeenkomst"), "{class}");
        assert!(guarded(class, "afgeleid", "taak"), "{class}");
    }
    assert!(!guarded("gewoon", "bedrijfsvoering", "overeenkomst"));
}

/// DT-7: what is secret goes outside by a duty or for a task, and on no other ground.
#[test]
fn dt_7_what_is_secret_goes_outside_by_a_duty_or_a_task_alone() {
    for (occasion, kind, fits) in [
        ("doorlopend", "taak", true),
        ("doorlopend", "wettelijke-plicht", true),
        ("doorlopend", "overeenkomst", false),
        ("doorlopend", "toestemming", false),
        ("bij-incident", "taak", true),
        ("op-verzoek", "wettelijke-plicht", true),
        ("op-verzoek", "taak", false),
        ("met-toestemming", "toestemming", true),
        ("met-toestemming", "taak", false),
    ] {
        let ground = "land = \"NL\"\n[doorgifte]";
        let when = format!("land = \"NL\"\nwanneer = \"{occasion}\"\n[doorgifte]");
        let file = SMALL
            .replace(ground, &when)
            .replace("soort = \"taak\"", &format!("soort = \"{kind}\""));
        assert!(file.contains("wanneer"));
        let findings = crate::check(&file, None);
        assert_eq!(
            codes(&findings).contains(&"S-748"),
            !fits,
            "{occasion} {kind}"
        );
    }
}

#[test]
fn a_citation_leads_to_a_publication() {
    for (passage, instead) in [
        ("vindplaats = \"Stb. 2026, 1\"", "vindplaats = \"wetten\""),
        (
            "link = \"https://example.org/wet\"",
            "link = \"https://example.org/\"",
        ),
        (
            "link = \"https://example.org/wet\"",
            "link = \"https://example.org\"",
        ),
    ] {
        finds("S-793", passage, instead, "naam = \"wet\"");
        assert_eq!(broken(passage, instead)[0].level, Level::Warning);
    }
}
