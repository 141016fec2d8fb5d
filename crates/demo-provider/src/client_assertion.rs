//! Client authentication by `private_key_jwt` (RFC 7523; OpenID Connect Core §9).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::query::Parameters;
use crate::token::TokenError;
use crate::{Client, Provider};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const LONGEST_LIFE_SECONDS: i64 = 300;

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    jti: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// The `jti` of each assertion seen, until it would be refused for its age.
#[derive(Default)]
pub struct SeenAssertions(Mutex<HashMap<(String, String), i64>>);

/// The client that proves to be itself.
pub async fn authenticate<'a>(
    provider: &'a Provider,
    parameters: &Parameters,
) -> Result<&'a Client, TokenError> {
    if parameters.one("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(refused("authenticate with private_key_jwt"));
    }
    let assertion = parameters
        .one("client_assertion")
        .ok_or(refused("client_assertion is missing"))?;
    let said = unverified(assertion).ok_or(refused("client_assertion cannot be read"))?;
    let client = provider
        .client(&said.sub)
        .ok_or(refused("the client is not known"))?;
    if parameters
        .one("client_id")
        .is_some_and(|id| id != client.client_id)
    {
        return Err(refused("client_id differs from the assertion's"));
    }
    let claims = verified(provider, client, assertion).await?;
    let now = provider.now();
    if claims.iss != client.client_id || claims.sub != client.client_id {
        return Err(refused("iss and sub must both be the client"));
    }
    if !is_for_us(provider, &claims.aud) {
        return Err(refused("aud must be the issuer or the token endpoint"));
    }
    if claims.exp <= now || claims.exp > now + LONGEST_LIFE_SECONDS {
        return Err(refused("exp must lie ahead, by five minutes at most"));
    }
    if !provider.0.assertions.is_new(client, &claims, now) {
        return Err(refused("this assertion has been used"));
    }
    Ok(client)
}

const fn refused(why: &'static str) -> TokenError {
    TokenError::new("invalid_client", why)
}

/// What an assertion says, so that its client's keys can be found. Not to be believed yet.
fn unverified(assertion: &str) -> Option<Claims> {
    let payload = assertion.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

async fn verified(
    provider: &Provider,
    client: &Client,
    assertion: &str,
) -> Result<Claims, TokenError> {
    let header = jsonwebtoken::decode_header(assertion)
        .map_err(|_| refused("client_assertion cannot be read"))?;
    if !matches!(header.alg, Algorithm::ES256 | Algorithm::PS256) {
        return Err(refused("sign with ES256 or PS256"));
    }
    let key = provider
        .0
        .client_keys
        .find(client, header.kid.as_deref(), provider.now())
        .await;
    let key = key.ok_or(refused("no key of this client fits the assertion"))?;
    let key =
        DecodingKey::from_jwk(&key).map_err(|_| refused("the client's key cannot be used"))?;
    // Time and audience are checked by the caller, against the provider's own clock.
    let mut validation = Validation::new(header.alg);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let token = jsonwebtoken::decode(assertion, &key, &validation)
        .map_err(|_| refused("the signature is wrong"))?;
    Ok(token.claims)
}

fn is_for_us(provider: &Provider, audience: &Audience) -> bool {
    let ours = |audience: &String| {
        *audience == provider.0.issuer || *audience == provider.token_endpoint()
    };
    match audience {
        Audience::One(audience) => ours(audience),
        Audience::Several(audiences) => audiences.iter().any(ours),
    }
}

impl SeenAssertions {
    fn is_new(&self, client: &Client, claims: &Claims, now: i64) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, expires| *expires > now);
        seen.insert((client.client_id.clone(), claims.jti.clone()), claims.exp)
            .is_none()
    }
}
