//! Each rule of the check, broken once.

use super::{SMALL, broken, finds};
use crate::{CategoryId, Level, Register};

#[test]
fn shape() {
    finds("S-101", "[sessie]", "[sessie", "[sessie\n");
    finds(
        "S-101",
        "klasse = \"gewoon\"",
        "klasse = gewoon",
        "klasse = gewoon",
    );
    finds(
        "S-102",
        "versie = \"1.0\"",
        "versie = \"1.0\"\nkleur = \"rood\"",
        "kleur",
    );
    finds(
        "S-102",
        "[[cookie]]",
        "[[vlag]]\nnaam = \"inzage\"\n[[cookie]]",
        "[[vlag]]",
    );
    finds(
        "S-102",
        "vanaf = \"ontvangst\",",
        "vanaf = \"ontvangst\", tot = \"einde\",",
        "vanaf = \"ontvangst\"",
    );
    finds(
        "S-103",
        "datum = 2026-01-31",
        "datum = \"vandaag\"",
        "datum",
    );
    finds(
        "S-103",
        "persoonsgegevens = false",
        "persoonsgegevens = \"nee\"",
        "persoonsgegevens",
    );
    finds("S-103", "titel = \"Proefwet\"\n", "", "naam = \"wet\"");
}

#[test]
fn names() {
    finds(
        "S-104",
        "naam = \"lezen\"",
        "naam = \"Bericht lezen\"",
        "naam = \"Bericht lezen\"",
    );
    finds(
        "S-104",
        "naam = \"proef\"",
        "naam = \"proef-\"",
        "naam = \"proef-\"",
    );
    finds(
        "S-105",
        "naam = \"sessie\"",
        &again("cookie", "sessie"),
        "naam = \"sessie\" #",
    );
    finds(
        "S-105",
        "talen = [\"nl\"]",
        "talen = [\"nl\", \"nl\"]",
        "talen",
    );
}

/// The head of a second table of this name follows a whole first one.
fn again(kind: &str, name: &str) -> String {
    let start = SMALL
        .find(&format!("[[{kind}]]\nnaam = \"{name}\""))
        .expect("stands in the small file");
    let body = &SMALL[start + kind.len() + 5..];
    let first = &body[..body.find("\n[").unwrap_or(body.len())];
    format!("{first}\n[[{kind}]]\nnaam = \"{name}\" #")
}

#[test]
fn every_kind_of_table_refuses_a_second_of_the_same_name() {
    for (kind, name) in [
        ("rechtsbron", "wet"),
        ("grondslag", "taak"),
        ("doel", "proeven"),
        ("gegeven", "nummer"),
        ("ontvanger", "buur"),
        ("activiteit", "lezen"),
    ] {
        finds(
            "S-105",
            &format!("naam = \"{name}\""),
            &again(kind, name),
            &format!("naam = \"{name}\" #"),
        );
    }
}

#[test]
fn values() {
    finds("S-107", "versie = \"1.0\"", "versie = \" \"", "versie");
    finds(
        "S-107",
        "datum = 2026-01-31",
        "datum = 2026-01-31T10:00:00Z",
        "datum",
    );
    finds(
        "S-107",
        "\"Europe/Amsterdam\"",
        "\"Amsterdam time\"",
        "tijdzone",
    );
    finds(
        "S-107",
        "opslaglocatie = \"NL\"",
        "opslaglocatie = \"Nederland\"",
        "opslaglocatie",
    );
    finds(
        "S-107",
        "soort = \"BSN\"",
        "soort = \"SOFI\"",
        "identificatie",
    );
    finds("S-107", "\"laag\"", "\"zwak\"", "betrouwbaarheidsniveau");
    finds(
        "S-107",
        "klasse = \"gewoon\"",
        "klasse = \"geheim\"",
        "klasse = \"geheim\"",
    );
    finds(
        "S-107",
        "vanaf = \"ontvangst\"",
        "vanaf = \"ooit\"",
        "vanaf = \"ooit\"",
    );
    finds("S-107", "https://example.org", "http://example.org", "link");
    finds(
        "S-107",
        "titel = \"Proefwet\"",
        "titel = \"Proefwet\"\nbeloften = [\"XX-1\"]",
        "beloften",
    );
    let findings = broken("talen = [\"nl\"]", "talen = []");
    assert!(
        findings
            .iter()
            .any(|finding| finding.code == "S-107" && finding.line == Some(7)),
        "{findings:?}"
    );
    finds(
        "S-110",
        "naam = \"De proefnemer\"",
        "naam = \"\"",
        "naam = \"\"",
    );
}

#[test]
fn no_controller() {
    let findings = broken(
        "[verantwoordelijke]\nnaam = \"De proefnemer\"\nadressen = [\"post\"]\n",
        "",
    );
    let seen: Vec<_> = findings
        .iter()
        .map(|finding| (finding.code, finding.level, finding.line))
        .collect();
    assert_eq!(seen, [("S-110", Level::Error, None)]);
}

#[test]
fn references() {
    finds(
        "S-201",
        "leest = [\"nummer\", \"bericht\"]",
        "leest = [\"nummer\", \"bericht\", \"foto\"]",
        "leest",
    );
    finds(
        "S-201",
        "leest =",
        "schrijft = [\"foto\"]\nleest =",
        "schrijft",
    );
    finds(
        "S-201",
        "gegevens = [\"nummer\"]",
        "gegevens = [\"nummer\", \"foto\"]",
        "gegevens = ",
    );
    finds(
        "S-201",
        "gegeven = \"nummer\"",
        "gegeven = \"foto\"",
        "identificatie",
    );
    finds(
        "S-202",
        "rollen = [\"betrokkene\"]",
        "ook-voor = [\"spelen\"]\nrollen = [\"betrokkene\"]",
        "ook-voor",
    );
    finds(
        "S-202",
        "doel = \"proeven\"\nbewaartijd",
        "doel = \"spelen\"\nbewaartijd",
        "doel = \"spelen\"",
    );
    finds(
        "S-204",
        "rollen = [\"betrokkene\"]",
        "rollen = [\"buurvrouw\"]",
        "rollen",
    );
    finds(
        "S-205",
        "kanalen = [\"website\"]",
        "kanalen = [\"fax\"]",
        "kanalen = [\"fax\"]",
    );
    finds(
        "S-206",
        "ontvangers = [\"buur\"]",
        "ontvangers = [\"buur\", \"krant\"]",
        "ontvangers",
    );
    finds(
        "S-207",
        "rechtsbronnen = [\"wet\"]",
        "rechtsbronnen = [\"verdrag\"]",
        "rechtsbronnen",
    );
    finds(
        "S-207",
        " bron = \"wet\"",
        " bron = \"verdrag\"",
        "bron = \"verdrag\"",
    );
    finds(
        "S-207",
        "langste = \"P5Y\"",
        "langste = \"P5Y\"\nrechtsbron = \"verdrag\"",
        "rechtsbron = ",
    );
    finds(
        "S-207",
        "titel = \"Proefwet\"",
        "titel = \"Proefwet\"\ngebaseerd-op = \"verdrag\"",
        "gebaseerd-op",
    );
    finds(
        "S-208",
        "klasse = \"identificatie\"",
        "klasse = \"gewoon\" #",
        "naam = \"nummer\"",
    );
}

#[test]
fn an_unknown_basis_is_found_where_it_is_named() {
    let findings = broken(
        "grondslag = \"taak\"\nrollen",
        "grondslag = \"gewoonte\"\nrollen",
    );
    let seen: Vec<_> = findings
        .iter()
        .map(|finding| (finding.code, finding.level))
        .collect();
    assert_eq!(seen, [("S-203", Level::Error)], "{findings:?}");
}

#[test]
fn mo_64_a_category_without_a_term_does_not_start() {
    let rule = "bewaartermijn = { termijn = \"P5Y\", vanaf = \"ontvangst\", bron = \"wet\", reden = { nl = \"Daarom\" } }\n";
    finds("S-301", rule, "", "naam = \"bericht\"");
}

#[test]
fn terms() {
    finds(
        "S-302",
        "termijn = \"P5Y\"",
        "termijn = \"vijf jaar\"",
        "termijn = \"vijf jaar\"",
    );
    finds(
        "S-302",
        "inactief = \"PT15M\"",
        "inactief = \"15\"",
        "inactief",
    );
    finds(
        "S-302",
        "hoogstens = \"PT8H\"",
        "hoogstens = \"P1M\"",
        "hoogstens",
    );
    finds(
        "S-302",
        "bewaartijd = \"sessie\"",
        "bewaartijd = \"altijd\"",
        "bewaartijd",
    );
    finds("S-302", "langste = \"P5Y\"", "langste = \"P0Y\"", "langste");
    finds(
        "S-305",
        "hoogstens = \"PT8H\"",
        "hoogstens = \"PT10M\"",
        "[sessie]",
    );
    finds(
        "S-306",
        "kortste = \"P18M\"",
        "kortste = \"P6Y\"",
        "[bewaarband]",
    );
}

#[test]
fn mo_67_a_term_outside_the_band_does_not_start() {
    finds(
        "S-303",
        "termijn = \"P5Y\"",
        "termijn = \"P61M\"",
        "termijn = \"P61M\"",
    );
    finds(
        "S-303",
        "termijn = \"P18M\"",
        "termijn = \"P17M\"",
        "termijn = \"P17M\"",
    );
    finds(
        "S-303",
        "termijn = \"P18M\"",
        "termijn = \"P1Y\"",
        "termijn = \"P1Y\"",
    );
    // Days are held against months on the safe side.
    finds(
        "S-303",
        "termijn = \"P5Y\"",
        "termijn = \"P1827D\"",
        "termijn = \"P1827D\"",
    );
    assert_eq!(broken("termijn = \"P5Y\"", "termijn = \"P1825D\""), []);
}

#[test]
fn a_term_chosen_in_a_band_needs_the_band() {
    let band = "[bewaarband]\nkortste = \"P18M\"\nlangste = \"P5Y\"\n";
    finds("S-304", band, "", "bewaartermijn = { termijn = \"P18M\"");
}

#[test]
fn activities() {
    finds(
        "S-401",
        "doel = \"proeven\"\ngrondslag",
        "grondslag",
        "naam = \"lezen\"",
    );
    finds(
        "S-404",
        "rollen = [\"betrokkene\"]\n",
        "",
        "naam = \"lezen\"",
    );
    finds(
        "S-404",
        "kanalen = [\"website\"]",
        "kanalen = []",
        "kanalen = []",
    );
    finds(
        "S-405",
        "rechtsbronnen = [\"wet\"]\n",
        "",
        "naam = \"taak\"",
    );
    finds(
        "S-406",
        "gegevens = [\"nummer\"]",
        "gegevens = []",
        "gegevens = []",
    );
}

#[test]
fn an_activity_without_a_basis_or_without_data_does_not_start() {
    for (passage, code) in [
        ("grondslag = \"taak\"\nrollen", "S-402"),
        ("leest = [\"nummer\", \"bericht\"]\n", "S-403"),
    ] {
        let instead = if code == "S-402" { "rollen" } else { "" };
        let errors: Vec<_> = broken(passage, instead)
            .into_iter()
            .filter(|finding| finding.level == Level::Error)
            .collect();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(errors[0].code, code);
        assert!(errors[0].text.contains("lezen"), "{errors:?}");
    }
}

#[test]
fn what_nothing_uses_is_warned_of_and_starts() {
    let purpose = "[[doel]]\nnaam = \"rusten\"\ntitel = { nl = \"Rusten\" }\nsoort = \"primair\"\n[[doel]]\nnaam = \"proeven\"";
    finds(
        "S-451",
        "[[doel]]\nnaam = \"proeven\"",
        purpose,
        "naam = \"rusten\"",
    );
    finds(
        "S-452",
        "leest = [\"nummer\", \"bericht\"]",
        "leest = [\"nummer\"]",
        "naam = \"bericht\"",
    );
    finds("S-453", "ontvangers = [\"buur\"]", "", "naam = \"buur\"");
    let basis = "[[grondslag]]\nnaam = \"rust\"\ntitel = { nl = \"Rust\" }\nsoort = \"taak\"\nrechtsbronnen = [\"wet\"]\n[[grondslag]]\nnaam = \"taak\"";
    finds(
        "S-454",
        "[[grondslag]]\nnaam = \"taak\"",
        basis,
        "naam = \"rust\"",
    );
    let idle = SMALL.replace("ontvangers = [\"buur\"]", "");
    let register = Register::parse(&idle).expect("a warning does not stop a start");
    assert_eq!(register.findings()[0].level, Level::Warning);
}

#[test]
fn texts() {
    finds(
        "S-501",
        "titel = { nl = \"Lezen\" }",
        "titel = {}",
        "titel = {}",
    );
    finds(
        "S-501",
        "titel = { nl = \"Lezen\" }",
        "titel = { nl = \" \" }",
        "titel = { nl = \" \" }",
    );
    finds(
        "S-551",
        "titel = { nl = \"Lezen\" }",
        "titel = { nl = \"Lezen\", en = \"Reading\" }",
        "titel = { nl = \"Lezen\"",
    );
    let findings = broken("talen = [\"nl\"]", "talen = [\"nl\", \"en\"]");
    // Each text there is, is asked for in English.
    assert_eq!(
        findings
            .iter()
            .filter(|finding| finding.code == "S-501")
            .count(),
        SMALL.matches("{ nl = ").count(),
        "{findings:?}"
    );
}

#[test]
fn more_than_128_categories_do_not_start() {
    let many = |count: usize| -> String {
        let more = (2..count).map(|at| {
            format!(
                "[[gegeven]]\nnaam = \"meer-{at}\"\ntitel = {{ nl = \"Meer\" }}\nklasse = \"gewoon\"\n\
                 bewaartermijn = {{ termijn = \"P2Y\", vanaf = \"vastlegging\", bron = \"bandbreedte\", reden = {{ nl = \"Daarom\" }} }}\n"
            )
        });
        SMALL.to_owned() + &more.collect::<String>()
    };
    let full = Register::parse(&many(128)).expect("128 fit");
    assert_eq!(full.category("meer-127").map(CategoryId::index), Some(127));
    let findings = Register::parse(&many(129)).expect_err("129 do not");
    let over: Vec<_> = findings
        .iter()
        .filter(|finding| finding.code == "S-106")
        .collect();
    assert_eq!(over.len(), 1);
    assert_eq!(
        over[0].line,
        Some(
            many(129)
                .find("naam = \"meer-128\"")
                .map(|at| many(129)[..at].matches('\n').count() + 1)
                .unwrap()
        )
    );
}
