//! The other side of `/oauth/token`: an ES256 key for a client, and the assertion signed with it. For the demonstration,
//! tests and small senders.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use basics::{Fault, Moment, Oin};
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p256::SecretKey;
use p256::pkcs8::EncodePrivateKey;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};

/// How long an assertion of ours holds, in seconds.
const LIFE: i64 = 120;

/// A new ES256 key: the private JWK for the client alone, and the public one to register.
pub fn new_client_key() -> (Value, Value) {
    let key = loop {
        // One in 2^32 draws is no scalar of the curve.
        if let Ok(key) = SecretKey::from_slice(&random::<32>()) {
            break key;
        }
    };
    let private = serde_json::to_value(key.to_jwk()).expect("a JWK is JSON");
    let mut public = serde_json::to_value(key.public_key().to_jwk()).expect("a JWK is JSON");
    let parsed: Jwk = serde_json::from_value(public.clone()).expect("a public JWK reads back");
    let names =
        json!({"alg": "ES256", "use": "sig", "kid": parsed.thumbprint(ThumbprintHash::SHA256)});
    let mut private = private;
    for jwk in [&mut private, &mut public] {
        let names = names.as_object().expect("an object, see above").clone();
        jwk.as_object_mut()
            .expect("a JWK is an object")
            .extend(names);
    }
    (private, public)
}

/// A client assertion for `private_key_jwt` (RFC 7523): this organisation proves itself to this audience, once.
///
/// `audience` is the token endpoint's URL. Errors: not a private ES256 key.
pub fn client_assertion(
    private_jwk: &Value,
    oin: &Oin,
    audience: &str,
    now: Moment,
) -> Result<String, Fault> {
    let wrong = || Fault::broken("not a private ES256 key in JWK form");
    let scalar = private_jwk["d"]
        .as_str()
        .and_then(|d| URL_SAFE_NO_PAD.decode(d).ok());
    let key = SecretKey::from_slice(&scalar.ok_or_else(wrong)?).map_err(|_| wrong())?;
    let der = key.to_pkcs8_der().map_err(|_| wrong())?;
    let mut header = Header::new(Algorithm::ES256);
    header.kid = private_jwk["kid"].as_str().map(str::to_owned);
    let claims = json!({
        "iss": oin.as_str(),
        "sub": oin.as_str(),
        "aud": audience,
        "iat": now.seconds(),
        "exp": now.seconds() + LIFE,
        "jti": URL_SAFE_NO_PAD.encode(random::<16>()),
    });
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ec_der(der.as_bytes()))
        .map_err(|_| wrong())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the operating system gives random bytes");
    bytes
}
