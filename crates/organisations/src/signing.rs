//! The installation's RSA key for access tokens: PS256, kept wrapped by the vault.

use basics::Fault;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use serde::Serialize;
use serde::de::DeserializeOwned;
use vault::Vault;

/// The name of the key in the vault; PKCS#1 DER. Whoever put one there before, such as a test, has it used.
pub const SIGNING_KEY: &str = "token-signing-key";

const KEY_BITS: usize = 2048;
/// What kind of JWT it is (RFC 9068), so that no other of ours passes for one.
const ACCESS_TOKEN: &str = "at+jwt";

pub(crate) struct SigningKey {
    pub(crate) private: EncodingKey,
    public: DecodingKey,
    pub(crate) jwk: Jwk,
    pub(crate) header: Header,
    validation: Validation,
}

impl SigningKey {
    /// Makes the key at the first start. Blocks.
    pub(crate) fn open(vault: &Vault, issuer: &str, audience: &str) -> Result<Self, Fault> {
        let der = vault.secret(SIGNING_KEY, new_key)?;
        let unfit = |fault| Fault::broken(format!("the token signing key: {fault}"));
        let private = EncodingKey::from_rsa_der(&der);
        let mut jwk = Jwk::from_encoding_key(&private, Algorithm::PS256).map_err(unfit)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256);
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let public = DecodingKey::from_jwk(&jwk).map_err(unfit)?;

        let mut header = Header::new(Algorithm::PS256);
        header.typ = Some(ACCESS_TOKEN.to_owned());
        header.kid = Some(kid);
        let mut validation = Validation::new(Algorithm::PS256);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["iss", "aud", "exp"]);
        // The installation's clock decides, not the machine's.
        validation.validate_exp = false;
        Ok(Self {
            private,
            public,
            jwk,
            header,
            validation,
        })
    }

    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<String, Fault> {
        jsonwebtoken::encode(&self.header, claims, &self.private)
            .map_err(|fault| Fault::broken(format!("signing a token: {fault}")))
    }

    /// The claims of an access token that we issued, whether or not its time is over.
    pub(crate) fn verified<T: DeserializeOwned>(&self, token: &str) -> Option<T> {
        let token = jsonwebtoken::decode(token, &self.public, &self.validation).ok()?;
        (token.header.typ.as_deref() == Some(ACCESS_TOKEN)).then_some(token.claims)
    }
}

fn new_key() -> Vec<u8> {
    let key =
        RsaPrivateKey::new(&mut rsa::rand_core::OsRng, KEY_BITS).expect("a size that RSA knows");
    let der = key.to_pkcs1_der().expect("a key just made can be written");
    der.as_bytes().to_vec()
}
