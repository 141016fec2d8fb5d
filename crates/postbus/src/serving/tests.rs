//! Real connections to routers of our own.

use axum::Extension;
use axum::http::StatusCode;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use web::Peer;

use super::*;

/// Generous: what comes true takes far less.
const PATIENCE: Duration = Duration::from_secs(60);

/// Serves so many addresses with one router; answers where, and what stops it.
async fn begin(most: usize, count: usize, router: &Router) -> (Vec<String>, watch::Sender<bool>) {
    let (mut addresses, mut all) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        addresses.push(listener.local_addr().unwrap().to_string());
        let router = router.clone();
        all.push(Listening { listener, router });
    }
    let (stop, stopped) = watch::channel(false);
    let idle = PATIENCE;
    tokio::spawn(serve_within(Connections { most, idle }, all, stopped));
    (addresses, stop)
}

/// What is answered at an address, head and all.
async fn asked(address: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut said = String::new();
    let ended = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut said)).await;
    ended.expect("an answer").unwrap();
    said
}

#[tokio::test]
async fn every_address_answers_however_few_places_there_are() {
    let router = Router::new().route("/", get(|| async { "here" }));
    let (addresses, _stop) = begin(1, 3, &router).await;
    for address in addresses {
        let said = asked(&address).await;
        assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    }
}

/// MO-31, CN-17: whoever connects is known by the address of the connection.
#[tokio::test]
async fn mo_31_cn_17_a_request_carries_the_address_of_its_connection() {
    let told = async |Extension(Peer(address)): Extension<Peer>| address.to_string();
    let router = Router::new().route("/", get(told));
    let (addresses, _stop) = begin(8, 1, &router).await;
    let said = asked(&addresses[0]).await;
    assert!(said.ends_with("\r\n\r\n127.0.0.1"), "{said}");
}

#[tokio::test]
async fn who_takes_an_answer_in_slowly_gets_all_of_it_after_a_stop() {
    const LARGE: usize = 32 << 20;
    let router = Router::new().route("/", get(|| async { vec![b' '; LARGE] }));
    let (addresses, stop) = begin(8, 1, &router).await;
    let mut stream = TcpStream::connect(&addresses[0]).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut said = vec![0; LARGE / 4];
    for part in 0..3 {
        stream.read_exact(&mut said).await.expect("a part");
        if part == 0 {
            stop.send(true).unwrap();
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
    ended.expect("an end").unwrap();
    assert!(rest.len() > LARGE / 4, "{} bytes at the end", rest.len());
}

#[tokio::test]
async fn who_sends_on_after_a_refusal_is_heard_out_after_a_stop() {
    let router = Router::new().route("/", post(|| async { StatusCode::PAYLOAD_TOO_LARGE }));
    let (addresses, stop) = begin(8, 1, &router).await;
    let mut stream = TcpStream::connect(&addresses[0]).await.unwrap();
    let piece = vec![b' '; 1 << 20];
    let head = format!(
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n",
        piece.len() * 12
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.readable().await.unwrap();
    stop.send(true).unwrap();
    for _ in 0..12 {
        stream.write_all(&piece).await.expect("it is taken in");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let mut said = String::new();
    let ended = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut said)).await;
    ended.expect("an end").expect("no breaking off");
    assert!(said.starts_with("HTTP/1.1 413"), "{said}");
}
