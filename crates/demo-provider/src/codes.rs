//! Authorization codes: single use, short-lived, and what each was given for.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::{Level, Person, random};

const LIFE_SECONDS: i64 = 60;

/// What was granted at the authorization endpoint.
pub struct Grant {
    pub client_id: String,
    pub redirect_uri: String,
    pub code_challenge: String,
    pub nonce: Option<String>,
    pub person: Person,
    pub level: Level,
    pub authenticated_at: i64,
    /// The provider's session with the browser, in which this login will be.
    pub session: String,
}

#[derive(Default)]
pub struct Codes(Mutex<HashMap<String, Grant>>);

impl Codes {
    /// A new code for this grant.
    pub fn issue(&self, grant: Grant) -> String {
        let code = random::secret();
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = grant.authenticated_at;
        open.retain(|_, grant| lives(grant, now));
        open.insert(code.clone(), grant);
        code
    }

    /// The grant of a code, which is spent with this.
    pub fn redeem(&self, code: &str, now: i64) -> Option<Grant> {
        let grant = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(code)?;
        lives(&grant, now).then_some(grant)
    }
}

fn lives(grant: &Grant, now: i64) -> bool {
    now < grant.authenticated_at + LIFE_SECONDS
}
