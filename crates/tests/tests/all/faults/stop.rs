//! SIGTERM under load: whatever was answered is there, and the program ends well.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::trial::Trial;
use crate::kill::letters::{Letter, Post};
use crate::kill::sender::{Outcome, Sender};

const CLIENTS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_loses_nothing_that_was_answered() {
    let mut trial = Trial::begin("").await;
    let address = trial.server.base_url.replace("http://", "");
    // Neither keeps the program from ending.
    let mut half_a_head = TcpStream::connect(&address).await.unwrap();
    half_a_head.write_all(b"GET /berichten HT").await.unwrap();
    let idle = TcpStream::connect(&address).await.unwrap();

    let post = Arc::new(Post::default());
    let client = || tokio::spawn(deliver_until_cut(trial.sender.anew(), Arc::clone(&post)));
    let clients: Vec<_> = (0..CLIENTS).map(|_| client()).collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    trial.server.ask_to_end();
    for client in clients {
        for (letter, id) in client.await.unwrap() {
            trial.acknowledge(letter, id);
        }
    }
    trial.server.wait_for_end().await;
    assert_eq!(trial.server.told_of("were cut off"), [""; 0]);
    assert!(trial.count() > 0, "there was load");
    drop((half_a_head, idle));

    trial.server.verify_log();
    trial.server.start().await;
    trial.all_acknowledged_is_there().await;
    trial.end_and_verify().await;
}

async fn deliver_until_cut(sender: Sender, post: Arc<Post>) -> Vec<(Letter, String)> {
    let mut acknowledged = Vec::new();
    loop {
        let letter = post.next();
        match sender.deliver(letter).await {
            Outcome::Created(id) => acknowledged.push((letter, id)),
            Outcome::Cut => return acknowledged,
            Outcome::Unavailable => panic!("{letter:?} was refused"),
        }
    }
}
