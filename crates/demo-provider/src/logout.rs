//! Logout that starts at the client (OpenID Connect RP-Initiated Logout 1.0), or here.
//!
//! It ends the session for every client, and nobody is asked whether they are sure: this is a demonstration.

use axum::extract::{Form, Query, State};
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value;

use crate::query::{Parameters, with_query};
use crate::{Client, Provider, logout_token, pages, sessions};

pub async fn from_query(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    log_out(&provider, &headers, &Parameters::new(query)).await
}

pub async fn from_form(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    log_out(&provider, &headers, &Parameters::new(form)).await
}

async fn log_out(provider: &Provider, browser: &HeaderMap, parameters: &Parameters) -> Response {
    let Ok(Asking { client, sid }) = asking(provider, parameters) else {
        return pages::error("Het verzoek om uit te loggen klopt niet.");
    };
    let answer = match parameters.one("post_logout_redirect_uri") {
        None => pages::logged_out(),
        Some(uri) => {
            let known = client.is_some_and(|client| {
                client
                    .post_logout_redirect_uris
                    .iter()
                    .any(|one| one == uri)
            });
            if !known {
                return pages::error("Het adres om naar terug te gaan is hier niet bekend.");
            }
            let back = match parameters.one("state") {
                Some(state) => with_query(uri, [("state", state)]),
                None => uri.to_owned(),
            };
            pages::uncached(Redirect::to(&back).into_response())
        }
    };
    let ended = provider
        .0
        .sessions
        .end(sessions::of_browser(browser), sid.as_deref());
    logout_token::tell(provider, &ended).await;
    ([(SET_COOKIE, sessions::expired_cookie())], answer).into_response()
}

/// Who asks, and by which of its sessions.
struct Asking<'a> {
    client: Option<&'a Client>,
    sid: Option<String>,
}

struct Contradiction;

/// The client by the token that it shows, by its id, or by both when they agree.
fn asking<'a>(
    provider: &'a Provider,
    parameters: &Parameters,
) -> Result<Asking<'a>, Contradiction> {
    let named = parameters
        .one("client_id")
        .map(|id| provider.client(id).ok_or(Contradiction))
        .transpose()?;
    let Some(token) = parameters.one("id_token_hint") else {
        let sid = parameters.one("logout_hint").map(str::to_owned);
        return Ok(Asking { client: named, sid });
    };
    let claims = provider.0.signing.read(token).ok_or(Contradiction)?;
    let shown = claims["aud"]
        .as_str()
        .and_then(|id| provider.client(id))
        .ok_or(Contradiction)?;
    match named {
        Some(named) if named.client_id != shown.client_id => Err(Contradiction),
        _ => Ok(Asking {
            client: Some(shown),
            sid: claims.get("sid").and_then(Value::as_str).map(str::to_owned),
        }),
    }
}
