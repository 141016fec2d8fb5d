//! What overshoots: texts that ask for a script, promises that the program does not carry out, terms beyond the law or any calendar.

use super::{SMALL, broken, finds};
use crate::{Finding, check};

const MIJNCN: &str = include_str!("../../../../statements/mijncn.toml");
const TOESLAGEN: &str = include_str!("../../../../statements/toeslagen.toml");

/// `[wijziging]` with this text.
fn change(text: &str) -> String {
    format!(
        "[wijziging]\nuitleg = {{ nl = \"{text}\" }}\ningang = \"bij-publicatie\"\n[[maatregel]]"
    )
}

#[test]
fn l_21_a_text_that_asks_for_a_script_is_found_wherever_it_stands() {
    for text in [
        "U moet Javascript activeren.",
        "Zet JavaScript aan.",
        "Voor deze pagina is JavaScript nodig.",
        "Gebruik deze knop. Uw browser moet een script kunnen uitvoeren.",
        "Zonder JavaScript werkt deze site niet.",
        "You need to enable JavaScript.",
        "Without JavaScript you cannot log in.",
        "Bo mester aktivá JavaScript.",
    ] {
        finds("S-761", "[[maatregel]]", &change(text), text);
        let findings = broken("[[maatregel]]", &change(text));
        assert_eq!(findings[0].about, "wijziging", "{text}");
    }
    for text in [
        "Alles werkt zonder JavaScript.",
        "U hebt geen JavaScript nodig.",
        "U hoeft JavaScript niet aan te zetten.",
        "U moet inloggen. Alles werkt zonder JavaScript.",
        "Everything works without JavaScript.",
        "Elke wijziging is beschreven.",
    ] {
        assert_eq!(broken("[[maatregel]]", &change(text)), [], "{text}");
    }
    let right = "uitleg = { nl = \"Activeer eerst JavaScript.\" }\nsoort = \"inzage\"";
    finds(
        "S-761",
        "soort = \"inzage\"",
        right,
        "uitleg = { nl = \"Activeer",
    );
    assert_eq!(broken("soort = \"inzage\"", right)[0].about, "recht zien");
}

#[test]
fn what_the_program_does_not_carry_out_is_not_promised() {
    let question = |more: &str| {
        format!("[terugkoppeling]\nvraag = {{ nl = \"Duidelijk?\" }}\n{more}[[maatregel]]")
    };
    let at = "[terugkoppeling]";
    finds("S-766", "[[maatregel]]", &question("hoogstens = 0\n"), at);
    let named = question("hoogstens = 250\nidentificatie = true\n");
    finds("S-767", "[[maatregel]]", &named, at);
    let plain = question("hoogstens = 250\nidentificatie = false\n");
    assert_eq!(broken("[[maatregel]]", &plain), []);
    let notice = |more: &str| {
        format!(
            "[notificatie]\ntoken = \"nummer\"\nuitleg = {{ nl = \"Er is post\" }}\n{more}[[maatregel]]"
        )
    };
    let telling = notice("inhoud = true\n");
    finds("S-768", "[[maatregel]]", &telling, "[notificatie]");
    assert_eq!(broken("[[maatregel]]", &notice("")), []);
}

fn stops(findings: &[Finding]) -> Vec<(&'static str, &str)> {
    let errors = findings.iter().filter(|one| one.stops());
    errors.map(|one| (one.code, &*one.about)).collect()
}

/// AVG art. 12(3): a month, and two more once. The act of the islands: four weeks, and four more.
#[test]
fn a_right_is_decided_within_the_term_of_the_law_that_gives_it() {
    let changed = |file: &str, key: &str, from: &str, to: &str| {
        let start = file.find("soort = \"inzage\"").expect("a right of access");
        let (before, rest) = file.split_at(start);
        let from = format!("{key} = \"{from}\"");
        assert!(rest.contains(&from));
        let rest = rest.replacen(&from, &format!("{key} = \"{to}\""), 1);
        check(&format!("{before}{rest}"), None)
    };
    for (file, key, from, over, within) in [
        (TOESLAGEN, "termijn", "P1M", "P5Y", "P28D"),
        (TOESLAGEN, "termijn", "P1M", "P32D", "P1M"),
        (TOESLAGEN, "verlenging", "P2M", "P9Y", "P1M"),
        (MIJNCN, "termijn", "P28D", "P1M", "P4W"),
        (MIJNCN, "verlenging", "P28D", "P2M", "P14D"),
    ] {
        let findings = changed(file, key, from, over);
        let about = findings.iter().find(|one| one.code == "S-716");
        let about = about.map_or("", |one| &*one.about);
        assert!(about.starts_with("recht "), "{key} {over}: {findings:?}");
        assert_eq!(stops(&findings), [("S-716", about)]);
        assert_eq!(stops(&changed(file, key, from, within)), [], "{within}");
    }
}

#[test]
fn a_term_that_no_calendar_reaches_is_refused() {
    for term in ["P999999Y", "P1001Y", "P999999M", "P400000D"] {
        let put = format!("termijn = \"{term}\"");
        let findings = broken("termijn = \"P5Y\"", &put);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].code, "S-302");
        assert!(
            findings[0].text.contains("longer than a thousand years"),
            "{term}: {}",
            findings[0]
        );
    }
    let without_band = SMALL.replace("[bewaarband]\nkortste = \"P18M\"\nlangste = \"P5Y\"\n", "");
    let long = without_band
        .replace("bron = \"bandbreedte\"", "bron = \"wet\"")
        .replace("termijn = \"P5Y\"", "termijn = \"P1000Y\"");
    assert_eq!(check(&long, None), []);
}
