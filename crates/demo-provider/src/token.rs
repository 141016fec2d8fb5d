//! The token endpoint: a code and a proof of who asks become an ID token.

use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use serde_json::{Value, json};

use crate::codes::Grant;
use crate::query::Parameters;
use crate::sessions::Login;
use crate::{Client, Provider, client_assertion, pages, random};

const ID_TOKEN_SECONDS: i64 = 300;

/// An error answer of RFC 6749 §5.2.
pub struct TokenError {
    pub error: &'static str,
    pub description: &'static str,
}

impl TokenError {
    pub const fn new(error: &'static str, description: &'static str) -> Self {
        Self { error, description }
    }
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let status = if self.error == "invalid_client" {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::BAD_REQUEST
        };
        (
            status,
            Json(json!({ "error": self.error, "error_description": self.description })),
        )
            .into_response()
    }
}

pub async fn exchange(
    State(provider): State<Provider>,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let answer = match form {
        Ok(Form(form)) => tokens_for(&provider, &Parameters::new(form)).await,
        Err(_) => Err(TokenError::new("invalid_request", "the body is no form")),
    };
    let mut response = pages::uncached(answer.map(Json).into_response());
    response
        .headers_mut()
        .insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

async fn tokens_for(provider: &Provider, parameters: &Parameters) -> Result<Value, TokenError> {
    if parameters.repeats() {
        return Err(TokenError::new(
            "invalid_request",
            "a parameter comes twice",
        ));
    }
    let client = client_assertion::authenticate(provider, parameters).await?;
    if parameters.one("grant_type") != Some("authorization_code") {
        return Err(TokenError::new(
            "unsupported_grant_type",
            "only grant_type=authorization_code",
        ));
    }
    let code = parameters
        .one("code")
        .ok_or(TokenError::new("invalid_request", "code is missing"))?;
    let grant = provider.0.codes.redeem(code, provider.now());
    let grant = grant.filter(|grant| is_for(grant, client, parameters));
    let grant = grant.ok_or(TokenError::new(
        "invalid_grant",
        "the code is unknown, used, too old or not for this request",
    ))?;
    Ok(json!({
        "access_token": random::secret(),
        "token_type": "Bearer",
        "expires_in": ID_TOKEN_SECONDS,
        "scope": "openid",
        "id_token": mint_id_token(provider, client, &grant),
    }))
}

fn is_for(grant: &Grant, client: &Client, parameters: &Parameters) -> bool {
    let digest = |verifier: &str| {
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
    };
    grant.client_id == client.client_id
        && parameters.one("redirect_uri") == Some(&grant.redirect_uri)
        && parameters.one("code_verifier").map(digest).as_deref() == Some(&grant.code_challenge)
}

/// The ID token (OpenID Connect Core §2). All that is said about a person is said here.
fn mint_id_token(provider: &Provider, client: &Client, grant: &Grant) -> String {
    let now = provider.now();
    let kind = grant.person.number_kind;
    let subject = provider.0.signing.subject(client, &grant.person);
    let sid = random::secret();
    provider.0.sessions.add(
        &grant.session,
        Login {
            client_id: client.client_id.clone(),
            subject: subject.clone(),
            sid: sid.clone(),
        },
    );
    let mut claims = json!({
        "iss": provider.0.issuer,
        "aud": client.client_id,
        "sub": subject,
        "sub_id_type": format!("urn:nl-eid-gdi:1.0:id:{}", kind.name()),
        "iat": now,
        "exp": now + ID_TOKEN_SECONDS,
        "auth_time": grant.authenticated_at,
        "acr": grant.level.uri(),
        "sid": sid,
    });
    claims[kind.claim()] = json!(grant.person.number);
    if let Some(nonce) = &grant.nonce {
        claims["nonce"] = json!(nonce);
    }
    provider.0.signing.sign("JWT", &claims)
}
