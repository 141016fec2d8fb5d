//! The shipped statements: whole, true to what was published, and easy to take a part from.

use std::time::Duration;

use basics::NumberKind;

use crate::{
    Class, CookieLife, Date, Finding, Level, LoginLevel, Mask, Register, StartEvent, TermSource,
};

const MIJNOVERHEID: &str = include_str!("../../../../statements/mijnoverheid.toml");
const MIJNCN: &str = include_str!("../../../../statements/mijncn.toml");
const TOESLAGEN: &str = include_str!("../../../../statements/toeslagen.toml");

/// The shipped files: no error and no warning either, but what they keep on purpose.
fn shipped() -> [Register; 2] {
    [MIJNOVERHEID, MIJNCN].map(|file| {
        let register = Register::parse(file).unwrap_or_else(|findings| panic!("{findings:#?}"));
        for finding in register.findings() {
            let kept = finding.acknowledged.is_some() || finding.level == Level::Note;
            assert!(kept, "{finding}");
        }
        register
    })
}

#[test]
fn the_shipped_statements_say_what_was_published() {
    let [mo, cn] = shipped();
    assert_eq!(
        (mo.installation(), mo.title(), mo.location()),
        ("mijnoverheid", "MijnOverheid", "NL")
    );
    assert_eq!(
        (mo.version().number.as_str(), mo.version().date.to_string()),
        ("2.2", "2022-02-10".into())
    );
    assert_eq!(
        mo.controller(),
        "De minister van Binnenlandse Zaken en Koninkrijksrelaties"
    );
    assert_eq!(mo.operators()[0].name, "Logius");
    assert_eq!(mo.languages(), ["nl", "en"]);
    assert_eq!(mo.login_level(), LoginLevel::Substantial);
    assert_eq!(mo.legal_sources()[0].citation, "Stb. 2016, 195");
    assert_eq!(
        (cn.installation(), cn.title(), cn.location()),
        ("mijncn", "MijnCN", "NL")
    );
    assert_eq!(cn.controller(), "Belastingdienst Caribisch Nederland");
    assert_eq!(cn.languages(), ["nl", "en", "pap"]);
    assert_eq!(cn.time_zone(), "America/Kralendijk");
    let hour = 3600;
    for (register, hours) in [(&mo, 12), (&cn, 8)] {
        assert_eq!(register.session().idle, Duration::from_secs(900));
        assert_eq!(
            register.session().absolute,
            Duration::from_secs(hours * hour)
        );
    }
}

#[test]
fn a_person_is_named_by_one_number() {
    let [mo, cn] = shipped();
    assert_eq!(mo.number().kind, NumberKind::Bsn);
    assert_eq!(
        Some(mo.number().category),
        mo.category("burgerservicenummer")
    );
    assert_eq!(cn.number().kind, NumberKind::Crib);
    assert_eq!(Some(cn.number().category), cn.category("crib-nummer"));
    for register in [&mo, &cn] {
        let numbers: Vec<_> = register
            .categories()
            .filter(|category| category.class == Class::Identification)
            .map(|category| category.id)
            .collect();
        assert_eq!(numbers, [register.number().category]);
    }
}

#[test]
fn organisations_get_the_number_the_preference_and_the_receipt() {
    for register in &shipped() {
        let recipient = register
            .recipients()
            .iter()
            .find(|recipient| recipient.name == "aangesloten-organisaties")
            .expect("declared");
        let fields: Mask = ["berichtvoorkeur", "aflevering"]
            .iter()
            .map(|name| register.category(name).expect("declared"))
            .chain([register.number().category])
            .collect();
        assert_eq!(recipient.fields, fields);
        for entry in register.activities() {
            let told = entry.allows_role("aangesloten-organisatie");
            assert!(!told || !entry.recipients.is_empty(), "{}", entry.name);
        }
    }
}

#[test]
fn mo_49_the_session_cookie_is_of_the_session_and_no_cookie_holds_personal_data() {
    for register in &shipped() {
        let lives: Vec<_> = register
            .cookies()
            .map(|cookie| (cookie.name.as_str(), cookie.life, cookie.personal))
            .collect();
        let minutes = CookieLife::For(Duration::from_secs(600));
        let days = |days: u64| CookieLife::For(Duration::from_secs(days * 24 * 3600));
        let (thirty_days, half_a_year) = (days(30), days(180));
        assert_eq!(
            lives,
            [
                ("sessie", CookieLife::Session, false),
                ("inlogpoging", minutes, false),
                ("appmelding", thirty_days, false),
                ("bezoek", half_a_year, false)
            ]
        );
    }
}

/// A term that the published text gives is not told to be our choice.
#[test]
fn a_term_that_was_published_is_not_called_ours() {
    let register = Register::parse(TOESLAGEN).expect("no errors");
    let source = |name: &str| {
        let mut all = register.categories();
        let category = all.find(|one| one.name == name).expect("declared");
        category.retention.source.clone()
    };
    let mut all = register.findings().iter();
    let ours = all.find(|one| one.code == "S-733").expect("some are ours");
    for name in ["gespreksopname", "gespreksregistratie", "videoafspraak"] {
        assert_eq!(source(name), TermSource::Published, "{name}");
        assert!(!ours.to_string().contains(name), "{ours}");
    }
    assert_eq!(source("politiegegevens"), TermSource::Law("wpg".into()));
    assert_eq!(source("browserinformatie"), TermSource::Own);
    assert!(ours.to_string().contains("browserinformatie"), "{ours}");
}

#[test]
fn every_shipped_term_lies_in_the_published_band() {
    for (register, longest) in shipped().iter().zip([60, 120]) {
        for category in register.categories() {
            let months = category.retention.term.months();
            assert!(
                (18..=longest).contains(&months),
                "{}: {months}",
                category.name
            );
            assert_eq!(category.retention.source, TermSource::Band);
        }
        let log = register
            .categories()
            .find(|category| category.name == "verwerkingslog")
            .expect("declared");
        assert_eq!(log.retention.from, StartEvent::Recorded);
    }
}

#[test]
fn what_is_taken_out_of_a_file_is_gone_from_the_register() {
    for (file, register) in [MIJNOVERHEID, MIJNCN].iter().zip(shipped()) {
        for entry in register.activities() {
            let head = format!("[[activiteit]]\nnaam = \"{}\"\n", entry.name);
            let start = file.find(&head).expect("naam comes first in its table");
            let end = file[start + 1..]
                .find("\n[[")
                .map_or(file.len(), |at| start + 1 + at);
            let without = format!("{}{}", &file[..start], &file[end..]);
            let less = Register::parse(&without)
                .unwrap_or_else(|findings| panic!("{}: {findings:?}", entry.name));
            assert!(less.activity(&entry.name).is_none());
            assert_eq!(less.activities().count(), register.activities().count() - 1);
            assert!(!less.findings().iter().any(Finding::stops));
        }
    }
}

#[test]
fn a_category_taken_out_of_an_activity_leaves_its_mask() {
    let line = "leest = [\"bericht\", \"berichtstatus\", \"bijlage\"]";
    let file = MIJNOVERHEID.replace(line, "leest = [\"bericht\", \"bijlage\"]");
    let less = Register::parse(&file).expect("still a whole statement");
    let entry = less.activity("berichten-bekijken").expect("still declared");
    let status = less.category("berichtstatus").expect("still declared");
    assert_eq!(
        entry.reads.missing(Mask::default().with(status)),
        Mask::default().with(status)
    );
}

#[test]
fn mo_57_cn_64_a_processor_without_an_agreement_has_its_role_off() {
    let today = Date {
        year: 2026,
        month: 11,
        day: 22,
    };
    for (file, register) in [MIJNOVERHEID, MIJNCN].iter().zip(shipped()) {
        assert!(register.role_is_off("eerstelijns", today));
        assert!(register.role_is_off("klantonderzoeker", today));
        assert!(!register.role_is_off("privacymedewerker", today));
        assert!(!register.role_is_off("betrokkene", today));
        let head = "naam = \"eerstelijnsondersteuning\"\n";
        let agreed = format!(
            "{head}overeenkomst = {{ datum = 2026-01-01, kenmerk = \"V-1\", tot = 2026-11-22 }}\n"
        );
        let agreed = Register::parse(&file.replace(head, &agreed)).expect("still a statement");
        assert!(!agreed.role_is_off("eerstelijns", today));
        assert!(agreed.role_is_off("klantonderzoeker", today));
        let tomorrow = Date { day: 23, ..today };
        let (before, after) = (
            Date {
                year: 2025,
                ..today
            },
            tomorrow,
        );
        assert!(agreed.role_is_off("eerstelijns", before));
        assert!(agreed.role_is_off("eerstelijns", after));
        let off = |day| -> Vec<_> {
            let off = agreed.roles_off(day);
            off.map(|(role, processor, ended)| (&*role.name, &*processor.name, ended))
                .collect()
        };
        let other = ("klantonderzoeker", "klanttevredenheidsonderzoek", None);
        let ended = Some(today);
        assert_eq!(off(today), [other]);
        assert_eq!(
            off(after),
            [("eerstelijns", "eerstelijnsondersteuning", ended), other]
        );
    }
}

#[test]
fn cn_75_mo_67_the_bands_are_those_published() {
    let [mo, cn] = shipped();
    for (register, longest, over) in [(mo, "P5Y", "P61M"), (cn, "P10Y", "P121M")] {
        let band = register.band().expect("declared");
        assert_eq!(
            (band.shortest.to_string(), band.longest.to_string()),
            ("P18M".to_owned(), longest.to_owned())
        );
        let file = if longest == "P5Y" {
            MIJNOVERHEID
        } else {
            MIJNCN
        };
        for term in ["P17M", over] {
            let wrong = file.replacen("termijn = \"P18M\"", &format!("termijn = \"{term}\""), 1);
            let findings = Register::parse(&wrong).expect_err("outside the band");
            assert!(findings.iter().any(|one| one.code == "S-303"), "{term}");
        }
    }
}

#[test]
fn mo_63_no_recipient_of_mijnoverheid_may_be_outside_the_union() {
    let far = MIJNOVERHEID.replace(
        "land = \"NL\"\ngrondslag = \"gdi\"",
        "land = \"US\"\ngrondslag = \"gdi\"",
    );
    let findings = Register::parse(&far).expect_err("outside the Union");
    assert!(
        findings
            .iter()
            .any(|one| one.code == "S-706" && one.stops())
    );
}
