//! The rules of a delivery's fields, one by one and against any body.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NOW: Moment = Moment::from_micros(1_795_181_400_000_000);

fn good() -> Value {
    json!({"afzender": "00000099000000001000", "ontvanger": {"type": "BSN", "waarde": "999993653"},
        "onderwerp": "Uw aanvraag", "inhoud": "Beste meneer,\nEen brief."})
}

fn read(body: &Value) -> Result<Asked, Problem> {
    Asked::read(
        body.to_string().as_bytes(),
        NumberKind::Bsn,
        NOW,
        Vec::new(),
    )
}

fn pointers(body: &Value) -> Vec<String> {
    let faults = read(body).err().expect("a refusal").errors;
    let faults = serde_json::to_value(faults).unwrap();
    let pointer = |fault: &Value| fault["pointer"].as_str().unwrap_or("header").to_owned();
    faults.as_array().unwrap().iter().map(pointer).collect()
}

fn with(name: &str, value: Value) -> Value {
    let mut body = good();
    body[name] = value;
    body
}

#[test]
fn a_delivery_in_the_form_of_fbs_is_read_whole() {
    let mut body = with(
        "bijlagen",
        json!([{"naam": "a.pdf", "mimeType": "application/pdf", "inhoud": STANDARD.encode("%PDF-1.7\n")}]),
    );
    body["publicatietijdstip"] = json!("2026-11-20T15:30:00+01:00");
    body["referentie"] = json!("Z-1");
    body["actieVoorDatum"] = json!("2026-12-01");
    let asked = read(&body).ok().unwrap();
    assert_eq!(asked.published_at, NOW.plus(Duration::from_secs(3600)));
    assert_eq!(
        (asked.recipient.reveal(), asked.files.len()),
        ("999993653", 1)
    );
    assert_eq!(
        (asked.reference.as_deref(), asked.message_type),
        (Some("Z-1"), None)
    );
    assert_eq!(&asked.files[0].bytes[..], b"%PDF-1.7\n");
}

#[test]
fn mo_22_mo_51_every_fault_is_told_at_once_and_no_number_with_it() {
    let body = json!({"afzender": "1", "ontvanger": {"type": "BSN", "waarde": "999993654"}, "onderwerp": "x".repeat(256),
        "inhoud": "", "publicatietijdstip": "2020-01-01T00:00:00Z", "actieVoorDatum": "1-12-2026",
        "bijlagen": [{"bijlageId": "x"}, {"naam": "a", "mimeType": "image/png", "inhoud": "eHg="}]});
    let expected = [
        "/afzender",
        "/ontvanger/waarde",
        "/onderwerp",
        "/inhoud",
        "/actieVoorDatum",
        "/bijlagen/0/bijlageId",
        "/bijlagen/1/mimeType",
        "/bijlagen/1/inhoud",
        "/publicatietijdstip",
    ];
    assert_eq!(pointers(&body), expected);
    let problem = serde_json::to_string(&read(&body).err().unwrap()).unwrap();
    assert!(!problem.contains("999993654"), "{problem}");
}

#[test]
fn cn_58_a_number_of_another_kind_is_refused() {
    let crib = with("ontvanger", json!({"type": "CRIB", "waarde": "AB12"}));
    assert_eq!(pointers(&crib), ["/ontvanger/type"]);
    let body = |body: &Value| {
        Asked::read(
            body.to_string().as_bytes(),
            NumberKind::Crib,
            NOW,
            Vec::new(),
        )
    };
    assert!(body(&crib).is_ok());
    assert!(body(&good()).is_err());
}

#[test]
fn a_text_is_measured_in_bytes_and_a_title_in_characters() {
    assert!(read(&with("onderwerp", json!("é".repeat(255)))).is_ok());
    assert!(read(&with("inhoud", json!("é".repeat(TEXT_BYTES / 2)))).is_ok());
    assert_eq!(
        pointers(&with("inhoud", json!("é".repeat(TEXT_BYTES / 2) + "x"))),
        ["/inhoud"]
    );
}

#[test]
fn publication_is_now_within_five_minutes_and_planned_within_a_year() {
    let moment = |text: &str| Moment::from_timestamp(text.parse().unwrap());
    let of = |text: &str| publication(moment(text), NOW);
    for now in ["2026-11-20T13:25:00Z", "2026-11-20T13:30:00Z"] {
        assert_eq!(of(now), Ok(NOW), "{now}");
    }
    for planned in ["2026-11-20T13:30:00.001Z", "2027-11-20T13:30:00Z"] {
        assert_eq!(of(planned), Ok(moment(planned)));
    }
    for wrong in ["2026-11-20T13:24:59.999Z", "2027-11-20T13:30:00.001Z"] {
        assert!(of(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn an_attachment_is_a_pdf_in_base64_of_a_bounded_size() {
    let edge = |size: usize| STANDARD.encode([&b"%PDF-"[..], &vec![0; size - 5]].concat());
    assert!(pdf(&edge(ATTACHMENT_BYTES)).is_ok());
    assert!(pdf(&edge(ATTACHMENT_BYTES + 1)).is_err());
    assert!(
        pdf("JVBERi0").is_err()
            && pdf("JVBE-i0=").is_err()
            && pdf(&STANDARD.encode("x%PDF-")).is_err()
    );
    let eleven = vec![json!({"naam": "a", "mimeType": PDF, "inhoud": edge(9)}); 11];
    assert_eq!(pointers(&with("bijlagen", json!(eleven))), ["/bijlagen"]);
    assert!(read(&with("bijlagen", json!(eleven[..10]))).is_ok());
}

#[test]
fn a_fault_of_a_header_is_told_with_those_of_the_body() {
    let more = || vec![FieldFault::header("Idempotency-Key", "x")];
    let read = |body: Value| {
        Asked::read(body.to_string().as_bytes(), NumberKind::Bsn, NOW, more())
            .err()
            .unwrap()
    };
    assert_eq!(read(json!({})).errors.len(), 5);
    assert_eq!(read(good()).errors, more());
    assert_eq!(
        read(with(PUBLICATION, json!("2020-01-01T00:00:00Z")))
            .errors
            .len(),
        2
    );
}

/// What the contract names, the code reads.
#[test]
fn every_field_of_the_contract_has_its_rule() {
    let contract = crate::openapi("https://post.example");
    let schemas = &contract["components"]["schemas"];
    let names = |schema: &str| {
        let properties = schemas[schema]["properties"].as_object().unwrap();
        properties.keys().cloned().collect::<Vec<String>>()
    };
    for name in names("BerichtAanleverenRequest") {
        assert_eq!(pointers(&with(&name, json!(true))), [format!("/{name}")]);
    }
    for name in names("Identificatienummer") {
        let mut body = good();
        body["ontvanger"][&name] = json!(true);
        assert_eq!(pointers(&body), [format!("/ontvanger/{name}")]);
    }
    for name in names("BijlageAanleverenRequest") {
        let mut file =
            json!({"naam": "a.pdf", "mimeType": PDF, "inhoud": STANDARD.encode("%PDF-")});
        file[&name] = json!(true);
        assert_eq!(
            pointers(&with("bijlagen", json!([file]))),
            [format!("/bijlagen/0/{name}")]
        );
    }
}

fn any_change() -> impl Strategy<Value = (String, Value)> {
    let name = prop_oneof![
        Just("afzender"),
        Just("ontvanger"),
        Just("onderwerp"),
        Just("inhoud"),
        Just(PUBLICATION),
        Just("referentie"),
        Just("berichttype"),
        Just("actieVoorDatum"),
        Just("bijlagen")
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        ".{0,300}".prop_map(Value::from)
    ];
    let value = leaf.prop_recursive(3, 12, 4, |inner| {
        let name = prop_oneof!["type", "waarde", "naam", "mimeType", "inhoud", "bijlageId"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..12).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    (name.prop_map(str::to_owned), value)
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused_with_its_faults(changes in prop::collection::vec(any_change(), 0..4)) {
        let mut body = good();
        for (name, value) in changes {
            body[name] = value;
        }
        match read(&body) {
            Ok(asked) => prop_assert!(TITLE_CHARACTERS.contains(&asked.title.chars().count())),
            Err(problem) => prop_assert!(problem.status == 400 && !problem.errors.is_empty()),
        }
    }

    #[test]
    fn any_bytes_are_refused_with_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let problem = Asked::read(&bytes, NumberKind::Bsn, NOW, Vec::new()).err().unwrap();
        prop_assert!(problem.status == 400 && !problem.errors.is_empty());
    }
}
