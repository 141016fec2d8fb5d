//! Logout that starts at the client (OpenID Connect RP-Initiated Logout 1.0).
//!
//! There is no session here to end, so nobody is asked whether they are sure.

use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};

use crate::query::{Parameters, with_query};
use crate::{Client, Provider, pages};

pub async fn from_query(
    State(provider): State<Provider>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    log_out(&provider, &Parameters::new(query))
}

pub async fn from_form(
    State(provider): State<Provider>,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    log_out(&provider, &Parameters::new(form))
}

fn log_out(provider: &Provider, parameters: &Parameters) -> Response {
    let Ok(client) = client_of(provider, parameters) else {
        return pages::error("Het verzoek om uit te loggen klopt niet.");
    };
    let Some(uri) = parameters.one("post_logout_redirect_uri") else {
        return pages::logged_out();
    };
    if !client.is_some_and(|client| {
        client
            .post_logout_redirect_uris
            .iter()
            .any(|known| known == uri)
    }) {
        return pages::error("Het adres om naar terug te gaan is hier niet bekend.");
    }
    let back = match parameters.one("state") {
        Some(state) => with_query(uri, [("state", state)]),
        None => uri.to_owned(),
    };
    pages::uncached(Redirect::to(&back).into_response())
}

struct Contradiction;

/// The client by the token that it shows, by its id, or by both when they agree.
fn client_of<'a>(
    provider: &'a Provider,
    parameters: &Parameters,
) -> Result<Option<&'a Client>, Contradiction> {
    let named = parameters
        .one("client_id")
        .map(|id| provider.client(id).ok_or(Contradiction))
        .transpose()?;
    let Some(token) = parameters.one("id_token_hint") else {
        return Ok(named);
    };
    let claims = provider.0.signing.read(token).ok_or(Contradiction)?;
    let shown = claims["aud"]
        .as_str()
        .and_then(|id| provider.client(id))
        .ok_or(Contradiction)?;
    match named {
        Some(named) if named.client_id != shown.client_id => Err(Contradiction),
        _ => Ok(Some(shown)),
    }
}
