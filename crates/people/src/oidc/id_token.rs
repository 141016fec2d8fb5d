//! The ID token: every check of OpenID Connect Core §3.1.3.7 and the NL GOV profile, then who it says this is.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use basics::{Moment, PersonNumber};
use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, IdTokenClaims, IdTokenVerifier, IssuerUrl,
    Nonce, SignatureVerificationError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use statement::LoginLevel;

use super::{LoggedIn, LoginRefusal, ProviderSettings, TokenFault};

/// What a provider's clock may be ahead of ours.
pub(super) const SKEW: Duration = Duration::from_secs(60);
/// The oldest that a token may be when we first see it.
pub(super) const OLDEST: Duration = Duration::from_secs(300);

const SUBJECT_TYPE_PREFIX: &str = "urn:nl-eid-gdi:1.0:id:";

pub(super) type IdToken = openidconnect::IdToken<
    Claims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// All claims that OpenID Connect itself does not know. Which holds the number is configuration.
#[derive(Clone, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct Claims(Map<String, Value>);

impl AdditionalClaims for Claims {}

impl Claims {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }
}

/// Blank: the number is among them.
impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims(…)")
    }
}

/// Checks a token that came straight from the provider, and says who logged in.
pub(super) fn read(
    token: &IdToken,
    keys: &CoreJsonWebKeySet,
    settings: &ProviderSettings,
    nonce: &str,
    now: Moment,
) -> Result<LoggedIn, LoginRefusal> {
    let bad = |fault| LoginRefusal::BadToken(fault);
    let verifier = verifier(keys, settings, now)?;
    let claims = token
        .claims(&verifier, &Nonce::new(nonce.to_owned()))
        .map_err(|fault| bad(token_fault(&fault)))?;
    if !is_recent(claims, now) {
        return Err(bad(TokenFault::IssuedAt));
    }
    if claims
        .authorized_party()
        .is_some_and(|party| party.as_str() != settings.client_id)
    {
        return Err(bad(TokenFault::Audience));
    }
    let own = claims.additional_claims();
    if own.0.contains_key("represents") {
        return Err(bad(TokenFault::Represents));
    }
    let level = claims
        .auth_context_ref()
        .and_then(|acr| LoginLevel::from_uri(acr));
    let level = level
        .filter(|level| *level >= settings.least_level)
        .ok_or(LoginRefusal::LevelTooLow)?;
    Ok(LoggedIn {
        number: number(own, settings).ok_or(LoginRefusal::NoNumber)?,
        level,
        subject_at_provider: claims.subject().as_str().to_owned(),
        session_at_provider: own.text("sid").map(str::to_owned),
    })
}

fn verifier<'a>(
    keys: &CoreJsonWebKeySet,
    settings: &ProviderSettings,
    now: Moment,
) -> Result<IdTokenVerifier<'a, CoreJsonWebKey>, LoginRefusal> {
    let issuer = IssuerUrl::new(settings.issuer.clone())
        .map_err(|_| LoginRefusal::BadToken(TokenFault::Issuer))?;
    let algorithms = [
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    ];
    Ok(IdTokenVerifier::new_public_client(
        ClientId::new(settings.client_id.clone()),
        issuer,
        keys.clone(),
    )
    .set_allowed_algs(algorithms)
    .set_time_fn(move || system_time(now).into()))
}

fn system_time(moment: Moment) -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(u64::try_from(moment.micros()).unwrap_or(0))
}

fn is_recent(claims: &IdTokenClaims<Claims, CoreGenderClaim>, now: Moment) -> bool {
    let issued = claims.issue_time().timestamp();
    now.minus(OLDEST).seconds() <= issued && issued <= now.plus(SKEW).seconds()
}

fn number(claims: &Claims, settings: &ProviderSettings) -> Option<PersonNumber> {
    let kind = settings.number_kind;
    let said = claims
        .text("sub_id_type")
        .and_then(|urn| urn.strip_prefix(SUBJECT_TYPE_PREFIX));
    if said.is_some_and(|said| said != kind.name()) {
        return None;
    }
    PersonNumber::parse(kind, claims.text(&settings.number_claim)?).ok()
}

/// The kind of fault alone: the library's texts quote the token.
fn token_fault(fault: &ClaimsVerificationError) -> TokenFault {
    match fault {
        ClaimsVerificationError::Expired(_) => TokenFault::Expired,
        ClaimsVerificationError::InvalidAudience(_) => TokenFault::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => TokenFault::Issuer,
        ClaimsVerificationError::InvalidNonce(_) => TokenFault::Nonce,
        ClaimsVerificationError::SignatureVerification(fault) => match fault {
            SignatureVerificationError::NoMatchingKey => TokenFault::UnknownKey,
            SignatureVerificationError::NoSignature
            | SignatureVerificationError::DisallowedAlg(_)
            | SignatureVerificationError::UnsupportedAlg(_) => TokenFault::Algorithm,
            _ => TokenFault::Signature,
        },
        _ => TokenFault::Other,
    }
}

#[cfg(test)]
mod tests;
