//! Every published promise about data is answered by an entry of its statement, and no file has a finding left open.

use toml::de::{DeTable, DeValue};

use crate::{Level, Register, check};

const FILES: [(&str, &str); 4] = [
    (
        "MO",
        include_str!("../../../../statements/mijnoverheid.toml"),
    ),
    ("CN", include_str!("../../../../statements/mijncn.toml")),
    ("DT", include_str!("../../../../statements/toeslagen.toml")),
    ("CJ", include_str!("../../../../statements/cjib.toml")),
];

/// What a statement says of data. The others (what a person can do, security, breaches, work beside the data) may be
/// named too, and are proven by what the program does.
const KINDS: [&str; 14] = [
    "ROLE", "PURP", "BASIS", "DATA", "SUBJ", "SRC", "RCPT", "RET", "RIGHT", "COOK", "LIMIT", "ADM",
    "CHILD", "NOTICE",
];

/// Each text that stands under this key, however deep.
fn under<'v>(value: &'v DeValue<'_>, key: &str, found: &mut Vec<&'v str>) {
    match value {
        DeValue::Table(table) => {
            for (name, value) in table {
                if name.get_ref() == key {
                    let values = value
                        .get_ref()
                        .as_array()
                        .into_iter()
                        .flat_map(|list| list.iter());
                    found.extend(values.filter_map(|value| value.get_ref().as_str()));
                }
                under(value.get_ref(), key, found);
            }
        }
        DeValue::Array(values) => {
            for value in values.iter() {
                under(value.get_ref(), key, found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_promise_about_data_is_answered_by_an_entry() {
    let text = include_str!("../../../../docs/promises.toml");
    let list = DeTable::parse(text).expect("the list is TOML").into_inner();
    let list = DeValue::Table(list);
    let promises = list.get("promise").expect("there are promises");
    let promises = promises.get_ref().as_array().expect("they are a list");
    let mut wanted = 0;
    for (statement, file) in FILES {
        let file = DeValue::Table(DeTable::parse(file).expect("TOML").into_inner());
        let mut named = Vec::new();
        under(&file, "beloften", &mut named);
        for promise in promises.iter().map(|promise| promise.get_ref()) {
            let id = promise.get("id").and_then(|id| id.get_ref().as_str());
            let id = id.expect("a promise has an id");
            let mut kinds = Vec::new();
            under(promise, "kind", &mut kinds);
            if id.starts_with(statement) && kinds.iter().any(|kind| KINDS.contains(kind)) {
                wanted += 1;
                assert!(named.contains(&id), "no entry answers {id}");
            }
        }
    }
    assert!(wanted > 300, "{wanted}");
}

#[test]
fn no_shipped_file_has_a_finding_left_open() {
    for (statement, file) in FILES {
        for finding in check(file, None) {
            let open = finding.acknowledged.is_none() && finding.level != Level::Note;
            assert!(!open, "{statement}: {finding}");
        }
        assert!(Register::parse(file).is_ok());
    }
}

#[test]
fn where_nothing_is_kept_on_purpose_the_same_files_do_not_start() {
    for (statement, file) in FILES {
        let bare: String = file
            .split_inclusive("\n[")
            .filter(|part| !part.starts_with("[erkend]]"))
            .collect();
        assert_ne!(bare, file, "each keeps something");
        let findings = Register::parse(&bare).expect_err(statement);
        assert!(findings.iter().any(|finding| finding.stops()));
    }
}

/// MO-1: a version is in force from its publication on, and a file that says otherwise does not start.
#[test]
fn mo_84_a_version_that_would_wait_for_its_date_does_not_start() {
    let (_, file) = FILES[0];
    let at_publication = "ingang = \"bij-publicatie\"";
    assert_eq!(file.matches(at_publication).count(), 1);
    let file = file.replace(at_publication, "ingang = \"op-datum\"");
    let line = file
        .lines()
        .position(|line| line == "ingang = \"op-datum\"");
    let findings = Register::parse(&file).expect_err("it would wait");
    let stops = findings.iter().filter(|finding| finding.stops());
    let stops: Vec<_> = stops.map(|finding| (finding.code, finding.line)).collect();
    assert_eq!(stops, [("S-107", line.map(|line| line + 1))]);
}

/// DT-14: the exception in European law and the one in Dutch law, both; without either nothing starts.
#[test]
fn dt_14_special_data_name_every_law_that_must_allow_it() {
    let (_, file) = FILES[2];
    let register = Register::parse(file).expect("a statement");
    let special = |one: &&crate::Category| one.class == crate::Class::Special;
    let mut special = register.categories().filter(special).peekable();
    assert!(special.peek().is_some());
    for category in special {
        let laws = category.conditions.iter();
        let laws: Vec<_> = laws
            .map(|one| (one.source.as_str(), one.article.as_deref()))
            .collect();
        assert_eq!(laws, [("avg", Some("9 lid 2")), ("uavg", Some("22"))]);
    }
}
