//! `/uitloggen/door-provider`: the login provider says that a session is over (OpenID Connect Back-Channel Logout 1.0).

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use testkit::{ANNA, Answer, BORIS, Browser, CLIENT_ID, Product, provider_key};

use crate::copy::{move_to, server};
use crate::database::number;

const PATH: &str = "/uitloggen/door-provider";
const BY_PROVIDER: &str =
    "SELECT COUNT(*) FROM sessions WHERE ended_how = 'uitgelogd-bij-inlogdienst'";
const LOOKED_UP: &str = "SELECT COUNT(*) FROM session_lookup";

async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/berichten").await.status == 200
}

/// Sends what a provider would: a form, from nowhere.
async fn tell(product: &Product, form: String) -> Answer {
    let request = Request::post(PATH)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form));
    product.call(request.unwrap()).await
}

async fn tell_token(product: &Product, claims: &Value) -> Answer {
    tell(product, format!("logout_token={}", signed(claims))).await
}

fn signed(claims: &Value) -> String {
    let key = EncodingKey::from_rsa_pem(provider_key().as_bytes()).unwrap();
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), claims, &key).unwrap()
}

fn claims(product: &Product, jti: &str) -> Value {
    let now = product.clock().now().seconds();
    json!({
        "iss": product.issuer(), "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": jti,
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    })
}

/// Logs in and answers the provider's own names for the session and the person.
async fn log_in(product: &Product, browser: &mut Browser) -> (Value, Value) {
    let heard = std::sync::Arc::new(std::sync::Mutex::new((Value::Null, Value::Null)));
    let hears = heard.clone();
    product.bend_provider(move |path, answer| {
        if path == "/token" {
            let token = answer.json()["id_token"].as_str().unwrap().to_owned();
            let said = crate::inloggen_provider::said(&token);
            *hears.lock().unwrap() = (said["sid"].clone(), said["sub"].clone());
        }
        std::future::ready(answer)
    });
    browser.log_in(&ANNA).await;
    heard.lock().unwrap().clone()
}

#[tokio::test]
async fn mo_45_cn_52_who_logs_out_at_the_provider_is_logged_out_here() {
    for product in [Product::mijnoverheid().await, Product::mijncn().await] {
        let (mut browser, mut other) = (Browser::new(&product), Browser::new(&product));
        browser.log_in(&ANNA).await;
        other.log_in(&BORIS).await;
        product.clock().advance(Duration::from_secs(30));
        let left = browser
            .get(&format!("{}/uitloggen", product.issuer()))
            .await;
        assert_eq!(left.status, 200);
        browser.get(&format!("{}/", product.base_url())).await;
        let after = browser.get("/berichten").await;
        assert_eq!(
            (after.status, after.header("location")),
            (303, "/inloggen?naar=/berichten")
        );
        assert!(browser.cookies().is_empty(), "the cookie is taken back");
        assert!(is_in(&mut other).await);
        assert_eq!(number(&product, BY_PROVIDER), 1);
        let lasted = "SELECT ended_at - began_at FROM sessions WHERE ended_at IS NOT NULL";
        assert_eq!(number(&product, lasted), 30_000_000);
        let logged = "SELECT COUNT(*) FROM log WHERE activity = 'uitloggen-door-inlogdienst'";
        assert_eq!(number(&product, logged), 1);
    }
}

#[tokio::test]
async fn a_logout_ends_the_session_it_names_and_no_other() {
    let product = Product::mijnoverheid().await;
    let (mut here, mut there) = (Browser::new(&product), Browser::new(&product));
    let (sid, sub) = log_in(&product, &mut here).await;
    let (other_sid, same_sub) = log_in(&product, &mut there).await;
    assert!(sid != other_sid && sub == same_sub);
    let mut one = claims(&product, "1");
    one["sid"] = sid.clone();
    one["sub"] = sub.clone();
    let answer = tell_token(&product, &one).await;
    assert_eq!((answer.status, answer.text()), (200, ""));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!is_in(&mut here).await && is_in(&mut there).await);

    // A session with somebody else's name beside it is nobody's.
    let mut crossed = claims(&product, "2");
    crossed["sid"] = other_sid;
    crossed["sub"] = json!("een ander");
    assert_eq!(tell_token(&product, &crossed).await.status, 200);
    assert!(is_in(&mut there).await);
}

#[tokio::test]
async fn a_logout_of_a_person_ends_all_their_sessions() {
    let product = Product::mijnoverheid().await;
    let (mut here, mut there) = (Browser::new(&product), Browser::new(&product));
    let (_, sub) = log_in(&product, &mut here).await;
    log_in(&product, &mut there).await;
    let mut boris = Browser::new(&product);
    boris.log_in(&BORIS).await;
    let mut all = claims(&product, "1");
    all["sub"] = sub;
    assert_eq!(tell_token(&product, &all).await.status, 200);
    assert!(!is_in(&mut here).await && !is_in(&mut there).await);
    assert!(is_in(&mut boris).await);
    assert_eq!(number(&product, BY_PROVIDER), 2);
    // Boris's own, and the provider's names for it and for him.
    assert_eq!(number(&product, LOOKED_UP), 3);
}

#[tokio::test]
async fn a_session_that_is_not_here_is_as_good_as_ended() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    let (sid, _) = log_in(&product, &mut browser).await;
    browser.log_out().await;
    assert_eq!(number(&product, LOOKED_UP), 0);
    let mut gone = claims(&product, "1");
    gone["sid"] = sid;
    assert_eq!(tell_token(&product, &gone).await.status, 200);
    assert_eq!(number(&product, BY_PROVIDER), 0);
    let mut never = claims(&product, "2");
    never["sub"] = json!("onbekend");
    assert_eq!(tell_token(&product, &never).await.status, 200);
}

#[tokio::test]
async fn a_session_whose_time_was_over_is_not_said_to_have_lasted_longer() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    let (sid, _) = log_in(&product, &mut browser).await;
    product.clock().advance(Duration::from_secs(20 * 60));
    let mut late = claims(&product, "1");
    late["sid"] = sid;
    assert_eq!(tell_token(&product, &late).await.status, 200);
    let lasted =
        "SELECT (ended_at - began_at) / 60000000 FROM sessions WHERE ended_how = 'verlopen'";
    assert_eq!(number(&product, lasted), 15);
}

#[tokio::test]
async fn a_logout_counts_once() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    let (sid, _) = log_in(&product, &mut browser).await;
    for named in ["niet hier", sid.as_str().unwrap()] {
        let mut token = claims(&product, named);
        token["sid"] = json!(named);
        assert_eq!(tell_token(&product, &token).await.status, 200);
        let again = tell_token(&product, &token).await;
        assert_eq!(
            (again.status, again.json()["error"].as_str()),
            (400, Some("invalid_request"))
        );
        assert_eq!(again.header("cache-control"), "no-store");
    }
    // The marks go when age alone refuses their tokens.
    let kept = "SELECT COUNT(*) FROM logout_tokens";
    assert_eq!(number(&product, kept), 2);
    product.clock().advance(Duration::from_secs(600));
    let mut token = claims(&product, "later");
    token["sid"] = json!("weer een");
    assert_eq!(tell_token(&product, &token).await.status, 200);
    assert_eq!(number(&product, kept), 1);
}

#[tokio::test]
async fn a_logout_that_is_sent_twice_at_once_counts_once() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    let (sid, _) = log_in(&product, &mut browser).await;
    let mut token = claims(&product, "1");
    token["sid"] = sid;
    let (one, two) = tokio::join!(tell_token(&product, &token), tell_token(&product, &token));
    let mut answers = [one.status, two.status];
    answers.sort();
    assert_eq!(answers, [200, 400]);
    assert_eq!(number(&product, BY_PROVIDER), 1);
}

#[tokio::test]
async fn a_login_that_was_on_its_way_when_the_provider_ended_it_does_not_come_in() {
    let product = Product::mijnoverheid().await;
    let teller = product.clone();
    product.bend_provider(move |path, answer| {
        let product = teller.clone();
        async move {
            if path == "/token" {
                let token = answer.json()["id_token"].as_str().unwrap().to_owned();
                let mut over = claims(&product, "1");
                over["sid"] = crate::inloggen_provider::said(&token)["sid"].clone();
                assert_eq!(tell_token(&product, &over).await.status, 200);
            }
            answer
        }
    });
    let mut browser = Browser::new(&product);
    let page = browser.log_in(&ANNA).await;
    assert_eq!(page.status, 403);
    assert!(page.text().contains("action=\"/inloggen\""));
    assert!(browser.cookies().is_empty());
    assert_eq!(number(&product, "SELECT COUNT(*) FROM sessions"), 0);
    product.bend_provider(|_, answer| std::future::ready(answer));
    browser.log_in(&ANNA).await;
    assert!(is_in(&mut browser).await);
}

/// On a server a login is committed by another writer, or another process, than the notice: neither has seen the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_crosses_the_logout_of_its_session_does_not_stay() {
    let (_server, databases) = server();
    let owner = databases[0][1].clone();
    let product = Product::in_files().await;
    move_to(&product, databases).await;
    let named = std::sync::Arc::new(std::sync::Mutex::new(None));
    let hears = named.clone();
    product.bend_provider(move |path, answer| {
        if path == "/token" {
            let token = answer.json()["id_token"].as_str().unwrap().to_owned();
            *hears.lock().unwrap() = Some(crate::inloggen_provider::said(&token)["sid"].clone());
        }
        std::future::ready(answer)
    });
    // A busy machine can take longer than a lock is waited for: then the login is refused for that, and proves nothing.
    for attempt in 0..5 {
        let mut browser = Browser::new(&product);
        let lock = Lock::of_sessions(&owner);
        let notice = async {
            let sid = loop {
                tokio::time::sleep(Duration::from_millis(5)).await;
                if let Some(sid) = named.lock().unwrap().take() {
                    break sid;
                }
            };
            while cluster::ask(&owner, WAITING).unwrap() == "0" {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let mut over = claims(&product, &format!("crossing {attempt}"));
            over["sid"] = sid;
            assert_eq!(tell_token(&product, &over).await.status, 200);
            drop(lock);
        };
        let both = async { tokio::join!(browser.log_in(&ANNA), notice) };
        let both = tokio::time::timeout(Duration::from_secs(60), both).await;
        let (page, ()) = both.expect("they end");
        if page.status == 503 {
            continue;
        }
        assert_eq!(page.status, 403);
        assert!(browser.cookies().is_empty());
        let count =
            |what: &str| cluster::ask(&owner, &format!("SELECT COUNT(*) FROM {what}")).unwrap();
        assert_eq!(count("sessions WHERE ended_at IS NULL"), "0");
        assert_eq!(
            count("sessions WHERE ended_how = 'uitgelogd-bij-inlogdienst'"),
            "1"
        );
        assert_eq!(count("session_lookup"), "0");
        product.bend_provider(|_, answer| std::future::ready(answer));
        browser.log_in(&ANNA).await;
        assert!(is_in(&mut browser).await);
        return;
    }
    panic!("the machine is too busy for this");
}

const WAITING: &str =
    "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'sessions'::regclass";

/// Another program that holds a table; until it is dropped.
struct Lock(std::process::Child);

impl Lock {
    fn of_sessions(owner: &str) -> Self {
        let psql = cluster::asking(owner)
            .unwrap()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut psql = psql.unwrap();
        let asked = "BEGIN; LOCK TABLE sessions IN SHARE MODE; SELECT 'held';\n";
        let mut asks = psql.stdin.as_ref().unwrap();
        asks.write_all(asked.as_bytes()).unwrap();
        let said = BufReader::new(psql.stdout.as_mut().unwrap()).lines();
        let held = said.map(Result::unwrap).any(|line| line == "held");
        assert!(held);
        Self(psql)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// What is wrong with each kind of claim and signature is with the token's reader; here, that the door is shut.
#[tokio::test]
async fn what_is_no_logout_of_the_provider_ends_nothing() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    let (sid, _) = log_in(&product, &mut browser).await;
    let mut right = claims(&product, "1");
    right["sid"] = sid;
    let wrong = |name: &str, value: Value| {
        let mut claims = right.clone();
        claims[name] = value;
        format!("logout_token={}", signed(&claims))
    };
    let forms = [
        String::new(),
        "logout_token=".to_owned(),
        "logout_token=a.b.c".to_owned(),
        format!("token={}", signed(&right)),
        wrong("iss", json!("https://elders.example")),
        wrong("aud", json!("anderen")),
        wrong("nonce", json!("n")),
        wrong("events", json!({})),
        format!("logout_token={}x", signed(&right)),
        format!("logout_token={}", "x".repeat(20_000)),
    ];
    for form in forms {
        let refused = tell(&product, form.clone()).await;
        assert_eq!(refused.status, 400, "{form}");
        assert_eq!(refused.header("cache-control"), "no-store");
        assert!(refused.cookies().is_empty());
    }
    let asked = Request::get(PATH).body(Body::empty()).unwrap();
    assert_eq!(product.call(asked).await.status, 405);
    assert!(is_in(&mut browser).await);
    assert_eq!(tell_token(&product, &right).await.status, 200);
    assert!(!is_in(&mut browser).await);
}

#[tokio::test]
async fn a_logout_that_cannot_be_judged_now_may_come_again() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    let (sid, _) = log_in(&product, &mut browser).await;
    product.stop_provider();
    // What was known of the provider is forgotten with the process.
    product.restart();
    let mut token = claims(&product, "1");
    token["sid"] = sid;
    let later = tell_token(&product, &token).await;
    assert_eq!((later.status, later.header("retry-after")), (503, "30"));
    assert!(is_in(&mut browser).await);
}

#[tokio::test]
async fn without_the_activity_in_the_statement_there_is_no_such_door() {
    let statement = testkit::MIJNOVERHEID.replace(
        "naam = \"uitloggen-door-inlogdienst\"",
        "naam = \"iets-anders\"",
    );
    let product = Product::start(&statement).await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    // Not of the API, so it is the pages that say no, to a form from nowhere.
    assert_eq!(tell(&product, String::new()).await.status, 403);
}
