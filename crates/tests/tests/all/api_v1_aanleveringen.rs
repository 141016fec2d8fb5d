//! `POST /api/v1/aanleveringen`: what is taken in, when it appears, and that a repeated request makes one message.

mod any_body;
mod refusals;

use std::time::Duration;

use serde_json::json;
use testkit::{ANNA, BORIS, Browser, Organisation, Product, attachment, pdf};

use crate::data_folder::files_of;
use crate::database;
use crate::pages::{assert_api_headers, assert_problem, faults, shown, snapshot};

/// A sender, and Anna with an active account.
async fn house() -> (Product, Organisation) {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    (product, sender)
}

fn messages(product: &Product) -> i64 {
    database::number(product, "SELECT COUNT(*) FROM messages")
}

#[tokio::test]
async fn mo_51_mo_52_a_delivery_is_answered_with_its_receipt() {
    let (_product, sender) = house().await;
    let mut letter = sender.letter_to(&ANNA);
    letter["referentie"] = json!("Z-2026-1");
    letter["berichttype"] = json!("beschikking");
    letter["actieVoorDatum"] = json!("2026-12-31");
    letter["bijlagen"] = json!([
        attachment("a.pdf", &pdf("a")),
        attachment("b.pdf", &pdf("b"))
    ]);
    let answer = sender.deliver(&letter).await;
    assert_api_headers(&answer);
    let place = answer.header("location");
    assert!(place.starts_with("/api/v1/aanleveringen/"), "{place}");
    assert!(!place.contains(ANNA.bsn));
    snapshot(|| insta::assert_snapshot!("aanlevering", shown(&answer)));
}

#[tokio::test]
async fn cn_15_cn_58_a_delivery_by_crib_number_is_taken_in_and_a_bsn_is_not() {
    let product = Product::mijncn().await;
    let sender = Organisation::connect(&product, 1, "Openbaar Lichaam Bonaire").await;
    product.activate(&ANNA).await;
    let answer = sender.deliver(&sender.letter_to(&ANNA)).await;
    snapshot(|| insta::assert_snapshot!("aanlevering_mijncn", shown(&answer)));
    let mut letter = sender.letter_to(&ANNA);
    letter["ontvanger"] = json!({ "type": "BSN", "waarde": ANNA.bsn });
    let problem = assert_problem(&sender.deliver(&letter).await, 400);
    assert_eq!(faults(&problem), ["/ontvanger/type"]);
}

#[tokio::test]
async fn mo_51_a_first_login_opens_the_way_for_post() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    let letter = sender.letter_to(&ANNA);
    assert_problem(&sender.deliver(&letter).await, 403);
    Browser::new(&product).log_in(&ANNA).await;
    assert_eq!(sender.deliver(&letter).await.status, 201);
}

#[tokio::test]
async fn mo_51_whoever_refuses_is_not_told_apart_from_whoever_is_unknown() {
    let (product, sender) = house().await;
    let mandatory = Organisation::connect_mandatory(&product, 2, "Belastingdienst").await;
    assert_eq!(sender.deliver(&sender.letter_to(&ANNA)).await.status, 201);
    product.set_preference(&ANNA, &sender.oin, false).await;
    let refused = sender.deliver(&sender.letter_to(&ANNA)).await;
    let unknown = sender.deliver(&sender.letter_to(&BORIS)).await;
    assert_problem(&refused, 403);
    assert_eq!(refused, unknown, "to the byte, headers and all");
    // Boris is known from now on, as someone who never logged in: his sessions and account are taken away.
    product.activate(&BORIS).await;
    assert_eq!(
        database::change(
            &product,
            "DELETE FROM accounts WHERE subject_id NOT IN (SELECT subject_id FROM messages)"
        ),
        1
    );
    assert_eq!(refused, sender.deliver(&sender.letter_to(&BORIS)).await);

    // By law its post comes whatever a person prefers.
    product.set_preference(&ANNA, &mandatory.oin, false).await;
    assert_eq!(
        mandatory.deliver(&mandatory.letter_to(&ANNA)).await.status,
        201
    );
    product.set_preference(&ANNA, &sender.oin, true).await;
    assert_eq!(sender.deliver(&sender.letter_to(&ANNA)).await.status, 201);
}

#[tokio::test]
async fn lengths_are_taken_up_to_their_bounds() {
    let (_product, sender) = house().await;
    let mut letter = sender.letter_to(&ANNA);
    let mebibyte = 1 << 20;
    for (field, good, bad) in [
        ("onderwerp", "é".repeat(255), "é".repeat(256)),
        ("onderwerp", "x".to_owned(), String::new()),
        (
            "inhoud",
            "é".repeat(mebibyte / 2),
            "é".repeat(mebibyte / 2) + "x",
        ),
        (
            "inhoud",
            "€".repeat(mebibyte / 3) + "x",
            "€".repeat(mebibyte / 3 + 1),
        ),
        ("referentie", "r".repeat(255), "r".repeat(256)),
        ("berichttype", "t".repeat(64), "t".repeat(65)),
    ] {
        let before = letter[field].clone();
        letter[field] = json!(bad);
        let problem = assert_problem(&sender.deliver(&letter).await, 400);
        assert_eq!(faults(&problem), [format!("/{field}")]);
        letter[field] = json!(good);
        assert_eq!(sender.deliver(&letter).await.status, 201, "{field}");
        letter[field] = before;
    }
}

#[tokio::test]
async fn a_planned_message_is_hidden_until_its_moment() {
    let (product, sender) = house().await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let mut letter = sender.letter_to(&ANNA);
    letter["publicatietijdstip"] = json!("2026-11-20T15:30:00+01:00");
    letter["bijlagen"] = json!([attachment("a.pdf", &pdf("a"))]);
    let answer = sender.deliver(&letter).await;
    assert_eq!(
        answer.json()["publicatietijdstip"],
        "2026-11-20T14:30:00.000Z"
    );
    let id = answer.json()["berichtId"].as_str().unwrap().to_owned();
    assert_eq!(sender.status(&id).await.json()["status"], "gepland");

    product.clock().advance(Duration::from_secs(600));
    assert_eq!(browser.get(&format!("/berichten/{id}")).await.status, 404);
    assert!(
        browser
            .get("/berichten")
            .await
            .text()
            .contains("U hebt nog geen berichten")
    );
    let file = &database::rows(&product, "SELECT attachment_id FROM attachments")[0][0];
    let file = format!("/berichten/{id}/bijlagen/{file}");
    assert_eq!(browser.get(&file).await.status, 404);

    // The session would be idle for too long in one step.
    for _ in 0..6 {
        product.clock().advance(Duration::from_secs(500));
        browser.get("/berichten").await;
    }
    assert!(
        browser
            .get("/berichten")
            .await
            .text()
            .contains("U hebt 1 ongelezen bericht")
    );
    assert_eq!(browser.get(&format!("/berichten/{id}")).await.status, 200);
    assert_eq!(browser.get(&file).await.body, pdf("a"));
    let status = sender.status(&id).await.json();
    assert_eq!(status["status"], "afgeleverd");
    assert_eq!(status["historie"][0]["status"], "gepland");
    let appeared = json!({ "status": "afgeleverd", "tijdstip": "2026-11-20T14:30:00.000Z" });
    assert_eq!(status["historie"][1], appeared);
}

#[tokio::test]
async fn a_repeated_request_makes_one_message() {
    let (product, sender) = house().await;
    let key = [("idempotency-key", "aanvraag-1")];
    let mut letter = sender.letter_to(&ANNA);
    letter["bijlagen"] = json!([attachment("a.pdf", &pdf("a"))]);
    let body = letter.to_string();
    let first = sender.deliver_with(&key, body.clone()).await;
    assert_eq!(first.status, 201, "{}", first.text());
    product.clock().advance(Duration::from_secs(60));
    let again = sender.deliver_with(&key, body.clone()).await;
    assert_eq!(first, again, "the same answer, to the byte");
    assert_eq!(messages(&product), 1);

    let other = sender
        .deliver_with(&key, body.replace("Uw aanvraag", "Uw bezwaar"))
        .await;
    assert_problem(&other, 409);
    let spaced = sender.deliver_with(&key, format!("{body} ")).await;
    assert_problem(&spaced, 409);
    assert_eq!(messages(&product), 1);

    // A key is the sender's own, and kept for seven days.
    let neighbour = Organisation::connect(&product, 2, "Gemeente Vallei").await;
    let theirs = neighbour.letter_to(&ANNA).to_string();
    assert_eq!(neighbour.deliver_with(&key, theirs).await.status, 201);
    product.restart();
    assert_eq!(
        sender.deliver_with(&key, body.clone()).await.json(),
        first.json()
    );
    assert_eq!(messages(&product), 2);
    product.clock().advance(Duration::from_secs(7 * 24 * 3600));
    assert_eq!(sender.deliver_with(&key, body).await.status, 201);
    assert_eq!(messages(&product), 3);
}

#[tokio::test]
async fn a_refused_request_does_not_bind_its_key() {
    let (product, sender) = house().await;
    let key = [("idempotency-key", "aanvraag-1")];
    let body = sender.letter_to(&BORIS).to_string();
    assert_problem(&sender.deliver_with(&key, body.clone()).await, 403);
    product.activate(&BORIS).await;
    assert_eq!(sender.deliver_with(&key, body).await.status, 201);
    let wrong = sender
        .deliver_with(&[("idempotency-key", "met spatie")], "{}")
        .await;
    let problem = assert_problem(&wrong, 400);
    assert!(faults(&problem).contains(&"Idempotency-Key".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_many_times_at_once_makes_one_message() {
    let (product, sender) = house().await;
    let mut letter = sender.letter_to(&ANNA);
    letter["bijlagen"] = json!([attachment("a.pdf", &pdf("a"))]);
    let (sender, body) = (std::sync::Arc::new(sender), letter.to_string());
    sender.token().await;
    let racing: Vec<_> = (0..24)
        .map(|_| {
            let (sender, body) = (std::sync::Arc::clone(&sender), body.clone());
            tokio::spawn(async move {
                let key = [("idempotency-key", "wedstrijd")];
                sender.deliver_with(&key, body).await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for one in racing {
        answers.push(one.await.unwrap());
    }
    assert_eq!(answers[0].status, 201, "{}", answers[0].text());
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(messages(&product), 1);
    // Only the message's own attachment stays.
    assert_eq!(files_of(&[product.data().join("blobs")]).len(), 1);
}
