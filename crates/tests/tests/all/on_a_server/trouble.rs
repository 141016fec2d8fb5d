//! What the operator is told of trouble with the database server: a line a stretch, without a password or a person.

use std::time::Duration;

use super::house::{House, PASSWORDS, PATIENCE};
use super::load::Books;
use crate::database::locked;
use crate::kill::letters::PEOPLE;
use crate::kill::reader::{NEWCOMER, Reader};
use crate::kill::sender::{Outcome, Sender};
use crate::kill::server::Server;

/// A stretch is over after five seconds.
const IT_WORKS: &str = "it works again";

const TURN_OUT: &str =
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'postbus'";

/// The same, but not in the middle of what somebody asks: a job may be at work.
const TURN_OUT_IDLE: &str = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
     WHERE usename = 'postbus' AND state = 'idle'";

/// As at a planned restart in a quiet hour, or a firewall that forgets connections.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_broke_while_nobody_used_them_are_seen_by_nobody() {
    let house = House::hasty();
    let (server, sender, readers) = house.inhabited().await;
    let mut books = Books::default();
    for round in 0..3 {
        let turned_out: u32 = house.superuser(TURN_OUT_IDLE).parse().unwrap();
        assert!(turned_out > 3, "{turned_out}");
        assert!(matches!(books.deliver(&sender).await, Outcome::Created(_)));
        for reader in &readers {
            assert_eq!(reader.get("/berichten").await.unwrap().status(), 200);
        }
        if round == 1 {
            Reader::log_in(&server.base_url, NEWCOMER).await;
        }
    }
    books.all_is_there(&readers, &sender).await;
    server.verify_log();
    server.refuse_complaints();

    let other = locked(server.path(), Some(&house.owners_address()));
    let login = Reader::try_to_log_in(&server.base_url, NEWCOMER).await;
    assert_eq!(login.status(), 503);
    assert!(login.headers().contains_key("retry-after"));
    // What needs none of those rows goes on.
    assert!(matches!(books.deliver(&sender).await, Outcome::Created(_)));
    drop(other);
    Reader::log_in(&server.base_url, NEWCOMER).await;
    assert_eq!(server.told_of("ERROR").len(), 1);
    assert_eq!(server.told_of("locked (SQLSTATE 55P03)").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trouble_with_the_server_is_told_once_a_stretch_and_passes_by_itself() {
    let mut house = House::durable();
    let (mut server, sender, readers) = house.inhabited().await;
    let mut books = Books::default();
    assert!(matches!(books.deliver(&sender).await, Outcome::Created(_)));

    house.cluster.kill();
    strike(&mut books, &sender).await;
    house.cluster.start_again().expect("it starts again");
    books.deliver_until_taken_in(&sender).await;
    assert_told_once(&server, "Connection refused");

    // As when others have taken every place.
    house.superuser("ALTER ROLE postbus CONNECTION LIMIT 0");
    house.superuser(TURN_OUT);
    strike(&mut books, &sender).await;
    house.superuser("ALTER ROLE postbus CONNECTION LIMIT -1");
    books.deliver_until_taken_in(&sender).await;
    assert_told_once(&server, "takes no more connections (SQLSTATE 53300)");

    house.superuser("ALTER DATABASE brieven SET default_transaction_read_only = on");
    house.superuser(TURN_OUT);
    strike(&mut books, &sender).await;
    let writes_again = "ALTER DATABASE brieven RESET default_transaction_read_only";
    house
        .cluster
        .sql("postgres", writes_again)
        .expect("the superuser may");
    books.deliver_until_taken_in(&sender).await;
    assert_told_once(&server, "takes writes");

    let told = async {
        while server.told_of(IT_WORKS).is_empty() {
            tokio::time::sleep(Duration::from_millis(250)).await;
            assert!(matches!(books.deliver(&sender).await, Outcome::Created(_)));
        }
    };
    let told = tokio::time::timeout(PATIENCE, told).await;
    told.expect("the end of the stretch is told");
    books.all_is_there(&readers, &sender).await;
    server.verify_log();
    server.end().await;
    house.cluster.kill();
    let said = server.refuses_to_start();
    assert!(
        said.contains("does not answer: Connection refused"),
        "{said}"
    );
    for password in PASSWORDS {
        assert!(!said.contains(password), "{said}");
    }
    for secret in PASSWORDS.into_iter().chain(PEOPLE) {
        assert_eq!(server.told_of(secret), [""; 0]);
    }
    assert_eq!(server.told_of("panicked"), [""; 0]);
}

async fn strike(books: &mut Books, sender: &Sender) {
    for _ in 0..30 {
        assert_eq!(books.deliver(sender).await, Outcome::Unavailable);
    }
}

/// Once by who writes; the readers are a stretch of their own.
fn assert_told_once(server: &Server, words: &str) {
    let told = server.told_of(words);
    let by_writer =
        |line: &&String| line.contains("ERROR") && line.contains("of=\"writing brieven on");
    let count = told.iter().filter(by_writer).count();
    assert_eq!(count, 1, "{words}: {told:#?}");
}
