//! The login page with very many people on its list.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::json;
use tower::ServiceExt;

use super::*;
use crate::{ClientKeys, NumberKind, ProviderConfig};

const BACK: &str = "http://127.0.0.1:8080/inloggen/terug";
const ASKING: &str = "/inloggen?client_id=a&redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Finloggen%2Fterug&response_type=code\
     &scope=openid&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn many(people: usize) -> Provider {
    let person = |place: usize| Person {
        name: format!("Anna van Dam {place}"),
        number: format!("{}", 900_000_000 + place),
        number_kind: NumberKind::Bsn,
        acr: Level::High,
    };
    Provider::new(ProviderConfig {
        issuer: "http://127.0.0.1:8089".to_owned(),
        people: (0..people).map(person).collect(),
        clients: vec![Client {
            client_id: "a".to_owned(),
            name: "A".to_owned(),
            redirect_uris: vec![BACK.to_owned()],
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            keys: ClientKeys::Given(json!({ "keys": [] })),
            number_kind: NumberKind::Bsn,
        }],
        signing_key_pem: None,
        clock: Arc::new(|| 0),
    })
    .unwrap()
}

async fn page(provider: &Provider, form: &str) -> (StatusCode, String) {
    let request = Request::post(ASKING)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()));
    let answer = provider.router().oneshot(request.unwrap()).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn choices(page: &str) -> usize {
    page.matches("name=\"persoon\"").count()
}

#[tokio::test]
async fn of_very_many_people_a_few_dozen_are_shown_and_the_rest_is_found() {
    let provider = many(100_000);
    let (status, first) = page(&provider, "").await;
    assert_eq!((status, choices(&first)), (StatusCode::OK, SHOWN));
    assert!(first.contains("Nog 99952 anderen") && first.len() < 40_000);

    let (_, by_name) = page(&provider, "zoek=+VAN+dam+99999+").await;
    assert_eq!(choices(&by_name), 1);
    assert!(by_name.contains("Anna van Dam 99999") && by_name.contains("value=\"900099999\""));
    let (_, by_number) = page(&provider, "zoek=90000123").await;
    assert_eq!(choices(&by_number), 10);
    let (_, nobody) = page(&provider, "zoek=%3Cb%3E").await;
    assert!(nobody.contains("Niemand gevonden") && !nobody.contains("<b>"));
    // What was searched for goes into no address.
    assert!(!by_number.contains("zoek=") && !by_number.contains("?zoek"));

    let (status, _) = page(&provider, "persoon=900099999").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
}
