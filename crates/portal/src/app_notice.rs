//! `POST /app-melding`: takes the notice about the app away, for as long as the statement's cookie lives (MO-48, CN-55).

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use web::{LocalPath, PageFault};

use crate::Portal;

#[derive(Deserialize)]
pub(crate) struct Notice {
    /// The page that it stood on.
    naar: Option<String>,
}

/// Asks for no session: the cookie says nothing about anybody.
pub(crate) async fn take_away(
    State(portal): State<Portal>,
    axum::Form(notice): axum::Form<Notice>,
) -> Result<Response, PageFault> {
    let app = portal.site.app().ok_or(PageFault::NotFound)?;
    let back = notice.naar.as_deref().and_then(LocalPath::parse);
    let there = back.as_ref().map_or("/", LocalPath::as_str);
    let mut answer = Redirect::to(there).into_response();
    let cookie = format!(
        "{}={}; {}; Max-Age={}",
        portal.site.app_cookie(),
        web::APP_NOTICE_GONE,
        portal.site.cookie_attributes(),
        app.silent_for.as_secs(),
    );
    let cookie =
        HeaderValue::from_str(&cookie).expect("names, attributes and a number are visible ASCII");
    answer.headers_mut().append(SET_COOKIE, cookie);
    Ok(answer)
}
