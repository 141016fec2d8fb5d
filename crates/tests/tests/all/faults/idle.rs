//! Connections that do nothing, or next to it: real visitors are served all the same.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::trial::{PATIENCE, Trial};

const IDLE: usize = 10_000;
/// Files of this test besides the connections, those of tests beside it included.
const RESERVE: u64 = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_idle_connections_keep_nobody_out() {
    let mut trial = Trial::begin("").await;
    let held = connect(&trial, as_many_as_allowed()).await;
    page_comes(&trial).await;
    assert_eq!(trial.deliver_next().await, StatusCode::CREATED);
    trial.all_is_there().await;
    // They do not hold up the end either.
    trial.server.end().await;
    drop(held);
    assert_eq!(trial.server.told_of("cut off"), [""; 0]);
    trial.server.verify_log();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_places_are_few_the_longest_idle_make_room() {
    let mut trial = Trial::begin("[connections]\nmost = 64").await;
    let held = connect(&trial, 200).await;
    page_comes(&trial).await;
    assert_eq!(trial.deliver_next().await, StatusCode::CREATED);
    let mut closed = 0;
    for mut stream in held {
        closed += usize::from(is_closed(&mut stream).await);
    }
    assert!(closed >= 200 - 64, "{closed} of 200 made room");
    assert_eq!(
        trial
            .server
            .told_of("as many connections as there may be")
            .len(),
        1
    );
    page_comes(&trial).await;
    trial.end_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_or_a_body_that_trickles_in_is_ended() {
    let mut trial = Trial::begin("[connections]\nmost = 100\nidle-seconds = 2").await;
    let mut trickling = JoinSet::new();
    for _ in 0..80 {
        let stream = connect(&trial, 1).await.remove(0);
        trickling.spawn(trickle(stream, b"GET / HTTP/1.1\r\nhost: a\r\nx-a: "));
    }
    for _ in 0..10 {
        let stream = connect(&trial, 1).await.remove(0);
        let head = b"POST /oauth/token HTTP/1.1\r\nhost: a\r\ncontent-length: 5000\r\n\
                     content-type: application/x-www-form-urlencoded\r\n\r\na=";
        trickling.spawn(trickle(stream, head));
    }
    page_comes(&trial).await;
    assert_eq!(trial.deliver_next().await, StatusCode::CREATED);
    let mut answers: Vec<String> = Vec::new();
    while let Some(answer) = trickling.join_next().await {
        answers.push(answer.unwrap());
    }
    let told = |words: &str| {
        answers
            .iter()
            .filter(|answer| answer.contains(words))
            .count()
    };
    assert_eq!(
        (told("HTTP/1.1 408"), answers.len()),
        (10, 90),
        "{answers:?}"
    );
    page_comes(&trial).await;
    trial.all_is_there().await;
    trial.end_and_verify().await;
}

async fn connect(trial: &Trial, count: usize) -> Vec<TcpStream> {
    let address = trial.server.base_url.replace("http://", "");
    let mut held = Vec::with_capacity(count);
    for _ in 0..count {
        held.push(TcpStream::connect(&address).await.unwrap());
    }
    held
}

/// A browser that was not there before gets its page.
async fn page_comes(trial: &Trial) {
    let browser = trial.readers[0].anew();
    let page = tokio::time::timeout(PATIENCE, browser.get("/berichten")).await;
    assert_eq!(page.expect("an answer").unwrap().status(), StatusCode::OK);
}

/// Sends a beginning and then a byte now and again, until the other side ends it; answers what that said.
async fn trickle(stream: TcpStream, beginning: &'static [u8]) -> String {
    let (mut read, mut write) = stream.into_split();
    let writing = tokio::spawn(async move {
        let mut sent = write.write_all(beginning).await;
        while sent.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
            sent = write.write_all(b"a").await;
        }
    });
    let mut said = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, read.read_to_end(&mut said)).await;
    let ended = ended.expect("the other side ends it");
    assert!(ended.is_ok() || ended.unwrap_err().kind() == ErrorKind::ConnectionReset);
    writing.abort();
    String::from_utf8(said).unwrap()
}

async fn is_closed(stream: &mut TcpStream) -> bool {
    let began = Instant::now();
    let mut byte = [0];
    let read = tokio::time::timeout(Duration::from_millis(5), stream.read(&mut byte)).await;
    assert!(began.elapsed() < PATIENCE);
    matches!(read, Ok(Ok(0) | Err(_)))
}

/// This test and the server each need a file for each connection.
fn as_many_as_allowed() -> usize {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, raised).expect("up to the hard limit");
    let room = maximum.map_or(u64::MAX, |most| most.saturating_sub(RESERVE));
    let count = IDLE.min(usize::try_from(room).unwrap_or(IDLE));
    if count < IDLE {
        super::disk::tell(&format!(
            "only {count} of {IDLE} idle connections: the limit on open files allows no more"
        ));
    }
    count
}
