//! A clock that is set back: what was delivered stays in sight, ids and log stand, nothing that has an end lives on.

use std::time::Duration;

use serde_json::json;
use testkit::{ANNA, Browser, NOW, Organisation, Product, attachment, pdf};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_clock_set_back_an_hour_hides_no_letter_and_keeps_nothing_alive() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 7, "Dienst Uurwerken").await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let mut before = sender.letter_to(&ANNA);
    before["onderwerp"] = json!("Voor het verzetten");
    before["bijlagen"] = json!([attachment("bijlage.pdf", &pdf("uurwerk"))]);
    let key = [("idempotency-key", "een-brief")];
    let answer = sender.deliver_with(&key, before.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let first = answer.json()["berichtId"].as_str().unwrap().to_owned();
    let mut planned = sender.letter_to(&ANNA);
    planned["onderwerp"] = json!("Gepland");
    planned["publicatietijdstip"] = json!(NOW.plus(30 * MINUTE).to_string());
    let planned = sender.delivered(&planned).await;
    product.run_jobs().await;

    product.clock().set(NOW.minus(HOUR));
    // A session and a token that seem to begin later are of another time.
    assert_eq!(browser.get("/berichten").await.status, 303);
    assert_eq!(sender.status(&first).await.status, 401);
    let fresh = sender.token_for("aanleveren afleverstatus").await;
    let bearer = format!("Bearer {fresh}");
    let authorised = [("authorization", bearer.as_str())];
    let mut during = sender.letter_to(&ANNA);
    during["onderwerp"] = json!("Tijdens het verzetten");
    let answer = sender.deliver_with(&authorised, during.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let second = answer.json()["berichtId"].as_str().unwrap().to_owned();
    let again = [authorised[0], key[0]];
    let again = sender.deliver_with(&again, before.to_string()).await;
    assert_eq!(
        (again.status, again.json()["berichtId"].as_str()),
        (201, Some(&*first))
    );
    assert!(first != second);

    browser.log_in(&ANNA).await;
    let list = browser.get("/berichten").await;
    for title in ["Voor het verzetten", "Tijdens het verzetten"] {
        assert_eq!(
            list.text().matches(&format!(">{title}</a>")).count(),
            1,
            "{title}: {}",
            list.text()
        );
    }
    assert!(
        !list.text().contains("Gepland"),
        "its moment is yet to come"
    );
    let page = browser.get(&format!("/berichten/{first}")).await;
    let saved = browser
        .get(&page.link(&format!("/berichten/{first}/bijlagen/")))
        .await;
    assert_eq!(saved.body, pdf("uurwerk"));
    assert_eq!(
        browser.get(&format!("/berichten/{second}")).await.status,
        200
    );
    assert_eq!(
        browser.get(&format!("/berichten/{planned}")).await.status,
        404
    );
    product.run_jobs().await;
    assert!(product.vault().verify_log().await.unwrap().is_whole());

    // It catches up.
    product.clock().set(NOW.plus(31 * MINUTE));
    browser.log_in(&ANNA).await;
    let list = browser.get("/berichten").await;
    for title in ["Voor het verzetten", "Tijdens het verzetten", "Gepland"] {
        assert_eq!(
            list.text().matches(&format!(">{title}</a>")).count(),
            1,
            "{title}: {}",
            list.text()
        );
    }
    product.run_jobs().await;
    product.restart();
    let found = product.vault().verify_log().await.unwrap();
    assert!(found.is_whole(), "{found:?}");
}

#[tokio::test]
async fn a_clock_put_right_by_minutes_troubles_nobody() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 7, "Dienst Uurwerken").await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let before = sender.delivered(&sender.letter_to(&ANNA)).await;
    product.clock().set(NOW.minus(4 * MINUTE));
    let during = sender.delivered(&sender.letter_to(&ANNA)).await;
    for letter in [before, during] {
        assert_eq!(
            browser.get(&format!("/berichten/{letter}")).await.status,
            200
        );
        assert_eq!(sender.status(&letter).await.status, 200);
    }
    // Begun four minutes from now, so nobody gets more than those on top of the absolute end.
    product.clock().set(NOW.plus(24 * HOUR));
    assert_eq!(browser.get("/berichten").await.status, 303);
}
