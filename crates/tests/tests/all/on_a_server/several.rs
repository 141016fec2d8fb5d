//! Three processes on one database: what one knows the others know, what is to be done once is done once, and one of them
//! may be killed.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::StatusCode;

use super::house::{House, wait_until};
use super::load::{Books, log_in_everyone};
use crate::kill::letters::{PEOPLE, Post};
use crate::kill::reader::{Login, LoginProvider, NEWCOMER};
use crate::kill::sender::{Outcome, Sender};
use crate::kill::server::Server;

struct Street {
    house: House,
    servers: [Server; 3],
    sender: Sender,
}

impl Street {
    /// Three at once, on databases without a table and folders without a key.
    async fn begin() -> Self {
        let house = House::hasty();
        let provider = LoginProvider::listen().await;
        let first = Server::prepare_with(&provider.issuer, &house.configured());
        provider.serve(&first.site);
        let (second, third) = (first.another(), first.another());
        let mut servers = [first, second, third];
        join_all(servers.iter_mut().map(Server::start)).await;
        let mut sender = Sender::connect(&servers[0]);
        sender.get_token().await;
        Self {
            house,
            servers,
            sender,
        }
    }

    fn senders(&self) -> Vec<Sender> {
        let at = |server: &Server| self.sender.at(&server.base_url);
        self.servers.iter().map(at).collect()
    }

    fn told_of(&self, words: &str) -> Vec<String> {
        let told = |server: &Server| server.told_of(words);
        self.servers.iter().flat_map(told).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_processes_know_the_same_people_sessions_keys_and_tokens() {
    let street = Street::begin().await;
    let Street {
        house,
        servers,
        sender,
    } = &street;
    let site = &servers[0].site;

    // Everyone logs in for the first time, at each process at the same moment.
    let mut readers = Vec::new();
    for person in PEOPLE.into_iter().chain([NEWCOMER]) {
        let begun = servers
            .iter()
            .map(|server| Login::begin(site, &server.base_url, person));
        let finished = join_all(begun).await.into_iter().map(Login::finish);
        readers.push(join_all(finished).await);
    }
    for table in ["subjects", "numbers", "accounts"] {
        let count = house.owners_number(&format!("SELECT count(*) FROM {table}"));
        assert_eq!(count, 5, "{table}");
    }

    // One key at three processes at the same moment is one letter.
    let (post, senders) = (Post::default(), street.senders());
    let mut ids = BTreeSet::new();
    for _ in 0..20 {
        let letter = post.next();
        let answers = join_all(senders.iter().map(|sender| sender.deliver(letter))).await;
        for answer in &answers {
            assert_eq!(answer, &answers[0], "{letter:?}");
        }
        let Outcome::Created(id) = &answers[0] else {
            panic!("{answers:?}");
        };
        ids.insert(id.clone());
    }
    assert_eq!(ids.len(), 20);

    // Each session is known at every process.
    let mut shown = BTreeSet::new();
    for sessions in &readers {
        for (reader, server) in sessions.iter().zip(servers.iter().cycle().skip(1)) {
            for letter in reader.at(&server.base_url).all_pages().await {
                shown.insert(letter.id);
            }
        }
    }
    assert_eq!(shown, ids, "all letters, once");

    // An assertion is good once, wherever: after its use, and at the same moment.
    let used = sender.assertion();
    assert_eq!(senders[0].ask_token(&used).await.status(), StatusCode::OK);
    assert_eq!(
        senders[1].ask_token(&used).await.status(),
        StatusCode::UNAUTHORIZED
    );
    for _ in 0..5 {
        let assertion = sender.assertion();
        let asked = senders.iter().map(|sender| sender.ask_token(&assertion));
        let mut statuses: Vec<u16> = join_all(asked)
            .await
            .iter()
            .map(|answer| answer.status().as_u16())
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401, 401]);
    }
    servers[1].verify_log();
    servers.iter().for_each(Server::refuse_complaints);
}

/// Counts how often a job is claimed, whoever does it.
const COUNT_CLAIMS: &str = "CREATE TABLE claims (job_id TEXT NOT NULL);
    CREATE FUNCTION note_claim() RETURNS trigger SECURITY DEFINER SET search_path = public LANGUAGE plpgsql
    AS 'BEGIN INSERT INTO claims VALUES (NEW.job_id); RETURN NULL; END';
    CREATE TRIGGER note_claim AFTER UPDATE ON jobs FOR EACH ROW WHEN (NEW.claimed_until IS NOT NULL) EXECUTE FUNCTION note_claim()";
const RECURRING: &str = "sleutels-opruimen";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_done_once_whoever_does_it() {
    let street = Street::begin().await;
    let house = &street.house;
    wait_until("the recurring jobs have been done once", || {
        house.owners_number("SELECT count(*) FROM jobs WHERE claimed_until IS NULL AND run_at > 0")
            >= 3
    })
    .await;
    house.owner(COUNT_CLAIMS);
    // Of a kind that nobody does: each try is counted, and the next is far away.
    house.owner(
        "INSERT INTO jobs (job_id, kind, payload, run_at, attempts)
         SELECT 'proef-' || no, 'proef', '', 0, 0 FROM generate_series(1, 200) AS no",
    );
    wait_until("every queued job is done", || {
        house.owners_number("SELECT count(*) FROM jobs WHERE kind = 'proef' AND attempts = 0") == 0
    })
    .await;
    for round in 1..=4 {
        house.owner(&format!(
            "UPDATE jobs SET run_at = 0 WHERE job_id = '{RECURRING}'"
        ));
        wait_until("the recurring job is done", || {
            let done = "SELECT count(*) FROM jobs WHERE run_at > 0 AND claimed_until IS NULL AND job_id = ";
            house.owners_number(&format!("{done}'{RECURRING}'")) == 1
        })
        .await;
        // Long enough for each process to look again.
        if round == 4 {
            tokio::time::sleep(Duration::from_millis(1_500)).await;
        }
    }
    let claims = |job: &str| {
        house.owners_number(&format!(
            "SELECT count(*) FROM claims WHERE job_id = '{job}'"
        ))
    };
    assert_eq!(claims(RECURRING), 4);
    let twice = "SELECT count(*) FROM jobs WHERE kind = 'proef' AND attempts <> 1";
    assert_eq!(house.owners_number(twice), 0);
    assert_eq!(street.told_of("nobody does jobs of this kind").len(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_three_is_killed_under_load_and_another_takes_its_place() {
    let mut street = Street::begin().await;
    let readers = log_in_everyone(&street.servers[0]).await;
    let mut books = Books::default();
    for victim in [1, 2, 0] {
        let load = books.load(street.senders());
        tokio::time::sleep(Duration::from_millis(200)).await;
        street.servers[victim].kill();
        // Whoever stays goes on, also while the log is verified.
        let stays = &street.servers[(victim + 1) % 3];
        stays.verify_log();
        // The provider asks the site for its keys, and the first process is the site.
        if victim != 0 {
            let newcomer = Login::begin(&stays.site, &stays.base_url, NEWCOMER).await;
            let other = &street.servers[(victim + 2) % 3].base_url;
            newcomer.finish().await.at(other).all_pages().await;
        }
        street.servers[victim].start().await;
        let outcomes = books.note(load).await;
        assert!(outcomes.created > 0, "{outcomes:?}");
        assert_eq!(outcomes.unavailable, 0, "{outcomes:?}");
        // That of the process that was killed.
        assert_eq!(outcomes.cut, 1, "{outcomes:?}");
        books
            .deliver_until_taken_in(&street.sender.at(&street.servers[victim].base_url))
            .await;
    }
    for server in &street.servers {
        let here = readers.each_ref().map(|reader| reader.at(&server.base_url));
        books
            .all_is_there(&here, &street.sender.at(&server.base_url))
            .await;
    }
    let said = street.servers[2].run(&["log", "verify"]);
    assert!(said.contains("the log is whole"), "{said}");
    assert!(
        said.matches(" and ").count() >= 2,
        "a chain for each who writes: {said}"
    );
    street.servers.iter().for_each(Server::refuse_complaints);
    println!("{}", books.ledger);
}
