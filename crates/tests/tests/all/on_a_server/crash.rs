//! `kill -9` of the database server under load, ten times: 503 while it is away, all is well again without hands, and what
//! was answered is there.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;

use super::house::{House, PATIENCE};
use super::load::Books;
use crate::kill::chance::Chance;
use crate::kill::reader::Reader;
use crate::kill::sender::{Outcome, Sender};
use crate::kill::server::client;

const ROUNDS: usize = 10;
const CLIENTS: usize = 4;
const SEED: u64 = 20_261_122;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_server_that_is_killed_under_load_loses_nothing_that_was_answered() {
    let mut house = House::durable();
    let (server, sender, readers) = house.inhabited().await;
    let (mut books, mut chance) = (Books::default(), Chance::new(SEED));
    let mut unavailable = 0;
    for round in 0..ROUNDS {
        let reader = &readers[round % readers.len()];
        let load = books.load((0..CLIENTS).map(|_| sender.anew()));
        tokio::time::sleep(Duration::from_millis(30 + chance.below(171))).await;
        house.cluster.kill();
        assert_eq!(books.deliver(&sender).await, Outcome::Unavailable);
        all_that_needs_it_is_refused(&server.base_url, &sender, reader).await;
        house.cluster.start_again().expect("it starts again");
        books.deliver_until_taken_in(&sender).await;
        shows_again(reader).await;
        let outcomes = books.note(load).await;
        assert!(outcomes.created > 0 && outcomes.cut == 0, "{outcomes:?}");
        unavailable += outcomes.unavailable;
    }
    assert!(unavailable > 0, "the load met a server that is away");
    books.send_the_rest(&sender).await;
    books.all_is_there(&readers, &sender).await;
    server.verify_log();
    println!("{ROUNDS} kills: {}", books.ledger);
}

/// Pages, tokens and logins; what needs no rows goes on.
async fn all_that_needs_it_is_refused(base_url: &str, sender: &Sender, reader: &Reader) {
    let page = reader.get("/berichten").await.expect("an answer");
    let token = sender.ask_token(&sender.assertion()).await;
    let client = client();
    let login = client
        .post(format!("{base_url}/inloggen"))
        .header("origin", base_url)
        .header("content-type", "application/x-www-form-urlencoded");
    let login = login.send().await.expect("an answer");
    for answer in [page, token, login] {
        let path = answer.url().path().to_owned();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(answer.headers().contains_key(RETRY_AFTER), "{path}");
    }
    for path in ["/", "/toegankelijkheid", "/.well-known/jwks.json"] {
        let page = client.get(format!("{base_url}{path}")).send().await;
        assert_eq!(page.expect("an answer").status(), StatusCode::OK, "{path}");
    }
}

async fn shows_again(reader: &Reader) {
    let shows = async {
        while !reader
            .get("/berichten")
            .await
            .expect("an answer")
            .status()
            .is_success()
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let shows = tokio::time::timeout(PATIENCE, shows).await;
    shows.expect("it shows again by itself");
}
