//! Our own key towards a provider: proves who asks (`private_key_jwt`, OpenID Connect Core §9).

use std::fmt;
use std::time::Duration;

use basics::{Fault, Moment};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};

use super::Attempt;

const ASSERTION_LIFE: Duration = Duration::from_secs(60);

/// A new ES256 private key as PKCS#8 DER, for [`SigningKey::from_pkcs8`]. To be kept secret.
pub fn new_signing_key() -> Vec<u8> {
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    key.expect("the operating system gives random bytes")
        .as_ref()
        .to_vec()
}

/// An ES256 private key with its public half, named by its thumbprint (RFC 7638).
#[derive(Clone)]
pub struct SigningKey {
    private: EncodingKey,
    public: Jwk,
    kid: String,
}

impl SigningKey {
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, Fault> {
        let private = EncodingKey::from_ec_der(der);
        let mut public = Jwk::from_encoding_key(&private, Algorithm::ES256).map_err(|_| {
            Fault::broken("the key towards the login provider is no ES256 key in PKCS#8")
        })?;
        let kid = public.thumbprint(ThumbprintHash::SHA256);
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self {
            private,
            public,
            kid,
        })
    }

    pub(super) fn jwks(&self) -> Value {
        json!({ "keys": [self.public] })
    }

    /// A fresh proof for one request to the token endpoint (RFC 7523 §3).
    pub(super) fn assertion(
        &self,
        client_id: &str,
        audience: &str,
        now: Moment,
    ) -> Result<String, Fault> {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.kid.clone());
        let claims = json!({
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "jti": Attempt::new().state(),
            "iat": now.seconds(),
            "exp": now.plus(ASSERTION_LIFE).seconds(),
        });
        jsonwebtoken::encode(&header, &claims, &self.private)
            .map_err(|_| Fault::broken("signing a client assertion for the login provider"))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid)
    }
}
