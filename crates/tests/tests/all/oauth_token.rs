//! `POST /oauth/token`: who gets a token, and the refusals in the form of RFC 6749.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use testkit::{Answer, Organisation, Product};

use crate::pages::{shown, snapshot};

async fn house() -> (Product, Organisation) {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    (product, sender)
}

fn refusal(answer: &Answer) -> (u16, String) {
    let error = answer.json()["error"].as_str().map(str::to_owned);
    (answer.status, error.unwrap())
}

fn no_client() -> (u16, String) {
    (401, "invalid_client".to_owned())
}

#[tokio::test]
async fn an_organisation_proves_itself_and_gets_a_token_for_an_hour() {
    let (_product, sender) = house().await;
    let answer = sender.ask_token(&sender.assertion(), "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(
        (answer.header("cache-control"), answer.header("pragma")),
        ("no-store", "no-cache")
    );
    let answer = answer.json();
    assert_eq!(
        (&answer["token_type"], &answer["expires_in"]),
        (&"Bearer".into(), &3600.into())
    );
    assert_eq!(answer["scope"], "aanleveren afleverstatus verwerkingslog");
    assert_eq!(
        answer["access_token"].as_str().unwrap().split('.').count(),
        3
    );
}

#[tokio::test]
async fn a_proof_counts_once() {
    let (_product, sender) = house().await;
    let assertion = sender.assertion();
    assert_eq!(sender.ask_token(&assertion, "").await.status, 200);
    let again = sender.ask_token(&assertion, "").await;
    assert_eq!(refusal(&again), no_client());
}

#[tokio::test]
async fn a_proof_for_another_or_too_old_proves_nothing() {
    let (product, sender) = house().await;
    let elsewhere = sender.assertion_for("https://elders.example/oauth/token");
    assert_eq!(
        refusal(&sender.ask_token(&elsewhere, "").await),
        no_client()
    );
    let old = sender.assertion();
    product.clock().advance(Duration::from_secs(151));
    assert_eq!(refusal(&sender.ask_token(&old, "").await), no_client());
    assert_eq!(sender.ask_token(&sender.assertion(), "").await.status, 200);
}

#[tokio::test]
async fn a_stranger_and_a_stolen_name_look_the_same() {
    let (product, sender) = house().await;
    let elsewhere = Product::mijnoverheid().await;
    let stranger = Organisation::connect(&elsewhere, 9, "Onbekend").await;
    let thief = Organisation::connect(&elsewhere, 1, "Waterschap Vallei").await;
    let unknown = sender.ask_token(&stranger.assertion(), "").await;
    let stolen = sender.ask_token(&thief.assertion(), "").await;
    assert_eq!(refusal(&unknown), no_client());
    assert_eq!((unknown.status, unknown.body), (stolen.status, stolen.body));
    assert_eq!(product.base_url(), elsewhere.base_url());
}

#[tokio::test]
async fn a_broken_request_is_refused_in_the_form_of_the_standard() {
    let (product, sender) = house().await;
    let ask = async |kind: &str, form: &str| {
        let request = Request::post("/oauth/token").header("content-type", kind);
        let request = request.body(Body::from(form.to_owned())).unwrap();
        product.call(request).await
    };
    const FORM: &str = "application/x-www-form-urlencoded";
    let mut told = String::new();
    for (kind, form) in [
        (FORM, ""),
        (FORM, "grant_type=password"),
        (FORM, "grant_type=client_credentials"),
        (
            FORM,
            "grant_type=client_credentials&grant_type=client_credentials",
        ),
        (FORM, "grant_type=client_credentials&scope=alles"),
        (
            FORM,
            "grant_type=client_credentials&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=x",
        ),
        ("application/json", "{}"),
    ] {
        let answer = ask(kind, form).await;
        assert!((400..=401).contains(&answer.status), "{form}");
        assert_eq!(answer.header("cache-control"), "no-store");
        told += &format!("{form}\n{}\n\n", shown(&answer));
    }
    snapshot(|| insta::assert_snapshot!("oauth_token_refusals", told));
    let too_large = ask(FORM, &"x".repeat(20_000)).await;
    assert_eq!(refusal(&too_large), (413, "invalid_request".to_owned()));
    let wrong_scope = sender.ask_token(&sender.assertion(), "&scope=alles").await;
    assert_eq!(refusal(&wrong_scope), (400, "invalid_scope".to_owned()));
    let request = Request::get("/oauth/token").body(Body::empty()).unwrap();
    assert_eq!(product.call(request).await.status, 405);
}
