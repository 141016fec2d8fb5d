//! The whole login against the demonstration provider over loopback, and what must not get through.

mod notices;
pub(super) mod tokens;
mod world;

use std::net::SocketAddr;
use std::time::Duration;

use basics::FaultKind;
use demo_provider::ClientKeys;
use tokio::net::TcpListener;

use super::*;
use world::{ANNA, BEN, LOGGED_OUT, World, callback, demo, provider_at, serve};

#[tokio::test]
async fn mo_22_a_person_logs_in_and_the_number_is_in_no_url() {
    let world = World::new().await;
    let begun = world.provider.begin().await.unwrap();
    for part in [
        "response_type=code",
        "code_challenge_method=S256",
        "scope=openid",
        "acr_values=",
        "nonce=",
        "state=",
    ] {
        assert!(
            begun.redirect.contains(part),
            "{part} in {}",
            begun.redirect
        );
    }
    // As the attempt comes back from where it was kept.
    let attempt: Attempt = begun.attempt.to_text().parse().unwrap();
    let query = world.choose(&begun, ANNA).await;
    let logged_in = world.provider.finish(attempt, query).await.unwrap();
    assert_eq!(logged_in.number.reveal(), ANNA);
    assert_eq!(logged_in.level, LoginLevel::Substantial);
    assert!(!logged_in.subject_at_provider.contains(ANNA));

    let session = logged_in.session_at_provider.unwrap();
    let logout = world.provider.logout_url(Some(&session)).await.unwrap();
    assert!(!logout.contains("id_token_hint"), "{logout}");
    let answer = world.browser.get(logout).send().await.unwrap();
    assert_eq!(answer.headers()["location"], LOGGED_OUT);
}

#[tokio::test]
async fn the_same_person_is_the_same_subject_at_each_login() {
    let world = World::new().await;
    let mut subjects = Vec::new();
    for _ in 0..2 {
        let begun = world.provider.begin().await.unwrap();
        let query = world.choose(&begun, ANNA).await;
        subjects.push(
            world
                .provider
                .finish(begun.attempt, query)
                .await
                .unwrap()
                .subject_at_provider,
        );
    }
    assert_eq!(subjects[0], subjects[1]);
}

#[tokio::test]
async fn a_wrong_state_is_refused() {
    let world = World::new().await;
    let begun = world.provider.begin().await.unwrap();
    let other = world.provider.begin().await.unwrap();
    let query = world.choose(&begun, ANNA).await;
    let answer = world.provider.finish(other.attempt, query).await;
    assert!(
        matches!(answer, Err(LoginRefusal::StateMismatch)),
        "{answer:?}"
    );

    let answer = world
        .provider
        .finish(begun.attempt, CallbackQuery::default())
        .await;
    assert!(
        matches!(answer, Err(LoginRefusal::StateMismatch)),
        "{answer:?}"
    );
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_refused() {
    let world = World::new().await;
    let begun = world.provider.begin().await.unwrap();
    let mut query = world.choose(&begun, ANNA).await;
    query.iss = Some("https://elders.example".to_owned());
    let answer = world.provider.finish(begun.attempt, query).await;
    assert!(
        matches!(answer, Err(LoginRefusal::StateMismatch)),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_wrong_nonce_is_refused() {
    let world = World::new().await;
    let begun = world.provider.begin().await.unwrap();
    let query = world.choose(&begun, ANNA).await;
    let text = begun.attempt.to_text();
    let [state, _, verifier] = text.split('.').collect::<Vec<_>>()[..] else {
        panic!("{text}")
    };
    let attempt: Attempt = format!("{state}.{}.{verifier}", "n".repeat(43))
        .parse()
        .unwrap();
    let answer = world.provider.finish(attempt, query).await;
    assert!(
        matches!(answer, Err(LoginRefusal::BadToken(TokenFault::Nonce))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_wrong_verifier_gets_no_token() {
    let world = World::new().await;
    let begun = world.provider.begin().await.unwrap();
    let query = world.choose(&begun, ANNA).await;
    let text = begun.attempt.to_text();
    let [state, nonce, _] = text.split('.').collect::<Vec<_>>()[..] else {
        panic!("{text}")
    };
    let attempt: Attempt = format!("{state}.{nonce}.{}", "v".repeat(43))
        .parse()
        .unwrap();
    let answer = world.provider.finish(attempt, query).await;
    assert!(
        matches!(answer, Err(LoginRefusal::BadToken(TokenFault::CodeRefused))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_login_below_the_least_level_is_refused() {
    let world = World::new().await;
    let begun = world.provider.begin().await.unwrap();
    let query = world.choose(&begun, BEN).await;
    let answer = world.provider.finish(begun.attempt, query).await;
    assert!(
        matches!(answer, Err(LoginRefusal::LevelTooLow)),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_code_works_once_and_not_for_long() {
    let world = World::new().await;
    let begun = world.provider.begin().await.unwrap();
    let query = world.choose(&begun, ANNA).await;
    let again = CallbackQuery {
        code: query.code.clone(),
        state: query.state.clone(),
        ..CallbackQuery::default()
    };
    world
        .provider
        .finish(begun.attempt.clone(), query)
        .await
        .unwrap();
    let answer = world.provider.finish(begun.attempt, again).await;
    assert!(
        matches!(answer, Err(LoginRefusal::BadToken(TokenFault::CodeRefused))),
        "{answer:?}"
    );

    let begun = world.provider.begin().await.unwrap();
    let query = world.choose(&begun, ANNA).await;
    world.clock.advance(Duration::from_secs(60));
    let answer = world.provider.finish(begun.attempt, query).await;
    assert!(
        matches!(answer, Err(LoginRefusal::BadToken(TokenFault::CodeRefused))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn who_stops_at_the_provider_has_cancelled() {
    let world = World::new().await;
    let begun = world.provider.begin().await.unwrap();
    let page = world
        .browser
        .get(&begun.redirect)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let cancel = page
        .split("<a href=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&");
    let answer = world
        .provider
        .finish(begun.attempt, callback(&cancel))
        .await;
    assert!(matches!(answer, Err(LoginRefusal::Cancelled)), "{answer:?}");
}

#[tokio::test]
async fn a_provider_that_is_down_means_later() {
    let mut world = World::new().await;
    let begun = world.provider.begin().await.unwrap();
    let query = world.choose(&begun, ANNA).await;
    world.stop().await;
    let unavailable = |fault: &Fault| matches!(fault.kind(), FaultKind::Unavailable(_));

    let answer = world.provider.finish(begun.attempt, query).await;
    assert!(
        matches!(&answer, Err(LoginRefusal::Fault(fault)) if unavailable(fault)),
        "{answer:?}"
    );
    // What is known still serves within the hour, and no longer.
    assert!(world.provider.begin().await.is_ok());
    world.clock.advance(Duration::from_secs(3600));
    assert!(
        world
            .provider
            .begin()
            .await
            .is_err_and(|fault| unavailable(&fault))
    );
}

#[tokio::test]
async fn changed_keys_of_the_provider_are_found() {
    let mut world = World::new().await;
    world.provider.begin().await.unwrap();
    let address = world.stop().await;
    let demo = demo(
        address,
        ClientKeys::Given(world.provider.jwks()),
        &world.clock,
    );
    world.serving = serve(TcpListener::bind(address).await.unwrap(), demo.router());
    let begun = world.provider.begin().await.unwrap();
    let query = world.choose(&begun, ANNA).await;
    assert_eq!(
        world
            .provider
            .finish(begun.attempt, query)
            .await
            .unwrap()
            .number
            .reveal(),
        ANNA
    );
}

#[tokio::test]
async fn the_provider_fetches_our_keys_when_it_needs_them() {
    let mut world = World::new().await;
    let address = world.stop().await;
    let ours = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let keys = ClientKeys::At(format!("http://{}/jwks.json", ours.local_addr().unwrap()));
    let jwks = world.provider.jwks();
    serve(
        ours,
        axum::Router::new().route(
            "/jwks.json",
            axum::routing::get(async move || axum::Json(jwks)),
        ),
    );
    let demo = demo(address, keys, &world.clock);
    world.serving = serve(TcpListener::bind(address).await.unwrap(), demo.router());
    let begun = world.provider.begin().await.unwrap();
    let query = world.choose(&begun, ANNA).await;
    assert!(world.provider.finish(begun.attempt, query).await.is_ok());
}

#[test]
fn settings_that_cannot_be_safe_are_refused() {
    let clock = Clock::system();
    for (issuer, fits) in [
        ("https://inloggen.example", true),
        ("http://localhost:8089", true),
        ("http://[::1]:8089", true),
        ("http://inloggen.example", false),
        ("inloggen.example", false),
    ] {
        let mut settings = provider_at(SocketAddr::from(([127, 0, 0, 1], 1)), &clock).settings;
        settings.issuer = issuer.to_owned();
        assert_eq!(
            Provider::new(settings, clock.clone()).is_ok(),
            fits,
            "{issuer}"
        );
    }
}
