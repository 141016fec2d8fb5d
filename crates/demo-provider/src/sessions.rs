//! The provider's session with a browser: who chose to be whom there, and at which clients.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

use crate::{Person, random};

/// Cookies ignore ports, so the name says whose it is.
const COOKIE_NAME: &str = "demonstratie-inlogdienst";
const LIFE_SECONDS: i64 = 12 * 3600;

/// A login at one client.
#[derive(Clone)]
pub struct Login {
    pub client_id: String,
    pub subject: String,
    pub sid: String,
}

struct Session {
    name: String,
    began_at: i64,
    logins: Vec<Login>,
}

#[derive(Default)]
pub struct Sessions(Mutex<HashMap<String, Session>>);

impl Sessions {
    /// The browser's session if it is this person's, else a new one. Someone with two numbers has one name.
    pub fn enter(&self, known: Option<&str>, person: &Person, now: i64) -> String {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| now < session.began_at + LIFE_SECONDS);
        let same = known.filter(|id| {
            sessions
                .get(*id)
                .is_some_and(|session| session.name == person.name)
        });
        let id = same.map_or_else(random::secret, str::to_owned);
        sessions.entry(id.clone()).or_insert_with(|| Session {
            name: person.name.clone(),
            began_at: now,
            logins: Vec::new(),
        });
        id
    }

    pub fn add(&self, id: &str, login: Login) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = sessions.get_mut(id) {
            session.logins.push(login);
        }
    }

    /// Ends the browser's session, or else the one that a client names by its `sid`; answers where it was logged in.
    pub fn end(&self, id: Option<&str>, sid: Option<&str>) -> Vec<Login> {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let named = |session: &Session| session.logins.iter().any(|login| Some(&*login.sid) == sid);
        let found = id
            .filter(|id| sessions.contains_key(*id))
            .map(str::to_owned)
            .or_else(|| {
                let mut all = sessions.iter();
                all.find(|(_, session)| named(session))
                    .map(|(id, _)| id.clone())
            });
        found
            .and_then(|id| sessions.remove(&id))
            .map_or_else(Vec::new, |session| session.logins)
    }
}

pub fn of_browser(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE_NAME)
        .map(|(_, value)| value)
}

pub fn cookie(session: &str) -> String {
    format!("{COOKIE_NAME}={session}; Path=/; HttpOnly; SameSite=Lax")
}

pub fn expired_cookie() -> String {
    format!("{}; Max-Age=0", cookie(""))
}
