//! The provider's RSA key: what it signs, what the world checks that with, and names made from it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ring::hmac;
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use serde_json::{Value, json};

use crate::{Client, Person};

const KEY_BITS: usize = 2048;

/// A new RSA key in PKCS#8 PEM, to be kept where only the demonstration reads it.
pub fn new_signing_key() -> String {
    let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, KEY_BITS)
        .expect("the size is one that RSA knows");
    let pem = key
        .to_pkcs8_pem(LineEnding::LF)
        .expect("a key just made can be written");
    pem.to_string()
}

pub struct SigningKey {
    encoding: EncodingKey,
    public: Jwk,
    kid: String,
    subjects: hmac::Key,
}

impl SigningKey {
    pub fn from_pem(pem: &str) -> Option<Self> {
        let key = RsaPrivateKey::from_pkcs8_pem(pem).ok()?;
        let der = key.to_pkcs1_der().ok()?;
        let encoding = EncodingKey::from_rsa_der(der.as_bytes());
        let mut public = Jwk::from_encoding_key(&encoding, Algorithm::RS256).ok()?;
        let kid = public.thumbprint(ThumbprintHash::SHA256);
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let subjects = hmac::Key::new(hmac::HMAC_SHA256, der.as_bytes());
        Some(Self {
            encoding,
            public,
            kid,
            subjects,
        })
    }

    /// The claims as a JWT of this type, signed with RS256.
    pub fn sign(&self, kind: &str, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::RS256);
        header.typ = Some(kind.to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.encoding)
            .expect("JSON claims can be signed with an RSA key")
    }

    /// The claims of a JWT that this key signed, whether or not its time is over.
    pub fn read(&self, token: &str) -> Option<Value> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let key = DecodingKey::from_jwk(&self.public).ok()?;
        Some(jsonwebtoken::decode(token, &key, &validation).ok()?.claims)
    }

    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.public] })
    }

    /// A person's name towards one client: the same each time, and nothing to be learnt from it.
    pub fn subject(&self, client: &Client, person: &Person) -> String {
        let who = json!([client.client_id, person.number_kind.name(), person.number]).to_string();
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.subjects, who.as_bytes()))
    }
}
