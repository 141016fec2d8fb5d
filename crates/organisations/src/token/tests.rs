//! The token endpoint over HTTP: what it gives once, and each way it says no.

use axum::body::{Body, to_bytes};
use proptest::prelude::*;
use tower::ServiceExt;

use super::*;
use crate::client_assertion;
use crate::tests::{House, oin};

async fn ask(house: &House, body: String) -> (u16, serde_json::Value) {
    let request = axum::http::Request::post("/oauth/token")
        .header(CONTENT_TYPE, FORM)
        .body(Body::from(body));
    let router = web::trace(
        routes(house.tokens.clone(), Budget::default()),
        house.vault.ids().clone(),
        house.vault.clock().clone(),
    );
    let response = router.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

fn form(assertion: &str, rest: &str) -> String {
    format!(
        "grant_type=client_credentials&client_assertion_type={ASSERTION_TYPE}&client_assertion={assertion}{rest}"
    )
}

async fn connected() -> House {
    let house = House::open();
    house
        .connect(&oin(1), json!({"keys": [house.public]}))
        .await;
    house
}

fn assertion(house: &House) -> String {
    client_assertion(
        &house.private,
        &oin(1),
        house.tokens.endpoint(),
        house.clock.now(),
    )
    .unwrap()
}

#[tokio::test]
async fn an_assertion_buys_one_token() {
    let house = connected().await;
    let assertion = assertion(&house);
    let (status, answer) = ask(&house, form(&assertion, "&scope=aanleveren")).await;
    assert_eq!(
        (status, &answer["token_type"], &answer["scope"]),
        (200, &json!("Bearer"), &json!("aanleveren"))
    );
    assert_eq!(answer["expires_in"], 3600);
    let mut headers = axum::http::HeaderMap::new();
    let bearer = format!("Bearer {}", answer["access_token"].as_str().unwrap());
    headers.insert(AUTHORIZATION, bearer.parse().unwrap());
    assert_eq!(
        house
            .tokens
            .caller(&headers, crate::Scope::Deliver)
            .unwrap()
            .oin,
        oin(1)
    );

    let (status, answer) = ask(&house, form(&assertion, "")).await;
    assert_eq!((status, &answer["error"]), (401, &json!("invalid_client")));
}

#[tokio::test]
async fn of_one_assertion_sent_at_once_one_counts() {
    let house = connected().await;
    let body = form(&assertion(&house), "");
    // All of them wait for the writer, and so come into one group.
    let busy = house.write(|_| {
        std::thread::sleep(Duration::from_millis(100));
        Ok(())
    });
    let ask = || ask(&house, body.clone());
    let (_, one, two, three) = tokio::join!(busy, ask(), ask(), ask());
    let mut answers = [one.0, two.0, three.0];
    answers.sort_unstable();
    assert_eq!(answers, [200, 401, 401]);
}

#[tokio::test]
async fn a_used_assertion_is_forgotten_when_it_is_too_old() {
    let house = connected().await;
    for _ in 0..2 {
        assert_eq!(ask(&house, form(&assertion(&house), "")).await.0, 200);
        house.clock.advance(Duration::from_secs(600));
    }
    let count = sql!("SELECT COUNT(until_at) FROM assertion_replay");
    assert_eq!(
        house
            .read(move |tx| tx.query_opt(count, &[], |row| row.int(0)))
            .await,
        Some(1)
    );
}

#[tokio::test]
async fn every_refusal_is_in_the_form_of_the_rfc() {
    let house = connected().await;
    let good = assertion(&house);
    let stranger = client_assertion(
        &house.private,
        &oin(2),
        house.tokens.endpoint(),
        house.clock.now(),
    )
    .unwrap();
    for (body, status, error) in [
        (String::new(), 400, "invalid_request"),
        (
            "grant_type=password".to_owned(),
            400,
            "unsupported_grant_type",
        ),
        (
            "grant_type=client_credentials".to_owned(),
            401,
            "invalid_client",
        ),
        (form(&good, "&scope=alles"), 400, "invalid_scope"),
        (form(&good, "&client_id=iemand"), 401, "invalid_client"),
        (
            form(&good, "&scope=aanleveren&scope=aanleveren"),
            400,
            "invalid_request",
        ),
        (form(&stranger, ""), 401, "invalid_client"),
        (form(&format!("{good}x"), ""), 401, "invalid_client"),
        ("x".repeat(LARGEST + 1), 413, "invalid_request"),
    ] {
        let (got, answer) = ask(&house, body).await;
        assert_eq!(
            (got, answer["error"].as_str()),
            (status, Some(error)),
            "{answer}"
        );
        let description = answer["error_description"].as_str().unwrap();
        assert!(
            description.is_ascii() && !description.contains(['"', '\\']),
            "{description}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_form_is_answered_below_500(assertion in "[A-Za-z0-9._-]{0,80}", rest in "[ -~]{0,60}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (status, answer) = runtime.block_on(async { ask(House::shared(), form(&assertion, &rest)).await });
        prop_assert!((400..500).contains(&status) && answer["error"].is_string());
    }
}
