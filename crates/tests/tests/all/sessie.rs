//! `/sessie` and the warning on every page: when a session ends by itself, said in time, and how to stay.

use std::time::Duration;

use testkit::{ANNA, Answer, Browser, MIJNCN, MIJNOVERHEID, Product};

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// The part of a page that warns; empty when there is none.
fn warning(page: &Answer) -> &str {
    let parts = page.text().split_once("<div class=\"postbus-ending");
    parts.map_or("", |(_, rest)| rest.split("</body>").next().unwrap())
}

/// How long the page lies open before its warning shows, by its classes and the stylesheet that is served.
async fn wait(product: &Product, page: &Answer) -> Duration {
    let head = page.text().split("href=\"/assets/").nth(2).unwrap();
    let sheet = format!("/assets/{}", head.split('"').next().unwrap());
    let styles = Browser::new(product).get(&sheet).await;
    assert!(styles.header("content-type").starts_with("text/css"));
    let sum = styles
        .text()
        .split("animation:postbus-ending 1ms calc(")
        .nth(1)
        .unwrap();
    let sum = sum.split(") backwards").next().unwrap();
    let classes = warning(page).split('"').next().unwrap();
    let seconds = classes.split_whitespace().map(|class| {
        let rule = styles
            .text()
            .split(&format!(".{class}{{--{class}:"))
            .nth(1)
            .unwrap();
        assert!(
            sum.contains(&format!("var(--{class},0s)")),
            "{class} in {sum}"
        );
        rule.split("s}").next().unwrap().parse::<u64>().unwrap()
    });
    Duration::from_secs(seconds.sum())
}

#[tokio::test]
async fn cn_52_every_page_says_in_time_when_the_session_ends() {
    for (statement, at_first, zone) in [
        (MIJNOVERHEID, "14.45 uur", "+01:00"),
        (MIJNCN, "9.45 uur", "-04:00"),
    ] {
        let product = Product::start(statement).await;
        let mut browser = Browser::new(&product);
        let page = browser.log_in(&ANNA).await;
        let time = format!("{zone}\">{at_first}</time>");
        assert!(warning(&page).contains(&time), "{}", warning(&page));
        assert!(warning(&page).contains("role=\"status\""));
        // The idle time less two minutes.
        assert_eq!(wait(&product, &page).await, minutes(15 - 2));
        // Not yet written anew: the page knows that it has less time.
        product.clock().advance(Duration::from_secs(59));
        let page = browser.get("/gegevens").await;
        assert!(warning(&page).contains(&time));
        assert_eq!(wait(&product, &page).await, minutes(15 - 2 - 1));
        // Written anew.
        product.clock().advance(Duration::from_secs(1));
        let page = browser.get("/nergens").await;
        assert_eq!(page.status, 404);
        assert!(warning(&page).contains(&at_first.replace("45", "46")));
        assert_eq!(wait(&product, &page).await, minutes(15 - 2));
    }
}

#[tokio::test]
async fn the_warning_is_never_later_than_the_end_of_the_longest_session() {
    let product = Product::mijncn().await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    // Until ten minutes before the eight hours are over.
    for _ in 0..47 {
        product.clock().advance(minutes(10));
        browser.get("/berichten").await;
    }
    let page = browser.get("/berichten").await;
    assert_eq!(wait(&product, &page).await, minutes(10 - 2));
    assert!(warning(&page).contains("17.30 uur") && !warning(&page).contains("/sessie"));
    let page = browser.get("/sessie").await;
    assert!(page.text().contains("Langer kan niet."), "{}", page.text());
    product.clock().advance(minutes(9));
    assert_eq!(
        wait(&product, &browser.get("/berichten").await).await,
        minutes(0)
    );
}

#[tokio::test]
async fn who_opens_the_page_of_the_session_stays_logged_in() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    let page = browser.log_in(&ANNA).await;
    product.clock().advance(minutes(14));
    let stay = page.link("/sessie");
    assert!(warning(&page).contains("target=\"_blank\""));
    let staying = browser.get(&stay).await;
    assert_eq!(staying.status, 200);
    assert!(
        staying.text().contains(
            "U blijft ingelogd tot <time datetime=\"2026-11-20T14:59:00+01:00\">14.59 uur</time>"
        ),
        "{}",
        staying.text()
    );
    product.clock().advance(minutes(14));
    assert_eq!(browser.get("/berichten").await.status, 200);
}

#[tokio::test]
async fn a_stranger_has_no_session_to_be_warned_about() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    for path in ["/inloggen", "/uitgelogd", "/nergens"] {
        assert_eq!(warning(&browser.get(path).await), "", "{path}");
    }
    let sent = browser.get("/sessie").await;
    assert_eq!(
        (sent.status, sent.header("location")),
        (303, "/inloggen?naar=/sessie")
    );
}
