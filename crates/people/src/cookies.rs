//! Our cookies: the session's, and the one that lives while someone logs in. Both opaque, both declared in the statement.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use web::Site;

use crate::sessions::SessionSecret;

/// How long a login may take, in seconds; the statement names it, or does not start.
pub const ATTEMPT_SECONDS: u64 = 600;

pub(crate) fn session_secret(site: &Site, headers: &HeaderMap) -> Option<SessionSecret> {
    read(headers, &site.session_cookie()).and_then(SessionSecret::parse)
}

pub(crate) fn attempt_secret(site: &Site, headers: &HeaderMap) -> Option<SessionSecret> {
    read(headers, &site.login_cookie()).and_then(SessionSecret::parse)
}

/// Set at login, gone when the browser closes (MO-45: no Expires, no Max-Age).
pub(crate) fn set_session(site: &Site, secret: &SessionSecret) -> HeaderValue {
    value(format!(
        "{}={}; {}",
        site.session_cookie(),
        secret.reveal(),
        site.cookie_attributes()
    ))
}

pub(crate) fn set_attempt(site: &Site, secret: &SessionSecret) -> HeaderValue {
    value(format!(
        "{}={}; {}; Max-Age={ATTEMPT_SECONDS}",
        site.login_cookie(),
        secret.reveal(),
        site.cookie_attributes()
    ))
}

pub(crate) fn expire_session(site: &Site) -> HeaderValue {
    value(format!(
        "{}=; {}; Max-Age=0",
        site.session_cookie(),
        site.cookie_attributes()
    ))
}

pub(crate) fn expire_attempt(site: &Site) -> HeaderValue {
    value(format!(
        "{}=; {}; Max-Age=0",
        site.login_cookie(),
        site.cookie_attributes()
    ))
}

fn value(cookie: String) -> HeaderValue {
    HeaderValue::from_str(&cookie).expect("names, hex digits and attributes are visible ASCII")
}

fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}
