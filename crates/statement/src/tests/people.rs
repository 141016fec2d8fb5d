//! Whom an activity is about and who does it, in the shipped statements with one passage changed: the check stops it, and the gate
//! refuses it where somebody keeps it on purpose.

use crate::{Access, Hurdle, LOGGED, Register, Verdict};

const MIJNOVERHEID: &str = include_str!("../../../../statements/mijnoverheid.toml");
const MIJNCN: &str = include_str!("../../../../statements/mijncn.toml");
const TOESLAGEN: &str = include_str!("../../../../statements/toeslagen.toml");

/// The statement with one passage of one activity changed, which does not start for this one reason, about that activity; in force
/// all the same because that is acknowledged.
#[track_caller]
fn kept(file: &str, activity: &str, passage: &str, instead: &str, code: &str) -> Register {
    let (before, after) = file
        .split_once(&format!("naam = \"{activity}\""))
        .expect("it is there");
    let end = after.find("\n\n").unwrap_or(after.len());
    assert_eq!(after[..end].matches(passage).count(), 1, "{passage}");
    let changed = after[..end].replace(passage, instead);
    let file = format!("{before}naam = \"{activity}\"{changed}{}", &after[end..]);
    stops(&file, code, &format!("activiteit {activity}"))
}

#[track_caller]
fn stops(file: &str, code: &str, about: &str) -> Register {
    let findings = Register::parse(file).expect_err(code);
    let stops: Vec<_> = findings.iter().filter(|one| one.stops()).collect();
    let told: Vec<_> = stops.iter().map(|one| (one.code, &*one.about)).collect();
    assert_eq!(told, [(code, about)], "{stops:#?}");
    let reason = format!("\n[[erkend]]\ncode = \"{code}\"\nreden = \"Proef\"\n");
    Register::parse(&format!("{file}{reason}")).expect("it is kept on purpose")
}

#[track_caller]
fn refusal(register: &Register, activity: &str, role: &str, category: &str) -> Option<Hurdle> {
    let answer = |access| register.verdict(activity, role, category, access);
    let both = [Access::Reads, Access::Writes].map(answer);
    let refused = both.map(|verdict| match verdict.expect("all are declared") {
        Verdict::Refused { hurdle, .. } => Some(hurdle),
        Verdict::Allowed { .. } => None,
    });
    let [reads, writes] = refused;
    if reads == Some(Hurdle::NotListed) {
        writes
    } else {
        reads
    }
}

#[test]
fn mo_21_who_does_not_log_in_leaves_no_more_than_is_listed() {
    let listed = "schrijft = [\"ip-adres\", \"apparaatkenmerken\"]\nbetrokkenen = [\"bezoeker\"]";
    let more = "schrijft = [\"handelingen\", \"ip-adres\", \"apparaatkenmerken\"]";
    let register = kept(MIJNOVERHEID, "website-bezoeken", listed, more, "S-762");
    for category in ["handelingen", "ip-adres"] {
        let refused = refusal(&register, "website-bezoeken", "bezoeker", category);
        assert_eq!(refused, Some(Hurdle::NobodyNamed), "{category}");
    }
    // Of a visitor it says so whatever data it touches.
    let named = "betrokkenen = [\"gebruiker\"]\n";
    let silent = kept(MIJNOVERHEID, "sessie-herkennen", named, "", "S-762");
    let refused = refusal(&silent, "sessie-herkennen", "bezoeker", "inloghistorie");
    assert_eq!(refused, Some(Hurdle::NobodyNamed));
    // Who is not a visitor, but may be: nobody says whose addresses these are.
    let silent = kept(
        MIJNOVERHEID,
        "incident-onderzoeken",
        "betrokkenen = [\"gebruiker\", \"gemachtigde\"]\n",
        "",
        "S-762",
    );
    let refused = refusal(
        &silent,
        "incident-onderzoeken",
        "beveiligingsmedewerker",
        "account",
    );
    assert_eq!(refused, Some(Hurdle::NobodyNamed));
    // Whoever names visitors stays within what is listed of them.
    let named = listed.replace("[\"ip-adres\"", "[\"handelingen\", \"ip-adres\"");
    let text = MIJNOVERHEID.replace(listed, &named);
    let listed = stops(&text, "S-774", "activiteit website-bezoeken");
    let refused = refusal(&listed, "website-bezoeken", "bezoeker", "handelingen");
    assert_eq!(refused, Some(Hurdle::NotOfThesePeople));
    let refused = refusal(&listed, "website-bezoeken", "bezoeker", "ip-adres");
    assert_eq!(refused, None);
}

#[test]
fn dt_95_dt_96_a_use_that_is_declared_to_fit_is_one_that_the_gate_allows() {
    let register = Register::parse(TOESLAGEN).expect("a statement");
    let data = register.category("aanvraaggegevens");
    let mut categories = register.categories();
    let data = categories
        .find(|one| Some(one.id) == data)
        .expect("declared");
    assert_eq!(data.only_purposes, ["aanvragen"]);
    for (activity, role) in [
        ("dossiers-kiezen", "systeem"),
        ("dossier-beoordelen", "beoordelaar"),
    ] {
        assert_eq!(refusal(&register, activity, role, "aanvraaggegevens"), None);
    }
    let fits = "van = \"aanvragen\"\nnaar = \"toezicht\"\n";
    assert_eq!(TOESLAGEN.matches(fits).count(), 1);
    for instead in [
        "van = \"aanvragen\"\nnaar = \"fraude\"\n",
        "van = \"aanvragen\"\nnaar = \"toezicht\"\ngegevens = [\"inkomen\"]\n",
    ] {
        let text = TOESLAGEN.replace(fits, instead);
        let findings = Register::parse(&text).expect_err("nothing says that it fits");
        assert!(
            findings
                .iter()
                .any(|one| one.stops() && one.code == "S-773")
        );
        let reason = "\n[[erkend]]\ncode = \"S-773\"\nreden = \"Proef\"\n";
        let kept = Register::parse(&format!("{text}{reason}")).expect("it is kept on purpose");
        let refused = refusal(&kept, "dossiers-kiezen", "systeem", "aanvraaggegevens");
        assert_eq!(refused, Some(Hurdle::OtherPurposes));
    }
}

#[test]
fn dt_90_the_data_protection_officer_sees_what_was_done_and_no_content() {
    let (activity, officer) = ("toezicht-op-privacy", "functionaris-gegevensbescherming");
    let own = Register::parse(TOESLAGEN).expect("a statement");
    assert_eq!(refusal(&own, activity, officer, LOGGED), None);
    let log = "leest = [\"verwerkingslog\"]";
    for (instead, category) in [
        (
            "leest = [\"verwerkingslog\", \"toekenningsgegevens\"]",
            "toekenningsgegevens",
        ),
        ("leest = [\"gespreksopname\"]", "gespreksopname"),
        ("schrijft = [\"verwerkingslog\"]", LOGGED),
    ] {
        let register = kept(TOESLAGEN, activity, log, instead, "S-764");
        let refused = refusal(&register, activity, officer, category);
        assert_eq!(refused, Some(Hurdle::Officer), "{category}");
    }
}

/// Consent of children, in the statement of an installation that asks no parent.
const CHILDREN: &str = r#"
[[grondslag]]
naam = "ja"
titel = { nl = "U vindt het goed", en = "You agree" }
soort = "toestemming"
rechtsbronnen = ["avg"]
[[betrokkene]]
naam = "kinderen"
titel = { nl = "Kinderen", en = "Children" }
jonger-dan = 12
[[recht]]
naam = "intrekken"
titel = { nl = "Intrekken", en = "Withdraw" }
soort = "intrekken-toestemming"
termijn = "P1M"
kanalen = ["zelf"]
identificatie = true
weigering = { nl = "Met reden", en = "With reasons" }
[kinderen]
jonger-dan = 16
uitleg = { nl = "Kinderen", en = "Children" }
[[activiteit]]
naam = "kind-vragen"
titel = { nl = "Wij vragen een kind iets", en = "We ask a child something" }
doel = "dienst-laten-werken"
grondslag = "ja"
rollen = ["betrokkene"]
kanalen = ["website"]
betrokkenen = ["kinderen", "gebruiker"]
leest = ["account"]
[[erkend]]
code = "S-791"
reden = "Proef"
"#;

#[test]
fn where_children_would_consent_a_parent_does() {
    let asks = |register: &Register| refusal(register, "kind-vragen", "betrokkene", "account");
    let text = format!("{MIJNOVERHEID}{CHILDREN}");
    let register = stops(&text, "S-763", "activiteit kind-vragen");
    assert_eq!(asks(&register), Some(Hurdle::Minor));
    for (passage, instead) in [
        (
            "jonger-dan = 16",
            "jonger-dan = 16\ntoestemming-ouder = true",
        ),
        ("jonger-dan = 12\n", ""),
        ("grondslag = \"ja\"", "grondslag = \"gdi\""),
    ] {
        let text = text.replace(passage, instead);
        let register = Register::parse(&text).unwrap_or_else(|found| panic!("{found:#?}"));
        assert_eq!(asks(&register), None, "{instead}");
    }
}

/// Where the tax return says that somebody can be reached serves to tell them of care allowance, and nothing else.
#[test]
fn the_address_of_a_tax_return_tells_of_care_allowance_alone() {
    let (activity, data) = ("wijzen-op-zorgtoeslag", "adres-uit-aangifte");
    let own = Register::parse(TOESLAGEN).expect("a statement");
    assert_eq!(refusal(&own, activity, "medewerker", data), None);
    let head = "naam = \"verzoek-behandelen\"";
    let (before, after) = TOESLAGEN.split_once(head).expect("it is there");
    let more = after.replacen(
        "\"contactgegevens\"]",
        "\"contactgegevens\", \"adres-uit-aangifte\"]",
        1,
    );
    let findings = Register::parse(&format!("{before}{head}{more}")).expect_err("another purpose");
    let stops = |code| findings.iter().any(|one| one.stops() && one.code == code);
    assert!(stops("S-773"), "{findings:#?}");
}

/// MO-55 and CN-62: who asks whether people were content with the help does that, and nothing else with what they read.
#[test]
fn mo_55_cn_62_a_processor_works_for_what_is_agreed_with_it_alone() {
    for file in [MIJNOVERHEID, MIJNCN] {
        let (activity, role) = ("tevredenheid-onderzoeken", "klantonderzoeker");
        let own = Register::parse(file).expect("a statement");
        assert_eq!(refusal(&own, activity, role, "helpdeskcontact"), None);
        let own = "doel = \"tevredenheid-vragen\"";
        for instead in [
            "doel = \"beveiliging\"",
            "doel = \"ondersteuning\"",
            "doel = \"tevredenheid-vragen\"\nook-voor = [\"ondersteuning\"]",
        ] {
            let register = kept(file, activity, own, instead, "S-765");
            let refused = refusal(&register, activity, role, "helpdeskcontact");
            assert_eq!(refused, Some(Hurdle::NotItsPurpose), "{instead}");
        }
    }
}

#[test]
fn mo_63_people_of_a_processor_abroad_see_nothing_even_where_that_is_kept_on_purpose() {
    let head = "gegevens = [\"helpdeskcontact\"]\nland = \"NL\"";
    assert_eq!(MIJNOVERHEID.matches(head).count(), 1);
    let text = MIJNOVERHEID.replace(head, &head.replace("NL", "US"));
    let register = stops(&text, "S-706", "verwerker klanttevredenheidsonderzoek");
    let refused = refusal(
        &register,
        "tevredenheid-onderzoeken",
        "klantonderzoeker",
        "helpdeskcontact",
    );
    assert_eq!(refused, Some(Hurdle::ProcessorAbroad));
    let near = MIJNOVERHEID.replace(head, &head.replace("NL", "BE"));
    assert!(Register::parse(&near).is_ok());
}
