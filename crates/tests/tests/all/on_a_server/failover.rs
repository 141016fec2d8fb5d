//! A standby that takes the place of its primary by hand: the program finds it by itself, and what was answered is there.

use std::time::Duration;

use cluster::Cluster;

use super::house::{House, configured_at, inhabited};
use super::load::Books;
use crate::kill::sender::Outcome;

const CLIENTS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_is_promoted_by_hand_has_all_that_was_answered() {
    let mut primary = House::durable();
    let standby = Cluster::standby_of(&primary.cluster).expect("a standby");
    primary.cluster.require_standby().expect("it follows");
    let ports = [primary.cluster.port(), standby.port()];
    let (server, sender, readers) = inhabited(&configured_at(&ports)).await;
    let mut books = Books::default();
    let load = books.load((0..CLIENTS).map(|_| sender.anew()));
    tokio::time::sleep(Duration::from_millis(500)).await;
    primary.cluster.kill();
    // One is away, and the other only follows.
    for _ in 0..5 {
        assert_eq!(books.deliver(&sender).await, Outcome::Unavailable);
    }
    let told = server.told_of("takes writes");
    assert!(!told.is_empty(), "the log says what is wrong");
    standby.promote().expect("it takes its place");
    books.deliver_until_taken_in(&sender).await;
    let outcomes = books.note(load).await;
    assert!(
        outcomes.created > 0 && outcomes.unavailable > 0 && outcomes.cut == 0,
        "{outcomes:?}"
    );
    books.send_the_rest(&sender).await;
    books.all_is_there(&readers, &sender).await;
    server.verify_log();
    println!("{}", books.ledger);
}
