//! A demonstration OpenID Connect provider: what it knows, its routes, its discovery document.
//!
//! Small but real: code flow with PKCE, `private_key_jwt`, signed ID tokens, logout. Every authorization asks who it
//! is; its session with a browser only knows where else that browser is logged in. Never part of the product.

mod authorization;
mod client_assertion;
mod client_keys;
mod codes;
mod logout;
mod logout_token;
mod loopback;
mod pages;
mod query;
mod random;
mod sessions;
mod signing;
#[cfg(test)]
mod tests;
mod token;

use std::fmt;
use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Json, Router, extract::State, http::header, response::IntoResponse};
use jsonwebtoken::jwk::JwkSet;
use serde_json::json;

pub use signing::new_signing_key;

/// What a person's number is; also names the claim that it travels in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberKind {
    Bsn,
    Crib,
}

impl NumberKind {
    /// The claim of the ID token that holds the number: `bsn` or `crib`.
    pub const fn claim(self) -> &'static str {
        match self {
            Self::Bsn => "bsn",
            Self::Crib => "crib",
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bsn => "BSN",
            Self::Crib => "CRIB",
        }
    }
}

/// How sure a login is (eIDAS, Regulation (EU) 910/2014 article 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Low,
    Substantial,
    High,
}

impl Level {
    const ALL: [Level; 3] = [Level::Low, Level::Substantial, Level::High];

    /// The value in the `acr` claim and in `acr_values`.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Low => "http://eidas.europa.eu/LoA/low",
            Self::Substantial => "http://eidas.europa.eu/LoA/substantial",
            Self::High => "http://eidas.europa.eu/LoA/high",
        }
    }

    fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.uri() == uri)
    }

    const fn dutch(self) -> &'static str {
        match self {
            Self::Low => "laag",
            Self::Substantial => "substantieel",
            Self::High => "hoog",
        }
    }
}

/// A made-up person. Someone with two kinds of number is two of these.
#[derive(Clone)]
pub struct Person {
    pub name: String,
    pub number: String,
    pub number_kind: NumberKind,
    /// The highest level at which this person can log in.
    pub acr: Level,
}

/// Where a client's public keys come from.
#[derive(Clone)]
pub enum ClientKeys {
    /// Fetched when first needed, over plain http from this machine only.
    At(String),
    /// A JWK Set (RFC 7517 §5).
    Given(serde_json::Value),
}

/// A relying party that may ask who someone is.
#[derive(Clone)]
pub struct Client {
    pub client_id: String,
    /// What the login page calls it.
    pub name: String,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    /// Where the client hears that a session has ended, over plain http on this machine.
    pub backchannel_logout_uri: Option<String>,
    pub keys: ClientKeys,
    pub number_kind: NumberKind,
}

/// Seconds since 1970-01-01T00:00:00Z.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The machine's time.
pub fn system_clock() -> Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this crate stands apart from the product and its clock"
    )]
    Arc::new(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        })
    })
}

pub struct ProviderConfig {
    /// The URL at which the router stands, without a slash at the end.
    pub issuer: String,
    pub people: Vec<Person>,
    pub clients: Vec<Client>,
    /// RSA, PKCS#8 PEM, as from [`new_signing_key`]. Without one a key is made, and with it every
    /// `sub` changes.
    pub signing_key_pem: Option<String>,
    pub clock: Clock,
}

/// Why a configuration cannot be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigFault {
    /// Not an RSA key in PKCS#8 PEM.
    SigningKey,
    /// The given keys of this client are no JWK Set.
    ClientKeys(String),
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SigningKey => {
                f.write_str("the provider's signing key is not an RSA key in PKCS#8 PEM")
            }
            Self::ClientKeys(client) => write!(f, "the keys of client {client} are not a JWK Set"),
        }
    }
}
impl std::error::Error for ConfigFault {}

/// The provider: make one, then serve its [`router`](Provider::router).
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    issuer: String,
    people: Vec<Person>,
    clients: Vec<Client>,
    signing: signing::SigningKey,
    clock: Clock,
    codes: codes::Codes,
    sessions: sessions::Sessions,
    client_keys: client_keys::ClientKeyCache,
    assertions: client_assertion::SeenAssertions,
}

impl Provider {
    pub fn new(config: ProviderConfig) -> Result<Self, ConfigFault> {
        let pem = config.signing_key_pem.unwrap_or_else(new_signing_key);
        let signing = signing::SigningKey::from_pem(&pem).ok_or(ConfigFault::SigningKey)?;
        for client in &config.clients {
            if let ClientKeys::Given(keys) = &client.keys
                && serde_json::from_value::<JwkSet>(keys.clone()).is_err()
            {
                return Err(ConfigFault::ClientKeys(client.client_id.clone()));
            }
        }
        Ok(Self(Arc::new(Inner {
            issuer: config.issuer,
            people: config.people,
            clients: config.clients,
            signing,
            clock: config.clock,
            codes: codes::Codes::default(),
            sessions: sessions::Sessions::default(),
            client_keys: client_keys::ClientKeyCache::default(),
            assertions: client_assertion::SeenAssertions::default(),
        })))
    }

    /// Every route of the provider; stands at the root of the issuer's URL.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks.json", get(jwks))
            .route(
                "/inloggen",
                get(authorization::from_query).post(authorization::from_form),
            )
            .route("/token", post(token::exchange))
            .route(
                "/uitloggen",
                get(logout::from_query).post(logout::from_form),
            )
            .route("/", get(pages::welcome))
            .route("/stijl.css", get(pages::style))
            .fallback(pages::not_found)
            .with_state(self.clone())
    }

    fn now(&self) -> i64 {
        (self.0.clock)()
    }

    fn client(&self, client_id: &str) -> Option<&Client> {
        self.0
            .clients
            .iter()
            .find(|client| client.client_id == client_id)
    }

    fn token_endpoint(&self) -> String {
        format!("{}/token", self.0.issuer)
    }
}

/// OpenID Connect Discovery 1.0 §3.
async fn discovery(State(provider): State<Provider>) -> impl IntoResponse {
    let issuer = &provider.0.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/inloggen"),
        "token_endpoint": provider.token_endpoint(),
        "jwks_uri": format!("{issuer}/jwks.json"),
        "end_session_endpoint": format!("{issuer}/uitloggen"),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "scopes_supported": ["openid"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "PS256"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": Level::ALL.map(Level::uri),
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "sid", "sub_id_type", "bsn", "crib"],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
        "ui_locales_supported": ["nl"],
    }))
}

async fn jwks(State(provider): State<Provider>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "application/jwk-set+json")],
        provider.0.signing.jwks().to_string(),
    )
}
