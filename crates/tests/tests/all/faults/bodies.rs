//! Bodies that are too large, and clients that are gone halfway.

use std::fs;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::trial::{PATIENCE, Trial};
use crate::kill::letters::Post;
use crate::kill::server::client;

const TOO_LARGE: usize = 41 << 20;
const LARGE: usize = 39 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_41_mb_is_413_that_arrives_and_takes_no_memory() {
    let mut trial = Trial::begin("").await;
    let before = most_memory(trial.server.id());
    for _ in 0..3 {
        let head = format!("content-length: {TOO_LARGE}\r\n\r\n");
        let mut stream = begin_delivery(&trial, &head).await;
        // Sent to the end, whatever is answered meanwhile, as simple clients do.
        stream.write_all(&vec![b' '; TOO_LARGE]).await.unwrap();
        assert_too_large(&mut stream).await;
    }
    let grown = most_memory(trial.server.id()).saturating_sub(before);
    assert!(
        grown < TOO_LARGE,
        "{grown} bytes for a body that was refused"
    );

    // One that does not say beforehand how large it is.
    let mut stream = begin_delivery(&trial, "transfer-encoding: chunked\r\n\r\n").await;
    let piece = vec![b' '; 1 << 20];
    for _ in 0..41 {
        stream.write_all(b"100000\r\n").await.unwrap();
        stream.write_all(&piece).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    assert_too_large(&mut stream).await;
    assert_eq!(trial.deliver_next().await, StatusCode::CREATED);
    trial.all_is_there().await;
    trial.end_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_gone_mid_upload_leave_nothing_and_give_their_bytes_back() {
    let mut trial = Trial::begin("").await;
    let mut halves = Vec::new();
    for _ in 0..3 {
        halves.push(begin_large(&trial).await);
    }
    // Half a letter with an attachment.
    let post = Post::default();
    let letter = std::iter::repeat_with(|| post.next()).find(|letter| letter.pdf().is_some());
    let body = letter.unwrap().body();
    let head = format!("content-length: {}\r\n\r\n", body.len());
    let mut stream = begin_delivery(&trial, &head).await;
    stream.write_all(&body[..body.len() / 2]).await.unwrap();
    halves.push(stream);

    // 128 MB may be under way: there is no room for so much more.
    let began = Instant::now();
    while answer_to_15_mb(&trial).await != StatusCode::SERVICE_UNAVAILABLE {
        assert!(began.elapsed() < PATIENCE, "there is room all the time");
        // On a busy machine one of the large ones, not read whole yet, may have been the one too many.
        halves.push(begin_large(&trial).await);
    }
    assert!(!trial.server.told_of("as many bytes of requests").is_empty());
    drop(halves);
    let began = Instant::now();
    while answer_to_15_mb(&trial).await != StatusCode::BAD_REQUEST {
        assert!(began.elapsed() < PATIENCE, "there is no room any more");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(trial.deliver_with_pdf().await, StatusCode::CREATED);
    trial.all_is_there().await;
    trial.no_attachment_too_many();
    trial.end_and_verify().await;
}

/// Opens a connection and begins a delivery on it, its body still to come.
async fn begin_delivery(trial: &Trial, rest: &str) -> TcpStream {
    let address = trial.server.base_url.replace("http://", "");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /api/v1/aanleveringen HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         authorization: Bearer {}\r\n{rest}",
        trial.sender.token()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn assert_too_large(stream: &mut TcpStream) {
    let mut said = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut said)).await;
    ended
        .expect("an end")
        .expect("an answer that is not broken off");
    let said = String::from_utf8(said).unwrap();
    assert!(
        said.starts_with("HTTP/1.1 413") && said.contains("application/problem+json"),
        "{said}"
    );
}

/// A letter of which all but its last byte is sent.
async fn begin_large(trial: &Trial) -> TcpStream {
    let head = format!("content-length: {}\r\n\r\n", LARGE + 1);
    let mut stream = begin_delivery(trial, &head).await;
    // Whoever is refused need not be heard out.
    let _ = stream.write_all(&vec![b' '; LARGE]).await;
    stream
}

/// What is said of 15 MB that are no letter: 400, or 503 while there is no room for them.
async fn answer_to_15_mb(trial: &Trial) -> StatusCode {
    let request = client()
        .post(format!("{}/api/v1/aanleveringen", trial.server.base_url))
        .bearer_auth(trial.sender.token())
        .header("content-type", "application/json")
        .body(vec![b' '; 15 << 20]);
    request.send().await.unwrap().status()
}

/// The most memory that a process has had, in bytes.
fn most_memory(process: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kilobytes = line.split_whitespace().nth(1).unwrap();
    kilobytes.parse::<usize>().unwrap() << 10
}
