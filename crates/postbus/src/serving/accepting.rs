//! Taking connections in at one address, as long as there are places; trouble is waited out.

use std::io::ErrorKind;
use std::pin::pin;
use std::time::Duration;

use basics::Stretch;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::connection;
use super::places::Places;
use super::{Listening, stopped};

/// How long to wait when the machine has nothing left to take a connection in with.
const TRY_AGAIN: Duration = Duration::from_millis(100);

pub(super) async fn accept(
    listening: Listening,
    places: Places,
    idle: Duration,
    stop: watch::Receiver<bool>,
) {
    let Listening { listener, router } = listening;
    let trouble = Stretch::default();
    let mut stopped = pin!(stopped(stop.clone()));
    loop {
        let next = async {
            let place = places.take().await;
            (accept_one(&listener, &trouble, &places).await, place)
        };
        let (stream, place) = tokio::select! {
            next = next => next,
            () = &mut stopped => return,
        };
        if let Err(fault) = stream.set_nodelay(true) {
            tracing::debug!(%fault, "a connection keeps waiting for full packets");
        }
        let (router, stop) = (router.clone(), stop.clone());
        tokio::spawn(connection::attend(stream, router, place, idle, stop));
    }
}

async fn accept_one(listener: &TcpListener, trouble: &Stretch, places: &Places) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if let Some(count) = trouble.ends() {
                    tracing::info!(count, "connections can be taken in again");
                }
                return stream;
            }
            Err(fault) if is_of_the_other_side(fault.kind()) => {}
            Err(fault) => {
                if trouble.begins(&fault.to_string()) {
                    tracing::error!(%fault, "no connection can be taken in; it is tried again and again");
                }
                places.make_room();
                tokio::time::sleep(TRY_AGAIN).await;
            }
        }
    }
}

/// Who was waiting has gone.
fn is_of_the_other_side(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    )
}
