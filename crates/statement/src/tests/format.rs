//! The format: reader, schema, documentation and shipped files say the same.

use serde_json::Value;
use toml::de::{DeTable, DeValue};

const FILES: [(&str, &str); 4] = [
    (
        "mijnoverheid",
        include_str!("../../../../statements/mijnoverheid.toml"),
    ),
    ("mijncn", include_str!("../../../../statements/mijncn.toml")),
    (
        "toeslagen",
        include_str!("../../../../statements/toeslagen.toml"),
    ),
    ("cjib", include_str!("../../../../statements/cjib.toml")),
];
const SCHEMA: &str = include_str!("../../../../docs/statement.schema.json");
const DOCUMENTATION: &str = include_str!("../../../../docs/statement.md");

/// As a schema sees it: a day is a text.
fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(number) => number.as_str().parse::<i64>().expect("a number").into(),
        DeValue::Float(number) => number.as_str().parse::<f64>().expect("a number").into(),
        DeValue::Boolean(flag) => (*flag).into(),
        DeValue::Datetime(moment) => moment.to_string().into(),
        DeValue::Array(values) => values.iter().map(|value| json(value.get_ref())).collect(),
        DeValue::Table(table) => of_table(table),
    }
}

fn of_table(table: &DeTable<'_>) -> Value {
    table
        .iter()
        .map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref())))
        .collect()
}

fn faults(file: &str) -> Vec<String> {
    let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let file = DeTable::parse(file).expect("the file is TOML");
    let file = of_table(file.get_ref());
    validator
        .iter_errors(&file)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect()
}

#[test]
fn the_schema_in_docs_is_the_one_the_reader_follows() {
    let written: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    assert!(
        written == crate::schema(),
        "write it anew: cargo run -p postbus -- statement schema > docs/statement.schema.json"
    );
}

#[test]
fn the_documentation_has_every_table_and_key() {
    assert!(
        DOCUMENTATION.contains(crate::reference().trim()),
        "write it anew: cargo run -p postbus -- statement schema --markdown, between the marks in docs/statement.md"
    );
}

#[test]
fn every_shipped_file_keeps_to_the_schema_and_names_it() {
    for (name, file) in FILES {
        assert_eq!(faults(file), Vec::<String>::new(), "{name}");
        assert!(
            file.starts_with("#:schema ../docs/statement.schema.json\n"),
            "editors find the schema by the first line of {name}"
        );
    }
}

#[test]
fn what_the_reader_refuses_by_its_shape_the_schema_refuses_too() {
    for (passage, instead) in [
        ("versie = \"1.0\"", "versie = \"1.0\"\nkleur = \"rood\""),
        ("versie = \"1.0\"", "versie = 1"),
        ("titel = \"Proefwet\"\n", ""),
        ("datum = 2026-01-31", "datum = \"vandaag\""),
        ("klasse = \"gewoon\"", "klasse = \"geheim\""),
        ("https://example.org", "http://example.org"),
        ("kanalen = [\"website\"]", "kanalen = [\"fax\"]"),
        ("rollen = [\"betrokkene\"]", "rollen = []"),
        ("termijn = \"P5Y\"", "termijn = \"vijf jaar\""),
        ("termijn = \"P5Y\"", "termijn = \"P5Y1T\""),
        ("naam = \"lezen\"", "naam = \"Lezen!\""),
        ("persoonsgegevens = false", "persoonsgegevens = \"nee\""),
        ("termijn = \"P5Y\"", "termijn = \"P0Y\""),
        ("termijn = \"P5Y\"", "termijn = \"P9999999Y\""),
        ("inactief = \"PT15M\"", "inactief = \"P1M\""),
        ("inactief = \"PT15M\"", "inactief = \"P1Y1D\""),
        ("bewaartijd = \"sessie\"", "bewaartijd = \"P1M\""),
        (
            "normen = [\"wet\"]",
            "normen = [\"wet\"]\nbeloften = [\"MO-S1\"]",
        ),
        ("titel = { nl = \"Slot\" }", "titel = {}"),
        (
            "[[maatregel]]",
            "[statistiek]\ndoel = \"proeven\"\nip-afkappen = { ipv4-octetten = 99, ipv6-bits = 80 }\n\
             uitleg = { nl = \"Wij tellen\" }\n[[maatregel]]",
        ),
        (
            "[[maatregel]]",
            "[statistiek]\ndoel = \"proeven\"\nip-afkappen = { ipv4-octetten = 2, ipv6-bits = 999 }\n\
             uitleg = { nl = \"Wij tellen\" }\n[[maatregel]]",
        ),
    ] {
        assert_eq!(super::SMALL.matches(passage).count(), 1, "{passage}");
        let file = super::SMALL.replace(passage, instead);
        assert_ne!(faults(&file), Vec::<String>::new(), "{instead}");
        assert!(crate::Register::parse(&file).is_err(), "{instead}");
    }
    assert_eq!(faults(super::SMALL), Vec::<String>::new());
    // What can be kept on purpose is known by its code; the reader warns that another meets nothing.
    let kept = "[[erkend]]\ncode = \"S-107\"\nreden = \"Zo is het.\"\n[[activiteit]]";
    let kept = super::SMALL.replace("[[activiteit]]", kept);
    assert_ne!(faults(&kept), Vec::<String>::new());
    let can_be = kept.replace("S-107", "S-601");
    assert_eq!(faults(&can_be), Vec::<String>::new());
}
