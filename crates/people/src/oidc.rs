//! The relying party (OpenID Connect, NL GOV profile): sends a person to the login provider and reads who came back.
//!
//! Protocol only: what is kept of an attempt or a login, and where, is the caller's.

mod attempt;
mod discovery;
mod exchange;
mod http;
mod id_token;
mod logout_token;
mod refusal;
mod signing_key;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use basics::{Clock, Fault, NumberKind, PersonNumber};
use openidconnect::core::CoreAuthenticationFlow;
use openidconnect::{
    AuthenticationContextClass, AuthorizationCode, CsrfToken, LogoutHint, LogoutRequest, Nonce,
    PkceCodeChallenge, PostLogoutRedirectUrl,
};
use serde::Deserialize;
use statement::LoginLevel;

pub use attempt::{Attempt, BadAttempt};
pub use logout_token::LogoutNotice;
pub use refusal::{LoginRefusal, NoticeRefusal, TokenFault};
pub use signing_key::{SigningKey, new_signing_key};

use discovery::{Asker, Discovery, Known};
use http::Http;
use id_token::IdToken;

/// One login provider, and who we are to it.
pub struct ProviderSettings {
    /// As the provider writes it; https, or plain http on this machine.
    pub issuer: String,
    pub client_id: String,
    /// Of this provider alone, so that an answer of another cannot be passed off as this one's.
    pub redirect_uri: String,
    pub post_logout_redirect_uri: String,
    /// The claim that holds the person's number: `bsn`, `crib`.
    pub number_claim: String,
    pub number_kind: NumberKind,
    /// A login below this level is refused.
    pub least_level: LoginLevel,
    pub signing_key: SigningKey,
}

/// A login provider as this installation uses it. Nothing is fetched until someone logs in.
pub struct Provider {
    settings: ProviderSettings,
    clock: Clock,
    http: Http,
    discovery: Discovery,
}

/// Where to send the browser, and what to keep until it is back.
#[derive(Debug)]
pub struct Begun {
    pub redirect: String,
    pub attempt: Attempt,
}

/// What the browser brings back to the redirect URI.
#[derive(Default, Deserialize)]
pub struct CallbackQuery {
    pub code: Option<String>,
    pub state: Option<String>,
    pub error: Option<String>,
    pub iss: Option<String>,
}

/// Who logged in. The ID token itself ends here: it holds the number and is needed no more.
#[derive(Debug)]
pub struct LoggedIn {
    pub number: PersonNumber,
    pub level: LoginLevel,
    /// The `sub` of the person at this provider.
    pub subject_at_provider: String,
    /// The `sid` of the provider's own session, by which the provider names it when it ends.
    pub session_at_provider: Option<String>,
}

impl Provider {
    /// Refuses settings that cannot work; the provider itself need not be up.
    pub fn new(settings: ProviderSettings, clock: Clock) -> Result<Self, Fault> {
        let http = Http::new(&settings.issuer)?;
        let discovery = Discovery::new(&settings)?;
        Ok(Self {
            settings,
            clock,
            http,
            discovery,
        })
    }

    /// Starts a login: code flow, PKCE S256, fresh `state` and `nonce`, the least level as `acr_values`.
    pub async fn begin(&self) -> Result<Begun, Fault> {
        let known = self
            .known(Asker::Person)
            .await
            .map_err(|fault| fault.while_doing("starting a login"))?;
        let attempt = Attempt::new();
        let state = CsrfToken::new(attempt.state().to_owned());
        let nonce = Nonce::new(attempt.nonce().to_owned());
        let (redirect, _, _) = known
            .client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || state,
                || nonce,
            )
            .add_auth_context_value(AuthenticationContextClass::new(
                self.settings.least_level.uri().to_owned(),
            ))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(
                &attempt.verifier(),
            ))
            .url();
        Ok(Begun {
            redirect: redirect.into(),
            attempt,
        })
    }

    /// Ends a login that [`begin`](Self::begin) started. The caller has taken the attempt out of its
    /// store, so that no answer counts twice.
    pub async fn finish(
        &self,
        attempt: Attempt,
        query: CallbackQuery,
    ) -> Result<LoggedIn, LoginRefusal> {
        let code = self.code_of(&attempt, query)?;
        let known = self
            .known(Asker::Person)
            .await
            .map_err(|fault| fault.while_doing("finishing a login"))?;
        let now = self.clock.now();
        let id_token =
            exchange::id_token_for(code, &attempt, &known, &self.http, &self.settings, now).await?;
        match self.read(&known, &id_token, &attempt) {
            // The provider may have changed its keys since we last looked.
            Err(LoginRefusal::BadToken(TokenFault::UnknownKey)) => {
                let known = self.anew(Asker::Person, &known).await?;
                self.read(&known, &id_token, &attempt)
            }
            answer => answer,
        }
    }

    /// What the provider says has ended at its side, from a token that it sent us by itself. A key that is unknown while the
    /// provider was asked just now is nobody's fault yet: the notice may come again.
    pub async fn read_logout(&self, token: &str) -> Result<LogoutNotice, NoticeRefusal> {
        let hearing = |fault: Fault| fault.while_doing("hearing of a logout");
        let known = self.known(Asker::Notice).await.map_err(hearing)?;
        let read = |known: &Known| {
            logout_token::read(token, &known.keys, &self.settings, self.clock.now())
                .map_err(NoticeRefusal::BadToken)
        };
        match read(&known) {
            Err(NoticeRefusal::BadToken(TokenFault::UnknownKey)) => {
                let known = self.anew(Asker::Notice, &known).await.map_err(hearing)?;
                read(&known)
            }
            answer => answer,
        }
    }

    /// Where to send the browser to end the session at the provider as well. The browser comes back to
    /// the post-logout URI; a provider without logout is passed over.
    ///
    /// The session is named by `sid` as `logout_hint`, next to `client_id`, and not by the ID token as
    /// `id_token_hint`: that token holds the person's number, which does not belong in a URL.
    pub async fn logout_url(&self, session_at_provider: Option<&str>) -> Result<String, Fault> {
        let known = self
            .known(Asker::Person)
            .await
            .map_err(|fault| fault.while_doing("ending a session at the provider"))?;
        let back = &self.settings.post_logout_redirect_uri;
        let Some(end_session) = known.end_session.clone() else {
            return Ok(back.clone());
        };
        let back = PostLogoutRedirectUrl::new(back.clone())
            .map_err(|_| Fault::broken("the post-logout URI is no URL"))?;
        let mut request = LogoutRequest::from(end_session)
            .set_client_id(known.client.client_id().clone())
            .set_post_logout_redirect_uri(back);
        if let Some(session) = session_at_provider {
            request = request.set_logout_hint(LogoutHint::new(session.to_owned()));
        }
        Ok(request.http_get_url().into())
    }

    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Our public key as a JWK Set, by which the provider knows us.
    pub fn jwks(&self) -> serde_json::Value {
        self.settings.signing_key.jwks()
    }

    async fn known(&self, asker: Asker) -> Result<Arc<Known>, Fault> {
        let now = self.clock.now();
        self.discovery
            .known(&self.http, &self.settings, now, asker)
            .await
    }

    async fn anew(&self, asker: Asker, outdated: &Arc<Known>) -> Result<Arc<Known>, Fault> {
        let now = self.clock.now();
        self.discovery
            .anew(&self.http, &self.settings, now, asker, outdated)
            .await
    }

    fn code_of(
        &self,
        attempt: &Attempt,
        query: CallbackQuery,
    ) -> Result<AuthorizationCode, LoginRefusal> {
        if !attempt.has_state(query.state.as_deref().unwrap_or_default()) {
            return Err(LoginRefusal::StateMismatch);
        }
        // RFC 9207: an answer that says whose it is must be this provider's.
        if query.iss.is_some_and(|iss| iss != self.settings.issuer) {
            return Err(LoginRefusal::StateMismatch);
        }
        if let Some(error) = query.error {
            return Err(LoginRefusal::from_callback(&error));
        }
        query
            .code
            .map(AuthorizationCode::new)
            .ok_or(LoginRefusal::BadToken(TokenFault::NoCode))
    }

    fn read(
        &self,
        known: &Known,
        id_token: &IdToken,
        attempt: &Attempt,
    ) -> Result<LoggedIn, LoginRefusal> {
        id_token::read(
            id_token,
            &known.keys,
            &self.settings,
            attempt.nonce(),
            self.clock.now(),
        )
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({})", self.settings.issuer)
    }
}
