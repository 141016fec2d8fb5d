//! `/uitloggen`: the session ends on both sides, and nobody else can end it.

use testkit::{ANNA, Browser, Product};

use crate::database;

const SESSION: &str = "__Host-mijnoverheid-sessie";

async fn logged_in() -> (Product, Browser) {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    (product, browser)
}

#[tokio::test]
async fn mo_33_mo_45_a_logout_ends_the_session_on_both_sides_and_tells_the_provider() {
    let (product, mut browser) = logged_in().await;
    let mut elsewhere = Browser::new(&product);
    elsewhere.log_in(&ANNA).await;
    let secret = browser.cookie(SESSION).unwrap().to_owned();
    product.clock().advance(std::time::Duration::from_secs(30));
    let page = browser.get("/berichten").await;
    let sent = browser.submit(&page, "/uitloggen", &[]).await;
    assert_eq!(sent.status, 303);
    assert_eq!(sent.header("clear-site-data"), "\"cache\"");
    let expired = sent
        .cookies()
        .into_iter()
        .map(|line| line.split('=').next().unwrap());
    assert_eq!(
        expired.collect::<Vec<_>>(),
        [SESSION, "__Host-mijnoverheid-inlogpoging"]
    );
    assert!(
        sent.cookies()
            .iter()
            .all(|line| line.contains("=;") && line.contains("Max-Age=0"))
    );
    let there = sent.header("location").to_owned();
    assert!(
        there.starts_with(&format!("{}/uitloggen?", product.issuer())),
        "{there}"
    );
    let back = browser.get(&there).await;
    let back = back.header("location");
    assert!(
        back.starts_with("https://postbus.example/uitgelogd"),
        "{back}"
    );
    let end = browser.get(back).await;
    assert_eq!(end.status, 200);

    let mut thief = Browser::new(&product);
    thief.plant(SESSION, &secret);
    assert_eq!(thief.get("/berichten").await.status, 303);
    let ended = "SELECT ended_at - began_at FROM sessions WHERE ended_how = 'uitgelogd'";
    assert_eq!(database::number(&product, ended), 30_000_000);
    // The same person's other browser goes on.
    assert_eq!(elsewhere.get("/berichten").await.status, 200);
}

#[tokio::test]
async fn a_logout_without_the_sessions_token_is_refused() {
    let (product, mut browser) = logged_in().await;
    let csrf = |value: &str| vec![("csrf".to_owned(), value.to_owned())];
    for wrong in [Vec::new(), csrf(""), csrf(&"0".repeat(64))] {
        let refused = browser.post("/uitloggen", &wrong).await;
        assert_eq!((refused.status, refused.cookies().len()), (403, 0));
        assert!(refused.text().contains("Dit formulier werkt niet meer"));
    }
    assert_eq!(browser.get("/uitloggen").await.status, 405);
    // Another session's token is no better.
    let mut other = Browser::new(&product);
    let page = other.log_in(&ANNA).await;
    let theirs = page.text().split("name=\"csrf\" value=\"").nth(1).unwrap();
    assert_eq!(
        browser
            .post("/uitloggen", &csrf(&theirs[..64]))
            .await
            .status,
        403
    );
    assert_eq!(browser.get("/berichten").await.status, 200);
}

#[tokio::test]
async fn a_logout_works_while_the_provider_is_down() {
    let (product, mut browser) = logged_in().await;
    product.stop_provider();
    // What was known of the provider is forgotten with the process.
    product.restart();
    let end = browser.log_out().await;
    assert!(end.text().contains("U bent uitgelogd"), "{}", end.text());
    assert!(browser.cookies().is_empty());
    assert_eq!(browser.get("/berichten").await.status, 303);
}
