//! Listening: every installation on its own address, in one process; ends when told to, after the requests under way.
//!
//! `accepting` takes connections in, `places` says how many there may be and who makes room, `connection` is one of them,
//! `request` the body that comes over it, `stream` its bytes, `open_files` what the machine allows.

mod accepting;
mod connection;
mod open_files;
mod places;
mod request;
mod stream;

use std::time::Duration;

use axum::Router;
use basics::Fault;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use places::Places;

pub(crate) use open_files::{most_connections, raise_open_files};

/// Requests under way may take this long after the stop.
const GRACE: Duration = Duration::from_secs(10);
/// Longer than proxies keep a connection for reuse, so that it is they who close it: nginx keeps one for 60 seconds.
const IDLE: Duration = Duration::from_secs(75);

/// More connections than this are of no use to one process, unless its configuration says so.
const ENOUGH: usize = 16_384;

/// An address that is being listened on, and what answers there.
pub struct Listening {
    pub listener: TcpListener,
    pub router: Router,
}

/// What the connections of a process may take, all addresses together.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    /// How many there may be, at least one more than there are addresses. A further one takes the place of the one that is
    /// idle longest.
    pub most: usize,
    /// From the end of an answer, or the beginning, to the end of the next request's head; and how long the other side may
    /// let an answer lie.
    pub idle: Duration,
}

impl Default for Connections {
    /// As many as the limit on open files leaves room for, at most 16,384; 75 seconds.
    fn default() -> Self {
        Self {
            most: most_connections().min(ENOUGH),
            idle: IDLE,
        }
    }
}

/// As [`serve_within`], with the usual limits.
pub async fn serve(all: Vec<Listening>, stop: watch::Receiver<bool>) -> Result<(), Fault> {
    serve_within(Connections::default(), all, stop).await
}

/// Serves until `stop` turns true, then finishes what is under way, ten seconds at most.
pub async fn serve_within(
    connections: Connections,
    all: Vec<Listening>,
    stop: watch::Receiver<bool>,
) -> Result<(), Fault> {
    // Who waits for a connection holds a place for it: one more than those, or nobody is ever served.
    let places = Places::of(connections.most.max(all.len() + 1));
    let mut accepting = JoinSet::new();
    for listening in all {
        accepting.spawn(accepting::accept(
            listening,
            places.clone(),
            connections.idle,
            stop.clone(),
        ));
    }
    while let Some(ended) = accepting.join_next().await {
        ended.map_err(|fault| Fault::broken(format!("a listener ended: {fault}")))?;
    }
    if tokio::time::timeout(GRACE, places.all_free())
        .await
        .is_err()
    {
        tracing::warn!("some requests took longer than the grace after a stop and were cut off");
    }
    Ok(())
}

/// Resolves when the stop is given, or can no longer be.
pub(crate) async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Resolves at Ctrl-C or SIGTERM; listens for them from the call on, not from the first poll on.
pub fn told_to_stop() -> impl Future<Output = ()> + Send + 'static {
    let signals = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    async move {
        let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests;
