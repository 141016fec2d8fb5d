//! The incoherences that published statements really have (L-1 to L-21), each found by a rule: in the small statement
//! it is not, and with one passage changed it is.

use super::{SMALL, broken, finds};
use crate::Level;

/// The passage, with this before it.
#[track_caller]
fn before(code: &str, passage: &str, put: &str, at: &str) {
    finds(code, passage, &format!("{put}{passage}"), at);
}

/// What the check says of a changed file, by code and what it is about.
fn told(passage: &str, instead: &str) -> Vec<(&'static str, String)> {
    let findings = broken(passage, instead).into_iter();
    findings.map(|one| (one.code, one.about)).collect()
}

#[test]
fn l_1_data_is_shown_that_is_not_declared() {
    before(
        "S-701",
        "leest = [\"nummer\", \"bericht\"]",
        "toont = [\"nummer\", \"gebruikersnaam\"]\n",
        "naam = \"lezen\"",
    );
    let shown = "toont = [\"nummer\", \"bericht\"]\nleest = [\"nummer\", \"bericht\"]";
    assert_eq!(told("leest = [\"nummer\", \"bericht\"]", shown), []);
}

#[test]
fn l_2_data_is_shown_and_edited_that_is_not_declared() {
    let shown = "toont = [\"gebruikersnaam\", \"e-mailadres\"]\nleest = [\"nummer\", \"bericht\"]";
    let about = || ("S-701", "activiteit lezen".to_owned());
    assert_eq!(
        told("leest = [\"nummer\", \"bericht\"]", shown),
        [about(), about()]
    );
    let edited = "leest = [\"nummer\", \"bericht\"]\nschrijft = [\"e-mailadres\"]";
    let findings = broken("leest = [\"nummer\", \"bericht\"]", edited);
    assert_eq!(findings[0].code, "S-201");
}

const PROCESSOR: &str = "[[verwerker]]\nnaam = \"hulp\"\ntitel = { nl = \"Hulp\" }\ntaak = { nl = \"Helpt\" }\n\
    land = \"NL\"\novereenkomst = { datum = 2026-01-01, kenmerk = \"H-1\" }\n";

#[test]
fn l_3_a_processor_gets_data_that_is_not_declared() {
    let gets = |data: &str| format!("{PROCESSOR}gegevens = [{data}]\n");
    before(
        "S-702",
        "[inloggen]",
        &gets("\"nummer\", \"helpdeskcontact\""),
        "naam = \"hulp\"",
    );
    let declared = format!("{}[inloggen]", gets("\"nummer\""));
    assert_eq!(told("[inloggen]", &declared), []);
}

#[test]
fn l_4_tokens_are_used_that_are_not_declared() {
    let push = |token: &str| {
        format!("[notificatie]\ntoken = \"{token}\"\nuitleg = {{ nl = \"Er is post\" }}\n")
    };
    before(
        "S-703",
        "[[maatregel]]",
        &push("notificatietoken"),
        "[notificatie]",
    );
    let declared = format!("{}[[maatregel]]", push("nummer"));
    assert_eq!(told("[[maatregel]]", &declared), []);
    let copy = "[[lokale-opslag]]\nnaam = \"kopie\"\ntitel = { nl = \"Kopie\" }\ngegevens = [\"bericht\"]\n\
        sleutel = \"encryptietoken\"\ntot = { nl = \"Tot u de app verwijdert\" }\n";
    before("S-703", "[[ontvanger]]", copy, "naam = \"kopie\"");
}

#[test]
fn l_5_a_purpose_has_no_data() {
    let purpose =
        "[[doel]]\nnaam = \"klachten\"\ntitel = { nl = \"Klachten\" }\nsoort = \"primair\"\n";
    before("S-451", "[[betrokkene]]", purpose, "naam = \"klachten\"");
}

const ABROAD: &str = "[[derde]]\nnaam = \"winkel\"\ntitel = { nl = \"Winkel\" }\nsoort = \"onderdeel\"\n\
    uitleg = { nl = \"Levert de app\" }\n";
const TRANSFER: &str = "[doorgifte]\nlanden = [\"EU\"]\nuitleg = { nl = \"Blijft hier\" }\n";

#[test]
fn l_6_parties_abroad_and_not_a_word_on_transfer() {
    let file = SMALL
        .replace(TRANSFER, "")
        .replace("[inloggen]", &format!("{ABROAD}[inloggen]"));
    let findings = crate::check(&file, None);
    let seen: Vec<_> = findings.iter().map(|one| (one.code, &*one.about)).collect();
    assert_eq!(seen, [("S-705", "doorgifte")], "{findings:?}");
}

#[test]
fn l_7_data_is_kept_longer_than_the_law_of_the_basis_lets() {
    finds(
        "S-709",
        "vindplaats = \"Stb. 2026, 1\"",
        "vindplaats = \"Stb. 2026, 1\"\nlangste-termijn = \"P4Y\"",
        "[bewaarband]",
    );
    let longer = "vindplaats = \"Stb. 2026, 1\"\nlangste-termijn = \"P5Y\"";
    assert_eq!(told("vindplaats = \"Stb. 2026, 1\"", longer), []);
}

const ACCESS: &str = "soort = \"inzage\"\ntermijn = \"P1M\"\nkanalen = [\"brief\"]\nadressen = [\"post\"]\n\
    identificatie = true\nweigering = { nl = \"Met reden\" }\n";

#[test]
fn l_8_a_right_has_no_term_no_way_no_identification_no_rule_of_refusal() {
    let right = || "recht zien".to_owned();
    assert_eq!(
        told(ACCESS, "soort = \"inzage\"\n"),
        ["S-711", "S-712", "S-713", "S-714"].map(|code| (code, right()))
    );
    let file = "soort = \"inzage\"\ntermijn = \"P1M\"\nkanalen = [\"brief\"]\nidentificatie = true\n\
        weigering = { nl = \"Met reden\" }\n";
    assert_eq!(told(ACCESS, file), [("S-712", right())]);
}

#[test]
fn l_9_a_cookie_holds_no_personal_data_and_does_not_say_what_it_holds() {
    finds(
        "S-720",
        "waarde = \"willekeurig\"\n",
        "",
        "naam = \"sessie\"\ntitel",
    );
}

#[test]
fn l_10_data_that_no_purpose_visibly_needs_says_why() {
    let put = "alleen-als = { nl = \"u een partner hebt\" }\nklasse = \"gewoon\"";
    finds("S-730", "klasse = \"gewoon\"", put, "naam = \"bericht\"");
    let why = format!("{put}\nnoodzaak = {{ nl = \"Zo schrijven wij uw naam goed\" }}");
    assert_eq!(told("klasse = \"gewoon\"", &why), []);
    // Nor does an activity use it.
    let idle = "leest = [\"nummer\"]";
    finds(
        "S-452",
        "leest = [\"nummer\", \"bericht\"]",
        idle,
        "naam = \"bericht\"",
    );
}

#[test]
fn l_11_data_goes_after_its_term_and_may_be_needed_longer() {
    let longer = "langer-nodig = [\"bericht\"]\nleest = [\"nummer\", \"bericht\"]";
    finds(
        "S-731",
        "leest = [\"nummer\", \"bericht\"]",
        longer,
        "bewaartermijn = { termijn = \"P5Y\"",
    );
    let hold = "[[opschorting]]\nnaam = \"klacht\"\ntitel = { nl = \"Klacht\" }\nbegint = { nl = \"Nu\" }\n\
        eindigt = { nl = \"Straks\" }\n[[ontvanger]]";
    let held = SMALL
        .replace("leest = [\"nummer\", \"bericht\"]", longer)
        .replace("[[ontvanger]]", hold)
        .replace(
            "bron = \"wet\",",
            "bron = \"wet\", opschorting = [\"klacht\"],",
        );
    assert_eq!(crate::check(&held, None), []);
}

#[test]
fn l_12_people_hear_of_more_breaches_than_the_law_asks() {
    let breach = |notice: &str| {
        format!("[datalek]\nuitleg = {{ nl = \"Lek\" }}\nbetrokkenen-horen = \"{notice}\"\n")
    };
    before(
        "S-740",
        "[[maatregel]]",
        &breach("gevoelige-gegevens"),
        "[datalek]",
    );
    let law = format!("{}[[maatregel]]", breach("hoog-risico"));
    assert_eq!(told("[[maatregel]]", &law), []);
}

#[test]
fn l_13_a_list_is_announced_and_is_not_there() {
    let notice = |rest: &str| {
        format!(
            "[[mededeling]]\nnaam = \"wetten\"\nonderdeel = \"rechten\"\ntekst = {{ nl = \"Deze wetten gelden:\" }}\n{rest}"
        )
    };
    let at = "naam = \"wetten\"";
    before("S-741", "[[activiteit]]", &notice(""), at);
    before(
        "S-741",
        "[[activiteit]]",
        &notice("lijst = \"besluiten\"\n"),
        at,
    );
    before(
        "S-741",
        "[[activiteit]]",
        &notice("lijst = \"rechtsbronnen\"\nwetten = [\"wet\"]\n"),
        at,
    );
    for list in ["lijst = \"rechtsbronnen\"\n", "wetten = [\"wet\"]\n"] {
        let listed = format!("{}[[activiteit]]", notice(list));
        assert_eq!(told("[[activiteit]]", &listed), []);
    }
}

#[test]
fn l_14_people_are_in_the_data_and_there_is_no_data_of_them() {
    let visitors = "[[betrokkene]]\nnaam = \"bezoekers\"\ntitel = { nl = \"Bezoekers\" }\n[[gegeven]]\nnaam = \"nummer\"";
    finds(
        "S-721",
        "[[gegeven]]\nnaam = \"nummer\"",
        visitors,
        "naam = \"bezoekers\"",
    );
}

#[test]
fn l_15_who_gives_data_and_is_no_recipient_is_told_no_more_than_a_number() {
    let source = |query: &str| {
        format!(
            "[[bron]]\nnaam = \"bank\"\ntitel = {{ nl = \"Bank\" }}\nsoort = \"organisatie\"\nland = \"NL\"\n\
             gegevens = [\"nummer\"]\nbevraging = [{query}]\n[[adres]]"
        )
    };
    let seen = told("[[adres]]", &source("\"nummer\", \"bericht\""));
    let note = ("S-745", "bron".to_owned());
    // The small category does not say where it comes from.
    let unsaid = ("S-747", "gegeven nummer".to_owned());
    let more = ("S-743", "bron bank".to_owned());
    assert_eq!(seen, [note.clone(), unsaid.clone(), more]);
    assert_eq!(told("[[adres]]", &source("\"nummer\"")), [note, unsaid]);
    // And who gets data without giving any does so on a ground.
    finds(
        "S-744",
        "gegevens = [\"nummer\"]\ngrondslag = \"taak\"",
        "gegevens = [\"nummer\"]",
        "naam = \"buur\"",
    );
}

#[test]
fn l_16_one_right_has_no_term_where_others_have() {
    finds("S-711", "termijn = \"P30D\"\n", "", "naam = \"beperken\"");
}

#[test]
fn l_17_a_norm_is_cited_that_has_been_replaced() {
    let norm = "[[rechtsbron]]\nnaam = \"oud\"\ntitel = \"Oude norm\"\nvindplaats = \"Stcrt. 2013, 1\"\n\
        link = \"https://example.org/oud\"\nvervangen-door = \"Nieuwe norm\"\n[[grondslag]]";
    let file = SMALL
        .replace("normen = [\"wet\"]", "normen = [\"oud\"]")
        .replace("[[grondslag]]", norm);
    let findings = crate::check(&file, None);
    let seen: Vec<_> = findings.iter().map(|one| (one.code, &*one.about)).collect();
    assert_eq!(seen, [("S-710", "maatregel slot")], "{findings:?}");
}

#[test]
fn l_18_nobody_is_told_what_the_law_says_they_must_be() {
    let without = |passage: &str| {
        let findings = broken(passage, "");
        let errors = findings.into_iter().filter(|one| one.level == Level::Error);
        errors.map(|one| (one.code, one.about)).collect::<Vec<_>>()
    };
    let controller = "[verantwoordelijke]\nnaam = \"De proefnemer\"\nadressen = [\"post\"]\n";
    assert_eq!(without(controller)[0].0, "S-110");
    for (passage, code, about) in [
        ("adressen = [\"post\"]\n[toez", "S-601", "verantwoordelijke"),
        (
            "[functionaris]\nnaam = \"De oplettende\"\nadressen = [\"post\"]\n",
            "S-602",
            "functionaris",
        ),
        ("adressen = [\"post\"]\n[inloggen]", "S-602", "functionaris"),
        (
            "[toezichthouder]\nnaam = \"De waakhond\"\n",
            "S-605",
            "klachtroute",
        ),
        (
            "[klachtroute]\nuitleg = { nl = \"Klaag maar\" }\ntoezichthouder = true\n",
            "S-605",
            "klachtroute",
        ),
        (TRANSFER, "S-604", "doorgifte"),
        ("verstrekking = \"verplicht\"\n", "S-611", "verstrekking"),
    ] {
        // What follows only finds the passage, and stays.
        let mut following = ["[toez", "[inloggen]"].into_iter();
        let instead = following.find(|next| passage.ends_with(next));
        let instead = instead.unwrap_or_default();
        assert_eq!(
            told(passage, instead),
            [(code, about.to_owned())],
            "{passage}"
        );
    }
    let source = "[[bron]]\nnaam = \"mens-zelf\"\ntitel = { nl = \"Uzelf\" }\nsoort = \"betrokkene\"\ngegevens = [\"bericht\"]\n";
    assert_eq!(without(source), [("S-608", "bron".to_owned())]);
    let measure = "[[maatregel]]\nnaam = \"slot\"\ntitel = { nl = \"Slot\" }\nsoort = \"fysiek\"\nnormen = [\"wet\"]\n";
    assert_eq!(without(measure), [("S-609", "maatregel".to_owned())]);
    assert_eq!(
        told("soort = \"bezwaar\"", "soort = \"vraag\""),
        [("S-606", "recht bezwaar".to_owned())]
    );
    let people = SMALL
        .replace(
            "[[betrokkene]]\nnaam = \"mens\"\ntitel = { nl = \"Mens\" }\n",
            "",
        )
        .replace("betrokkenen = [\"mens\"]\n", "");
    assert_eq!(crate::check(&people, None)[0].code, "S-607");
    let recipients = SMALL
        .replace("[[ontvanger]]\nnaam = \"buur\"\ntitel = { nl = \"Buur\" }\ngegevens = [\"nummer\"]\ngrondslag = \"taak\"\nland = \"NL\"\n", "")
        .replace("ontvangers = [\"buur\"]\n", "");
    assert_eq!(crate::check(&recipients, None)[0].code, "S-603");
    let consent = "[[grondslag]]\nnaam = \"ja\"\ntitel = { nl = \"Ja\" }\nsoort = \"toestemming\"\nrechtsbronnen = [\"wet\"]\n[[doel]]";
    let file = SMALL
        .replace("[[doel]]", consent)
        .replace("grondslag = \"taak\"\nrollen", "grondslag = \"ja\"\nrollen");
    assert_eq!(crate::check(&file, None)[0].code, "S-610");
}

#[test]
fn l_18_what_the_parent_says_need_not_be_said_again() {
    let parent = "[ouder]\norganisatie = \"Het grote geheel\"\ntitel = \"Grote verklaring\"\n\
        link = \"https://example.org\"\nonderdelen = [\"verantwoordelijke\"]\n[toezichthouder]";
    let file = SMALL
        .replace(
            "[functionaris]\nnaam = \"De oplettende\"\nadressen = [\"post\"]\n",
            "",
        )
        .replace("[toezichthouder]", parent);
    assert_eq!(crate::check(&file, None), []);
}

#[test]
fn l_19_only_one_kind_of_address_is_cut() {
    let statistics = |cut: &str| {
        format!(
            "[statistiek]\ndoel = \"proeven\"\ngegevens = [\"bericht\"]\nip-afkappen = {{ {cut} }}\n\
             uitleg = {{ nl = \"Wij tellen\" }}\n"
        )
    };
    before(
        "S-722",
        "[[maatregel]]",
        &statistics("ipv4-octetten = 2"),
        "ip-afkappen",
    );
    let both = statistics("ipv4-octetten = 2, ipv6-bits = 80");
    assert_eq!(told("[[maatregel]]", &format!("{both}[[maatregel]]")), []);
}

#[test]
fn l_20_a_parent_must_agree_where_nothing_is_done_on_consent() {
    let children = |more: &str| {
        format!("[kinderen]\njonger-dan = 16\nuitleg = {{ nl = \"Uw kind\" }}\n{more}")
    };
    before(
        "S-760",
        "[[maatregel]]",
        &children("toestemming-ouder = true\n"),
        "[kinderen]",
    );
    let law = format!("{}[[maatregel]]", children(""));
    assert_eq!(told("[[maatregel]]", &law), []);
}

#[test]
fn l_21_a_reader_would_need_a_script() {
    finds(
        "S-761",
        "naam = \"proef\"",
        "naam = \"proef\"\nvereist-script = true",
        "naam = \"proef\"",
    );
    let notice = "[[mededeling]]\nnaam = \"script\"\nonderdeel = \"contact\"\ntekst = { nl = \"Zet JavaScript aan.\" }\n";
    before("S-761", "[[activiteit]]", notice, "tekst = { nl = \"Zet");
}
