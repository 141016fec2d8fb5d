//! A login provider that is away, from the start or for a while: who is in reads on, and login works again by itself.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use reqwest::header::ORIGIN;

use super::trial::PATIENCE;
use crate::kill::letters::PEOPLE;
use crate::kill::reader::{LoginProvider, Reader};
use crate::kill::server::{Server, client};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn login_works_again_when_the_provider_is_back() {
    let away = LoginProvider::listen().await;
    let issuer = away.issuer.clone();
    drop(away);
    let mut server = Server::prepare(&issuer);
    server.start().await;
    let base_url = server.base_url.clone();
    let log_in = || {
        let asked = client().post(format!("{base_url}/inloggen"));
        asked
            .header("content-type", "application/x-www-form-urlencoded")
            .header(ORIGIN, &base_url)
            .send()
    };
    for _ in 0..5 {
        let refused = log_in().await.unwrap();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(refused.headers().contains_key("retry-after"));
    }
    let told = server.told_of("a login was refused");
    assert_eq!(told.len(), 1, "{told:?}");

    LoginProvider::listen_at(issuer.trim_start_matches("http://"))
        .await
        .serve(&server.base_url);
    let began = Instant::now();
    while !log_in().await.unwrap().status().is_redirection() {
        assert!(
            began.elapsed() < PATIENCE,
            "login does not recover by itself"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let reader = Reader::log_in(&server.base_url, PEOPLE[0]).await;
    assert_eq!(
        reader.get("/berichten").await.unwrap().status(),
        StatusCode::OK
    );
    server.end().await;
}
