//! What the law guards and the statement keeps to some, and what is kept on purpose.

use super::{SMALL, broken, finds};
use crate::{Known, KnownColumn, Level, Register, check};

#[test]
fn dt_14_guarded_data_names_what_allows_it() {
    finds(
        "S-770",
        "voorwaarden = [{ rechtsbron = \"wet\" }]\n",
        "",
        "naam = \"nummer\"",
    );
    let allowed = "klasse = \"bijzonder\"\nvoorwaarden = [{ rechtsbron = \"wet\" }]";
    finds("S-771", "klasse = \"gewoon\"", allowed, "naam = \"lezen\"");
    let both = SMALL.replace("klasse = \"gewoon\"", allowed).replace(
        "ontvangers = [\"buur\"]",
        "ontvangers = [\"buur\"]\nvoorwaarden = [{ rechtsbron = \"wet\", artikel = \"9 lid 2\" }]",
    );
    assert_eq!(check(&both, None), []);
}

#[test]
fn what_is_kept_to_some_is_not_used_by_others() {
    let at = "naam = \"lezen\"";
    let more = |key: &str| format!("klasse = \"gewoon\"\n{key}");
    finds(
        "S-772",
        "klasse = \"gewoon\"",
        &more("alleen-rollen = [\"systeem\"]"),
        at,
    );
    let allowed = more("alleen-rollen = [\"betrokkene\"]\nalleen-doelen = [\"proeven\"]");
    assert_eq!(broken("klasse = \"gewoon\"", &allowed), []);
    let purpose = "[[doel]]\nnaam = \"rusten\"\ntitel = { nl = \"Rusten\" }\nsoort = \"primair\"\nonderdeel-van = \"proeven\"\n[[betrokkene]]";
    let file = SMALL
        .replace("[[betrokkene]]", purpose)
        .replace("klasse = \"gewoon\"", &more("alleen-doelen = [\"rusten\"]"));
    let codes: Vec<_> = check(&file, None).iter().map(|one| one.code).collect();
    assert_eq!(codes, ["S-451", "S-773"]);
    finds(
        "S-775",
        "soort = \"primair\"",
        "soort = \"primair\"\nalleen-gegevens = [\"nummer\"]",
        at,
    );
}

#[test]
fn dt_95_dt_96_data_serves_another_purpose_only_when_that_is_declared_to_fit() {
    let purpose = "[[doel]]\nnaam = \"toezicht\"\ntitel = { nl = \"Toezicht\" }\nsoort = \"primair\"\n[[betrokkene]]";
    let file = SMALL
        .replace("[[betrokkene]]", purpose)
        .replace(
            "klasse = \"gewoon\"",
            "klasse = \"gewoon\"\nalleen-doelen = [\"proeven\"]",
        )
        .replace(
            "rollen = [\"betrokkene\"]",
            "ook-voor = [\"toezicht\"]\nrollen = [\"betrokkene\"]",
        );
    let codes: Vec<_> = check(&file, None).iter().map(|one| one.code).collect();
    assert_eq!(codes, ["S-773"]);
    assert!(Register::parse(&file).is_err());
    let fits = |data: &str| {
        format!(
            "[[verenigbaar-gebruik]]\nvan = \"proeven\"\nnaar = \"toezicht\"\n{data}reden = {{ nl = \"Past\" }}\n[[betrokkene]]"
        )
    };
    for data in ["", "gegevens = [\"bericht\"]\n"] {
        let fitting = file.replace("[[betrokkene]]", &fits(data));
        assert_eq!(check(&fitting, None), []);
    }
    let other = file.replace("[[betrokkene]]", &fits("gegevens = [\"nummer\"]\n"));
    assert_eq!(check(&other, None)[0].code, "S-773");
}

#[test]
fn category_and_source_say_the_same() {
    let from = "klasse = \"gewoon\"\nbronnen = [\"mens-zelf\"]";
    assert_eq!(broken("klasse = \"gewoon\"", from), []);
    let number = "klasse = \"identificatie\"\nbronnen = [\"mens-zelf\"]";
    finds(
        "S-747",
        "klasse = \"identificatie\"",
        number,
        "naam = \"nummer\"",
    );
    let second = "[[bron]]\nnaam = \"ander\"\ntitel = { nl = \"Ander\" }\nsoort = \"openbaar\"\ngegevens = [\"bericht\"]\n[[adres]]";
    let file = SMALL
        .replace("klasse = \"gewoon\"", from)
        .replace("[[adres]]", second);
    assert_eq!(check(&file, None)[0].code, "S-747");
}

#[test]
fn nothing_comes_back_to_itself() {
    finds(
        "S-214",
        "titel = \"Proefwet\"",
        "titel = \"Proefwet\"\ngebaseerd-op = \"wet\"",
        "naam = \"wet\"",
    );
    let purposes = "soort = \"primair\"\nonderdeel-van = \"b\"\n[[doel]]\nnaam = \"b\"\ntitel = { nl = \"B\" }\n\
        soort = \"primair\"\nonderdeel-van = \"proeven\"";
    let codes: Vec<_> = broken("soort = \"primair\"", purposes)
        .iter()
        .map(|one| one.code)
        .collect();
    assert_eq!(codes, ["S-214", "S-214"]);
    let derived = "klasse = \"gewoon\"\nafgeleid-van = [\"nummer\"]";
    assert_eq!(broken("klasse = \"gewoon\"", derived), []);
}

#[test]
fn mo_21_of_some_people_no_more_than_is_listed() {
    let file = SMALL
        .replace(
            "titel = { nl = \"Mens\" }",
            "titel = { nl = \"Mens\" }\nalleen-gegevens = [\"nummer\"]",
        )
        .replace(
            "kanalen = [\"website\"]",
            "betrokkenen = [\"mens\"]\nkanalen = [\"website\"]",
        );
    let findings = check(&file, None);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(
        (findings[0].code, &*findings[0].about),
        ("S-774", "activiteit lezen")
    );
    assert!(Register::parse(&file).is_err());
}

#[test]
fn mo_63_a_recipient_outside_the_allowed_countries_does_not_start() {
    let (home, far) = ("land = \"NL\"", "land = \"US\"");
    finds("S-706", home, far, "naam = \"buur\"");
    assert!(Register::parse(&SMALL.replace(home, far)).is_err());
    assert_eq!(broken(home, "land = \"BE\""), []);
    let third = "[[derde]]\nnaam = \"winkel\"\ntitel = { nl = \"Winkel\" }\nsoort = \"onderdeel\"\nuitleg = { nl = \"App\" }\n[inloggen]";
    finds("S-707", "[inloggen]", third, "naam = \"winkel\"");
}

#[test]
fn mo_62_data_lies_where_it_may() {
    finds(
        "S-708",
        "opslaglocatie = \"NL\"",
        "opslaglocatie = \"BQ\"",
        "naam = \"proef\"",
    );
}

#[test]
fn a_processor_without_an_agreement_is_warned_of() {
    let processor = "[[verwerker]]\nnaam = \"hulp\"\ntitel = { nl = \"Hulp\" }\ntaak = { nl = \"Helpt\" }\nland = \"NL\"\n[inloggen]";
    finds("S-776", "[inloggen]", processor, "naam = \"hulp\"");
    let backwards = processor.replace(
        "[inloggen]",
        "overeenkomst = { datum = 2026-02-01, kenmerk = \"H\", tot = 2026-01-01 }\n[inloggen]",
    );
    finds("S-777", "[inloggen]", &backwards, "overeenkomst");
}

#[test]
fn dt_57_no_automated_decision_by_profiling() {
    let decision = |more: &str| {
        format!(
            "[[automatisch-besluit]]\nnaam = \"boete\"\ntitel = {{ nl = \"Boete\" }}\nuitleg = {{ nl = \"Zo\" }}\ngrondslag = \"taak\"\n{more}[[activiteit]]"
        )
    };
    finds("S-753", "[[activiteit]]", &decision(""), "naam = \"boete\"");
    let fed = decision(
        "bezwaar = true\nprofileringen = [\"kans\"]\n[[profilering]]\nnaam = \"kans\"\ntitel = { nl = \"Kans\" }\n\
         doel = \"proeven\"\nmens-beslist = true\nuitleg = { nl = \"Zo\" }\n",
    );
    finds("S-750", "[[activiteit]]", &fed, "naam = \"boete\"");
    let alone = fed
        .replace("mens-beslist = true\n", "")
        .replace("profileringen = [\"kans\"]\n", "");
    finds("S-751", "[[activiteit]]", &alone, "naam = \"kans\"");
    finds(
        "S-752",
        "kanalen = [\"website\"]",
        "kanalen = [\"website\"]\nwijze = \"automatisch\"\nprofilering = true",
        "naam = \"lezen\"",
    );
}

const KEPT: &str = "[[erkend]]\ncode = \"S-602\"\nover = \"functionaris\"\nreden = \"Er is er geen genoemd.\"\n[[activiteit]]";

#[test]
fn what_is_acknowledged_starts_and_shows_its_reason() {
    let file = SMALL
        .replace(
            "[functionaris]\nnaam = \"De oplettende\"\nadressen = [\"post\"]\n",
            "",
        )
        .replace("[[activiteit]]", KEPT);
    let register = Register::parse(&file).expect("it is kept on purpose");
    let [finding] = register.findings() else {
        panic!("{:?}", register.findings())
    };
    assert_eq!((finding.code, finding.level), ("S-602", Level::Error));
    assert_eq!(
        finding.acknowledged.as_deref(),
        Some("Er is er geen genoemd.")
    );
    assert!(
        finding
            .to_string()
            .ends_with("[acknowledged: Er is er geen genoemd.]")
    );
}

#[test]
fn an_acknowledgement_that_meets_nothing_is_itself_a_finding() {
    finds("S-552", "[[activiteit]]", KEPT, "[[erkend]]");
    // It is about something else.
    let other = KEPT.replace("over = \"functionaris\"", "over = \"toezichthouder\"");
    let file = SMALL
        .replace(
            "[functionaris]\nnaam = \"De oplettende\"\nadressen = [\"post\"]\n",
            "",
        )
        .replace("[[activiteit]]", &other);
    let codes: Vec<_> = check(&file, None).iter().map(|one| one.code).collect();
    assert_eq!(codes, ["S-602", "S-552"]);
}

#[test]
fn what_hangs_in_the_air_cannot_be_kept_on_purpose() {
    let kept = KEPT
        .replace("S-602", "S-305")
        .replace("over = \"functionaris\"\n", "");
    let file = SMALL
        .replace("hoogstens = \"PT8H\"", "hoogstens = \"PT10M\"")
        .replace("[[activiteit]]", &kept);
    let codes: Vec<_> = check(&file, None).iter().map(|one| one.code).collect();
    assert_eq!(codes, ["S-305", "S-552"]);
    assert!(Register::parse(&file).is_err());
}

#[test]
fn what_the_program_cannot_do_is_listed_and_starts() {
    let column = |column: &str, category: &str| KnownColumn {
        column: column.into(),
        category: (category != "nummer").then(|| category.into()),
    };
    let known = Known {
        activities: vec!["lezen"],
        columns: vec![column("a.number", "nummer"), column("a.letter", "bericht")],
        ..Known::default()
    };
    assert_eq!(check(SMALL, Some(&known)), []);
    let other = Known {
        activities: vec!["schrijven"],
        columns: vec![column("a.number", "nummer"), column("a.photo", "foto")],
        ..Known::default()
    };
    let findings = check(SMALL, Some(&other));
    let seen: Vec<_> = findings.iter().map(|one| (one.code, &*one.about)).collect();
    assert_eq!(
        seen,
        [
            ("S-783", "gegeven foto"),
            ("S-782", "gegeven bericht"),
            ("S-781", "activiteit lezen")
        ]
    );
    assert!(findings.iter().all(|one| one.level == Level::Note));
    assert!(findings[0].text.contains("a.photo"));
}
