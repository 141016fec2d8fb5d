//! How far a rule looks: at every citation, at everybody who is told something, at every use of data.

use super::{SMALL, broken};
use crate::{Finding, Level, check};

const MIJNOVERHEID: &str = include_str!("../../../../statements/mijnoverheid.toml");

fn seen(findings: &[Finding]) -> Vec<(&'static str, &str)> {
    findings.iter().map(|one| (one.code, &*one.about)).collect()
}

/// SMALL with a law that has been replaced.
fn with_old_law() -> String {
    let old = "[[rechtsbron]]\nnaam = \"oud\"\ntitel = \"Oude wet\"\nvindplaats = \"Stb. 1988, 1\"\n\
        link = \"https://example.org/oud\"\nvervangen-door = \"Proefwet\"\n[[grondslag]]";
    SMALL.replace("[[grondslag]]", old)
}

/// Wherever a law is cited that has been replaced, not only by a measure or a basis.
#[test]
fn l_17_a_law_that_has_been_replaced_is_found_wherever_it_is_cited() {
    let decision = "[[automatisch-besluit]]\nnaam = \"boete\"\ntitel = { nl = \"Boete\" }\nuitleg = { nl = \"Zo\" }\n\
        grondslag = \"taak\"\nbezwaar = true\nrechtsbron = \"oud\"\n[[activiteit]]";
    let ground = "[[grond]]\nnaam = \"fout\"\ntitel = { nl = \"Fout\" }\nrechtsbron = \"oud\"\n[klachtroute]";
    for (about, passage, instead) in [
        ("maatregel slot", "normen = [\"wet\"]", "normen = [\"oud\"]"),
        (
            "grondslag taak",
            "rechtsbronnen = [\"wet\"]",
            "rechtsbronnen = [\"wet\", \"oud\"]",
        ),
        (
            "bewaarband",
            "langste = \"P5Y\"",
            "langste = \"P5Y\"\nrechtsbron = \"oud\"",
        ),
        (
            "recht zien",
            "soort = \"inzage\"",
            "soort = \"inzage\"\nrechtsbron = \"oud\"",
        ),
        ("grond fout", "[klachtroute]", ground),
        (
            "gegeven bericht",
            "\"ontvangst\", bron = \"wet\"",
            "\"ontvangst\", bron = \"oud\"",
        ),
        (
            "gegeven bericht",
            "\"ontvangst\", bron",
            "\"ontvangst\", selectielijst = \"oud\", bron",
        ),
        (
            "bron mens-zelf",
            "gegevens = [\"bericht\"]",
            "gegevens = [\"bericht\"]\nrechtsbron = \"oud\"",
        ),
        (
            "gegeven nummer",
            "voorwaarden = [{ rechtsbron = \"wet\" }]",
            "voorwaarden = [{ rechtsbron = \"oud\" }]",
        ),
        (
            "activiteit lezen",
            "ontvangers = [\"buur\"]",
            "ontvangers = [\"buur\"]\nvoorwaarden = [{ rechtsbron = \"oud\" }]",
        ),
        ("automatisch-besluit boete", "[[activiteit]]", decision),
        (
            "rechtsbron wet",
            "titel = \"Proefwet\"",
            "titel = \"Proefwet\"\ngebaseerd-op = \"oud\"",
        ),
    ] {
        let file = with_old_law();
        assert_eq!(file.matches(passage).count(), 1, "{passage}");
        let findings = check(&file.replace(passage, instead), None);
        assert_eq!(seen(&findings), [("S-710", about)], "{findings:#?}");
        assert!(findings[0].stops());
    }
}

fn bank(kind: &str, more: &str) -> String {
    format!(
        "[[bron]]\nnaam = \"bank\"\ntitel = {{ nl = \"Bank\" }}\nsoort = \"{kind}\"\ngegevens = [\"bericht\"]\n{more}\n[[adres]]"
    )
}

/// Who sells data, or has it for everyone to see, hears no more than a number either.
#[test]
fn l_15_no_source_but_the_person_and_the_service_is_told_more_than_a_number() {
    let told = "land = \"NL\"\nbevraging = [\"nummer\", \"bericht\"]";
    for kind in ["organisatie", "gekocht", "openbaar"] {
        let findings = broken("[[adres]]", &bank(kind, told));
        let errors: Vec<_> = findings.iter().filter(|one| one.stops()).collect();
        assert_eq!(errors.len(), 1, "{findings:#?}");
        assert_eq!(
            (errors[0].code, &*errors[0].about),
            ("S-743", "bron bank"),
            "{kind}"
        );
    }
    for kind in ["betrokkene", "dienst"] {
        let findings = broken("[[adres]]", &bank(kind, told));
        assert!(!findings.iter().any(Finding::stops), "{findings:#?}");
    }
}

/// Whoever is told something about a person gets data, whatever table they stand in.
#[test]
fn mo_63_whoever_is_told_something_is_in_a_country_that_is_named() {
    let told = |land: &str| {
        let more = format!("{land}bevraging = [\"nummer\"]");
        let findings = broken("[[adres]]", &bank("organisatie", &more));
        let errors = findings.into_iter().filter(Finding::stops);
        errors.map(|one| (one.code, one.about)).collect::<Vec<_>>()
    };
    let about = || "bron bank".to_owned();
    assert_eq!(told("land = \"US\"\n"), [("S-706", about())]);
    assert_eq!(told(""), [("S-707", about())]);
    assert_eq!(told("land = \"DE\"\n"), []);
    // Who is asked nothing hears nothing.
    let silent = broken("[[adres]]", &bank("organisatie", "land = \"US\""));
    assert!(!silent.iter().any(Finding::stops), "{silent:#?}");
    // Who gets data says where it is, where it is promised how far data goes.
    let unnamed = broken("land = \"NL\"\n", "");
    assert_eq!(seen(&unnamed), [("S-707", "ontvanger buur")]);
    let processor = "[[verwerker]]\nnaam = \"hulp\"\ntitel = { nl = \"Hulp\" }\ntaak = { nl = \"Helpt\" }\n\
        overeenkomst = { datum = 2026-01-01, kenmerk = \"H-1\" }\n[inloggen]";
    let unnamed = broken("[inloggen]", processor);
    assert_eq!(seen(&unnamed), [("S-707", "verwerker hulp")]);
}

/// What goes into the statistics is what the purpose allows, and what their categories may be used for.
#[test]
fn statistics_and_profiling_keep_to_their_purpose() {
    let statistics = "[statistiek]\ndoel = \"statistiek\"\ngegevens = [";
    assert_eq!(MIJNOVERHEID.matches(statistics).count(), 1);
    let more = MIJNOVERHEID.replace(statistics, &format!("{statistics}\"bericht\", "));
    let findings = check(&more, None);
    let stops: Vec<_> = findings.iter().filter(|one| one.stops()).collect();
    assert_eq!(stops.len(), 1, "{stops:#?}");
    assert_eq!((stops[0].code, &*stops[0].about), ("S-775", "statistiek"));

    let profiling = "[[profilering]]\nnaam = \"kans\"\ntitel = { nl = \"Kans\" }\ndoel = \"proeven\"\n\
        gegevens = [\"bericht\"]\nmens-beslist = true\nuitleg = { nl = \"Zo\" }\n[[activiteit]]";
    let file = SMALL.replace("[[activiteit]]", profiling);
    assert_eq!(check(&file, None), []);
    let rest = "[[doel]]\nnaam = \"rusten\"\ntitel = { nl = \"Rusten\" }\nsoort = \"primair\"\nonderdeel-van = \"proeven\"\n[[betrokkene]]";
    let other = file
        .replace("[[betrokkene]]", rest)
        .replace("leest = [\"nummer\", \"bericht\"]", "leest = [\"nummer\"]")
        .replace(
            "klasse = \"gewoon\"",
            "klasse = \"gewoon\"\nnoodzaak = { nl = \"Daarom\" }\nalleen-doelen = [\"rusten\"]",
        );
    let findings = check(&other, None);
    assert!(
        seen(&findings).contains(&("S-773", "profilering kans")),
        "{findings:#?}"
    );
    let narrow = file.replace(
        "soort = \"primair\"",
        "soort = \"primair\"\nalleen-gegevens = [\"nummer\"]",
    );
    let findings = check(&narrow, None);
    assert!(
        seen(&findings).contains(&("S-775", "profilering kans")),
        "{findings:#?}"
    );
}

/// A category that names no source comes from the person, or comes about here: nobody else gives it.
#[test]
fn a_category_without_sources_is_given_by_nobody_else() {
    let findings = broken("[[adres]]", &bank("gekocht", "land = \"NL\""));
    assert_eq!(seen(&findings), [("S-747", "gegeven bericht")]);
    assert_eq!(findings[0].level, Level::Warning);
    assert!(findings[0].text.contains("bron bank gives bericht"));
    // The person gives it, as the small file has it.
    assert_eq!(check(SMALL, None), []);
}
