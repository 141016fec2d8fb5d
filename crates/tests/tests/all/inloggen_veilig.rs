//! What a session withstands: planted cookies, forms from elsewhere, addresses that lead away, and its own end.

use axum::body::Body;
use axum::http::Request;
use testkit::{ANNA, Answer, BORIS, Browser, MIJNOVERHEID, Product, Start};

use crate::data_folder::Lines;
use crate::database;

const SESSION: &str = "__Host-mijnoverheid-sessie";
const ATTEMPT: &str = "__Host-mijnoverheid-inlogpoging";

async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/berichten").await.status == 200
}

#[tokio::test]
async fn mo_46_a_session_planted_before_the_login_is_never_the_one_after_it() {
    let product = Product::mijnoverheid().await;
    let mut thief = Browser::new(&product);
    thief.log_in(&BORIS).await;
    let live = thief.cookie(SESSION).unwrap().to_owned();
    let never_given = "a".repeat(64);
    for planted in [never_given.as_str(), live.as_str(), "", "zz", "../../x"] {
        // Planted while the browser is away at the provider.
        let mut fresh = Browser::new(&product);
        let returned = fresh.choose("/inloggen", &ANNA).await;
        fresh.plant(SESSION, planted);
        fresh.follow(returned).await;
        let secret = fresh.cookie(SESSION).unwrap().to_owned();
        assert_ne!(secret, planted);
        assert!(is_in(&mut fresh).await);
        let mut again = Browser::new(&product);
        again.plant(SESSION, planted);
        assert!(!is_in(&mut again).await, "{planted}");
    }
    // The thief's own session ended with the login that took its place.
    assert!(!is_in(&mut thief).await);
    let replaced = "SELECT COUNT(*) FROM sessions WHERE ended_how = 'vervangen'";
    assert_eq!(database::number(&product, replaced), 1);
}

#[tokio::test]
async fn a_login_attempt_planted_before_the_login_is_replaced_and_ends_nowhere_else() {
    let product = Product::mijnoverheid().await;
    let mut thief = Browser::new(&product);
    let returned = thief.choose("/inloggen", &BORIS).await;
    let (planted, theirs) = (
        thief.cookie(ATTEMPT).unwrap().to_owned(),
        returned.header("location").to_owned(),
    );
    let mut browser = Browser::new(&product);
    browser.plant(ATTEMPT, &planted);
    browser.choose("/inloggen", &ANNA).await;
    assert_ne!(browser.cookie(ATTEMPT), Some(planted.as_str()));
    // The thief's way back does not log this browser in as the thief.
    assert_eq!(browser.get(&theirs).await.status, 400);
    assert!(!is_in(&mut browser).await);
}

/// Where a browser on `https://postbus.example` would end up.
fn lands(location: &str) -> String {
    let base = reqwest::Url::parse("https://postbus.example/inloggen").unwrap();
    base.join(location).unwrap().origin().ascii_serialization()
}

#[tokio::test]
async fn no_address_to_return_to_leads_away() {
    // As it stands in the address bar; the second is where a login then ends.
    let table = [
        ("//elders.example", "/"),
        ("///elders.example", "/"),
        ("/%5Celders.example", "/"),
        ("%5C%5Celders.example", "/"),
        ("%2f%2felders.example", "/"),
        ("%2F%5Celders.example", "/"),
        ("/%09/elders.example", "/"),
        ("/%0a/elders.example", "/"),
        ("/%0d%0aLocation:%20https://elders.example", "/"),
        ("%00//elders.example", "/"),
        ("%20//elders.example", "/"),
        ("https://elders.example/", "/"),
        ("https:elders.example", "/"),
        ("HTTPS://elders.example", "/"),
        ("//postbus.example@elders.example", "/"),
        ("https://postbus.example@elders.example/", "/"),
        ("https://postbus.example.elders.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("data:text/html,x", "/"),
        ("@elders.example", "/"),
        (".elders.example", "/"),
        ("elders.example", "/"),
        ("/berichten%23//elders.example", "/"),
        // These stay here, however they look.
        ("/%252f%252felders.example", "/%2f%2felders.example"),
        ("/@elders.example", "/@elders.example"),
        (
            "/berichten?naar=//elders.example",
            "/berichten?naar=//elders.example",
        ),
    ];
    let product = Product::mijnoverheid().await;
    let mut known = Browser::new(&product);
    known.log_in(&ANNA).await;
    for (naar, expected) in table {
        let asked = format!(
            "/inloggen?naar={}",
            naar.replace('?', "%3F").replace('=', "%3D")
        );
        let sent = known.get(&asked).await;
        assert_eq!(
            (sent.status, sent.header("location")),
            (303, expected),
            "{naar}"
        );
        let mut browser = Browser::new(&product);
        let returned = browser.choose(&asked, &ANNA).await;
        let back = browser.get(returned.header("location")).await;
        assert_eq!(
            (back.status, back.header("location")),
            (303, expected),
            "{naar}"
        );
        assert_eq!(lands(expected), "https://postbus.example", "{naar}");
    }
}

/// A form as any client could send it.
async fn sent(
    product: &Product,
    path: &str,
    cookie: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let request = headers.iter().fold(
        Request::post(path)
            .header("cookie", format!("{SESSION}={cookie}"))
            .header("content-type", "application/x-www-form-urlencoded"),
        |request, (name, value)| request.header(*name, *value),
    );
    product
        .call(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

#[tokio::test]
async fn a_form_needs_the_right_origin_and_the_right_token_each() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    let page = browser.log_in(&ANNA).await;
    let cookie = browser.cookie(SESSION).unwrap().to_owned();
    let token = &page.text().split("name=\"csrf\" value=\"").nth(1).unwrap()[..64];
    let (right, wrong) = (format!("csrf={token}"), format!("csrf={}", "0".repeat(64)));
    let ours = ("origin", "https://postbus.example");
    type Headers<'a> = &'a [(&'a str, &'a str)];
    let refused: [(&str, Headers<'_>, &str); 12] = [
        (
            "elsewhere, right token",
            &[("origin", "https://elders.example")],
            &right,
        ),
        (
            "a sister site",
            &[("origin", "https://x.postbus.example")],
            &right,
        ),
        (
            "without TLS",
            &[("origin", "http://postbus.example")],
            &right,
        ),
        (
            "another port",
            &[("origin", "https://postbus.example:8443")],
            &right,
        ),
        ("a null origin", &[("origin", "null")], &right),
        ("neither origin nor fetch metadata", &[], &right),
        (
            "only a referer",
            &[("referer", "https://postbus.example/berichten")],
            &right,
        ),
        (
            "fetch metadata of a sister site",
            &[ours, ("sec-fetch-site", "same-site")],
            &right,
        ),
        ("right origin, wrong token", &[ours], &wrong),
        ("right origin, no token", &[ours], ""),
        ("right origin, empty token", &[ours], "csrf="),
        ("nothing at all", &[], ""),
    ];
    for (what, headers, body) in refused {
        let answer = sent(&product, "/uitloggen", &cookie, headers, body).await;
        assert_eq!((answer.status, answer.cookies().len()), (403, 0), "{what}");
        assert!(is_in(&mut browser).await, "{what}");
    }
    let answer = sent(&product, "/uitloggen", &cookie, &[ours], &right).await;
    assert_eq!(answer.status, 303);
    assert!(!is_in(&mut browser).await);
    // The token of a session that is over opens nothing, and there is no way to send it with a GET.
    let answer = sent(&product, "/uitloggen", &cookie, &[ours], &right).await;
    assert_eq!(answer.header("location"), "/inloggen");
}

#[tokio::test]
async fn mo_45_cn_52_after_its_end_a_session_is_dead_on_the_server_whatever_the_browser_keeps() {
    for (how, word) in [
        ("logout", "uitgelogd"),
        ("idle", "verlopen"),
        ("longest", "verlopen"),
    ] {
        let product = Product::mijnoverheid().await;
        let mut browser = Browser::new(&product);
        browser.log_in(&ANNA).await;
        let secret = browser.cookie(SESSION).unwrap().to_owned();
        let minutes = |minutes: u64| {
            product
                .clock()
                .advance(std::time::Duration::from_secs(60 * minutes))
        };
        match how {
            "logout" => drop(browser.log_out().await),
            "idle" => minutes(15),
            _ => {
                for _ in 0..72 {
                    minutes(10);
                    browser.get("/berichten").await;
                }
            }
        }
        for _ in 0..2 {
            let mut thief = Browser::new(&product);
            thief.plant(SESSION, &secret);
            let sent = thief.get("/berichten").await;
            assert_eq!(
                (sent.status, sent.header("location")),
                (303, "/inloggen?naar=/berichten"),
                "{how}"
            );
            assert!(
                thief.cookies().is_empty(),
                "{how}: the cookie is taken back by its name"
            );
        }
        let ended = format!("SELECT COUNT(*) FROM sessions WHERE ended_how = '{word}'");
        assert_eq!(database::number(&product, &ended), 1, "{how}");
        // Nothing finds the person any more: not the cookie, not the provider's names.
        assert_eq!(
            database::number(&product, "SELECT COUNT(*) FROM session_lookup"),
            0,
            "{how}"
        );
    }
}

/// On a plain loopback address cookies go without prefix and Secure, and the start says so.
#[tokio::test]
async fn mo_45_on_plain_loopback_the_cookies_are_plain_and_the_start_warns() {
    let (lines, told) = Lines::of_this_test();
    let start = Start {
        is_on_loopback: true,
        ..Start::under(MIJNOVERHEID)
    };
    let product = Product::start_as(start).await;
    let warned = lines.text();
    drop(told);
    assert!(
        warned.contains("WARN") && warned.contains("cookies go without __Host- and Secure"),
        "{warned}"
    );
    let mut browser = Browser::new(&product);
    let page = browser.open("/inloggen").await;
    let sent = browser.submit(&page, "/inloggen", &[]).await;
    let attempt = sent.cookies()[0].to_owned();
    assert!(
        attempt.starts_with("mijnoverheid-inlogpoging="),
        "{attempt}"
    );
    assert!(
        attempt.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=600"),
        "{attempt}"
    );
    let choices = browser.follow(sent).await;
    let returned = browser
        .submit(&choices, "?", &[("persoon", ANNA.bsn)])
        .await;
    let back = browser.get(returned.header("location")).await;
    let session = back.cookies()[0].to_owned();
    assert!(session.starts_with("mijnoverheid-sessie="), "{session}");
    assert!(
        session.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
        "{session}"
    );
    assert!(is_in(&mut browser).await);
    assert!(
        browser
            .get("/berichten")
            .await
            .header("strict-transport-security")
            .is_empty()
    );
    let left = browser.log_out().await;
    assert!(left.text().contains("U bent uitgelogd") && browser.cookies().is_empty());

    let (lines, _told) = Lines::of_this_test();
    drop(Product::mijnoverheid().await);
    assert!(!lines.text().contains("__Host-"), "{}", lines.text());
}
