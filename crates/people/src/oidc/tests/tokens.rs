//! What tests of tokens share: a provider's keys, and claims that are changed one at a time.

use std::sync::LazyLock;

use basics::{Moment, NumberKind};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use openidconnect::core::CoreJsonWebKeySet;
use serde_json::{Value, json};
use statement::LoginLevel;

use super::super::{ProviderSettings, SigningKey, new_signing_key};

pub const NOW: Moment = Moment::from_micros(1_795_181_400_000_000);
pub const ISSUER: &str = "https://inloggen.example";

pub static KEY: LazyLock<EncodingKey> = LazyLock::new(rsa_key);
pub static OTHER_KEY: LazyLock<EncodingKey> = LazyLock::new(rsa_key);

fn rsa_key() -> EncodingKey {
    EncodingKey::from_rsa_pem(demo_provider::new_signing_key().as_bytes()).unwrap()
}

pub fn keys() -> CoreJsonWebKeySet {
    let mut public = Jwk::from_encoding_key(&KEY, Algorithm::RS256).unwrap();
    public.common.key_id = Some("sleutel".to_owned());
    public.common.key_algorithm = None;
    serde_json::from_value(json!({ "keys": [public] })).unwrap()
}

pub fn settings() -> ProviderSettings {
    ProviderSettings {
        issuer: ISSUER.to_owned(),
        client_id: "mijnoverheid".to_owned(),
        redirect_uri: "https://mijn.example/terug".to_owned(),
        post_logout_redirect_uri: "https://mijn.example/uitgelogd".to_owned(),
        number_claim: "bsn".to_owned(),
        number_kind: NumberKind::Bsn,
        least_level: LoginLevel::Substantial,
        signing_key: SigningKey::from_pkcs8(&new_signing_key()).unwrap(),
    }
}

/// Null takes a claim out.
pub fn changed(mut claims: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    claims
}
