//! `POST /oauth/token`: client credentials (RFC 6749 §4.4) against a signed assertion, each assertion once.

mod refused;
#[cfg(test)]
mod tests;

use std::time::Duration;

use axum::extract::{FromRequest, Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Json, Router};
use basics::{Activity, Actor, Channel, Fault, Oin, Trace};
use serde_json::json;
use vault::{Insert, Processing, Sql, Subjects, Tx, Value, insert, sql};
use web::{Budget, Limits, Traced};

use crate::assertion::{self, Proven, Unproven};
use crate::tokens::LIFE;
use crate::{Scopes, Tokens, organisations};
use refused::Refused;

/// Nobody's data: no line of the statement.
const ISSUE: Activity = Activity("token-uitgeven");

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const FORM: &str = "application/x-www-form-urlencoded";
/// Of the endpoint, which has a life apart from the API's.
const VERSION: &str = "1.0.0";
const LARGEST: usize = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

const USED: &Sql = sql!("SELECT until_at FROM assertion_replay WHERE oin = $1 AND jti_hash = $2");
const FORGET: &Sql = sql!("DELETE FROM assertion_replay WHERE oin = $1 AND until_at <= $2");
const USE: &Insert = insert!("assertion_replay"(oin, jti_hash, until_at));

/// The token endpoint, at `/oauth/token`, with the layers of `web::api` around it; needs `web::trace` around that.
pub fn routes(tokens: Tokens, budget: Budget) -> Router {
    let limits = Limits {
        max_bytes: LARGEST,
        within: PATIENCE,
        budget,
    };
    let router = Router::new()
        .route("/oauth/token", post(answer))
        .with_state((tokens, limits));
    web::api(router, VERSION)
}

struct Asked {
    assertion: String,
    scopes: Scopes,
}

async fn answer(
    State((tokens, limits)): State<(Tokens, Limits)>,
    Traced(trace): Traced,
    request: Request,
) -> Response {
    let by_header = request.headers().contains_key(AUTHORIZATION);
    let mut response = match issue(&tokens, &limits, trace, request).await {
        Ok(answer) => answer,
        Err(refused) => refused.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    // Who tried another way of authentication is told so in its own terms (RFC 6749 §5.2).
    if by_header && response.status() == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Basic realm=\"private_key_jwt\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

async fn issue(
    tokens: &Tokens,
    limits: &Limits,
    trace: Trace,
    request: Request,
) -> Result<Response, Refused> {
    let Asked { assertion, scopes } = read(request, limits).await?;
    let proven = authenticate(tokens, trace, assertion).await?;
    let oin = proven.oin.clone();
    spend(tokens, trace, proven).await?;
    let token = tokens.issue(&oin, scopes)?;
    let answer = json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": LIFE.as_secs(),
        "scope": scopes.to_string(),
    });
    Ok(Json(answer).into_response())
}

async fn read(request: Request, limits: &Limits) -> Result<Asked, Refused> {
    web::content_type(request.headers(), FORM)
        .map_err(|_| Refused::request(format!("Stuur een formulier ({FORM}).")))?;
    let body = web::read_body(request, limits).await?;
    let mut form = Request::new(body.into());
    form.headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(FORM));
    *form.method_mut() = axum::http::Method::POST;
    let Form(fields) = Form::<Vec<(String, String)>>::from_request(form, &())
        .await
        .map_err(|_| Refused::request("Het formulier is onleesbaar."))?;

    let grant =
        one(&fields, "grant_type")?.ok_or_else(|| Refused::request("grant_type ontbreekt."))?;
    if grant != "client_credentials" {
        return Err(Refused::bad(
            "unsupported_grant_type",
            "Alleen client_credentials wordt ondersteund.",
        ));
    }
    let scopes = match one(&fields, "scope")? {
        None => Scopes::all(),
        Some(scope) => Scopes::parse(scope).ok_or_else(|| {
            Refused::bad("invalid_scope", format!("Kies uit: {}.", Scopes::all()))
        })?,
    };
    if one(&fields, "client_assertion_type")? != Some(ASSERTION_TYPE) {
        return Err(Refused::client(format!(
            "Meld u aan met private_key_jwt: client_assertion_type {ASSERTION_TYPE}."
        )));
    }
    let assertion = one(&fields, "client_assertion")?
        .ok_or_else(|| Refused::client("client_assertion ontbreekt."))?;
    if let Some(id) = one(&fields, "client_id")?
        && assertion::claimed(assertion)?.as_str() != id
    {
        return Err(Refused::client(
            "client_id is een andere dan die van client_assertion.",
        ));
    }
    Ok(Asked {
        assertion: assertion.to_owned(),
        scopes,
    })
}

/// A field, which may be sent once only (RFC 6749 §3.2).
fn one<'f>(fields: &'f [(String, String)], name: &str) -> Result<Option<&'f str>, Refused> {
    let mut values = fields
        .iter()
        .filter(|(field, _)| field == name)
        .map(|(_, value)| value.as_str());
    let value = values.next();
    if values.next().is_some() {
        return Err(Refused::request(format!(
            "{name} is meer dan eens gestuurd."
        )));
    }
    Ok(value.filter(|value| !value.is_empty()))
}

async fn authenticate(tokens: &Tokens, trace: Trace, assertion: String) -> Result<Proven, Refused> {
    let oin = assertion::claimed(&assertion)?;
    let asked = oin.clone();
    let jwks: Result<Option<String>, Fault> = tokens
        .vault()
        .read(on_nobody(&oin, trace), move |tx| {
            organisations::keys_of(tx, &asked)
        })
        .await;
    // Whether it is connected is not told apart from whether the signature is its own.
    let jwks = jwks?.ok_or(Unproven::Signature)?;
    let now = tokens.vault().clock().now();
    Ok(assertion::prove(
        &assertion,
        oin,
        &jwks,
        tokens.audiences(),
        now,
    )?)
}

/// Remembers that the assertion is used, until it is too old to be used again.
async fn spend(tokens: &Tokens, trace: Trace, proven: Proven) -> Result<(), Refused> {
    let hash = tokens
        .vault()
        .keyed_hash("assertion-jti", proven.jti.as_bytes());
    let Proven { oin, until, .. } = proven;
    let processing = on_nobody(&oin, trace);
    let closure = move |tx: &mut Tx<'_>| {
        let (sender, now) = (Value::id(&oin), tx.now());
        // Waiting for this write must not outlast the memory of an earlier use.
        if until <= now {
            return Err(Refused::client("Deze client_assertion is verlopen."));
        }
        tx.run(FORGET, &[sender.clone(), now.into()])?;
        let used = tx.query_opt(USED, &[sender.clone(), Value::blob(hash)], |_| Ok(()))?;
        if used.is_some() {
            return Err(Refused::client("Deze client_assertion is al gebruikt."));
        }
        tx.add(
            USE,
            basics::uuid::Uuid::nil(),
            vec![sender, Value::blob(hash), until.into()],
        )?;
        Ok(())
    };
    tokens.vault().write(processing, closure).await
}

fn on_nobody(oin: &Oin, trace: Trace) -> Processing {
    Processing::of(
        ISSUE,
        Actor::Organisation(oin.clone()),
        Subjects::None,
        Channel::Api,
        trace,
    )
}
