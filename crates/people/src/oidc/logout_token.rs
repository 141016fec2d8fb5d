//! The logout token (OpenID Connect Back-Channel Logout 1.0): the provider says that a session of its own is over.

use std::time::Duration;

use basics::Moment;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use openidconnect::core::CoreJsonWebKeySet;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::id_token::{OLDEST, SKEW};
use super::{ProviderSettings, TokenFault};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// With and without the part that RFC 7515 lets be left out; a provider that names no type is believed.
const TYPES: [&str; 3] = ["logout+jwt", "application/logout+jwt", "jwt"];
const ALGORITHMS: [Algorithm; 2] = [Algorithm::RS256, Algorithm::PS256];
/// A name or a mark of the provider's own; longer is not.
const LONGEST_NAME: usize = 255;

/// What a provider says is over: one session of its own, or all of a person.
#[derive(Debug)]
pub struct LogoutNotice {
    /// `sid`, as the ID token had it.
    pub session: Option<String>,
    /// `sub`, as the ID token had it.
    pub subject: Option<String>,
    /// `jti`: the notice counts once.
    pub token_id: String,
    /// From then on the token is refused for its age.
    pub until: Moment,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    iat: i64,
    /// The last drafts before the standard did not ask for it.
    exp: Option<i64>,
    jti: String,
    events: Map<String, Value>,
    nonce: Option<Value>,
    sid: Option<String>,
    sub: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    /// As with an ID token: an audience besides us is one that we do not know.
    fn is(&self, client_id: &str) -> bool {
        match self {
            Self::One(one) => one == client_id,
            Self::Several(all) => !all.is_empty() && all.iter().all(|one| one == client_id),
        }
    }
}

/// Every check of §2.6 but one: whether the token was seen before is for whoever keeps that.
pub(super) fn read(
    token: &str,
    keys: &CoreJsonWebKeySet,
    settings: &ProviderSettings,
    now: Moment,
) -> Result<LogoutNotice, TokenFault> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| TokenFault::Unreadable)?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(TokenFault::Algorithm);
    }
    if !is_of_logout(&header) {
        return Err(TokenFault::NoLogout);
    }
    let claims = verified(token, &header, keys)?;
    if claims.iss != settings.issuer {
        return Err(TokenFault::Issuer);
    }
    if !claims.aud.is(&settings.client_id) {
        return Err(TokenFault::Audience);
    }
    let until = in_time(&claims, now)?;
    if !claims.events.get(EVENT).is_some_and(Value::is_object) {
        return Err(TokenFault::NoLogout);
    }
    if claims.nonce.is_some() {
        return Err(TokenFault::Nonce);
    }
    let is_name = |name: &String| !name.is_empty() && name.len() <= LONGEST_NAME;
    let named = [&claims.sid, &claims.sub];
    let named: Vec<&String> = named.into_iter().flatten().collect();
    if named.is_empty() || !named.into_iter().all(is_name) || !is_name(&claims.jti) {
        return Err(TokenFault::NamesNobody);
    }
    Ok(LogoutNotice {
        session: claims.sid,
        subject: claims.sub,
        token_id: claims.jti,
        until,
    })
}

/// A token of another kind is not taken for this one, and what we must understand and do not is refused (RFC 7515).
fn is_of_logout(header: &Header) -> bool {
    let known = |kind: &String| TYPES.contains(&kind.to_ascii_lowercase().as_str());
    header.typ.as_ref().is_none_or(known) && header.crit.is_none()
}

fn verified(token: &str, header: &Header, keys: &CoreJsonWebKeySet) -> Result<Claims, TokenFault> {
    let key = pick(keys, header.kid.as_deref()).ok_or(TokenFault::UnknownKey)?;
    let key = DecodingKey::from_jwk(&key).map_err(|_| TokenFault::UnknownKey)?;
    // Time and audience are checked by the caller, against the house's clock.
    let mut validation = Validation::new(header.alg);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let token = jsonwebtoken::decode(token, &key, &validation).map_err(|fault| {
        use jsonwebtoken::errors::ErrorKind;
        match fault.kind() {
            ErrorKind::InvalidSignature => TokenFault::Signature,
            ErrorKind::InvalidAlgorithm => TokenFault::Algorithm,
            _ => TokenFault::Unreadable,
        }
    })?;
    Ok(token.claims)
}

/// The provider's RSA key that a token names; its only one when the token names none.
fn pick(keys: &CoreJsonWebKeySet, kid: Option<&str>) -> Option<Jwk> {
    let published = json!(keys);
    let mut fitting = published["keys"].as_array()?.iter().filter(|key| {
        key["kty"] == "RSA"
            && (key["use"].is_null() || key["use"] == "sig")
            && kid.is_none_or(|kid| key["kid"] == kid)
    });
    let only = fitting.next()?;
    if fitting.next().is_some() {
        return None;
    }
    serde_json::from_value(only.clone()).ok()
}

/// Issued just now, not over; answers until when.
fn in_time(claims: &Claims, now: Moment) -> Result<Moment, TokenFault> {
    if claims.exp.is_some_and(|exp| exp <= now.seconds()) {
        return Err(TokenFault::Expired);
    }
    let issued = claims.iat;
    if issued < now.minus(OLDEST).seconds() || issued > now.plus(SKEW).seconds() {
        return Err(TokenFault::IssuedAt);
    }
    Ok(now.plus(OLDEST).plus(SKEW).plus(Duration::from_secs(1)))
}

#[cfg(test)]
mod tests;
