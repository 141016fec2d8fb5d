//! `GET /api/v1/aanleveringen/{berichtId}`: the receipt, for the sender that holds it alone.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use testkit::{ANNA, Browser, NOW, Organisation, Product};

use crate::database::number;
use crate::ending::sweep::sweep;
use crate::pages::{assert_api_headers, assert_problem, shown, snapshot};

const DAY: Duration = Duration::from_secs(86_400);

async fn delivered() -> (Product, Organisation, String) {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    let id = sender.delivered(&sender.letter_to(&ANNA)).await;
    (product, sender, id)
}

#[tokio::test]
async fn mo_52_the_sender_sees_what_became_of_its_delivery() {
    let (product, sender, id) = delivered().await;
    let status = sender.status(&id).await;
    assert_api_headers(&status);
    snapshot(|| insta::assert_snapshot!("afleverstatus", shown(&status)));
    assert!(!status.text().contains(ANNA.bsn));
    // Reading is the person's own: the shipped statement names no such disclosure.
    product.clock().advance(Duration::from_secs(60));
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    assert_eq!(browser.get(&format!("/berichten/{id}")).await.status, 200);
    assert_eq!(sender.status(&id).await, status);
}

#[tokio::test]
async fn cn_59_the_receipt_of_mijncn_has_the_same_form() {
    let product = Product::mijncn().await;
    let sender = Organisation::connect(&product, 1, "Openbaar Lichaam Bonaire").await;
    product.activate(&ANNA).await;
    let id = sender.delivered(&sender.letter_to(&ANNA)).await;
    let status = sender.status(&id).await;
    assert_eq!(status.status, 200);
    assert_eq!(status.json()["status"], "afgeleverd");
    assert!(!status.text().contains(ANNA.crib));
}

#[tokio::test]
async fn a_receipt_of_another_sender_is_as_unknown_as_any() {
    let (product, sender, id) = delivered().await;
    let neighbour = Organisation::connect(&product, 2, "Gemeente Vallei").await;
    let theirs = neighbour.status(&id).await;
    assert_problem(&theirs, 404);
    let unknown = "018f0000-0000-7000-8000-000000000000";
    for nothing in [unknown, "geen-id", &id.to_uppercase(), "%00", "..%2F..%2F"] {
        assert_eq!(neighbour.status(nothing).await, theirs, "{nothing}");
        assert_eq!(sender.status(nothing).await, theirs, "{nothing}");
    }
}

#[tokio::test]
async fn a_receipt_wants_a_token_for_it_and_a_sender_that_may() {
    let (product, sender, id) = delivered().await;
    let ask = async |token: &str| {
        let request = Request::get(format!("/api/v1/aanleveringen/{id}"));
        let request = request
            .header("authorization", token)
            .header("accept", "application/json");
        product.call(request.body(Body::empty()).unwrap()).await
    };
    assert_problem(&ask("").await, 401);
    let deliverer = sender.token_for("aanleveren").await;
    let answer = ask(&format!("Bearer {deliverer}")).await;
    assert_problem(&answer, 403);
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"afleverstatus\"";
    assert_eq!(answer.header("www-authenticate"), challenge);
    let token = sender.token_for("afleverstatus").await;
    assert_eq!(ask(&format!("Bearer {token}")).await.status, 200);
    sender.block().await;
    assert_problem(&ask(&format!("Bearer {token}")).await, 403);
}

/// MO-52, MO-64: a letter that is planned far ahead is kept from the day it appears, and so is the proof of it.
#[tokio::test]
async fn mo_52_the_receipt_of_a_planned_letter_stays_as_long_as_the_letter() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    let mut letter = sender.letter_to(&ANNA);
    letter["publicatietijdstip"] = json!("2027-11-01T09:00:00+01:00");
    let id = sender.delivered(&letter).await;
    // Five years after it came in, and eleven months before it has been there for five.
    let swept_after = async |days: u32| {
        product.clock().set(NOW.plus(days * DAY));
        sweep(&product).await;
        ["messages", "deliveries", "delivery_status"]
            .map(|table| number(&product, &format!("SELECT COUNT(*) FROM {table}")))
    };
    let [messages, receipts, _] = swept_after(5 * 365 + 30).await;
    assert_eq!((messages, receipts), (1, 1));
    assert_eq!(sender.status(&id).await.status, 200);
    assert_eq!(swept_after(6 * 365 + 30).await, [0, 0, 0]);
}
