//! Reading a request's body: bounded in size and time, and counted against all bodies in flight.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use basics::Stretch;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

use crate::Problem;

/// How long a caller is asked to wait when the budget is spent.
const WAIT: Duration = Duration::from_secs(2);

/// How many bytes of requests may be in memory at once: those of one installation, whichever of its calls took them in.
/// Clones share it.
#[derive(Clone, Debug)]
pub struct Budget {
    left: Arc<AtomicUsize>,
    spent: Arc<Stretch>,
}

/// Bytes taken from a budget: of a body, or of what was made of one. Given back on drop.
#[derive(Debug)]
pub struct Held {
    budget: Budget,
    count: usize,
}

/// What a body may be.
#[derive(Clone, Debug)]
pub struct Limits {
    pub max_bytes: usize,
    /// From the first byte to the last.
    pub within: Duration,
    pub budget: Budget,
}

impl Budget {
    pub fn new(bytes: usize) -> Self {
        Self {
            left: Arc::new(AtomicUsize::new(bytes)),
            spent: Arc::default(),
        }
    }

    /// Takes this many bytes, or none: 503 with Retry-After.
    pub fn hold(&self, bytes: usize) -> Result<Held, Problem> {
        let mut held = Held {
            budget: self.clone(),
            count: 0,
        };
        held.grow(bytes)?;
        Ok(held)
    }
}

impl Default for Budget {
    /// 128 MiB.
    fn default() -> Self {
        Self::new(128 << 20)
    }
}

impl Held {
    fn grow(&mut self, bytes: usize) -> Result<(), Problem> {
        let taken = self
            .budget
            .left
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| {
                left.checked_sub(bytes)
            });
        let spent = &self.budget.spent;
        if taken.is_err() {
            if spent.begins("spent") {
                tracing::warn!(
                    "as many bytes of requests are under way as there may be; callers are asked to come back"
                );
            }
            return Err(Problem::unavailable(WAIT));
        }
        self.count += bytes;
        if let Some(count) = spent.ends() {
            tracing::info!(count, "there is room for the bytes of requests again");
        }
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.left.fetch_add(self.count, Ordering::AcqRel);
    }
}

/// The whole body. Its bytes count against the budget until the last clone of them is dropped. 413 when too large, 408
/// when too slow, 503 when the budget is spent, 400 when the connection breaks off.
pub async fn read_body(request: Request, limits: &Limits) -> Result<Bytes, Problem> {
    let declared = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limits.max_bytes) {
        return Err(too_large(limits.max_bytes));
    }
    tokio::time::timeout(limits.within, collect(request, limits))
        .await
        .unwrap_or_else(|_| {
            Err(Problem::new(
                StatusCode::REQUEST_TIMEOUT,
                "De inhoud van het verzoek kwam te langzaam binnen.",
            ))
        })
}

async fn collect(request: Request, limits: &Limits) -> Result<Bytes, Problem> {
    let mut held = limits.budget.hold(0)?;
    let mut collected = BytesMut::new();
    let mut body = request.into_body();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "De inhoud van het verzoek brak af.",
            )
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if collected.len() + data.len() > limits.max_bytes {
            return Err(too_large(limits.max_bytes));
        }
        held.grow(data.len())?;
        collected.extend_from_slice(&data);
    }
    Ok(Bytes::from_owner(Counted {
        bytes: collected.freeze(),
        _held: held,
    }))
}

struct Counted {
    bytes: Bytes,
    _held: Held,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

fn too_large(most: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("De inhoud van het verzoek is groter dan {most} bytes."),
    )
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn limits(max_bytes: usize, budget: usize) -> Limits {
        Limits {
            max_bytes,
            within: Duration::from_secs(5),
            budget: Budget::new(budget),
        }
    }

    #[tokio::test]
    async fn a_body_counts_until_it_is_dropped() {
        let limits = limits(10, 10);
        let first = read_body(Request::new(Body::from("12345678")), &limits)
            .await
            .unwrap();
        let clone = first.clone();
        drop(first);
        let refused = read_body(Request::new(Body::from("12345678")), &limits)
            .await
            .unwrap_err();
        assert_eq!(
            (refused.status.as_u16(), refused.retry_after),
            (503, Some(WAIT))
        );
        assert_eq!(&clone[..], b"12345678");
        drop(clone);
        assert!(
            read_body(Request::new(Body::from("12345678")), &limits)
                .await
                .is_ok()
        );
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_413_declared_or_not() {
        let limits = limits(4, 100);
        assert_eq!(
            read_body(Request::new(Body::from("12345")), &limits)
                .await
                .unwrap_err()
                .status,
            413
        );
        let declared = axum::http::Request::builder()
            .header(CONTENT_LENGTH, "5")
            .body(Body::empty())
            .unwrap();
        assert_eq!(read_body(declared, &limits).await.unwrap_err().status, 413);
        assert_eq!(limits.budget.left.load(Ordering::Acquire), 100);
    }
}
