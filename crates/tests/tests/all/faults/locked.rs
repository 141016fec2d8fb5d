//! A database that another program holds locked.

use reqwest::StatusCode;
use rusqlite::Connection;

use super::trial::{Trial, assert_unavailable_to_people};

const LOCKED: &str = "another program holds the database locked";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_of_another_program_stops_all_until_it_is_let_go() {
    let mut trial = Trial::begin("").await;
    assert_eq!(trial.deliver_next().await, StatusCode::CREATED);
    let other = Connection::open(trial.data().join("postbus.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(
        trial.deliver_with_pdf().await,
        StatusCode::SERVICE_UNAVAILABLE
    );
    let page = trial.readers[0].get("/berichten").await.unwrap();
    assert_unavailable_to_people(page).await;
    assert_eq!(trial.deliver_next().await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(trial.server.told_of(LOCKED).len(), 1);
    other.execute_batch("ROLLBACK").unwrap();
    trial.deliver_until_taken_in().await;
    trial.all_is_there().await;
    trial.no_attachment_too_many();

    trial.server.end().await;
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let said = trial.server.refuses_to_start();
    assert!(
        said.contains(LOCKED) && said.contains("postbus.db") && said.contains("end that program"),
        "{said}"
    );
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    trial.server.start().await;
    let said = trial.server.refused(&["log", "verify"]);
    assert!(said.contains("in use by another Postbus process"), "{said}");
    trial.end_and_verify().await;
}
