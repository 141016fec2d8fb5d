//! One connection from beginning to end: its requests to the router, and its end by itself, by time, or when asked.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tower::ServiceExt;
use web::Peer;

use super::places::{Life, Place};
use super::request::Timed;
use super::stopped;
use super::stream::Watched;

/// What is read ahead of a connection, and so the most that a request's head may be.
const BUFFER: usize = 64 << 10;
/// Who is asked to leave and has nothing under way is gone after a silence of this long, and after so many of them anyhow.
/// Who has not taken in all of the answer yet may be silent for all of them.
const LAST_WORD: Duration = Duration::from_secs(1);
const LAST_WORDS: u32 = 5;

pub(super) async fn attend(
    stream: TcpStream,
    router: Router,
    place: Place,
    idle: Duration,
    stop: watch::Receiver<bool>,
) {
    let life = &place.life;
    life.begins();
    // Nobody, once the other side has gone.
    let peer = stream.peer_addr().ok().map(|peer| Peer(peer.ip()));
    let service = service_fn(|request| handle(router.clone(), request, peer, Arc::clone(life)));
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(idle)
            .max_buf_size(BUFFER)
            .serve_connection(
                TokioIo::new(Watched::new(stream, Arc::clone(life))),
                service
            )
    );
    // How it ends is for the other side to know: a broken connection is no fault of ours.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = life.stalled(idle) => return,
        () = life.asked_to_leave() => {}
        () = stopped(stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection => {}
        () = has_left(life) => {}
        () = life.stalled(idle) => {}
    }
}

async fn handle(
    router: Router,
    mut request: hyper::Request<Incoming>,
    peer: Option<Peer>,
    life: Arc<Life>,
) -> Result<hyper::Response<Answer>, Infallible> {
    life.is_handled(true);
    let answering = Answering(Arc::clone(&life));
    if let Some(peer) = peer {
        request.extensions_mut().insert(peer);
    }
    let request = request.map(|body| Body::new(Timed::new(body, Arc::clone(&life))));
    let Ok(response) = router.oneshot(request).await;
    life.is_handled(false);
    Ok(response.map(|body| Answer {
        body,
        _answering: answering,
    }))
}

/// A head that was half sent when the connection was asked to leave keeps it open otherwise.
async fn has_left(life: &Life) {
    let mut words = 0;
    while !may_go(life, words) {
        tokio::time::sleep(LAST_WORD).await;
        words = if life.is_idle() { words + 1 } else { 0 };
    }
}

fn may_go(life: &Life, words: u32) -> bool {
    let is_silent = if life.has_unsent() {
        life.untaken() >= LAST_WORD * LAST_WORDS
    } else {
        life.quiet() >= LAST_WORD || words >= LAST_WORDS
    };
    life.is_idle() && is_silent
}

/// Dropped when the answer is given, or nobody waits for it any more.
struct Answering(Arc<Life>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.is_handled(false);
        self.0.is_idle_from_now();
    }
}

/// The body of an answer; the connection is busy as long as it is there.
struct Answer {
    body: Body,
    _answering: Answering,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
