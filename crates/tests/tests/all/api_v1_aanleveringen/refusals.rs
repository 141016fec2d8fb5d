//! Every refusal of a delivery, each by itself.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use testkit::{ANNA, Answer, Organisation, Product, attachment, pdf};

use super::{house, messages};
use crate::pages::{assert_problem, faults, shown, snapshot};

#[tokio::test]
async fn broken_json_is_refused() {
    let (product, sender) = house().await;
    for broken in [
        "",
        "{",
        "null",
        "[]",
        "\"x\"",
        "{\"afzender\": }",
        "\u{feff}{}",
        "{} {}",
    ] {
        let problem = assert_problem(&sender.deliver_with(&[], broken).await, 400);
        assert!(!faults(&problem).is_empty(), "{broken}");
    }
    let no_text = sender
        .deliver_with(&[], b"{\"onderwerp\": \"\xff\"}".to_vec())
        .await;
    assert_problem(&no_text, 400);
    assert_eq!(messages(&product), 0);
}

#[tokio::test]
async fn mo_22_every_fault_of_a_body_is_told_at_once_and_nothing_of_it_is_repeated() {
    let (_product, sender) = house().await;
    let body = json!({
        "afzender": "12",
        "ontvanger": { "type": "BSN", "waarde": "999993654" },
        "onderwerp": "",
        "inhoud": 7,
        "publicatietijdstip": "gisteren",
        "referentie": "r".repeat(256),
        "berichttype": [],
        "actieVoorDatum": "31-12-2026",
        "bijlagen": [{ "naam": "", "mimeType": "image/png", "inhoud": "%%%" }, 3],
    });
    let answer = sender.deliver(&body).await;
    assert_problem(&answer, 400);
    assert!(!answer.text().contains("999993654"));
    snapshot(|| insta::assert_snapshot!("aanlevering_alle_fouten", shown(&answer)));
    let empty = sender.deliver(&json!({})).await;
    snapshot(|| insta::assert_snapshot!("aanlevering_leeg", shown(&empty)));
}

async fn refused_at(sender: &Organisation, change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut letter = sender.letter_to(&ANNA);
    change(&mut letter);
    faults(&assert_problem(&sender.deliver(&letter).await, 400))
}

#[tokio::test]
async fn mo_22_a_number_that_fails_the_eleven_test_is_refused() {
    let (_product, sender) = house().await;
    for wrong in [
        "999993654",
        "000000000",
        "99999365",
        "9999936530",
        "99999365x",
        "",
    ] {
        let at = refused_at(&sender, |letter| {
            letter["ontvanger"]["waarde"] = json!(wrong)
        })
        .await;
        assert_eq!(at, ["/ontvanger/waarde"], "{wrong}");
    }
}

#[tokio::test]
async fn a_number_of_another_kind_is_refused() {
    let (_product, sender) = house().await;
    let crib = json!({ "type": "CRIB", "waarde": ANNA.crib });
    let at = refused_at(&sender, |letter| letter["ontvanger"] = crib).await;
    assert_eq!(at, ["/ontvanger/type"]);
    let at = refused_at(&sender, |letter| letter["ontvanger"]["type"] = json!("bsn")).await;
    assert_eq!(at, ["/ontvanger/type"]);
}

#[tokio::test]
async fn a_field_that_is_not_known_is_passed_over() {
    let (_product, sender) = house().await;
    let mut letter = sender.letter_to(&ANNA);
    letter["inhoudd"] = json!("x");
    let answer = sender.deliver(&letter).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

#[tokio::test]
async fn a_file_that_is_not_a_pdf_by_its_first_bytes_is_refused() {
    let (_product, sender) = house().await;
    for file in [
        &b"MZ\x90\x00"[..],
        b"<html>%PDF-",
        b" %PDF-1.7",
        b"%PD",
        b"",
    ] {
        let file = json!([attachment("a.pdf", &pdf("goed")), attachment("b.pdf", file)]);
        let at = refused_at(&sender, |letter| letter["bijlagen"] = file).await;
        assert_eq!(at, ["/bijlagen/1/inhoud"]);
    }
    let mut named = attachment("a.pdf", &pdf("goed"));
    named["mimeType"] = json!("text/html");
    let at = refused_at(&sender, |letter| letter["bijlagen"] = json!([named])).await;
    assert_eq!(at, ["/bijlagen/0/mimeType"]);
    let mut coded = attachment("a.pdf", &pdf("goed"));
    coded["inhoud"] = json!("geen base64!");
    let at = refused_at(&sender, |letter| letter["bijlagen"] = json!([coded])).await;
    assert_eq!(at, ["/bijlagen/0/inhoud"]);
}

#[tokio::test]
async fn another_organisations_name_above_a_letter_is_refused() {
    let (product, sender) = house().await;
    let neighbour = Organisation::connect(&product, 2, "Gemeente Vallei").await;
    let answer = sender.deliver(&neighbour.letter_to(&ANNA)).await;
    assert_problem(&answer, 403);
    assert_eq!(messages(&product), 0);
}

#[tokio::test]
async fn a_blocked_sender_is_refused_although_its_token_holds() {
    let (product, sender) = house().await;
    assert_eq!(sender.deliver(&sender.letter_to(&ANNA)).await.status, 201);
    sender.block().await;
    assert_problem(&sender.deliver(&sender.letter_to(&ANNA)).await, 403);
    assert_eq!(messages(&product), 1);
}

#[tokio::test]
async fn a_body_over_the_limit_is_too_large() {
    let (_product, sender) = house().await;
    let large = vec![b' '; (40 << 20) + 1];
    assert_problem(&sender.deliver_with(&[], large).await, 413);
    let told = [("content-length", "41943041")];
    assert_problem(&sender.deliver_with(&told, "{}").await, 413);
}

#[tokio::test]
async fn a_body_of_another_type_is_not_supported() {
    let (_product, sender) = house().await;
    let body = sender.letter_to(&ANNA).to_string();
    for kind in ["text/plain", "application/xml", "application/jsonx", ""] {
        let answer = sender
            .deliver_with(&[("content-type", kind)], body.clone())
            .await;
        assert_problem(&answer, 415);
    }
    let charset = [("content-type", "application/json; charset=utf-8")];
    assert_eq!(sender.deliver_with(&charset, body).await.status, 201);
}

#[tokio::test]
async fn an_answer_that_the_caller_does_not_take_is_not_acceptable() {
    let (product, sender) = house().await;
    let body = sender.letter_to(&ANNA).to_string();
    for accept in ["text/html", "application/xml", "application/json;q=0"] {
        let answer = sender
            .deliver_with(&[("accept", accept)], body.clone())
            .await;
        assert_problem(&answer, 406);
    }
    assert_eq!(messages(&product), 0);
    let any = [("accept", "text/html, */*;q=0.1")];
    assert_eq!(sender.deliver_with(&any, body).await.status, 201);
}

async fn with_token(product: &Product, sender: &Organisation, authorization: &str) -> Answer {
    let request = Request::post("/api/v1/aanleveringen").header("content-type", "application/json");
    let request = match authorization {
        "" => request,
        given => request.header("authorization", given),
    };
    let body = Body::from(sender.letter_to(&ANNA).to_string());
    product.call(request.body(body).unwrap()).await
}

#[tokio::test]
async fn without_a_token_that_holds_nobody_delivers() {
    let (product, sender) = house().await;
    for none in ["", "Basic eDp5", "Bearer"] {
        let answer = with_token(&product, &sender, none).await;
        assert_problem(&answer, 401);
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{none}");
    }
    let token = sender.token_for("aanleveren").await;
    let good = format!("Bearer {token}");
    assert_eq!(with_token(&product, &sender, &good).await.status, 201);
    product.clock().advance(Duration::from_secs(3600));
    let answer = with_token(&product, &sender, &good).await;
    assert_problem(&answer, 401);
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer error=\"invalid_token\""
    );
}

#[tokio::test]
async fn a_forged_token_opens_nothing() {
    let (product, sender) = house().await;
    let token = sender.token_for("aanleveren").await;
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("a JWT has three parts")
    };
    let coded = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let claims_text = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let other = claims_text.replace("aanleveren", "aanleveren afleverstatus");
    let none = coded(r#"{"alg":"none","typ":"at+jwt"}"#);
    let turned: String = signature.chars().rev().collect();
    let assertion = sender.assertion();
    for forged in [
        format!("{header}.{}.{signature}", coded(&other)),
        format!("{header}.{claims}.{turned}"),
        format!("{header}.{claims}."),
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        assertion,
        "x".to_owned(),
        "x".repeat(5000),
    ] {
        let answer = with_token(&product, &sender, &format!("Bearer {forged}")).await;
        assert_problem(&answer, 401);
        assert_eq!(
            answer.header("www-authenticate"),
            "Bearer error=\"invalid_token\""
        );
    }
    assert_eq!(messages(&product), 0);
}

#[tokio::test]
async fn a_token_for_another_part_of_the_api_is_not_enough() {
    let (product, sender) = house().await;
    let token = sender.token_for("afleverstatus").await;
    let answer = with_token(&product, &sender, &format!("Bearer {token}")).await;
    assert_problem(&answer, 403);
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"aanleveren\"";
    assert_eq!(answer.header("www-authenticate"), challenge);
}

#[tokio::test]
async fn a_publication_too_long_ago_or_too_far_ahead_is_refused() {
    let (_product, sender) = house().await;
    let at = "publicatietijdstip";
    for (moment, status) in [
        ("2026-11-20T13:24:59.999Z", 400),
        ("2026-11-20T13:25:00Z", 201),
        ("2026-11-20T14:30:00+01:00", 201),
        ("2027-11-20T13:30:00Z", 201),
        ("2027-11-22T13:30:00Z", 400),
        ("2026-11-20", 400),
        ("2026-11-20T13:30:00", 400),
    ] {
        let mut letter = sender.letter_to(&ANNA);
        letter[at] = json!(moment);
        let answer = sender.deliver(&letter).await;
        assert_eq!(answer.status, status, "{moment}: {}", answer.text());
        if status == 400 {
            assert_eq!(faults(&assert_problem(&answer, 400)), [format!("/{at}")]);
        }
    }
}

#[tokio::test]
async fn another_method_or_path_is_refused_in_the_same_form() {
    let (product, _sender) = house().await;
    for (method, path, status) in [
        ("GET", "/api/v1/aanleveringen", 405),
        ("PUT", "/api/v1/aanleveringen", 405),
        ("DELETE", "/api/v1/aanleveringen/x", 405),
        ("POST", "/api/v1/openapi.json", 405),
        ("GET", "/api/v1/bulkaanleveringen", 404),
        ("GET", "/api/v1", 404),
        ("GET", "/api/v1/", 404),
        ("GET", "/api/v1/aanleveringen/", 404),
    ] {
        let request = Request::builder().method(method).uri(path);
        let answer = product.call(request.body(Body::empty()).unwrap()).await;
        assert_problem(&answer, status);
        assert_eq!(
            answer.header("allow").is_empty(),
            status == 404,
            "{method} {path}"
        );
    }
}
