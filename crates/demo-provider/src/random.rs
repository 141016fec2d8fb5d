//! Random texts that cannot be guessed: codes, tokens, session names.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

/// 256 random bits in URL-safe base64.
pub fn secret() -> String {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}
