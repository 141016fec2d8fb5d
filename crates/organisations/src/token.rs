//! `POST /oauth/token`: client credentials (RFC 6749 §4.4) against a signed assertion, each assertion once.

use std::time::Duration;

use axum::extract::{FromRequest, Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Json, Router};
use basics::{Activity, Actor, Channel, Fault, FaultKind, Oin, Trace};
use serde_json::json;
use vault::{Insert, Processing, Sql, Subjects, Tx, Value, insert, sql};
use web::{Budget, Limits, Problem, Traced};

use crate::assertion::{self, Proven, Unproven};
use crate::tokens::LIFE;
use crate::{Scopes, Tokens, organisations};

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

/// A refusal in the form of RFC 6749 §5.2. The description is Dutch in ASCII, as the RFC wants.
#[derive(Debug)]
struct Refused {
    status: StatusCode,
    error: &'static str,
    description: String,
    retry_after: Option<Duration>,
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

impl Refused {
    fn bad(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            description: description.into(),
            retry_after: None,
        }
    }
    fn request(description: impl Into<String>) -> Self {
        Self::bad("invalid_request", description)
    }
    fn client(description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            ..Self::bad("invalid_client", description)
        }
    }
}

impl From<Unproven> for Refused {
    fn from(why: Unproven) -> Self {
        Self::client(match why {
            Unproven::Unreadable => {
                "client_assertion is geen leesbaar JWT met iss, sub, aud, exp en jti."
            }
            Unproven::Algorithm => "Onderteken client_assertion met ES256 of PS256.",
            Unproven::Signature => {
                "client_assertion is niet ondertekend met een sleutel van een aangesloten organisatie."
            }
            Unproven::Issuer => "iss en sub van client_assertion moeten allebei het OIN zijn.",
            Unproven::Audience => "aud van client_assertion moet het adres van dit tokenpunt zijn.",
            Unproven::Time => {
                "client_assertion is verlopen, nog niet geldig of langer dan 5 minuten geldig."
            }
            Unproven::Jti => "jti van client_assertion moet 1 tot en met 255 tekens lang zijn.",
        })
    }
}

/// What the reading of a body refuses, and what is ours.
impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let error = match problem.status {
            status if status.is_client_error() => "invalid_request",
            StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
            _ => "server_error",
        };
        Self {
            status: problem.status,
            error,
            description: problem.detail,
            retry_after: problem.retry_after,
        }
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        debug_assert!(
            !matches!(fault.kind(), FaultKind::Refused(_)),
            "a processing on nobody is not refused"
        );
        Problem::from(fault).into()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut response = (self.status, Json(body)).into_response();
        if let Some(after) = self.retry_after {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use proptest::prelude::*;
    use tower::ServiceExt;

    use super::*;
    use crate::client_assertion;
    use crate::sample::{House, oin};

    async fn ask(house: &House, body: String) -> (u16, serde_json::Value) {
        let request = axum::http::Request::post("/oauth/token")
            .header(CONTENT_TYPE, FORM)
            .body(Body::from(body));
        let router = web::trace(
            routes(house.tokens.clone(), Budget::default()),
            house.vault.ids().clone(),
        );
        let response = router.oneshot(request.unwrap()).await.unwrap();
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    fn form(assertion: &str, rest: &str) -> String {
        format!(
            "grant_type=client_credentials&client_assertion_type={ASSERTION_TYPE}&client_assertion={assertion}{rest}"
        )
    }

    async fn connected() -> House {
        let house = House::open();
        house
            .connect(&oin(1), json!({"keys": [house.public]}))
            .await;
        house
    }

    fn assertion(house: &House) -> String {
        client_assertion(
            &house.private,
            &oin(1),
            house.tokens.endpoint(),
            house.clock.now(),
        )
        .unwrap()
    }

    #[tokio::test]
    async fn an_assertion_buys_one_token() {
        let house = connected().await;
        let assertion = assertion(&house);
        let (status, answer) = ask(&house, form(&assertion, "&scope=aanleveren")).await;
        assert_eq!(
            (status, &answer["token_type"], &answer["scope"]),
            (200, &json!("Bearer"), &json!("aanleveren"))
        );
        assert_eq!(answer["expires_in"], 3600);
        let mut headers = axum::http::HeaderMap::new();
        let bearer = format!("Bearer {}", answer["access_token"].as_str().unwrap());
        headers.insert(AUTHORIZATION, bearer.parse().unwrap());
        assert_eq!(
            house
                .tokens
                .caller(&headers, crate::Scope::Deliver)
                .unwrap()
                .oin,
            oin(1)
        );

        let (status, answer) = ask(&house, form(&assertion, "")).await;
        assert_eq!((status, &answer["error"]), (401, &json!("invalid_client")));
    }

    #[tokio::test]
    async fn of_one_assertion_sent_at_once_one_counts() {
        let house = connected().await;
        let body = form(&assertion(&house), "");
        let mut answers = Vec::new();
        let (one, two, three) = tokio::join!(
            ask(&house, body.clone()),
            ask(&house, body.clone()),
            ask(&house, body)
        );
        answers.extend([one.0, two.0, three.0]);
        answers.sort_unstable();
        assert_eq!(answers, [200, 401, 401]);
    }

    #[tokio::test]
    async fn a_used_assertion_is_forgotten_when_it_is_too_old() {
        let house = connected().await;
        for _ in 0..2 {
            assert_eq!(ask(&house, form(&assertion(&house), "")).await.0, 200);
            house.clock.advance(Duration::from_secs(600));
        }
        let count = sql!("SELECT COUNT(until_at) FROM assertion_replay");
        assert_eq!(
            house
                .read(move |tx| tx.query_opt(count, &[], |row| row.int(0)))
                .await,
            Some(1)
        );
    }

    #[tokio::test]
    async fn every_refusal_is_in_the_form_of_the_rfc() {
        let house = connected().await;
        let good = assertion(&house);
        let stranger = client_assertion(
            &house.private,
            &oin(2),
            house.tokens.endpoint(),
            house.clock.now(),
        )
        .unwrap();
        for (body, status, error) in [
            (String::new(), 400, "invalid_request"),
            (
                "grant_type=password".to_owned(),
                400,
                "unsupported_grant_type",
            ),
            (
                "grant_type=client_credentials".to_owned(),
                401,
                "invalid_client",
            ),
            (form(&good, "&scope=alles"), 400, "invalid_scope"),
            (form(&good, "&client_id=iemand"), 401, "invalid_client"),
            (
                form(&good, "&scope=aanleveren&scope=aanleveren"),
                400,
                "invalid_request",
            ),
            (form(&stranger, ""), 401, "invalid_client"),
            (form(&format!("{good}x"), ""), 401, "invalid_client"),
            ("x".repeat(LARGEST + 1), 413, "invalid_request"),
        ] {
            let (got, answer) = ask(&house, body).await;
            assert_eq!(
                (got, answer["error"].as_str()),
                (status, Some(error)),
                "{answer}"
            );
            let description = answer["error_description"].as_str().unwrap();
            assert!(
                description.is_ascii() && !description.contains(['"', '\\']),
                "{description}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_form_is_answered_below_500(assertion in "[A-Za-z0-9._-]{0,80}", rest in "[ -~]{0,60}") {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let (status, answer) = runtime.block_on(async { ask(House::shared(), form(&assertion, &rest)).await });
            prop_assert!((400..500).contains(&status) && answer["error"].is_string());
        }
    }
}
