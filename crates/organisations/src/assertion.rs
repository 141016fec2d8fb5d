//! Client authentication by `private_key_jwt` (RFC 7523, NL GOV OAuth profile): the rules of an assertion.

use basics::{Moment, Oin};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

/// An assertion holds at most this long, in seconds.
const LONGEST_LIFE: i64 = 300;
/// How far clocks may differ, in seconds.
const SKEW: i64 = 30;
/// A jti is somebody's random text; longer is not.
const LONGEST_JTI: usize = 255;

/// Why an assertion proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unproven {
    Unreadable,
    Algorithm,
    Signature,
    Issuer,
    Audience,
    Time,
    Jti,
}

/// A proven assertion: whose, and what to remember so that it counts once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Proven {
    pub(crate) oin: Oin,
    pub(crate) jti: String,
    /// From then on it would be refused for its age.
    pub(crate) until: Moment,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    iat: Option<i64>,
    jti: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Whom an assertion says to be, so that their keys can be found. Not to be believed yet.
pub(crate) fn claimed(assertion: &str) -> Result<Oin, Unproven> {
    let token = jsonwebtoken::dangerous::insecure_decode::<Claims>(assertion)
        .map_err(|_| Unproven::Unreadable)?;
    Oin::parse(&token.claims.sub).map_err(|_| Unproven::Issuer)
}

/// Checks an assertion of `oin` against its registered keys. `audiences` are the names by which it may mean us.
pub(crate) fn prove(
    assertion: &str,
    oin: Oin,
    jwks: &str,
    audiences: [&str; 2],
    now: Moment,
) -> Result<Proven, Unproven> {
    let claims = verified(assertion, jwks)?;
    if claims.iss != oin.as_str() || claims.sub != oin.as_str() {
        return Err(Unproven::Issuer);
    }
    let is_us = |audience: &String| audiences.contains(&audience.as_str());
    let is_for_us = match &claims.aud {
        Audience::One(audience) => is_us(audience),
        Audience::Several(several) => several.iter().any(is_us),
    };
    if !is_for_us {
        return Err(Unproven::Audience);
    }
    let now = now.seconds();
    let begins = claims
        .nbf
        .into_iter()
        .chain(claims.iat)
        .max()
        .unwrap_or(now);
    if claims.exp <= now.saturating_sub(SKEW)
        || claims.exp > now + LONGEST_LIFE + SKEW
        || begins > now + SKEW
    {
        return Err(Unproven::Time);
    }
    if claims.jti.is_empty() || claims.jti.len() > LONGEST_JTI {
        return Err(Unproven::Jti);
    }
    let until = Moment::from_micros((claims.exp + SKEW) * 1_000_000);
    Ok(Proven {
        oin,
        jti: claims.jti,
        until,
    })
}

fn verified(assertion: &str, jwks: &str) -> Result<Claims, Unproven> {
    let header = jsonwebtoken::decode_header(assertion).map_err(|_| Unproven::Unreadable)?;
    if !matches!(header.alg, Algorithm::ES256 | Algorithm::PS256) {
        return Err(Unproven::Algorithm);
    }
    // Time and audience are checked by the caller, against the installation's own clock.
    let mut validation = Validation::new(header.alg);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let jwks: Value = serde_json::from_str(jwks).unwrap_or_default();
    public_keys(&jwks)
        .filter(|key| header.kid.is_none() || key.common.key_id == header.kid)
        .filter_map(|key| DecodingKey::from_jwk(&key).ok())
        .find_map(|key| jsonwebtoken::decode(assertion, &key, &validation).ok())
        .map(|token| token.claims)
        .ok_or(Unproven::Signature)
}

/// A set to register holds a key to verify with, and no private one.
pub(crate) fn check_keys(jwks: &Value) -> Result<(), &'static str> {
    let listed = jwks["keys"].as_array().ok_or("not a JWK Set")?;
    if listed
        .iter()
        .any(|key| key.get("d").is_some() || key.get("k").is_some())
    {
        return Err("a private key does not belong here");
    }
    let usable = public_keys(jwks).any(|key| DecodingKey::from_jwk(&key).is_ok());
    if usable {
        Ok(())
    } else {
        Err("no key to verify a signature with")
    }
}

/// Keys of a kind we do not know are passed over.
fn public_keys(jwks: &Value) -> impl Iterator<Item = Jwk> {
    let listed = jwks["keys"].as_array().map_or(&[][..], Vec::as_slice);
    listed.iter().filter_map(|key| Jwk::deserialize(key).ok())
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    use super::*;
    use crate::tests::{ec_key, oin};
    use crate::{client_assertion, new_client_key};

    const NOW: Moment = Moment::from_micros(1_795_181_400_000_000);
    const US: [&str; 2] = [
        "https://postbus.example/oauth/token",
        "https://postbus.example",
    ];

    fn judge(
        private: &Value,
        public: &Value,
        alg: Algorithm,
        change: impl FnOnce(&mut Value),
    ) -> Result<Proven, Unproven> {
        let now = NOW.seconds();
        let mut claims = json!({"iss": oin(1).as_str(), "sub": oin(1).as_str(), "aud": US[0], "exp": now + 60, "jti": "x"});
        change(&mut claims);
        let key = if alg == Algorithm::HS256 {
            EncodingKey::from_secret(b"x")
        } else {
            ec_key(private)
        };
        let assertion = encode(&Header::new(alg), &claims, &key).unwrap();
        prove(
            &assertion,
            oin(1),
            &json!({"keys": [{"kty": "new"}, public]}).to_string(),
            US,
            NOW,
        )
    }

    #[test]
    fn an_assertion_of_our_own_making_is_proven() {
        let (private, public) = new_client_key();
        let assertion = client_assertion(&private, &oin(1), US[0], NOW).unwrap();
        assert_eq!(claimed(&assertion), Ok(oin(1)));
        let jwks = json!({"keys": [new_client_key().1, public]}).to_string();
        assert!(prove(&assertion, oin(1), &jwks, US, NOW).is_ok());
        // A key that it does not name is not tried, whoever else's it is.
        let others = json!({"keys": [new_client_key().1]}).to_string();
        assert_eq!(
            prove(&assertion, oin(1), &others, US, NOW),
            Err(Unproven::Signature)
        );
    }

    #[test]
    fn each_rule_refuses_on_its_own() {
        let (private, public) = new_client_key();
        let judged =
            |change: fn(&mut Value)| judge(&private, &public, Algorithm::ES256, change).map(|_| ());
        let now = NOW.seconds();
        assert_eq!(judged(|_| {}), Ok(()));
        assert_eq!(judged(|claims| claims["aud"] = json!(["x", US[1]])), Ok(()));
        assert_eq!(
            judged(|claims| claims["aud"] = json!("https://elsewhere.example")),
            Err(Unproven::Audience)
        );
        assert_eq!(
            judged(|claims| claims["iss"] = json!(oin(2).as_str())),
            Err(Unproven::Issuer)
        );
        assert_eq!(
            judged(|claims| claims["jti"] = json!("")),
            Err(Unproven::Jti)
        );
        assert_eq!(
            judged(|claims| drop(claims.as_object_mut().unwrap().remove("exp"))),
            Err(Unproven::Signature)
        );
        for (exp, fine) in [
            (now - SKEW, false),
            (now - SKEW + 1, true),
            (now + 330, true),
            (now + 331, false),
        ] {
            let judged = judge(&private, &public, Algorithm::ES256, |claims| {
                claims["exp"] = json!(exp)
            });
            assert_eq!(judged.is_ok(), fine, "{exp}");
        }
        assert_eq!(
            judged(|claims| claims["nbf"] = json!(NOW.seconds() + SKEW + 1)),
            Err(Unproven::Time)
        );
        assert_eq!(
            judge(&private, &public, Algorithm::HS256, |_| {}),
            Err(Unproven::Algorithm)
        );
        assert_eq!(
            judge(&new_client_key().0, &public, Algorithm::ES256, |_| {}),
            Err(Unproven::Signature)
        );
    }
}
