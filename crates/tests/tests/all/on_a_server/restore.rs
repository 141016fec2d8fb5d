//! A backup that is made beside live work goes back to a server, to a file, and says when its log is not whole.

use std::path::Path;

use rusqlite::Connection;

use super::house::House;
use super::load::Books;
use crate::kill::letters::PEOPLE;
use crate::kill::reader::{Login, Reader};
use crate::kill::sender::{Outcome, Sender};
use crate::kill::server::Server;

const TO: [&str; 4] = ["backup", "bewaard", "--keys", "apart"];
const FROM: [&str; 4] = ["restore", "bewaard", "--keys", "apart"];

/// As a new machine has it: the same installation in other folders, and its rows where `configured` says.
fn elsewhere(server: &Server, configured: &str) -> Server {
    server.another_with(|text| {
        let (head, _) = text.split_once("store = ").expect("rows on a server");
        let head = head
            .replace("data = \"gegevens\"", "data = \"nieuwe-gegevens\"")
            .replace("keys = \"sleutels\"", "keys = \"nieuwe-sleutels\"");
        format!("{head}{configured}\n")
    })
}

async fn all_is_back(
    server: &mut Server,
    mut books: Books,
    readers: &[Reader; PEOPLE.len()],
    sender: &Sender,
) {
    server.start().await;
    let sender = sender.at(&server.base_url);
    // Also those who were logged in are.
    let readers = std::array::from_fn(|at| readers[at].at(&server.base_url));
    books.all_is_there(&readers, &sender).await;
    assert!(matches!(books.deliver(&sender).await, Outcome::Created(_)));
    let login = Login::begin(&server.site, &server.base_url, PEOPLE[0]).await;
    let shown = login.finish().await.all_pages().await;
    assert_eq!(shown.len(), readers[0].all_pages().await.len());
    books.all_is_there(&readers, &sender).await;
    server.end().await;
    server.verify_log();
    server.refuse_complaints();
}

async fn backed_up(house: &House) -> (Server, Sender, [Reader; PEOPLE.len()], Books) {
    let (mut server, sender, readers) = house.inhabited().await;
    let mut books = Books::default();
    for _ in 0..12 {
        assert!(matches!(books.deliver(&sender).await, Outcome::Created(_)));
    }
    let said = server.run(&TO);
    assert!(said.contains("the keyring in apart"), "{said}");
    server.end().await;
    (server, sender, readers, books)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_server_goes_back_to_another_server() {
    let (house, other) = (House::hasty(), House::hasty());
    let (server, sender, readers, books) = backed_up(&house).await;
    let mut restored = elsewhere(&server, &other.configured());
    let said = restored.run(&FROM);
    assert!(said.contains("are back"), "{said}");
    // Where something is nothing is put.
    let again = restored.refused(&FROM);
    assert!(again.contains("is put back to an empty place"), "{again}");
    all_is_back(&mut restored, books, &readers, &sender).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_server_goes_back_to_a_file() {
    let house = House::hasty();
    let (server, sender, readers, books) = backed_up(&house).await;
    let mut restored = elsewhere(&server, "");
    restored.run(&FROM);
    all_is_back(&mut restored, books, &readers, &sender).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_of_a_log_that_is_not_whole_says_so_and_fails() {
    let house = House::hasty();
    let (server, ..) = backed_up(&house).await;
    let backups = std::fs::read_dir(server.path().join("bewaard")).unwrap();
    for backup in backups {
        change(&backup.unwrap().path().join("rows.db"));
    }
    let restored = elsewhere(&server, "");
    let said = restored.refused(&FROM);
    assert!(said.contains("the log is NOT whole"), "{said}");
    // All the same it is back.
    assert!(server.path().join("nieuwe-gegevens/postbus.db").exists());
    restored.refused(&["log", "verify"]);
}

fn change(rows: &Path) {
    let rows = Connection::open(rows).unwrap();
    let changed = rows.execute(
        "UPDATE log SET status = 'Error' WHERE activity = 'inloggen'",
        [],
    );
    assert_eq!(changed.unwrap(), PEOPLE.len());
}
