//! Listening: every installation on its own address, in one process; ends when told to, after the requests under way.

use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use basics::Fault;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Requests under way may take this long after the stop.
const GRACE: Duration = Duration::from_secs(10);

/// An address that is being listened on, and what answers there.
pub struct Listening {
    pub listener: TcpListener,
    pub router: Router,
}

/// Serves until `stop` turns true, then finishes what is under way, ten seconds at most.
pub async fn serve(all: Vec<Listening>, stop: watch::Receiver<bool>) -> Result<(), Fault> {
    let mut servers = JoinSet::new();
    for Listening { listener, router } in all {
        let stopped = stopped(stop.clone());
        let listener = listener.tap_io(|stream| {
            if let Err(fault) = stream.set_nodelay(true) {
                tracing::debug!(%fault, "a connection keeps waiting for full packets");
            }
        });
        servers.spawn(async move {
            axum::serve(listener, router)
                .with_graceful_shutdown(stopped)
                .await
        });
    }
    let ended = async {
        while let Some(server) = servers.join_next().await {
            server
                .map_err(|fault| Fault::broken(format!("a server ended: {fault}")))?
                .map_err(|fault| Fault::broken(format!("a server ended: {fault}")))?;
        }
        Ok(())
    };
    let too_late = async {
        stopped(stop).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = ended => ended,
        () = too_late => {
            tracing::warn!("some requests took longer than the grace after a stop and were cut off");
            Ok(())
        }
    }
}

/// Resolves when the stop is given, or can no longer be.
pub(crate) async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Resolves at Ctrl-C or SIGTERM.
pub async fn told_to_stop() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
