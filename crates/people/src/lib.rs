//! Accounts, login and sessions: who a person is to the rest of the house. Fills `web::Visitor`, tells `Activated`.
//!
//! Reading order: `sessions` (rules and SQL), `expiry` (their end by time), `accounts`, `recognise` (the layer), `login`, `logout`, `account_end`,
//! `staying`,
//! `own_data` with `login_history`, `login_facts` and `account_changes` (pages), `provider_logout` (their end on the provider's word), `oidc` (protocol).

mod account_changes;
mod account_end;
mod accounts;
mod cookies;
mod expiry;
mod login;
mod login_facts;
mod login_history;
mod logout;
pub mod oidc;
mod own_data;
mod provider_logout;
mod recognise;
mod sessions;
mod staying;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use basics::{Activity, Actor, Channel, Fault, Moment, PersonNumber, SubjectId, Trace};
use vault::{Processing, RoomSchema, Subjects, Tx, Vault, Whose};
use web::{NavItem, Site, texts};

pub use account_changes::{AccountChange, keeps_changes, record_change};
pub use accounts::is_activated;
pub use cookies::ATTEMPT_SECONDS;
pub use expiry::{EXPIRE_SESSION, expire_session};
pub use recognise::recognise;

pub const SCHEMA: RoomSchema = RoomSchema {
    room: "people",
    sql: include_str!("schema.sql"),
    changes: &[],
};

pub const LOG_IN: Activity = Activity("inloggen");
pub const BRING_IN: Activity = Activity("account-overbrengen");
pub const END_ACCOUNT: Activity = Activity("account-beeindigen");
pub const LOG_OUT: Activity = Activity("uitloggen");
pub const SEE_OWN_DATA: Activity = Activity("gegevens-inzien");
pub const LOG_OUT_AT_PROVIDER: Activity = Activity("uitloggen-door-inlogdienst");

/// A person logged in for the first time: their account is active from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activated {
    pub subject: SubjectId,
    pub at: Moment,
}

/// Who hears what this room tells, inside the same commit.
pub type ActivatedListener =
    Arc<dyn Fn(&mut Tx<'_>, &Activated) -> Result<(), Fault> + Send + Sync>;

/// The login provider of an installation, as its configuration names it.
#[derive(Clone, Debug)]
pub struct LoginSettings {
    pub issuer: String,
    pub client_id: String,
    /// The claim that holds a person's number.
    pub number_claim: String,
}

/// This room in one installation. Cheap to clone.
#[derive(Clone)]
pub struct People(Arc<Room>);

struct Room {
    vault: Vault,
    site: Site,
    provider: oidc::Provider,
    activated: Arc<[ActivatedListener]>,
}

impl People {
    /// The provider need not be up. Errors: settings that cannot work.
    pub fn open(
        vault: Vault,
        site: Site,
        login: LoginSettings,
        activated: Vec<ActivatedListener>,
    ) -> Result<Self, Fault> {
        let key = vault.secret("login-signing-key", oidc::new_signing_key)?;
        let register = vault.register();
        let settings = oidc::ProviderSettings {
            issuer: login.issuer,
            client_id: login.client_id,
            redirect_uri: site.url(login::RETURN_PATH),
            post_logout_redirect_uri: site.url(logout::LOGGED_OUT_PATH),
            number_claim: login.number_claim,
            number_kind: register.number().kind,
            least_level: register.login_level(),
            signing_key: oidc::SigningKey::from_pkcs8(&key)?,
        };
        let provider = oidc::Provider::new(settings, vault.clock().clone())?;
        Ok(Self(Arc::new(Room {
            vault,
            site,
            provider,
            activated: activated.into(),
        })))
    }

    /// Enrols and activates a person who did not log in, on an operator's order: who is brought over from elsewhere.
    pub async fn bring_in(&self, number: PersonNumber, trace: Trace) -> Result<SubjectId, Fault> {
        let activated = Arc::clone(&self.0.activated);
        let processing = Processing::of(
            BRING_IN,
            Actor::Operator,
            Subjects::Found,
            Channel::Terminal,
            trace,
        );
        self.0
            .vault
            .write(processing, move |tx| {
                accounts::enrol(tx, &number, &activated)
            })
            .await
    }

    /// Ends the account of a person on an operator's order: of who died, or in whose account somebody else has been. Answers
    /// whether there was one; a person who is not known here has none.
    pub async fn end_account(&self, whose: &Whose, trace: Trace) -> Result<bool, Fault> {
        let (subjects, number) = match whose {
            Whose::Id(subject) => (Subjects::One(*subject), None),
            Whose::Number(number) => (Subjects::Found, Some(number.clone())),
        };
        let vault = &self.0.vault;
        let rule = *vault.register().session();
        let processing = Processing::of(
            END_ACCOUNT,
            Actor::Operator,
            subjects,
            Channel::Terminal,
            trace,
        );
        vault
            .write(processing, move |tx| {
                let is_known = match &number {
                    Some(number) => tx.find(number)?.is_some(),
                    None => true,
                };
                Ok(is_known && accounts::end(tx, &rule)?)
            })
            .await
    }

    /// The key by which the login provider knows this installation, as a JWK Set.
    pub fn jwks(&self) -> serde_json::Value {
        self.0.provider.jwks()
    }
}

/// The pages of this room, as far as the statement names them.
pub fn routes(people: People) -> Router {
    let mut router = Router::new();
    if people.0.vault.offers(LOG_IN) {
        router = router
            .route(
                web::LOGIN_PATH,
                get(login::invitation)
                    .post(login::start)
                    .layer(DefaultBodyLimit::max(login::LARGEST_FORM)),
            )
            .route(login::RETURN_PATH, get(login::finish))
            .route(web::STAY_PATH, get(staying::staying));
    }
    if people.0.vault.offers(LOG_OUT) {
        router = router
            .route(logout::LOGOUT_PATH, post(logout::log_out))
            .route(logout::LOGGED_OUT_PATH, get(logout::logged_out));
    }
    if people.0.vault.offers(END_ACCOUNT) {
        router = router
            .route(
                account_end::PATH,
                get(account_end::ask).post(account_end::end),
            )
            .route(account_end::ENDED_PATH, get(account_end::ended));
    }
    if people.0.vault.offers(SEE_OWN_DATA) {
        router = router.route(own_data::PATH, get(own_data::own_data));
    }
    router.with_state(people)
}

/// The way to one's own data in the main menu, where the statement names it.
pub fn nav_item(vault: &Vault) -> Option<NavItem> {
    let item = NavItem {
        path: own_data::PATH,
        label: |language| texts(language).people.own_data_title,
    };
    vault.offers(SEE_OWN_DATA).then_some(item)
}

/// What the login provider calls by itself, as far as the statement names it. It brings no session and comes from no
/// page, so this stays outside `web::pages`.
pub fn provider_routes(people: People) -> Router {
    let mut router = Router::new();
    if people.0.vault.offers(LOG_OUT_AT_PROVIDER) {
        router = router.route(
            provider_logout::PATH,
            post(provider_logout::hear).layer(DefaultBodyLimit::max(provider_logout::LARGEST_FORM)),
        );
    }
    router.with_state(people)
}
