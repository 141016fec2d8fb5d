//! `/`, `/toegankelijkheid`, `/robots.txt`, `/.well-known/security.txt`, `/app-melding`: what belongs to the whole site.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use testkit::{
    ANNA, Answer, Browser, CJIB, MIJNCN, MIJNOVERHEID, Organisation, Product, attachment, pdf,
};

use crate::pages::snapshot;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn a_stranger_is_welcomed_and_finds_the_way_in() {
    let product = Product::mijnoverheid().await;
    let page = Browser::new(&product).get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("action=\"/inloggen\""));
}

#[tokio::test]
async fn mo_7_the_first_page_tells_what_is_new() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let nothing = browser.get("/").await;
    assert!(nothing.text().contains("U hebt nog geen berichten."));
    for number in 0..7 {
        product.clock().advance(Duration::from_secs(1));
        let mut letter = sender.letter_to(&ANNA);
        letter["onderwerp"] = json!(format!("Brief {number}"));
        match number {
            0 => letter["actieVoorDatum"] = json!("2026-12-31"),
            1 => letter["actieVoorDatum"] = json!("2027-06-01"),
            2 => letter["bijlagen"] = json!([attachment("a.pdf", &pdf("a"))]),
            _ => {}
        }
        sender.delivered(&letter).await;
    }
    let news = browser.get("/").await;
    snapshot(|| insta::assert_snapshot!("begin_nieuws", news.text()));
    // A last day that has passed asks for nothing any more.
    product.clock().advance(42 * DAY);
    browser.log_in(&ANNA).await;
    let later = browser.get("/").await;
    assert!(!later.text().contains("Hier moet u iets doen"));
}

#[tokio::test]
async fn an_unread_letter_with_a_last_day_is_told_before_those_that_are_read() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    for number in 0..6 {
        product.clock().advance(Duration::from_secs(1));
        let mut letter = sender.letter_to(&ANNA);
        letter["onderwerp"] = json!(format!("Brief {number}"));
        letter["actieVoorDatum"] = json!(format!("2026-12-0{}", number + 1));
        let id = sender.delivered(&letter).await;
        if number < 5 {
            browser.get(&format!("/berichten/{id}")).await;
        }
    }
    assert!(browser.get("/").await.text().contains("Brief 5"));
}

#[tokio::test]
async fn cn_5_the_site_is_there_in_three_languages() {
    let product = Product::mijncn().await;
    let mut browser = Browser::new(&product);
    for (language, welcome) in [
        ("nl", "Welkom bij MijnCN"),
        ("en", "Welcome to MijnCN"),
        ("pap", "Bon biní na MijnCN"),
    ] {
        let page = browser.get(&format!("/?taal={language}")).await;
        assert!(page.text().contains(welcome), "{}", page.text());
        assert!(page.text().contains(&format!("<html lang=\"{language}\">")));
    }
}

#[tokio::test]
async fn the_accessibility_statement_is_for_everyone() {
    let product = Product::mijnoverheid().await;
    let page = Browser::new(&product).get("/toegankelijkheid").await;
    assert_eq!(page.status, 200);
    assert!(
        page.text()
            .contains("<a href=\"mailto:helpdesk@postbus.example\">helpdesk@postbus.example</a>")
    );
}

/// MO-58 and CN-65: where the helpdesk's address stands, it stands also that other companies will see what is told to it; a statement
/// that names no such companies says nothing of it.
#[tokio::test]
async fn mo_58_cn_65_who_turns_to_the_helpdesk_hears_who_else_sees_their_data() {
    let told = [
        (
            "nl",
            "Neemt u contact op met de Helpdesk? Dan gebruiken ook de bedrijven die ons helpen uw gegevens.",
        ),
        (
            "en",
            "Do you contact the Helpdesk? Then the companies that help us use your data too.",
        ),
        ("pap", "kompanianan ku ta yuda nos tambe ta usa bo datonan."),
    ];
    for statement in [MIJNOVERHEID, MIJNCN, CJIB] {
        let product = Product::start(statement).await;
        let languages = product.vault().register().languages().to_vec();
        let mut browser = Browser::new(&product);
        for (language, words) in told {
            if !languages.iter().any(|offered| offered == language) {
                continue;
            }
            let page = browser
                .get(&format!("/toegankelijkheid?taal={language}"))
                .await;
            let (_, after) = page
                .text()
                .split_once(">helpdesk@postbus.example</a></p>")
                .expect("its address is there");
            let said = after.trim_start().split("</p>").next().unwrap_or_default();
            assert_eq!(
                said.contains(words),
                statement != CJIB,
                "{language}: {said}"
            );
        }
    }
}

#[tokio::test]
async fn machines_find_what_they_look_for() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    let robots = browser.get("/robots.txt").await;
    assert_eq!(robots.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(
        robots.text(),
        "User-agent: *\nAllow: /$\nAllow: /toegankelijkheid$\nAllow: /privacy\nDisallow: /\n"
    );
    for public in ["/", "/toegankelijkheid", "/privacy", "/privacy/versies"] {
        assert_eq!(browser.get(public).await.status, 200, "{public}");
    }
    // RFC 9116: Contact and Expires, less than a year ahead.
    let security = browser.get("/.well-known/security.txt").await;
    assert_eq!(security.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(
        security.text(),
        "Contact: mailto:beveiliging@postbus.example\nExpires: 2027-05-20T00:00:00Z\n\
         Preferred-Languages: nl, en\nCanonical: https://postbus.example/.well-known/security.txt\n"
    );
}

/// A page as a phone asks for it, with these cookies.
async fn on_a_phone(product: &Product, path: &str, cookie: &str) -> Answer {
    let request = Request::get(path)
        .header("user-agent", "Mozilla/5.0 (Android 15; Mobile; rv:140.0)")
        .header("cookie", cookie);
    product.call(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn mo_48_cn_53_cn_54_cn_56_the_notice_stays_away_for_thirty_days_and_its_cookie_says_nothing()
{
    for (product, name) in [
        (Product::mijnoverheid().await, "mijnoverheid"),
        (Product::mijncn().await, "mijncn"),
    ] {
        let shown = on_a_phone(&product, "/?taal=en", "").await;
        assert!(shown.text().contains("https://app.postbus.example"));
        let mut browser = Browser::new(&product);
        let fields = [("naar".to_owned(), "/?taal=en".to_owned())];
        browser.get("/").await;
        let gone = browser.post("/app-melding?taal=en", &fields).await;
        assert_eq!((gone.status, gone.header("location")), (303, "/?taal=en"));
        // MO-48: 30 days. MO-49 and CN-56: the same constant for everyone.
        let cookie = format!("__Host-{name}-appmelding");
        let kept = format!("{cookie}=weg; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=2592000");
        assert_eq!(gone.cookies(), [kept]);
        let quiet = on_a_phone(&product, "/", &format!("{cookie}=weg")).await;
        assert!(!quiet.text().contains("https://app.postbus.example"));
        assert!(browser.cookie(&cookie).is_some());
        product.clock().advance(30 * DAY);
        assert!(browser.cookie(&cookie).is_none());
    }
}

#[tokio::test]
async fn mo_49_the_notice_leads_nowhere_else_and_needs_a_page_of_ours() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    browser.get("/").await;
    for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example"] {
        let fields = [("naar".to_owned(), elsewhere.to_owned())];
        let gone = browser.post("/app-melding", &fields).await;
        assert_eq!(gone.header("location"), "/", "{elsewhere}");
    }
    let foreign = Request::post("/app-melding")
        .header("origin", "https://evil.example")
        .header("content-type", "application/x-www-form-urlencoded");
    let foreign = product.call(foreign.body(Body::empty()).unwrap()).await;
    assert_eq!(foreign.status, 403);
}

#[tokio::test]
async fn cn_55_a_statement_without_the_cookie_has_no_notice() {
    let statement = MIJNOVERHEID.replace("naam = \"appmelding\"", "naam = \"iets-anders\"");
    let product = Product::start(&statement).await;
    let page = on_a_phone(&product, "/", "").await;
    assert!(!page.text().contains("https://app.postbus.example"));
    let mut browser = Browser::new(&product);
    browser.get("/").await;
    assert_eq!(browser.post("/app-melding", &[]).await.status, 404);
}
