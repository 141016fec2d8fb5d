//! `kill -9` under load, a hundred times: every message that was answered 201 is there, whole and once, and the log
//! verifies. `server` the real binary as an ordinary user, `letters` what was sent and what is known of it, `sender`
//! and `reader` the two ends of the road, `chance` choices that a seed repeats.

pub mod chance;
pub mod letters;
pub mod reader;
pub mod sender;
pub mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chance::Chance;
use futures_util::{StreamExt, stream};
use letters::{Ledger, Letter, PEOPLE, Post};
use reader::{LoginProvider, Reader};
use sender::{Outcome, Sender};
use server::Server;

const USUAL_KILLS: usize = 100;
const CLIENTS: usize = 8;
/// Every page of every person is walked after so many kills, and at the end.
const WALK_EVERY: usize = 10;
const SEED: u64 = 20_261_120;

/// `POSTBUS_KILLS` sets another number of kills.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_under_load_loses_nothing_that_was_answered_and_shows_nothing_twice() {
    let began = Instant::now();
    let kills = std::env::var("POSTBUS_KILLS").map_or(USUAL_KILLS, |kills| {
        kills.parse().expect("POSTBUS_KILLS is a number")
    });
    let provider = LoginProvider::listen().await;
    let mut server = Server::prepare(&provider.issuer);
    provider.serve(&server.base_url);
    let mut sender = Sender::connect(&server);
    let mut trial = Trial {
        ledger: Ledger::default(),
        chance: Chance::new(SEED),
        post: Arc::default(),
        last: Vec::new(),
    };

    server.start().await;
    let mut readers = Vec::new();
    for person in PEOPLE {
        readers.push(Reader::log_in(&server.base_url, person).await);
    }
    for kill in 1..=kills {
        if kill > 1 {
            server.start().await;
        }
        if kill % WALK_EVERY == 1 {
            sender.get_token().await;
        }
        trial.ask_after_the_last_round(&sender).await;
        let watching = readers[kill % readers.len()].clone();
        trial
            .load_until_killed(&mut server, &sender, watching)
            .await;
        if kill % WALK_EVERY == 0 {
            server.verify_log();
            server.start().await;
            readers = trial.walk(&server, false).await;
            server.kill();
        }
    }
    server.verify_log();
    server.start().await;
    trial.walk(&server, true).await;
    let answered = trial.ledger.answered();
    ask_status(&sender, &answered).await;
    server.kill();
    server.verify_log();
    server.refuse_complaints();
    println!(
        "{kills} kills in {:.0?}: {}; {}",
        began.elapsed(),
        trial.ledger,
        server.told()
    );
}

struct Trial {
    ledger: Ledger,
    chance: Chance,
    post: Arc<Post>,
    /// What was sent in the round before.
    last: Vec<Letter>,
}

impl Trial {
    /// The receipts of the round before; some of its letters are handed in for another time.
    async fn ask_after_the_last_round(&mut self, sender: &Sender) {
        let (answered, unknown) = self.ledger.split(&std::mem::take(&mut self.last));
        ask_status(sender, &answered).await;
        for letter in unknown {
            // Never again, once more, or twice at the same time.
            let times = self.chance.below(3);
            self.post.hand_in(letter, times);
        }
        for (letter, _) in answered.into_iter().take(2) {
            self.post.hand_in(letter, 1);
        }
    }

    /// Clients deliver and a person reads until the server is killed, at a moment that nobody chose.
    async fn load_until_killed(&mut self, server: &mut Server, sender: &Sender, watching: Reader) {
        let killed = Arc::new(AtomicBool::new(false));
        let client =
            || deliver_until_cut(sender.anew(), Arc::clone(&self.post), Arc::clone(&killed));
        let clients: Vec<_> = (0..CLIENTS).map(|_| tokio::spawn(client())).collect();
        let watching = tokio::spawn(watching.read_until_cut(Arc::clone(&killed)));

        tokio::time::sleep(Duration::from_millis(30 + self.chance.below(221))).await;
        killed.store(true, Ordering::SeqCst);
        server.kill();

        for client in clients {
            for (letter, outcome) in client.await.expect("a client came to its end") {
                self.ledger.note(letter, outcome);
                self.last.push(letter);
            }
        }
        self.ledger.note_read(
            watching
                .await
                .expect("the person who watched came to their end"),
        );
        self.last.sort_unstable();
        self.last.dedup();
    }

    /// Everyone logs in anew and walks all their pages; letters new to them, or all, are opened with their attachments.
    async fn walk(&mut self, server: &Server, all: bool) -> Vec<Reader> {
        let mut readers = Vec::new();
        for (number, person) in PEOPLE.into_iter().enumerate() {
            let reader = Reader::log_in(&server.base_url, person).await;
            let shown = reader.all_pages().await;
            let to_open = self.ledger.compare(number, &shown, all);
            open(&reader, to_open).await;
            readers.push(reader);
        }
        readers
    }
}

async fn deliver_until_cut(
    sender: Sender,
    post: Arc<Post>,
    killed: Arc<AtomicBool>,
) -> Vec<(Letter, Outcome)> {
    let mut sent = Vec::new();
    loop {
        let letter = post.next();
        let outcome = sender.deliver(letter).await;
        assert_ne!(outcome, Outcome::Unavailable, "{letter:?}");
        let is_cut = outcome == Outcome::Cut;
        sent.push((letter, outcome));
        if is_cut {
            assert!(
                killed.load(Ordering::SeqCst),
                "{letter:?} was cut off before the server was killed"
            );
            return sent;
        }
    }
}

pub async fn ask_status(sender: &Sender, answered: &[(Letter, String)]) {
    let asked = stream::iter(answered).map(|(letter, id)| async move {
        let status = sender.status(id).await;
        assert_eq!(status, "afgeleverd", "{letter:?}, answered 201 as {id}");
    });
    asked.buffer_unordered(CLIENTS).collect::<()>().await;
}

pub async fn open(reader: &Reader, letters: Vec<(Letter, String)>) {
    let opened = stream::iter(letters).map(|(letter, id)| async move {
        let open = reader.open(&id).await;
        assert!(
            open.page.contains(&letter.first_line()) && open.page.contains(&letter.last_line()),
            "the text of {letter:?}"
        );
        let files: Vec<_> = letter.pdf().into_iter().collect();
        assert_eq!(
            open.files.len(),
            files.len(),
            "the attachments of {letter:?}"
        );
        for (link, bytes) in open.files.iter().zip(files) {
            let found = reader.download(link).await;
            assert!(
                found == bytes,
                "the attachment of {letter:?}: {} of {} bytes, or others",
                found.len(),
                bytes.len()
            );
        }
    });
    opened.buffer_unordered(CLIENTS).collect::<()>().await;
}
