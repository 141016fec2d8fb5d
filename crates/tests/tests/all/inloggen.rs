//! `/inloggen` and the way back from the provider: cookies, where a login ends, and when there is none.

use std::time::Duration;

use testkit::{ANNA, Answer, BORIS, Browser, LOUIS, Organisation, Product};

use crate::database;

const SESSION: &str = "__Host-mijnoverheid-sessie";
const ATTEMPT: &str = "__Host-mijnoverheid-inlogpoging";

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// Whether the browser is shown its letters.
async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/berichten").await.status == 200
}

fn only<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let mut lines = answer.cookies().into_iter();
    let line = lines.find(|line| line.starts_with(&format!("{name}=")));
    line.unwrap_or_else(|| panic!("no {name} in {:?}", answer.cookies()))
}

#[tokio::test]
async fn mo_45_cn_51_the_session_cookie_is_set_by_the_login_and_not_before() {
    for (product, name) in [
        (Product::mijnoverheid().await, "mijnoverheid"),
        (Product::mijncn().await, "mijncn"),
    ] {
        let mut browser = Browser::new(&product);
        for path in ["/", "/inloggen", "/berichten", "/uitgelogd", "/nergens"] {
            assert_eq!(
                browser.get(path).await.cookies(),
                Vec::<&str>::new(),
                "{path}"
            );
        }
        let page = browser.open("/inloggen").await;
        let sent = browser.submit(&page, "/inloggen", &[]).await;
        assert_eq!(sent.cookies().len(), 1);
        let attempt = format!("__Host-{name}-inlogpoging");
        assert!(
            only(&sent, &attempt)
                .ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=600")
        );
        let choices = browser.follow(sent).await;
        let number = product.number(&ANNA);
        let returned = browser.submit(&choices, "?", &[("persoon", number)]).await;
        let back = browser.get(returned.header("location")).await;
        assert_eq!(back.cookies().len(), 2);
        let session = only(&back, &format!("__Host-{name}-sessie"));
        assert!(
            session.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"),
            "{session}"
        );
        assert!(!session.contains("Max-Age") && !session.contains("Expires"));
        assert!(only(&back, &attempt).contains("Max-Age=0"));
        assert!(is_in(&mut browser).await);
        browser.close();
        assert!(browser.cookies().is_empty() && !is_in(&mut browser).await);
    }
}

#[tokio::test]
async fn mo_46_the_session_cookie_is_random_and_says_nothing() {
    let product = Product::mijnoverheid().await;
    let mut secrets = Vec::new();
    for _ in 0..3 {
        let mut browser = Browser::new(&product);
        browser.log_in(&ANNA).await;
        secrets.push(browser.cookie(SESSION).unwrap().to_owned());
    }
    for secret in &secrets {
        assert!(secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
    secrets.sort();
    secrets.dedup();
    assert_eq!(secrets.len(), 3);
}

#[tokio::test]
async fn a_cookie_planted_before_the_login_opens_nothing_after_it() {
    let product = Product::mijnoverheid().await;
    let planted = "a".repeat(64);
    let mut browser = Browser::new(&product);
    browser.plant(SESSION, &planted);
    browser.log_in(&ANNA).await;
    assert_ne!(browser.cookie(SESSION), Some(planted.as_str()));
    let mut thief = Browser::new(&product);
    thief.plant(SESSION, &planted);
    assert!(!is_in(&mut thief).await);
}

#[tokio::test]
async fn a_login_ends_where_it_was_wanted_but_never_elsewhere() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    let id = sender.delivered(&sender.letter_to(&ANNA)).await;
    let mut browser = Browser::new(&product);
    let page = browser
        .log_in_from(&format!("/berichten/{id}"), &ANNA)
        .await;
    assert!(
        page.text().contains("Wij hebben uw aanvraag ontvangen."),
        "{}",
        page.text()
    );
    for elsewhere in [
        "//elders.example",
        "https://elders.example/",
        "/\\elders.example",
    ] {
        let mut browser = Browser::new(&product);
        let returned = browser
            .choose(&format!("/inloggen?naar={elsewhere}"), &ANNA)
            .await;
        let back = browser.get(returned.header("location")).await;
        assert_eq!(
            (back.status, back.header("location")),
            (303, "/"),
            "{elsewhere}"
        );
    }
    // Who is in already is sent on.
    let again = browser.get("/inloggen").await;
    assert_eq!((again.status, again.header("location")), (303, "/"));
}

#[tokio::test]
async fn a_login_can_be_ended_by_the_browser_that_began_it_alone_and_once() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    let returned = browser.choose("/inloggen", &ANNA).await;
    let back = returned.header("location");
    assert!(
        back.starts_with("https://postbus.example/inloggen/terug?"),
        "{back}"
    );
    assert!(!back.contains(ANNA.bsn));
    let mut other = Browser::new(&product);
    let refused = other.get(back).await;
    assert_eq!(refused.status, 400);
    assert!(!is_in(&mut other).await);

    // Nor by a browser that is busy with a login of its own.
    let mut third = Browser::new(&product);
    third.choose("/inloggen", &BORIS).await;
    assert_eq!(third.get(back).await.status, 400);
    assert!(!is_in(&mut third).await);

    assert_eq!(browser.get(back).await.status, 303);
    assert!(is_in(&mut browser).await);
    assert_eq!(Browser::new(&product).get(back).await.status, 400);
    assert_eq!(
        database::number(&product, "SELECT COUNT(*) FROM sessions"),
        1
    );
}

#[tokio::test]
async fn a_login_that_takes_too_long_is_over() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    let page = browser.open("/inloggen").await;
    let sent = browser.submit(&page, "/inloggen", &[]).await;
    let attempt = browser.cookie(ATTEMPT).unwrap().to_owned();
    let choices = browser.follow(sent).await;
    product.clock().advance(Duration::from_secs(601));
    assert!(browser.cookies().is_empty());
    // Even for a browser that keeps the cookie against its lifetime.
    browser.plant(ATTEMPT, &attempt);
    let returned = browser
        .submit(&choices, "?", &[("persoon", ANNA.bsn)])
        .await;
    let refused = browser.get(returned.header("location")).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("Het inloggen duurde te lang"));
}

#[tokio::test]
async fn a_login_at_too_low_a_level_opens_nothing() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    let refused = browser.log_in(&LOUIS).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("Log in op een veiligere manier"));
    assert!(!is_in(&mut browser).await);
    assert_eq!(
        database::number(&product, "SELECT COUNT(*) FROM accounts"),
        0
    );
}

#[tokio::test]
async fn who_stops_at_the_provider_is_told_so() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    let page = browser.open("/inloggen").await;
    let sent = browser.submit(&page, "/inloggen", &[]).await;
    let choices = browser.follow(sent).await;
    let stopped = browser.get(&choices.link("https://postbus.example/")).await;
    assert_eq!(stopped.status, 200);
    assert!(stopped.text().contains("U bent gestopt met inloggen"));
    assert!(!is_in(&mut browser).await);
}

#[tokio::test]
async fn without_the_provider_the_product_starts_and_says_that_login_is_down() {
    let product = Product::mijnoverheid().await;
    product.stop_provider();
    product.restart();
    let mut browser = Browser::new(&product);
    let page = browser.open("/inloggen").await;
    assert_eq!(page.status, 200);
    let refused = browser.submit(&page, "/inloggen", &[]).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "30"));
    assert!(refused.text().contains("Inloggen kan nu niet"));
}

#[tokio::test]
async fn a_login_form_from_elsewhere_is_refused() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    browser.open("/inloggen").await;
    let there = format!("{}/inloggen", product.base_url());
    browser.get(&format!("{}/", product.issuer())).await;
    let refused = browser.post(&there, &[]).await;
    assert_eq!((refused.status, refused.cookies().len()), (403, 0));
}

#[tokio::test]
async fn mo_33_a_session_ends_when_it_is_idle_and_its_end_is_recorded() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let secret = browser.cookie(SESSION).unwrap().to_owned();
    for _ in 0..3 {
        product.clock().advance(minutes(14));
        assert!(is_in(&mut browser).await);
    }
    product.clock().advance(minutes(15));
    let over = browser.get("/berichten").await;
    assert_eq!(
        (over.status, over.header("location")),
        (303, "/inloggen?naar=/berichten")
    );
    assert!(only(&over, SESSION).contains("Max-Age=0"));
    assert!(browser.cookies().is_empty());
    browser.plant(SESSION, &secret);
    assert!(!is_in(&mut browser).await);
    let lasted =
        "SELECT (ended_at - began_at) / 60000000 FROM sessions WHERE ended_how = 'verlopen'";
    assert_eq!(database::number(&product, lasted), 3 * 14 + 15);
}

#[tokio::test]
async fn mo_33_a_session_ends_also_when_its_browser_never_comes_back() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    product.clock().advance(minutes(10));
    assert!(is_in(&mut browser).await);
    // Looked after at its first idle end, when it is still alive, and again when it is not.
    product.clock().advance(minutes(5));
    product.run_jobs().await;
    let open = "SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL";
    assert_eq!(database::number(&product, open), 1);
    product.clock().advance(minutes(60));
    product.run_jobs().await;
    let lasted =
        "SELECT (ended_at - began_at) / 60000000 FROM sessions WHERE ended_how = 'verlopen'";
    assert_eq!(database::number(&product, lasted), 10 + 15);
    assert_eq!(
        database::number(&product, "SELECT COUNT(*) FROM session_lookup"),
        0
    );
    assert!(!is_in(&mut browser).await);
}

#[tokio::test]
async fn mo_33_a_login_in_the_same_browser_ends_the_session_it_replaces() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let former = browser.cookie(SESSION).unwrap().to_owned();
    // The session comes into this browser while it is away at the provider.
    let mut other = Browser::new(&product);
    let returned = other.choose("/inloggen", &ANNA).await;
    other.plant(SESSION, &former);
    other.follow(returned).await;
    let replaced = "SELECT COUNT(*) FROM sessions WHERE ended_how = 'vervangen'";
    assert_eq!(database::number(&product, replaced), 1);
    assert!(is_in(&mut other).await && other.cookie(SESSION) != Some(former.as_str()));
    assert!(!is_in(&mut browser).await);
}

#[tokio::test]
async fn a_session_ends_at_last_however_busy_it_is() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    for _ in 0..71 {
        product.clock().advance(minutes(10));
        assert!(is_in(&mut browser).await);
    }
    product.clock().advance(minutes(10));
    assert!(!is_in(&mut browser).await);
}

#[tokio::test]
async fn a_session_outlives_a_restart() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    product.restart();
    assert!(is_in(&mut browser).await);
}

#[tokio::test]
async fn the_login_page_in_each_language() {
    let product = Product::mijncn().await;
    for language in ["nl", "en", "pap"] {
        let mut browser = Browser::new(&product);
        browser.language = language;
        let page = browser.open("/inloggen").await;
        assert!(page.text().contains(&format!("<html lang=\"{language}\">")));
    }
}
