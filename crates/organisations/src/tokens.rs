//! Access tokens: issued for an hour at most, and recognised on every call of the API.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use basics::{Fault, Moment, Oin};
use lru::LruCache;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vault::Vault;

use crate::signing::SigningKey;
use crate::{Denied, Scope, Scopes};

/// How long a token opens the API.
pub(crate) const LIFE: Duration = Duration::from_secs(3600);
/// A token that was issued later than this from now is of a clock that has been set back: it would live too long.
const AHEAD_AT_MOST: Duration = Duration::from_secs(300);
/// How many tokens are remembered as verified: an RSA verification for each call would be dear.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(4096).expect("not zero");
/// No token of ours is longer.
const LONGEST: usize = 4096;

/// Issues and recognises the access tokens of one installation. Cheap to clone.
#[derive(Clone)]
pub struct Tokens(Arc<Inner>);

struct Inner {
    vault: Vault,
    key: SigningKey,
    issuer: String,
    endpoint: String,
    audience: String,
    verified: Mutex<LruCache<[u8; 32], Known>>,
}

#[derive(Clone)]
struct Known {
    caller: Caller,
    until: Moment,
}

/// The organisation behind a call, by its token. Whether it is blocked since is for the closure to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub oin: Oin,
    pub scopes: Scopes,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    client_id: String,
    iat: i64,
    exp: i64,
    jti: String,
    scope: String,
}

impl Tokens {
    /// `base_url` is the installation's public address, such as `https://post.example`: the issuer of its tokens; the
    /// API lies under it at `/api/v1`. Makes the signing key at the first start, which blocks for a moment.
    pub fn open(vault: &Vault, base_url: &str) -> Result<Self, Fault> {
        let issuer = base_url.trim_end_matches('/').to_owned();
        let audience = format!("{issuer}/api/v1");
        let key = SigningKey::open(vault, &issuer, &audience)?;
        Ok(Self(Arc::new(Inner {
            vault: vault.clone(),
            key,
            endpoint: format!("{issuer}/oauth/token"),
            issuer,
            audience,
            verified: Mutex::new(LruCache::new(REMEMBERED)),
        })))
    }

    /// Who calls, with a token for this part of the API.
    ///
    /// Errors: 401 without a token of ours that still holds, 403 with one for another part; both with the challenge.
    pub fn caller(&self, headers: &HeaderMap, scope: Scope) -> Result<Caller, Denied> {
        let token = bearer(headers)?;
        let caller = self.recognised(token).ok_or_else(Denied::bad_token)?;
        if caller.scopes.has(scope) {
            Ok(caller)
        } else {
            Err(Denied::without_scope(scope))
        }
    }

    /// The public keys that tokens are checked with (RFC 7517 §5); for `/.well-known/jwks.json`.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.0.key.jwk] })
    }

    /// The URL of the token endpoint: the audience of a client assertion.
    pub fn endpoint(&self) -> &str {
        &self.0.endpoint
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.0.vault
    }
    /// The names by which an assertion may mean us.
    pub(crate) fn audiences(&self) -> [&str; 2] {
        [&self.0.endpoint, &self.0.issuer]
    }

    /// Issues a token. Whoever calls this knows that it is for that organisation.
    pub fn issue(&self, oin: &Oin, scopes: Scopes) -> Result<String, Fault> {
        let now = self.0.vault.clock().now();
        self.0.key.sign(&Claims {
            iss: self.0.issuer.clone(),
            aud: self.0.audience.clone(),
            sub: oin.to_string(),
            client_id: oin.to_string(),
            iat: now.seconds(),
            exp: now.plus(LIFE).seconds(),
            jti: self.0.vault.ids().random().to_string(),
            scope: scopes.to_string(),
        })
    }

    fn recognised(&self, token: &str) -> Option<Caller> {
        let now = self.0.vault.clock().now();
        let mut name = [0; 32];
        name.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        let remembered = self.verified().get(&name).cloned();
        let known = match remembered {
            Some(known) => known,
            None => {
                let known = self.verify(token)?;
                self.verified().put(name, known.clone());
                known
            }
        };
        let is_of_now = now < known.until && known.until <= now.plus(LIFE + AHEAD_AT_MOST);
        is_of_now.then_some(known.caller)
    }

    fn verify(&self, token: &str) -> Option<Known> {
        let claims: Claims = self.0.key.verified(token)?;
        let caller = Caller {
            oin: Oin::parse(&claims.sub).ok()?,
            scopes: Scopes::parse(&claims.scope)?,
        };
        let until = Moment::from_micros(claims.exp.checked_mul(1_000_000)?);
        Some(Known { caller, until })
    }

    fn verified(&self) -> std::sync::MutexGuard<'_, LruCache<[u8; 32], Known>> {
        self.0
            .verified
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, Denied> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let (Some(header), None) = (sent.next(), sent.next()) else {
        return Err(Denied::without_token());
    };
    let (scheme, token) = header
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(Denied::without_token)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Denied::without_token());
    }
    let token = token.trim();
    if token.len() > LONGEST {
        Err(Denied::bad_token())
    } else {
        Ok(token)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use axum::http::header::WWW_AUTHENTICATE;
    use axum::response::IntoResponse;

    use super::*;
    use crate::tests::{House, oin};

    fn with(authorization: &str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(authorization).unwrap())])
    }

    fn challenge(denied: Denied) -> (u16, String) {
        let response = denied.into_response();
        let challenge = response.headers()[WWW_AUTHENTICATE]
            .to_str()
            .unwrap()
            .to_owned();
        (response.status().as_u16(), challenge)
    }

    #[test]
    fn a_token_opens_its_part_of_the_api_for_an_hour() {
        let house = House::open();
        let token = house
            .tokens
            .issue(&oin(1), Scopes::parse("aanleveren").unwrap())
            .unwrap();
        let headers = with(&format!("bearer {token}"));
        // Twice: verified, then remembered.
        for _ in 0..2 {
            assert_eq!(
                house.tokens.caller(&headers, Scope::Deliver).unwrap().oin,
                oin(1)
            );
        }
        let (status, why) = challenge(house.tokens.caller(&headers, Scope::Status).unwrap_err());
        assert!(status == 403 && why.contains("insufficient_scope"), "{why}");
        house.clock.advance(LIFE - Duration::from_secs(1));
        assert!(house.tokens.caller(&headers, Scope::Deliver).is_ok());
        house.clock.advance(Duration::from_secs(1));
        let (status, why) = challenge(house.tokens.caller(&headers, Scope::Deliver).unwrap_err());
        assert!(status == 401 && why.contains("invalid_token"), "{why}");
    }

    #[test]
    fn no_other_token_opens_it() {
        let (house, other) = (House::open(), House::open());
        for sent in ["Basic eDp5", "Bearer", "x"] {
            assert_eq!(
                challenge(
                    house
                        .tokens
                        .caller(&with(sent), Scope::Deliver)
                        .unwrap_err()
                ),
                (401, "Bearer".to_owned())
            );
        }
        assert_eq!(
            challenge(
                house
                    .tokens
                    .caller(&HeaderMap::new(), Scope::Deliver)
                    .unwrap_err()
            )
            .0,
            401
        );
        let mut forged = vec![
            other.tokens.issue(&oin(1), Scopes::all()).unwrap(),
            "a.b.c".to_owned(),
            "x".repeat(5000),
        ];
        // Our own signature under something that is no access token.
        let claims = json!({"iss": house.tokens.0.issuer, "aud": house.tokens.0.audience, "sub": oin(1).as_str(),
            "client_id": "", "iat": 0, "exp": i64::MAX / 2_000_000, "jti": "x", "scope": "aanleveren"});
        let mut header = house.tokens.0.key.header.clone();
        header.typ = Some("JWT".to_owned());
        forged.push(jsonwebtoken::encode(&header, &claims, &house.tokens.0.key.private).unwrap());
        for token in forged {
            let denied = house
                .tokens
                .caller(&with(&format!("Bearer {token}")), Scope::Deliver)
                .unwrap_err();
            assert_eq!(
                challenge(denied),
                (401, r#"Bearer error="invalid_token""#.to_owned())
            );
        }
    }
}
