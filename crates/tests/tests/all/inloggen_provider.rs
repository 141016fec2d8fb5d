//! Logging in at a provider that does wrong on purpose, over loopback: nobody gets in, and the page says what to do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use testkit::{ANNA, Answer, Browser, Product, provider_key};

use crate::database;

const FAILED: &str = "Inloggen is niet gelukt";
const TOO_WEAK: &str = "Log in op een veiligere manier";
const DOWN: &str = "Inloggen kan nu niet";

/// What a token says, whoever signed it.
pub fn said(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Makes another ID token of the right one: its header, its claims.
type Forge = fn(Header, Value) -> String;

fn with(name: &str, value: Value) -> impl Fn(Value) -> Value {
    move |mut claims| {
        claims[name] = value.clone();
        claims
    }
}

fn without(claims: &mut Value, name: &str) -> Value {
    claims.as_object_mut().unwrap().remove(name);
    claims.clone()
}

fn key() -> EncodingKey {
    EncodingKey::from_rsa_pem(provider_key().as_bytes()).unwrap()
}

fn other_key() -> EncodingKey {
    use std::sync::OnceLock;
    static PEM: OnceLock<String> = OnceLock::new();
    let pem = PEM.get_or_init(demo_provider::new_signing_key);
    EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()
}

fn sign(header: &Header, claims: &Value, key: &EncodingKey) -> String {
    jsonwebtoken::encode(header, claims, key).unwrap()
}

fn after(claims: &Value, name: &str, seconds: i64) -> Value {
    json!(claims[name].as_i64().unwrap() + seconds)
}

fn bend_token(mut answer: Answer, forge: Forge) -> Answer {
    let mut tokens = answer.json();
    let token = tokens["id_token"].as_str().unwrap().to_owned();
    let header = jsonwebtoken::decode_header(&token).unwrap();
    tokens["id_token"] = json!(forge(header, said(&token)));
    answer.body = Bytes::from(tokens.to_string());
    answer
}

/// Nobody is in, nothing of the attempt is left, and neither a number nor what came back is told.
#[track_caller]
fn assert_refused(
    product: &Product,
    browser: &Browser,
    page: &Answer,
    what: &str,
    expected: (u16, &str),
) {
    let (status, title) = expected;
    assert_eq!(page.status, status, "{what}: {}", page.text());
    assert!(page.text().contains(title), "{what}: {}", page.text());
    for secret in [ANNA.bsn, "code=", "state="] {
        assert!(!page.text().contains(secret), "{what}: {secret}");
    }
    assert!(
        browser.cookies().is_empty(),
        "{what}: {:?}",
        browser.cookies()
    );
    for table in ["sessions", "accounts", "login_attempts", "subjects"] {
        let rows = format!("SELECT COUNT(*) FROM {table}");
        assert_eq!(database::number(product, &rows), 0, "{what}: {table}");
    }
}

/// The negative table of the NL GOV profile: one thing wrong at a time.
#[tokio::test]
async fn mo_22_a_token_that_is_wrong_in_one_thing_lets_nobody_in() {
    let table: [(&str, Forge, u16, &str); 20] = [
        (
            "another issuer",
            |h, c| sign(&h, &with("iss", json!("https://elders.example"))(c), &key()),
            403,
            FAILED,
        ),
        (
            "another audience",
            |h, c| sign(&h, &with("aud", json!("anderen"))(c), &key()),
            403,
            FAILED,
        ),
        (
            "an audience besides us",
            |h, c| sign(&h, &with("aud", json!(["postbus", "anderen"]))(c), &key()),
            403,
            FAILED,
        ),
        (
            "another nonce",
            |h, c| sign(&h, &with("nonce", json!("n"))(c), &key()),
            403,
            FAILED,
        ),
        (
            "no nonce",
            |h, mut c| sign(&h, &without(&mut c, "nonce"), &key()),
            403,
            FAILED,
        ),
        (
            "expired",
            |h, c| {
                let over = c["iat"].clone();
                sign(&h, &with("exp", over)(c), &key())
            },
            403,
            FAILED,
        ),
        (
            "older than five minutes, though it says to last",
            |h, c| {
                let (old, long) = (after(&c, "iat", -301), after(&c, "exp", 3600));
                sign(&h, &with("exp", long)(with("iat", old)(c)), &key())
            },
            403,
            FAILED,
        ),
        (
            "of the future",
            |h, c| {
                let (ahead, long) = (after(&c, "iat", 61), after(&c, "exp", 61));
                sign(&h, &with("exp", long)(with("iat", ahead)(c)), &key())
            },
            403,
            FAILED,
        ),
        (
            "no signature",
            |_, c| {
                let [header, claims] = [json!({ "alg": "none" }), c]
                    .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
                format!("{header}.{claims}.")
            },
            403,
            FAILED,
        ),
        (
            "HS256 with the public key",
            |h, c| {
                let public =
                    jsonwebtoken::jwk::Jwk::from_encoding_key(&key(), Algorithm::RS256).unwrap();
                let shared = EncodingKey::from_secret(json!(public).to_string().as_bytes());
                sign(
                    &Header {
                        alg: Algorithm::HS256,
                        ..h
                    },
                    &c,
                    &shared,
                )
            },
            403,
            FAILED,
        ),
        (
            "RS384",
            |h, c| {
                sign(
                    &Header {
                        alg: Algorithm::RS384,
                        ..h
                    },
                    &c,
                    &key(),
                )
            },
            403,
            FAILED,
        ),
        (
            "a key that is not published",
            |h, c| {
                sign(
                    &Header {
                        kid: Some("ander".to_owned()),
                        ..h
                    },
                    &c,
                    &other_key(),
                )
            },
            403,
            FAILED,
        ),
        (
            "another's signature under a published name",
            |h, c| sign(&h, &c, &other_key()),
            403,
            FAILED,
        ),
        (
            "claims changed after signing",
            |h, c| {
                let token = sign(&h, &c, &key());
                let parts: Vec<&str> = token.split('.').collect();
                let changed =
                    URL_SAFE_NO_PAD.encode(with("bsn", json!("123456782"))(c).to_string());
                format!("{}.{changed}.{}", parts[0], parts[2])
            },
            403,
            FAILED,
        ),
        ("no token at all", |_, _| "geen.jwt".to_owned(), 403, FAILED),
        (
            "too low a level",
            |h, c| {
                sign(
                    &h,
                    &with("acr", json!("http://eidas.europa.eu/LoA/low"))(c),
                    &key(),
                )
            },
            403,
            TOO_WEAK,
        ),
        (
            "no level",
            |h, mut c| sign(&h, &without(&mut c, "acr"), &key()),
            403,
            TOO_WEAK,
        ),
        (
            "no number",
            |h, mut c| sign(&h, &without(&mut c, "bsn"), &key()),
            403,
            FAILED,
        ),
        (
            "a number of another kind",
            |h, c| {
                sign(
                    &h,
                    &with("sub_id_type", json!("urn:nl-eid-gdi:1.0:id:CRIB"))(c),
                    &key(),
                )
            },
            403,
            FAILED,
        ),
        (
            "a number that is none",
            |h, c| sign(&h, &with("bsn", json!("999993654"))(c), &key()),
            403,
            FAILED,
        ),
    ];
    let product = Product::mijnoverheid().await;
    for (what, forge, status, title) in table {
        product.bend_provider(move |path, answer| {
            let is_token = path == "/token";
            let answer = if is_token {
                bend_token(answer, forge)
            } else {
                answer
            };
            std::future::ready(answer)
        });
        let mut browser = Browser::new(&product);
        let page = browser.log_in(&ANNA).await;
        assert_refused(&product, &browser, &page, what, (status, title));
    }
    // The same road with nothing wrong leads in.
    product.bend_provider(|path, answer| {
        let is_token = path == "/token";
        std::future::ready(if is_token {
            bend_token(answer, |h, c| sign(&h, &c, &key()))
        } else {
            answer
        })
    });
    let mut browser = Browser::new(&product);
    assert_eq!(browser.log_in(&ANNA).await.status, 200);
    assert_eq!(browser.get("/berichten").await.status, 200);
}

/// Answers of the provider that are no answers: where, and what comes instead.
#[tokio::test]
async fn a_provider_that_answers_badly_means_later_or_again() {
    type Spoil = fn(Answer) -> Answer;
    let broken: Spoil = |answer| Answer {
        status: 500,
        ..answer
    };
    let huge: Spoil = |answer| Answer {
        body: Bytes::from(vec![b' '; 1 << 20]),
        ..answer
    };
    let moved: Spoil = |_| {
        let there = HeaderValue::from_static("http://127.0.0.1:1/elders");
        let headers = HeaderMap::from_iter([(axum::http::header::LOCATION, there)]);
        Answer {
            status: 307,
            headers,
            body: Bytes::new(),
        }
    };
    let other: Spoil = |mut answer| {
        let mut said = answer.json();
        said["issuer"] = json!("https://elders.example");
        answer.body = Bytes::from(said.to_string());
        answer
    };
    let page: Spoil = |answer| Answer {
        body: Bytes::from_static(b"<h1>Onderhoud</h1>"),
        ..answer
    };
    const CONFIGURATION: &str = "/.well-known/openid-configuration";
    let table = [
        ("configuration 500", CONFIGURATION, broken, 503, DOWN),
        ("configuration huge", CONFIGURATION, huge, 503, DOWN),
        ("configuration moved", CONFIGURATION, moved, 503, DOWN),
        ("configuration of another", CONFIGURATION, other, 503, DOWN),
        ("configuration a page", CONFIGURATION, page, 503, DOWN),
        ("keys 500", "/jwks.json", broken, 503, DOWN),
        ("keys huge", "/jwks.json", huge, 503, DOWN),
        ("keys moved", "/jwks.json", moved, 503, DOWN),
        ("keys a page", "/jwks.json", page, 503, DOWN),
        ("token 500", "/token", broken, 503, DOWN),
        ("token huge", "/token", huge, 503, DOWN),
        ("token moved", "/token", moved, 503, DOWN),
        ("token a page", "/token", page, 403, FAILED),
    ];
    for (what, place, spoil, status, title) in table {
        let product = Product::mijnoverheid().await;
        product.bend_provider(move |path, answer| {
            std::future::ready(if path == place { spoil(answer) } else { answer })
        });
        let mut browser = Browser::new(&product);
        let page = browser.open("/inloggen").await;
        let sent = browser.submit(&page, "/inloggen", &[]).await;
        let page = if place == "/token" {
            let choices = browser.follow(sent).await;
            let returned = browser
                .submit(&choices, "?", &[("persoon", ANNA.bsn)])
                .await;
            browser.follow(returned).await
        } else {
            sent
        };
        assert_refused(&product, &browser, &page, what, (status, title));
        let wants_later = status == 503;
        assert_eq!(page.header("retry-after") == "30", wants_later, "{what}");
    }
}

#[tokio::test]
async fn a_provider_that_takes_too_long_is_not_waited_for() {
    let product = Product::mijnoverheid().await;
    product.bend_provider(async |path, answer| {
        if path == "/token" {
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        answer
    });
    let mut browser = Browser::new(&product);
    let page = browser.log_in(&ANNA).await;
    assert_refused(&product, &browser, &page, "slow", (503, DOWN));
}

/// The provider's answer is spent by then, so the page leads to a new login and not to that answer once more.
#[tokio::test]
async fn a_session_that_cannot_be_kept_means_a_new_login_later() {
    let product = Product::mijnoverheid().await;
    let (data, held) = (product.data(), Arc::new(Mutex::new(None)));
    let owner = product.owner_of_rows();
    let holds = Arc::clone(&held);
    product.bend_provider(move |path, answer| {
        if path == "/token" {
            *holds.lock().unwrap() = Some(database::locked(&data, owner.as_deref()));
        }
        std::future::ready(answer)
    });
    let mut browser = Browser::new(&product);
    let page = browser.log_in(&ANNA).await;
    assert_refused(&product, &browser, &page, "locked", (503, DOWN));
    assert_eq!(page.header("retry-after"), "30");
    let form = page.text().contains("action=\"/inloggen\"");
    assert!(form, "{}", page.text());
}

/// What comes back through the browser, changed on the way.
#[tokio::test]
async fn a_callback_that_is_changed_forged_or_repeated_lets_nobody_in() {
    let product = Product::mijnoverheid().await;
    let changed = |back: &str, name: &str, value: Option<&str>| {
        let (path, query) = back.split_once('?').unwrap();
        let kept = query
            .split('&')
            .filter(|pair| !pair.starts_with(&format!("{name}=")));
        let mut pairs: Vec<String> = kept.map(str::to_owned).collect();
        pairs.extend(value.map(|value| format!("{name}={value}")));
        format!("{path}?{}", pairs.join("&"))
    };
    let table = [
        ("another state", "state", Some("x"), 400, FAILED),
        ("no state", "state", None, 400, FAILED),
        (
            "another issuer",
            "iss",
            Some("https://elders.example"),
            400,
            FAILED,
        ),
        ("no code", "code", None, 403, FAILED),
        (
            "a code that was never given",
            "code",
            Some("x"),
            403,
            FAILED,
        ),
        (
            "stopped",
            "error",
            Some("access_denied"),
            200,
            "U bent gestopt met inloggen",
        ),
        (
            "the level cannot be had",
            "error",
            Some("unmet_authentication_requirements"),
            403,
            TOO_WEAK,
        ),
        (
            "the provider is down",
            "error",
            Some("temporarily_unavailable"),
            503,
            DOWN,
        ),
        (
            "our own mistake",
            "error",
            Some("invalid_request"),
            503,
            DOWN,
        ),
    ];
    for (what, name, value, status, title) in table {
        let mut browser = Browser::new(&product);
        let returned = browser.choose("/inloggen", &ANNA).await;
        let back = returned.header("location").to_owned();
        let page = browser.get(&changed(&back, name, value)).await;
        assert_refused(&product, &browser, &page, what, (status, title));
        // The attempt is spent, also by what was wrong.
        let page = browser.get(&back).await;
        assert_refused(&product, &browser, &page, what, (400, FAILED));
    }
}
