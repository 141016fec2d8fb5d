//! `kill -9` of what ends data: an erasure, a sweep and a restore that were killed end right when they are given again, and until
//! then nothing goes too early.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::data_folder::files_of;
use crate::kill::letters::{Letter, PEOPLE, Post};
use crate::kill::reader::{LoginProvider, Reader};
use crate::kill::sender::{Outcome, Sender};
use crate::kill::server::Server;

const LETTERS: usize = 100;
const ROUNDS: u32 = 6;
/// A kill comes so much later from one round to the next.
const STEP: Duration = Duration::from_millis(4);

pub const ERASE: &[&str] = &["subject", "erase", "--number-from-stdin"];
const SWEEP: &[&str] = &["sweep"];
const RESTORE: &[&str] = &["restore", "rijen", "--keys", "sleutelkopie"];
const BACKUP: &[&str] = &["backup", "rijen", "--keys", "sleutelkopie"];

/// A house with post, which serves no more, and a copy of it.
pub struct House {
    pub server: Server,
    copy: tempfile::TempDir,
}

impl House {
    pub async fn with_post() -> Self {
        let provider = LoginProvider::listen().await;
        let mut server = Server::prepare(&provider.issuer);
        provider.serve(&server.base_url);
        let mut sender = Sender::connect(&server);
        server.start().await;
        for person in PEOPLE {
            Reader::log_in(&server.base_url, person).await;
        }
        sender.get_token().await;
        let post = Post::default();
        for _ in 0..LETTERS {
            let letter: Letter = post.next();
            let outcome = sender.deliver(letter).await;
            assert!(matches!(outcome, Outcome::Created(_)), "{outcome:?}");
        }
        server.end().await;
        let copy = tempfile::tempdir().unwrap();
        Self { server, copy }
    }

    pub fn folders(&self) -> [PathBuf; 2] {
        ["gegevens", "sleutels"].map(|part| self.server.path().join(part))
    }

    fn keep(&self) {
        for folder in self.folders() {
            let to = self.copy.path().join(folder.file_name().unwrap());
            self.copy_all(&folder, &to);
        }
    }

    fn put_back(&self) {
        for folder in self.folders() {
            fs::remove_dir_all(&folder).unwrap();
            let from = self.copy.path().join(folder.file_name().unwrap());
            self.copy_all(&from, &folder);
        }
    }

    fn copy_all(&self, from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        self.server.give(to);
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                self.copy_all(&entry.path(), &target);
            } else {
                fs::copy(entry.path(), &target).unwrap();
                self.server.give(&target);
            }
        }
    }

    pub fn rows(&self, sql: &str) -> BTreeSet<String> {
        let rows = Connection::open(self.folders()[0].join("postbus.db")).unwrap();
        let mut asked = rows.prepare(sql).unwrap();
        let found = asked.query_map([], |row| row.get(0)).unwrap();
        found.map(Result::unwrap).collect()
    }

    fn change(&self, sql: &str) -> usize {
        let rows = Connection::open(self.folders()[0].join("postbus.db")).unwrap();
        rows.execute(sql, []).unwrap()
    }

    /// SQLite leaves files beside the database that belong to whoever looked at it.
    fn give_back(&self) {
        for (path, _) in files_of(&self.folders()) {
            self.server.give(&path);
        }
    }

    /// As after a disk was lost.
    fn empty(&self) {
        for folder in self.folders() {
            fs::remove_dir_all(&folder).unwrap();
            fs::create_dir(&folder).unwrap();
            self.server.give(&folder);
        }
    }

    fn list(&self, erasures: &str) {
        let at = self.folders()[1].join("erasures.txt");
        fs::write(&at, erasures).unwrap();
        self.server.give(&at);
    }

    fn listed(&self) -> String {
        fs::read_to_string(self.folders()[1].join("erasures.txt")).unwrap_or_default()
    }

    /// Kills a command so long after it has begun what it is for.
    fn kill(&self, command: &[&str], words: &str, after: Duration, has_begun: impl Fn() -> bool) {
        let was_killed = self.server.kill_after(command, words, has_begun, after);
        println!("{command:?} after {after:?}: killed {was_killed}");
        self.give_back();
    }

    pub fn run(&self, command: &[&str], words: &str) {
        self.give_back();
        self.server.run_with(command, words);
    }

    /// Nothing of the person is left, nor of anybody else taken.
    fn all_but(&self, subject: &str, others: &BTreeSet<String>) {
        for (name, table) in super::canary::catalogue().tables() {
            if table.columns.contains_key("subject_id") {
                let left = format!("SELECT subject_id FROM {name} WHERE subject_id = '{subject}'");
                assert!(self.rows(&left).is_empty(), "{name}");
            }
        }
        assert_eq!(self.rows("SELECT message_id FROM messages"), *others);
        assert_eq!(self.rows("SELECT message_id FROM bodies"), *others);
        self.give_back();
        self.server.verify_log();
    }

    /// Every file that a letter names is there.
    fn has_files(&self) {
        let files = files_of(&[self.folders()[0].join("blobs")]);
        for blob in self.rows("SELECT blob_id FROM attachments") {
            assert!(
                files.iter().any(|(path, _)| path.ends_with(&blob)),
                "{blob}"
            );
        }
        let claimed = self.rows("SELECT blob_id FROM claimed_blobs");
        assert_eq!(claimed, self.rows("SELECT blob_id FROM attachments"));
    }
}

/// How many files there are, also while some go.
fn names_in(folder: &Path) -> usize {
    let found = fs::read_dir(folder).into_iter().flatten().flatten();
    let counted = found.map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => names_in(&entry.path()),
        _ => 1,
    });
    counted.sum()
}

fn of_others(subject: &str) -> String {
    format!("SELECT message_id FROM messages WHERE subject_id <> '{subject}'")
}

/// Whose number this is: who is gone when it is erased.
fn person_of(house: &House, number: &str) -> String {
    let before = house.rows("SELECT subject_id FROM subjects");
    house.run(ERASE, number);
    let after = house.rows("SELECT subject_id FROM subjects");
    house.put_back();
    let erased: Vec<&String> = before.difference(&after).collect();
    assert_eq!(erased.len(), 1);
    erased[0].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mo_73_cn_82_an_erasure_that_is_killed_ends_when_its_number_is_given_again() {
    let house = House::with_post().await;
    house.keep();
    let subject = person_of(&house, PEOPLE[0]);
    let others = house.rows(&of_others(&subject));
    assert_eq!(others.len(), LETTERS * 3 / 4);
    for round in 0..ROUNDS {
        house.put_back();
        let begun = || house.listed().contains(&format!("begun {subject}"));
        house.kill(ERASE, PEOPLE[0], round * round * STEP, begun);
        assert!(begun());
        assert_eq!(house.rows(&of_others(&subject)), others);
        house.has_files();
        if !house.listed().contains("done") {
            house.run(ERASE, PEOPLE[0]);
        }
        let listed = house.listed();
        assert!(listed.contains(&format!("done {subject}")), "{listed}");
        house.all_but(&subject, &others);
        house.has_files();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dt_84_mo_67_a_sweep_that_is_killed_takes_nothing_too_early_and_leaves_nothing() {
    let house = House::with_post().await;
    let old = "SELECT message_id FROM
               (SELECT message_id, ROW_NUMBER() OVER (ORDER BY message_id) AS nth FROM messages) WHERE nth % 2 = 0";
    let six_years = 6 * 366 * 86_400 * 1_000_000_i64;
    for table in ["deliveries", "messages"] {
        let aged = format!(
            "UPDATE {table} SET received_at = received_at - {six_years}, published_at = published_at - {six_years}
             WHERE message_id IN ({old})"
        );
        assert_eq!(house.change(&aged), LETTERS / 2);
    }
    let young = house.rows("SELECT message_id FROM messages WHERE received_at > 1700000000000000");
    assert_eq!(young.len(), LETTERS / 2);
    house.give_back();
    house.keep();
    let began = Instant::now();
    house.run(SWEEP, "");
    let whole = began.elapsed();
    for round in 0..ROUNDS {
        house.put_back();
        let files = || names_in(&house.folders()[0].join("blobs"));
        let before = files();
        if round % 2 == 0 {
            // As soon as the first file has gone.
            house.kill(SWEEP, "", Duration::ZERO, || files() < before);
        } else {
            // Somewhere on the way, most of which is the start of the program.
            let after = whole * (round + ROUNDS) / (2 * ROUNDS);
            house.kill(SWEEP, "", after, || true);
        }
        for table in ["messages", "bodies", "deliveries"] {
            let left = house.rows(&format!("SELECT message_id FROM {table}"));
            assert!(young.is_subset(&left), "{table}");
        }
        house.has_files();
        house.run(SWEEP, "");
        for table in ["messages", "bodies", "deliveries"] {
            let left = house.rows(&format!("SELECT message_id FROM {table}"));
            assert_eq!(left, young, "{table}");
        }
        house.has_files();
        house.give_back();
        house.server.verify_log();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mo_73_cn_82_a_restore_that_is_killed_brings_back_all_but_whoever_was_erased() {
    let house = House::with_post().await;
    house.keep();
    house.server.run(BACKUP);
    let subject = person_of(&house, PEOPLE[0]);
    let others = house.rows(&of_others(&subject));
    house.run(ERASE, PEOPLE[0]);
    let list = house.listed();
    let [_, keys] = house.folders();
    for round in 0..ROUNDS {
        house.empty();
        house.list(&list);
        let begun = || keys.join("restoring.txt").exists();
        house.kill(RESTORE, "", 8 * round * STEP, begun);
        // What is back and not yet gone through is, by whatever opens the house next.
        let is_back = !begun() && keys.join("keys.db").exists();
        house.run(if is_back { SWEEP } else { RESTORE }, "");
        house.all_but(&subject, &others);
        house.has_files();
    }
    // All is back, and it was not noted yet.
    let name = fs::read_dir(house.server.path().join("rijen")).unwrap();
    let name = name.last().unwrap().unwrap().file_name();
    let restoring = keys.join("restoring.txt");
    for done in ["\nlist\nkeys", "\nlist\nkeys\nkeyring"] {
        house.empty();
        house.list("");
        house.run(RESTORE, "");
        let noted = format!("backup {}{done}\n", name.to_string_lossy());
        fs::write(&restoring, noted).unwrap();
        house.run(RESTORE, "");
        assert!(!restoring.exists());
    }
}
