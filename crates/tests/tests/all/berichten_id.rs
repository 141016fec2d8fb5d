//! `/berichten/{id}`: one letter of one's own. Everybody else's is as absent as none.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use testkit::{ANNA, BORIS, Browser, Organisation, Product, attachment, pdf};

use crate::data_folder::Lines;
use crate::database;

const TEXT: &str = "# Uw aanvraag

Beste **lezer**,

U krijgt € 100. Zie [de uitleg](https://www.voorbeeld.nl/uitleg) of [dit](javascript:alert(1)).

![volg](https://volgen.example/pixel.gif) <img src=x onerror=alert(1)>

| Jaar | Bedrag |
|---|---|
| 2026 | € 100 |

* een
* twee
";

async fn delivered(product: &Product) -> (Organisation, String) {
    let sender = Organisation::connect(product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    product.activate(&BORIS).await;
    let mut letter = sender.letter_to(&ANNA);
    letter["inhoud"] = json!(TEXT);
    letter["referentie"] = json!("Z-2026-1");
    letter["actieVoorDatum"] = json!("2026-12-31");
    letter["bijlagen"] = json!([attachment("Beschikking 1.pdf", &pdf("a"))]);
    let id = sender.delivered(&letter).await;
    (sender, id)
}

async fn logged_in(product: &Product, person: &testkit::Person) -> Browser {
    let mut browser = Browser::new(product);
    browser.log_in(person).await;
    browser
}

#[tokio::test]
async fn mo_6_a_letter_is_shown_whole_without_anything_from_elsewhere() {
    let product = Product::mijnoverheid().await;
    let (_sender, id) = delivered(&product).await;
    let mut browser = logged_in(&product, &ANNA).await;
    let page = browser.get(&format!("/berichten/{id}")).await;
    assert_eq!(page.status, 200);
    for never in [
        "<img src=x",
        "volgen.example/pixel.gif\"",
        "href=\"javascript",
        "onerror=alert(1)>",
    ] {
        assert!(!page.text().contains(never), "{never}");
    }
    for always in [
        "U krijgt € 100.",
        ">Z-2026-1<",
        "<td>2026</td>",
        "<li>twee</li>",
    ] {
        assert!(page.text().contains(always), "{always}");
    }
}

#[tokio::test]
async fn a_letter_of_mijncn_tells_the_time_of_bonaire() {
    let product = Product::mijncn().await;
    let (_sender, id) = delivered(&product).await;
    let mut browser = logged_in(&product, &ANNA).await;
    browser.language = "pap";
    let page = browser.get(&format!("/berichten/{id}")).await;
    assert!(
        page.text()
            .contains("datetime=\"2026-11-20T09:30:00-04:00\""),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn mo_6_cn_44_another_persons_letter_is_as_absent_as_none() {
    for product in [Product::mijnoverheid().await, Product::mijncn().await] {
        let (_sender, id) = delivered(&product).await;
        let mut browser = logged_in(&product, &BORIS).await;
        let theirs = browser.get(&format!("/berichten/{id}")).await;
        assert_eq!(theirs.status, 404);
        let unknown = "018f0000-0000-7000-8000-000000000000";
        for nothing in [
            unknown,
            "geen-id",
            &id.to_uppercase(),
            "999993653",
            "%ff",
            "%00",
        ] {
            let none = browser.get(&format!("/berichten/{nothing}")).await;
            assert_eq!(none.status, 404, "{nothing}");
            // The links to other languages hold the address that was asked for; nothing else may differ.
            let (theirs, none) = (theirs.text(), none.text());
            assert_eq!(
                theirs.replace(&id, ""),
                none.replace(nothing, ""),
                "{nothing}"
            );
        }
        assert_eq!(
            database::number(
                &product,
                "SELECT COUNT(*) FROM messages WHERE read_at IS NOT NULL"
            ),
            0
        );
    }
}

#[tokio::test]
async fn the_first_reading_is_recorded_once() {
    let product = Product::mijnoverheid().await;
    let (_sender, id) = delivered(&product).await;
    let mut browser = logged_in(&product, &ANNA).await;
    browser.get("/berichten").await;
    let read = "SELECT COALESCE(read_at, 0) FROM messages";
    assert_eq!(
        database::number(&product, read),
        0,
        "a look at the list reads nothing"
    );
    product.clock().advance(Duration::from_secs(5));
    let at = product.clock().now().micros();
    for _ in 0..3 {
        assert_eq!(browser.get(&format!("/berichten/{id}")).await.status, 200);
        product.clock().advance(Duration::from_secs(5));
        assert_eq!(database::number(&product, read), at);
    }
    assert_eq!(
        database::number(
            &product,
            "SELECT COUNT(*) FROM log WHERE activity = 'bericht-lezen'"
        ),
        3
    );
}

#[tokio::test]
async fn asking_after_the_headers_of_a_letter_is_not_reading_it() {
    let product = Product::mijnoverheid().await;
    let (_sender, id) = delivered(&product).await;
    let browser = logged_in(&product, &ANNA).await;
    let name = "__Host-mijnoverheid-sessie";
    let cookie = format!("{name}={}", browser.cookie(name).unwrap());
    let asked = Request::head(format!("/berichten/{id}")).header("cookie", cookie);
    let answer = product.call(asked.body(Body::empty()).unwrap()).await;
    assert_ne!(answer.status, 200);
    let unread = "SELECT COUNT(*) FROM messages WHERE read_at IS NULL";
    assert_eq!(database::number(&product, unread), 1);
}

/// The rows of a letter are given to somebody else past the door: their key does not open it.
#[tokio::test]
async fn cn_44_a_row_of_another_person_does_not_open() {
    for product in [Product::mijnoverheid().await, Product::mijncn().await] {
        let (_sender, id) = delivered(&product).await;
        let boris = product.activate(&BORIS).await.to_string();
        for table in ["messages", "bodies", "attachments"] {
            let give =
                format!("UPDATE {table} SET subject_id = '{boris}' WHERE message_id = '{id}'");
            assert_eq!(database::change(&product, &give), 1, "{table}");
        }
        let mut browser = Browser::new(&product);
        let returned = browser.choose("/inloggen", &BORIS).await;
        assert_eq!(browser.get(returned.header("location")).await.status, 303);
        let file = &database::rows(&product, "SELECT attachment_id FROM attachments")[0][0];
        let letter = format!("/berichten/{id}");
        let (lines, _told) = Lines::of_this_test();
        for path in ["/berichten", &letter, &format!("{letter}/bijlagen/{file}")] {
            let page = browser.get(path).await;
            assert_eq!(page.status, 500, "{path}");
            assert!(page.text().contains("Er ging iets mis bij ons"));
            for never in [
                "Uw aanvraag",
                "Beste",
                "Beschikking",
                "Z-2026-1",
                "Waterschap",
            ] {
                assert!(!page.text().contains(never), "{never}");
            }
        }
        let failed = "SELECT COUNT(*) FROM log WHERE status = 'Error'";
        assert_eq!(
            database::number(&product, failed),
            3,
            "each try is on record"
        );
        assert_eq!(lines.text().matches("security_event=true").count(), 3);
        let anna = logged_in(&product, &ANNA).await.get("/berichten").await;
        assert!(anna.text().contains("U hebt nog geen berichten"));
    }
}

/// A single sealed value is exchanged between two letters of one person: it is bound to its row.
#[tokio::test]
async fn a_value_does_not_open_in_another_row() {
    let product = Product::mijnoverheid().await;
    let (sender, id) = delivered(&product).await;
    let second = sender.delivered(&sender.letter_to(&ANNA)).await;
    let swap = format!(
        "UPDATE bodies SET text = (SELECT text FROM bodies WHERE message_id = '{id}') WHERE message_id = '{second}'"
    );
    assert_eq!(database::change(&product, &swap), 1);
    let mut browser = logged_in(&product, &ANNA).await;
    assert_eq!(browser.get(&format!("/berichten/{id}")).await.status, 200);
    let page = browser.get(&format!("/berichten/{second}")).await;
    assert_eq!(page.status, 500);
    assert!(!page.text().contains("U krijgt"));
}
