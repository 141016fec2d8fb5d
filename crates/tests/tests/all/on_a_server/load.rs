//! Clients that deliver while something breaks, each request answered in bounded time; and the ledger of what was answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

use super::house::PATIENCE;
use crate::kill::letters::{Ledger, Letter, PEOPLE, Post};
use crate::kill::reader::Reader;
use crate::kill::sender::{Outcome, Sender};
use crate::kill::server::Server;
use crate::kill::{ask_status, open};

/// Between two letters: what is delivered is looked at one by one afterwards.
const REST: Duration = Duration::from_millis(40);
/// One letter in so many is opened; coprime to how many have an attachment.
const OPENED: usize = 4;
/// No request is without an answer for longer; what a connection and a lock may take is far less.
const ANSWERED_WITHIN: Duration = Duration::from_secs(20);

/// Everything that was sent, and what became of it.
#[derive(Default)]
pub struct Books {
    pub ledger: Ledger,
    post: Arc<Post>,
}

/// Clients at work.
pub struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Vec<(Letter, Outcome)>>>,
}

/// How often each came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcomes {
    pub created: usize,
    pub unavailable: usize,
    pub cut: usize,
}

impl Books {
    /// As many clients as there are senders, each at its own process.
    pub fn load(&self, senders: impl IntoIterator<Item = Sender>) -> Load {
        let stop = Arc::new(AtomicBool::new(false));
        let deliver = |sender| {
            tokio::spawn(deliver_until(
                sender,
                Arc::clone(&self.post),
                Arc::clone(&stop),
            ))
        };
        let clients = senders.into_iter().map(deliver).collect();
        Load { stop, clients }
    }

    /// Ends a load; what was not taken in for sure is handed in once more, or twice at the same time.
    pub async fn note(&mut self, load: Load) -> Outcomes {
        load.stop.store(true, Ordering::SeqCst);
        let mut outcomes = Outcomes::default();
        for client in load.clients {
            for (letter, outcome) in client.await.expect("a client came to its end") {
                match outcome {
                    Outcome::Created(_) => outcomes.created += 1,
                    Outcome::Unavailable => outcomes.unavailable += 1,
                    Outcome::Cut => outcomes.cut += 1,
                }
                if !matches!(outcome, Outcome::Created(_)) {
                    self.post.hand_in(letter, 1 + (outcomes.cut % 2) as u64);
                }
                self.ledger.note(letter, outcome);
            }
        }
        outcomes
    }

    /// A next letter, to whatever answer.
    pub async fn deliver(&mut self, sender: &Sender) -> Outcome {
        let letter = self.post.next();
        let outcome = deliver(sender, letter).await;
        self.ledger.note(letter, outcome.clone());
        if !matches!(outcome, Outcome::Created(_)) {
            self.post.hand_in(letter, 1);
        }
        outcome
    }

    /// Delivers until it is taken in again.
    pub async fn deliver_until_taken_in(&mut self, sender: &Sender) {
        let recovers = async {
            while !matches!(self.deliver(sender).await, Outcome::Created(_)) {
                tokio::time::sleep(REST).await;
            }
        };
        let recovers = tokio::time::timeout(PATIENCE, recovers).await;
        recovers.expect("it recovers by itself");
    }

    /// What was not taken in for sure is sent again under its own key, until all of it is.
    pub async fn send_the_rest(&mut self, sender: &Sender) {
        while let Some(letter) = self.post.handed_in() {
            let outcome = deliver(sender, letter).await;
            assert!(matches!(outcome, Outcome::Created(_)), "{letter:?}");
            self.ledger.note(letter, outcome);
        }
    }

    /// What was answered 201 is there, whole and once, with its receipt; nothing is that nobody sent.
    pub async fn all_is_there(&mut self, readers: &[Reader; PEOPLE.len()], sender: &Sender) {
        for (number, reader) in readers.iter().enumerate() {
            let shown = reader.all_pages().await;
            let to_open = self.ledger.compare(number, &shown, true);
            open(reader, to_open.into_iter().step_by(OPENED).collect()).await;
        }
        ask_status(sender, &self.ledger.answered()).await;
    }
}

/// Everyone who gets letters, logged in at a process.
pub async fn log_in_everyone(server: &Server) -> [Reader; PEOPLE.len()] {
    let mut readers = Vec::new();
    for person in PEOPLE {
        readers.push(Reader::log_in(&server.base_url, person).await);
    }
    readers.try_into().ok().expect("one each")
}

async fn deliver(sender: &Sender, letter: Letter) -> Outcome {
    let answer = tokio::time::timeout(ANSWERED_WITHIN, sender.deliver(letter)).await;
    answer.unwrap_or_else(|_| panic!("{letter:?} is not answered within {ANSWERED_WITHIN:?}"))
}

async fn deliver_until(
    sender: Sender,
    post: Arc<Post>,
    stop: Arc<AtomicBool>,
) -> Vec<(Letter, Outcome)> {
    let mut sent = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let letter = post.next();
        let outcome = deliver(&sender, letter).await;
        let is_cut = outcome == Outcome::Cut;
        sent.push((letter, outcome));
        if is_cut {
            break;
        }
        tokio::time::sleep(REST).await;
    }
    sent
}
