//! Real connections to routers of our own.

use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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

#[tokio::test]
async fn every_address_answers_however_few_places_there_are() {
    let router = Router::new().route("/", get(|| async { "here" }));
    let (addresses, _stop) = begin(1, 3, &router).await;
    for address in addresses {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut said = String::new();
        let ended = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut said)).await;
        ended.expect("an answer").unwrap();
        assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    }
}
