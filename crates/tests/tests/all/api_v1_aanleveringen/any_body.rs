//! Whatever a sender sends: never a fault of ours, always a problem in its form.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};
use serde_json::{Value, json};
use testkit::{ANNA, Organisation, attachment, pdf};

use super::house;

const CASES: u32 = 256;

/// Delivers what `body` makes of a good letter, many times over.
fn deliver_any<S>(bodies: impl FnOnce(&Organisation) -> S)
where
    S: Strategy<Value = Vec<u8>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    let (_product, sender) = runtime.block_on(house());
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let tried = TestRunner::new(config).run(&bodies(&sender), |body| -> TestCaseResult {
        let answer = runtime.block_on(sender.deliver_with(&[], body));
        prop_assert!(answer.status < 500, "{}", answer.text());
        if answer.status >= 400 {
            prop_assert_eq!(answer.header("content-type"), "application/problem+json");
            let problem = answer.json();
            prop_assert_eq!(&problem["status"], &json!(answer.status));
            let faults = problem["errors"].as_array().map_or(0, Vec::len);
            prop_assert!(answer.status != 400 || faults > 0, "{}", problem);
        } else {
            prop_assert_eq!(answer.status, 201);
        }
        Ok(())
    });
    tried.unwrap();
}

fn good(sender: &Organisation) -> Value {
    let mut letter = sender.letter_to(&ANNA);
    letter["bijlagen"] = json!([attachment("a.pdf", &pdf("a"))]);
    letter["publicatietijdstip"] = json!("2026-11-20T13:30:00Z");
    letter["actieVoorDatum"] = json!("2026-12-31");
    letter["referentie"] = json!("Z-1");
    letter
}

#[test]
fn any_bytes_are_refused_in_form() {
    deliver_any(|_| prop::collection::vec(any::<u8>(), 0..600));
}

#[test]
fn any_json_is_refused_in_form() {
    deliver_any(|_| any_json().prop_map(|value| value.to_string().into_bytes()));
}

#[test]
fn a_good_letter_with_other_values_is_taken_or_refused_in_form() {
    let changed = |sender: &Organisation| {
        let letter = good(sender);
        let changes = prop::collection::vec((place(), any_json()), 1..4);
        changes.prop_map(move |changes| {
            let mut letter = letter.clone();
            for (place, value) in changes {
                if let Some(old) = letter.pointer_mut(place) {
                    *old = value;
                }
            }
            letter.to_string().into_bytes()
        })
    };
    deliver_any(changed);
}

#[test]
fn a_good_letter_with_other_bytes_is_taken_or_refused_in_form() {
    let changed = |sender: &Organisation| {
        let letter = good(sender).to_string().into_bytes();
        let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5);
        changes.prop_map(move |changes| {
            let mut letter = letter.clone();
            for (at, byte) in changes {
                let at = at.index(letter.len());
                letter[at] = byte;
            }
            letter
        })
    };
    deliver_any(changed);
}

fn place() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "/afzender",
        "/ontvanger",
        "/ontvanger/type",
        "/ontvanger/waarde",
        "/onderwerp",
        "/inhoud",
        "/publicatietijdstip",
        "/actieVoorDatum",
        "/referentie",
        "/bijlagen",
        "/bijlagen/0",
        "/bijlagen/0/naam",
        "/bijlagen/0/mimeType",
        "/bijlagen/0/inhoud",
    ])
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[0-9T:+-]{0,30}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}
