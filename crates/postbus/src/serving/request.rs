//! The body of a request as it comes in: it may not take for ever.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::time::Sleep;

use super::places::Life;

/// From the moment it is first waited for. Calls that take in large bodies set a shorter time themselves.
const WITHIN: Duration = Duration::from_secs(120);

/// A body that breaks off when it takes too long, and tells when it is left half read.
pub(super) struct Timed {
    body: Incoming,
    life: Arc<Life>,
    late: Option<Pin<Box<Sleep>>>,
    is_whole: bool,
}

impl Timed {
    pub(super) fn new(body: Incoming, life: Arc<Life>) -> Self {
        Self {
            is_whole: body.is_end_stream(),
            body,
            life,
            late: None,
        }
    }
}

impl Body for Timed {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            self.is_whole = frame.is_none() || self.body.is_end_stream();
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let late = self
            .late
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(WITHIN)));
        match late.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Some(Err("the body takes too long".into()))),
            Poll::Pending => Poll::Pending,
        }
    }
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        if !self.is_whole {
            self.life.leaves_unread();
        }
    }
}
