//! Ids that a caller's own chain gives a request: logged beside our trace when they have their form, believed never.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use basics::uuid::Uuid;

pub(crate) async fn chain(request: Request, next: Next) -> Response {
    note(request.headers());
    next.run(request).await
}

fn note(headers: &HeaderMap) {
    let sent = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let transaction = sent("fsc-transaction-id").and_then(|id| Uuid::try_parse(id).ok());
    let parent = sent("traceparent").filter(|parent| is_traceparent(parent));
    if transaction.is_some() || parent.is_some() {
        let transaction = transaction.map(tracing::field::display);
        tracing::info!(transaction, parent, "part of a caller's chain");
    }
}

/// W3C Trace Context §3.2: version, trace, parent, flags, in lower-case hexadecimal.
fn is_traceparent(text: &str) -> bool {
    let is_hex = |part: &str| {
        part.bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let lengths = text.split('-').map(str::len);
    lengths.eq([2, 32, 16, 2]) && text.split('-').all(is_hex)
}

#[cfg(test)]
mod tests {
    use super::is_traceparent;

    #[test]
    fn only_the_form_of_the_standard_is_logged() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert!(is_traceparent(good));
        for broken in [
            &good[1..],
            &good.to_uppercase(),
            "00-x-y-01",
            "",
            &format!("{good}\n"),
        ] {
            assert!(!is_traceparent(broken), "{broken:?}");
        }
    }
}
