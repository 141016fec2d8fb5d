//! The main road on both installations: a delivery with its receipt, a login, a letter read, its file saved, a logout.

use std::time::Duration;

use serde_json::json;
use testkit::{ANNA, BORIS, Browser, NOW, Organisation, Product, attachment, pdf};

use crate::database;

#[tokio::test]
async fn mo_6_mo_22_mo_33_mo_45_mo_46_mo_51_mo_52_the_road_in_mijnoverheid() {
    go(&Product::mijnoverheid().await, "mijnoverheid").await;
}

#[tokio::test]
async fn cn_4_cn_15_cn_18_cn_24_cn_51_cn_58_cn_59_the_road_in_mijncn() {
    go(&Product::mijncn().await, "mijncn").await;
}

async fn go(product: &Product, name: &str) {
    let sender = Organisation::connect(product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    product.activate(&BORIS).await;

    // The sender delivers and has its receipt.
    let file = pdf("De beschikking op uw aanvraag");
    let mut letter = sender.letter_to(&ANNA);
    letter["bijlagen"] = json!([attachment("Beschikking.pdf", &file)]);
    let answer = sender.deliver(&letter).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let id = answer.json()["berichtId"].as_str().unwrap().to_owned();
    assert_eq!(
        answer.header("location"),
        format!("/api/v1/aanleveringen/{id}")
    );
    let receipt = sender.status(&id).await;
    assert_eq!(receipt.status, 200);
    let receipt = receipt.json();
    let delivered = json!([{ "status": "afgeleverd", "tijdstip": "2026-11-20T13:30:00.000Z" }]);
    assert_eq!(
        (&receipt["status"], &receipt["historie"]),
        (&json!("afgeleverd"), &delivered)
    );

    // The person logs in and finds it, unread.
    let mut browser = Browser::new(product);
    let inbox = browser.log_in(&ANNA).await;
    assert_eq!(inbox.status, 200);
    let session = format!("__Host-{name}-sessie");
    assert_eq!(browser.cookies(), [session.as_str()]);
    let secret = browser.cookie(&session).unwrap().to_owned();
    assert!(
        inbox.text().contains("U hebt 1 ongelezen bericht"),
        "{}",
        inbox.text()
    );
    assert!(inbox.text().contains("Uw aanvraag is ontvangen"));
    assert!(inbox.text().contains("Waterschap Vallei"));

    // Opening it reads it, once.
    product.clock().advance(Duration::from_secs(20));
    let page = browser.get(&inbox.link(&format!("/berichten/{id}"))).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Wij hebben uw aanvraag ontvangen."));
    product.clock().advance(Duration::from_secs(20));
    assert_eq!(browser.get(&format!("/berichten/{id}")).await.status, 200);
    let read_at = database::number(product, "SELECT read_at FROM messages");
    assert_eq!(read_at, NOW.plus(Duration::from_secs(20)).micros());
    let inbox = browser.get("/berichten").await;
    assert!(inbox.text().contains("U hebt alle berichten gelezen"));

    // The attachment is saved as it was sent.
    let saved = browser
        .get(&page.link(&format!("/berichten/{id}/bijlagen/")))
        .await;
    assert_eq!((saved.status, &saved.body[..]), (200, &file[..]));

    // The logout ends the session on both sides, and is told to the provider.
    let sent = browser.submit(&inbox, "/uitloggen", &[]).await;
    let there = sent.header("location").to_owned();
    assert!(
        there.starts_with(&format!("{}/uitloggen?", product.issuer())),
        "{there}"
    );
    assert!(!there.contains(product.number(&ANNA)));
    let after = browser.follow(sent).await;
    assert!(after.text().contains("U bent uitgelogd"));
    assert!(browser.cookies().is_empty());
    assert_eq!(
        database::number(product, "SELECT COUNT(*) FROM session_lookup"),
        0
    );
    let ended = "SELECT ended_at - began_at FROM sessions WHERE ended_how = 'uitgelogd'";
    assert_eq!(database::number(product, ended), 40_000_000);
    let mut thief = Browser::new(product);
    thief.plant(&session, &secret);
    let page = thief.get("/berichten").await;
    assert_eq!(
        (page.status, page.header("location")),
        (303, "/inloggen?naar=/berichten")
    );

    // Nobody else has seen any of it.
    let mut other = Browser::new(product);
    let inbox = other.log_in(&BORIS).await;
    assert!(inbox.text().contains("U hebt nog geen berichten"));
}
