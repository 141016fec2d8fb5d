//! The shipped statements: whole, true to what was published, and easy to take a part from.

use std::time::Duration;

use basics::NumberKind;

use crate::{Class, CookieLife, Level, LoginLevel, Mask, Register, StartEvent, TermSource};

const MIJNOVERHEID: &str = include_str!("../../../../statements/mijnoverheid.toml");
const MIJNCN: &str = include_str!("../../../../statements/mijncn.toml");

/// The shipped files: no error and no warning either.
fn shipped() -> [Register; 2] {
    [MIJNOVERHEID, MIJNCN].map(|file| {
        let register = Register::parse(file).unwrap_or_else(|findings| panic!("{findings:#?}"));
        assert_eq!(register.findings(), []);
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
        let [recipient] = register.recipients() else {
            panic!("one recipient")
        };
        let fields: Mask = ["berichtvoorkeur", "aflevering"]
            .iter()
            .map(|name| register.category(name).expect("declared"))
            .chain([register.number().category])
            .collect();
        assert_eq!(recipient.fields, fields);
        for entry in register.activities() {
            let told = entry.allows_role("aangesloten-organisatie");
            assert_eq!(!entry.recipients.is_empty(), told, "{}", entry.name);
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
        let thirty_days = CookieLife::For(Duration::from_secs(30 * 24 * 3600));
        assert_eq!(
            lives,
            [
                ("sessie", CookieLife::Session, false),
                ("inlogpoging", minutes, false),
                ("appmelding", thirty_days, false)
            ]
        );
    }
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
            assert!(
                less.findings()
                    .iter()
                    .all(|finding| finding.level == Level::Warning)
            );
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
