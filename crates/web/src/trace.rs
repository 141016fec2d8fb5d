//! One trace per request, and one log line: method, route, status, time. Never the path itself.

use std::convert::Infallible;
use std::time::Instant;

use axum::Router;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use basics::{Clock, ForeignSpan, Ids, Trace};
use tracing::Instrument;

use crate::Unjoined;

/// The trace of this request.
#[derive(Clone, Copy, Debug)]
pub struct Traced(pub Trace);

/// What called for this request at another organisation, as it says itself: noted beside our trace, and never taken for it.
#[derive(Clone, Copy, Debug)]
pub struct CalledBy(pub Option<ForeignSpan>);

/// Gives each request a fresh trace and logs it when answered. Goes around all routes of a listener, last.
pub fn trace(router: Router, ids: Ids, clock: Clock) -> Router {
    router.layer(from_fn_with_state((ids, clock), one_line))
}

async fn one_line(
    State((ids, clock)): State<(Ids, Clock)>,
    mut request: Request,
    next: Next,
) -> Response {
    let trace = Trace::at(&ids, clock.now());
    request.extensions_mut().insert(trace);
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    let span = tracing::info_span!("request", %trace);

    let start = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    span.in_scope(
        || tracing::info!(%method, route, status = response.status().as_u16(), micros, "answered"),
    );
    response
}

impl<S: Send + Sync> FromRequestParts<S> for Traced {
    type Rejection = Unjoined;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Unjoined> {
        parts
            .extensions
            .get::<Trace>()
            .copied()
            .map(Traced)
            .ok_or(Unjoined("web::trace"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CalledBy {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let mut sent = parts.headers.get_all("traceparent").iter();
        // Of two that differ, neither tells anything.
        let only = sent.next().filter(|_| sent.next().is_none());
        let text = only.and_then(|value| value.to_str().ok());
        Ok(Self(text.and_then(ForeignSpan::from_traceparent)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;
    use tracing::instrument::WithSubscriber;

    use super::*;
    use crate::PageFault;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_request_is_one_line_with_its_route_and_trace_but_not_its_path() {
        let rooms = Router::new().route(
            "/berichten/{id}",
            get(|Traced(trace): Traced| async move { trace.to_string() }),
        );
        let rooms = rooms.route(
            "/kapot",
            get(async || PageFault::from(basics::Fault::broken("no disk"))),
        );
        let rooms = Router::new().nest("/post", rooms);
        let router = trace(rooms, Ids::seeded(1), Clock::system());
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let answers = async {
            for path in [
                "/post/berichten/4711?cursor=0815",
                "/post/kapot",
                "/999993653",
            ] {
                router
                    .clone()
                    .oneshot(Request::get(path).body(Body::empty()).unwrap())
                    .await
                    .unwrap();
            }
        };
        answers.with_subscriber(subscriber).await;

        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(
            lines[0].contains("method=GET route=\"/post/berichten/{id}\" status=200 micros="),
            "{text}"
        );
        assert!(
            lines[1].contains("no disk")
                && lines[2].contains("status=500")
                && lines[3].contains("status=404"),
            "{text}"
        );
        assert!(lines.iter().all(|line| line.contains("trace=")));
        for secret in ["4711", "0815", "999993653"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
