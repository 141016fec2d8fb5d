//! `/.well-known/security.txt` (RFC 9116): whom to tell of a weakness.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use basics::Moment;
use jiff::ToSpan;
use jiff::tz::TimeZone;

use crate::Portal;

pub(crate) const PATH: &str = "/.well-known/security.txt";

/// Read again by then (RFC 9116, §2.5.5 advises less than a year).
const MONTHS_GOOD: i64 = 6;

pub(crate) async fn security_txt(State(portal): State<Portal>) -> impl IntoResponse {
    let contact = portal.contacts.security.as_deref().unwrap_or_default();
    let languages: Vec<&str> = portal.site.languages().iter().map(|l| l.tag()).collect();
    let text = format!(
        "Contact: {contact}\nExpires: {}\nPreferred-Languages: {}\nCanonical: {}\n",
        expires(portal.vault.clock().now()),
        languages.join(", "),
        portal.site.url(PATH),
    );
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text)
}

/// At the start of a day, so that the text changes once a day and not with each request.
fn expires(now: Moment) -> String {
    let today = now.timestamp().to_zoned(TimeZone::UTC).date();
    format!("{}T00:00:00Z", today.saturating_add(MONTHS_GOOD.months()))
}
