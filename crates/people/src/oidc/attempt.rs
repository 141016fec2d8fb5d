//! A login under way: what must match when the browser is back.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::PkceCodeVerifier;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// `state`, `nonce` and PKCE verifier of one login, 256 random bits each. Its text form, by
/// [`to_text`](Self::to_text) and `parse`, is for keeping it sealed or out of the browser's sight.
#[derive(Clone, PartialEq, Eq)]
pub struct Attempt {
    state: String,
    nonce: String,
    verifier: String,
}

/// A text that is no attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadAttempt;

impl Attempt {
    pub(super) fn new() -> Self {
        Self {
            state: secret(),
            nonce: secret(),
            verifier: secret(),
        }
    }

    /// What the browser carries to the provider and back; the attempt can be kept under a hash of it.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// Whether this is the attempt's state. Takes equally long whatever the text is.
    pub fn has_state(&self, given: &str) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.nonce.as_bytes());
        hmac::verify(
            &key,
            given.as_bytes(),
            hmac::sign(&key, self.state.as_bytes()).as_ref(),
        )
        .is_ok()
    }

    /// Three parts of URL-safe base64 with dots between.
    pub fn to_text(&self) -> String {
        format!("{}.{}.{}", self.state, self.nonce, self.verifier)
    }

    pub(super) fn nonce(&self) -> &str {
        &self.nonce
    }

    pub(super) fn verifier(&self) -> PkceCodeVerifier {
        PkceCodeVerifier::new(self.verifier.clone())
    }
}

impl FromStr for Attempt {
    type Err = BadAttempt;

    fn from_str(text: &str) -> Result<Self, BadAttempt> {
        let parts: Vec<&str> = text.split('.').collect();
        match parts.as_slice() {
            [state, nonce, verifier] if parts.iter().all(|part| part.len() == 43) => Ok(Self {
                state: (*state).to_owned(),
                nonce: (*nonce).to_owned(),
                verifier: (*verifier).to_owned(),
            }),
            _ => Err(BadAttempt),
        }
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attempt(…)")
    }
}

fn secret() -> String {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_survives_its_text_form() {
        let attempt = Attempt::new();
        assert_eq!(attempt.to_text().parse(), Ok(attempt.clone()));
        assert!(attempt.has_state(attempt.state()));
        assert!(!attempt.has_state(Attempt::new().state()) && !attempt.has_state(""));
        assert_eq!("a.b.c".parse::<Attempt>(), Err(BadAttempt));
    }
}
