//! The real binary, people who are logged in, an organisation that sends, and what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use reqwest::{Response, StatusCode};

use crate::kill::letters::{Letter, PEOPLE, Post};
use crate::kill::reader::{LoginProvider, Reader};
use crate::kill::sender::Sender;
use crate::kill::server::{Server, client};

/// Generous: what comes true takes far less.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Trial {
    pub server: Server,
    pub sender: Sender,
    pub readers: Vec<Reader>,
    post: Post,
    /// By id, what was answered 201.
    acknowledged: BTreeMap<String, Letter>,
}

impl Trial {
    /// A server with these words added to its configuration.
    pub async fn begin(rest: &str) -> Self {
        Self::begin_on(rest, |_| ()).await.0
    }

    /// As [`begin`](Self::begin), on what `lay` lays in the server's folder beforehand.
    pub async fn begin_on<T>(rest: &str, lay: impl FnOnce(&Server) -> T) -> (Self, T) {
        let provider = LoginProvider::listen().await;
        let mut server = Server::prepare_with(&provider.issuer, rest);
        provider.serve(&server.base_url);
        let laid = lay(&server);
        let mut sender = Sender::connect(&server);
        server.start().await;
        sender.get_token().await;
        let mut readers = Vec::new();
        for person in PEOPLE {
            readers.push(Reader::log_in(&server.base_url, person).await);
        }
        let trial = Self {
            server,
            sender,
            readers,
            post: Post::default(),
            acknowledged: BTreeMap::new(),
        };
        (trial, laid)
    }

    /// The folder of database and attachments.
    pub fn data(&self) -> PathBuf {
        self.server.path().join("gegevens")
    }

    /// Delivers a next letter: 201 or 503 as it must be, which it answers.
    pub async fn deliver_next(&mut self) -> StatusCode {
        let letter = self.post.next();
        self.deliver(letter).await
    }

    /// A next letter without an attachment.
    pub async fn deliver_plain(&mut self) -> StatusCode {
        loop {
            let letter = self.post.next();
            if letter.pdf().is_none() {
                return self.deliver(letter).await;
            }
        }
    }

    /// A next letter with an attachment.
    pub async fn deliver_with_pdf(&mut self) -> StatusCode {
        loop {
            let letter = self.post.next();
            if letter.pdf().is_some() {
                return self.deliver(letter).await;
            }
        }
    }

    async fn deliver(&mut self, letter: Letter) -> StatusCode {
        let answer = self.sender.send(letter).await.expect("an answer");
        if answer.status() == StatusCode::CREATED {
            let said: serde_json::Value = answer.json().await.expect("a 201 says JSON");
            let id = said["berichtId"].as_str().expect("an id").to_owned();
            self.acknowledged.insert(id, letter);
            return StatusCode::CREATED;
        }
        assert_unavailable_to_organisations(answer).await;
        StatusCode::SERVICE_UNAVAILABLE
    }

    /// The receipt of a letter that was taken in: a look at it is recorded for its person.
    pub async fn receipt(&self) -> Response {
        let (id, _) = self
            .acknowledged
            .first_key_value()
            .expect("one was taken in");
        let url = format!("{}/api/v1/aanleveringen/{id}", self.server.base_url);
        let asked = client().get(url);
        asked
            .bearer_auth(self.sender.token())
            .send()
            .await
            .expect("an answer")
    }

    /// Delivers until it is taken in again.
    pub async fn deliver_until_taken_in(&mut self) {
        let began = Instant::now();
        while self.deliver_with_pdf().await != StatusCode::CREATED {
            assert!(began.elapsed() < PATIENCE, "it does not recover by itself");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Delivers until the log tells that it works again: some seconds after the last failure.
    pub async fn deliver_until_told(&mut self, words: &str) {
        let began = Instant::now();
        while self.server.told_of(words).is_empty() {
            assert!(began.elapsed() < PATIENCE, "the log does not tell: {words}");
            assert_eq!(self.deliver_next().await, StatusCode::CREATED);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Notes a letter that was answered 201 elsewhere.
    pub fn acknowledge(&mut self, letter: Letter, id: String) {
        self.acknowledged.insert(id, letter);
    }

    pub fn count(&self) -> usize {
        self.acknowledged.len()
    }

    /// Everyone sees what was acknowledged, once, and nothing that was refused.
    pub async fn all_is_there(&self) {
        assert_eq!(self.shown().await, self.expected());
    }

    /// As [`all_is_there`](Self::all_is_there), where a client may have missed an answer.
    pub async fn all_acknowledged_is_there(&self) {
        let shown = self.shown().await;
        for (id, title) in self.expected() {
            assert_eq!(shown.get(&id), Some(&title), "{id} was answered 201");
        }
    }

    fn expected(&self) -> BTreeMap<String, String> {
        let titled = |(id, letter): (&String, &Letter)| (id.clone(), letter.title());
        self.acknowledged.iter().map(titled).collect()
    }

    async fn shown(&self) -> BTreeMap<String, String> {
        let (mut shown, mut titles) = (BTreeMap::new(), BTreeSet::new());
        for reader in &self.readers {
            for letter in reader.all_pages().await {
                assert!(
                    titles.insert(letter.title.clone()),
                    "{} is there twice",
                    letter.title
                );
                shown.insert(letter.id, letter.title);
            }
        }
        shown
    }

    /// The attachments that lie in the folder are those of the letters that were taken in.
    pub fn no_attachment_too_many(&self) {
        let pdfs = self
            .acknowledged
            .values()
            .filter(|letter| letter.pdf().is_some());
        let (expected, mut names, mut found) = (pdfs.count(), String::new(), 0);
        for spread in std::fs::read_dir(self.data().join("blobs")).unwrap() {
            for blob in std::fs::read_dir(spread.unwrap().path()).unwrap() {
                found += 1;
                writeln!(names, "{}", blob.unwrap().path().display()).unwrap();
            }
        }
        assert!(!names.contains('#'), "half an attachment: {names}");
        assert_eq!(found, expected, "{names}");
    }

    /// Ends the server, and has the log verified.
    pub async fn end_and_verify(&mut self) {
        self.server.end().await;
        self.server.verify_log();
    }
}

/// 503 as organisations hear it.
pub async fn assert_unavailable_to_organisations(answer: Response) {
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert!(answer.headers().contains_key("retry-after"));
    let said = answer.text().await.expect("the whole problem");
    assert!(said.contains("Probeer het later opnieuw"), "{said}");
}

/// 503 as people see it, with why nothing can be read.
pub async fn assert_unavailable_to_people(answer: Response) {
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers().contains_key("retry-after"));
    let page = answer.text().await.expect("the whole page");
    for words in [
        "Er gaat niets verloren",
        "Dan mogen wij ook niets laten zien",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(
        !page.contains("Brief 0"),
        "a letter that nobody may see now"
    );
}
