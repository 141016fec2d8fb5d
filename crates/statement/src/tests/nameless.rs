//! What is named and not there, and what stands for nothing: each broken once, and mended.

use super::{SMALL, broken, finds};
use crate::{Known, KnownColumn, Level, check};

/// Put before a passage, the first is exactly that finding at `at`, and the second is none.
#[track_caller]
fn breaks_and_mends(code: &str, passage: &str, put: [&str; 2], at: &str) {
    let [faulty, mended] = put.map(|put| format!("{put}{passage}"));
    finds(code, passage, &faulty, at);
    assert_eq!(broken(passage, &mended), []);
}

#[test]
fn a_name_that_is_declared_nowhere_is_refused_by_its_kind() {
    let klasse = "klasse = \"gewoon\"";
    let put = ["bronnen = [\"niemand\"]\n", "bronnen = [\"mens-zelf\"]\n"];
    breaks_and_mends("S-209", klasse, put, "bronnen = [\"niemand\"]");
    let put = ["betrokkenen = [\"dier\"]\n", "betrokkenen = [\"mens\"]\n"];
    breaks_and_mends("S-210", klasse, put, "betrokkenen = [\"dier\"]");
    let processor = "[[verwerker]]\nnaam = \"hulp\"\ntitel = { nl = \"Hulp\" }\ntaak = { nl = \"Helpt\" }\nland = \"NL\"\n\
                     overeenkomst = { datum = 2026-01-01, kenmerk = \"H\" }\n";
    let role = |of: &str| {
        format!(
            "{processor}[[rol]]\nnaam = \"helper\"\ntitel = {{ nl = \"Helper\" }}\nverwerker = \"{of}\"\n"
        )
    };
    let put = [&*role("niemand"), &*role("hulp")];
    breaks_and_mends("S-211", "[inloggen]", put, "verwerker = \"niemand\"");
    let formulier = "kanalen = [\"formulier\"]\nidentificatie = true\nweigering = { nl = \"Met reden\" }\n[klachtroute]";
    let put = ["adressen = [\"nergens\"]\n", "adressen = [\"post\"]\n"];
    breaks_and_mends("S-212", formulier, put, "adressen = [\"nergens\"]");
}

#[test]
fn a_name_of_any_other_kind_that_is_declared_nowhere_is_refused() {
    let hold = "[[opschorting]]\nnaam = \"bezwaar-loopt\"\ntitel = { nl = \"Bezwaar\" }\n\
                begint = { nl = \"Bij bezwaar\" }\neindigt = { nl = \"Na de uitspraak\" }\n[klachtroute]";
    let file = |name: &str| {
        SMALL.replace("[klachtroute]", hold).replace(
            "bron = \"wet\",",
            &format!("bron = \"wet\", opschorting = [\"{name}\"],"),
        )
    };
    let findings = check(&file("niets"), None);
    let at = line_of(&file("niets"), "opschorting = [");
    assert_eq!(seen(&findings), [("S-213", Some(at))], "{findings:#?}");
    assert_eq!(check(&file("bezwaar-loopt"), None), []);
}

#[test]
fn a_right_that_people_use_themselves_has_an_activity() {
    let wissen = "naam = \"wissen\"\n";
    let with = |name: &str| format!("{wissen}zelf = \"{name}\"\n");
    finds("S-715", wissen, &with("weggooien"), "naam = \"wissen\"");
    assert_eq!(broken(wissen, &with("lezen")), []);
}

#[test]
fn a_number_of_people_makes_statistics_personal() {
    let statistics = |personal: bool| {
        format!(
            "[statistiek]\ndoel = \"proeven\"\ngegevens = [\"nummer\"]\npersoonsgegevens = {personal}\n\
             ip-afkappen = {{ ipv4-octetten = 2, ipv6-bits = 80 }}\nuitleg = {{ nl = \"Wij tellen\" }}\n"
        )
    };
    let put = [&*statistics(false), &*statistics(true)];
    breaks_and_mends("S-723", "[[maatregel]]", put, "[statistiek]");
}

#[test]
fn a_hold_or_hotspot_that_keeps_no_category_is_warned_of() {
    let hold = "[[opschorting]]\nnaam = \"loopt\"\ntitel = { nl = \"Loopt\" }\n\
                begint = { nl = \"Bij bezwaar\" }\neindigt = { nl = \"Na de uitspraak\" }\n[klachtroute]";
    let hotspot = "[[hotspot]]\nnaam = \"ramp\"\ntitel = { nl = \"Ramp\" }\nuitleg = { nl = \"Een ramp\" }\n\
                   bestemming = \"Nationaal Archief\"\n[klachtroute]";
    for (entry, at, named) in [
        (hold, "naam = \"loopt\"", "opschorting = [\"loopt\"]"),
        (hotspot, "naam = \"ramp\"", "hotspots = [\"ramp\"]"),
    ] {
        finds("S-732", "[klachtroute]", entry, at);
        let used = SMALL
            .replace("[klachtroute]", entry)
            .replace("bron = \"wet\",", &format!("bron = \"wet\", {named},"));
        assert_eq!(check(&used, None), []);
    }
}

#[test]
fn what_outlasts_the_number_by_which_it_is_found_is_warned_of() {
    let from = "termijn = \"P18M\", vanaf = \"vastlegging\"";
    let long = SMALL.replace(from, "termijn = \"P5Y\", vanaf = \"einde-account\"");
    assert_eq!(check(&long, None), []);
    let short = "termijn = \"P18M\", vanaf = \"einde-account\"";
    finds("S-734", from, short, "bewaartermijn = { termijn = \"P5Y\"");
    // How long a case takes nobody knows beforehand.
    let of_a_case = SMALL.replace(from, short);
    let of_a_case = of_a_case.replace("vanaf = \"ontvangst\"", "vanaf = \"einde-zaak\"");
    assert_eq!(check(&of_a_case, None), []);
}

#[test]
fn a_term_that_nobody_published_is_noted() {
    let own = SMALL.replace("bron = \"wet\",", "bron = \"eigen-keuze\",");
    let findings = check(&own, None);
    assert_eq!(seen(&findings), [("S-733", None)], "{findings:#?}");
    assert!(findings[0].text.contains("bericht") && !findings[0].text.contains("nummer"));
    assert_eq!(findings[0].level, Level::Note);
}

#[test]
fn a_recipient_that_gives_data_too_is_a_source() {
    let both = "naam = \"buur\"\nrichting = \"beide\"";
    finds("S-746", "naam = \"buur\"", both, "naam = \"buur\"");
    let source = "[[bron]]\nnaam = \"buur\"\ntitel = { nl = \"Buur\" }\nsoort = \"organisatie\"\ngegevens = [\"bericht\"]\n[[adres]]";
    let from = "klasse = \"gewoon\"\nbronnen = [\"mens-zelf\", \"buur\"]";
    let declared = SMALL
        .replace("naam = \"buur\"", both)
        .replace("klasse = \"gewoon\"", from)
        .replace("[[adres]]", source);
    assert_eq!(check(&declared, None), []);
}

#[test]
fn a_role_of_the_program_is_not_declared_again() {
    let role = |name: &str| format!("[[rol]]\nnaam = \"{name}\"\ntitel = {{ nl = \"Rol\" }}\n");
    let put = [&*role("systeem"), &*role("bode")];
    breaks_and_mends("S-778", "[inloggen]", put, "naam = \"systeem\"");
}

#[test]
fn a_limit_is_on_activities_that_are_there() {
    let limit = |name: &str| {
        format!(
            "[[grens]]\nnaam = \"rem\"\ntitel = {{ nl = \"Rem\" }}\nonderdeel = \"rechten\"\nactiviteiten = [\"{name}\"]\n"
        )
    };
    let put = [&*limit("schrijven"), &*limit("lezen")];
    breaks_and_mends("S-779", "[[activiteit]]", put, "naam = \"rem\"");
}

#[test]
fn a_role_that_nobody_can_act_in_yet_is_noted() {
    let column = |column: &str, category: Option<&str>| KnownColumn {
        column: column.into(),
        category: category.map(str::to_owned),
    };
    let known = Known {
        activities: vec!["lezen"],
        columns: vec![
            column("a.number", None),
            column("a.letter", Some("bericht")),
        ],
        by_staff: vec!["bezorgen"],
        ..Known::default()
    };
    let role = "[[rol]]\nnaam = \"bode\"\ntitel = { nl = \"Bode\" }\n[inloggen]";
    let file = SMALL.replace("[inloggen]", role);
    let findings = check(&file, Some(&known));
    let at = line_of(&file, "naam = \"bode\"");
    assert_eq!(seen(&findings), [("S-784", Some(at))], "{findings:#?}");
    assert_eq!(findings[0].level, Level::Note);
    assert_eq!(check(SMALL, Some(&known)), []);
    // Somebody acts in it by what staff do with this program.
    let known = Known {
        by_staff: vec!["lezen"],
        ..known
    };
    let file = file.replace(
        "rollen = [\"betrokkene\"]",
        "rollen = [\"betrokkene\", \"bode\"]",
    );
    assert_eq!(check(&file, Some(&known)), []);
}

fn seen(findings: &[crate::Finding]) -> Vec<(&'static str, Option<usize>)> {
    findings.iter().map(|one| (one.code, one.line)).collect()
}

fn line_of(file: &str, passage: &str) -> usize {
    let start = file.find(passage).expect("the passage is in the file");
    file[..start].matches('\n').count() + 1
}
