//! What the provider says of itself: fetched when first needed, kept for an hour.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use basics::{Fault, Moment, Stretch};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::url::Url;
use openidconnect::{
    AuthType, ClientId, DiscoveryError, EmptyExtraTokenFields, EndSessionUrl, EndpointNotSet,
    EndpointSet, IdTokenFields, IssuerUrl, ProviderMetadataWithLogout, RedirectUrl,
    StandardErrorResponse, StandardTokenResponse,
};

use super::ProviderSettings;
use super::http::{Http, HttpFault, is_safe};
use super::id_token::Claims;

const KEPT: Duration = Duration::from_secs(3600);
/// After a failure everyone hears so at once for this long, instead of queueing for the next try.
const BACK_OFF: Duration = Duration::from_secs(2);
/// A notice has the provider asked at most once in this time.
const SETTLES: Duration = Duration::from_secs(60);
const DOING: &str = "asking the login provider for its configuration";

type TokenAnswer = StandardTokenResponse<
    IdTokenFields<
        Claims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type ClientWith<Authorization = EndpointNotSet, Token = EndpointNotSet> = openidconnect::Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    TokenAnswer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    Authorization,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    Token,
    EndpointNotSet,
>;

/// The protocol client of a provider whose authorization and token endpoints are known.
pub(super) type Client = ClientWith<EndpointSet, EndpointSet>;

/// A provider's endpoints and keys as of one moment.
pub(super) struct Known {
    pub client: Client,
    pub keys: CoreJsonWebKeySet,
    pub end_session: Option<EndSessionUrl>,
    fetched_at: Moment,
}

/// For whom the provider is asked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asker {
    /// Somebody who logs in or out.
    Person,
    /// Whoever sends a token by itself: anybody can.
    Notice,
}

pub(super) struct Discovery {
    issuer: IssuerUrl,
    redirect_uri: RedirectUrl,
    state: Mutex<State>,
    /// Held by who fetches.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    known: Option<Arc<Known>>,
    /// When a fetch last began, also one that was broken off.
    asked_at: Option<Moment>,
    failed: Option<(Instant, Fault)>,
    trouble: Stretch,
}

impl State {
    /// Whether the provider is to be asked again; from now on it has been.
    fn ask(&mut self, asker: Asker, now: Moment) -> Result<(), Fault> {
        match (asker, &self.failed, self.asked_at) {
            (Asker::Person, Some((at, fault)), _) if at.elapsed() < BACK_OFF => {
                return Err(fault.clone());
            }
            // A clock that was set back does not put it off.
            (Asker::Notice, _, Some(at)) if at <= now && now < at.plus(SETTLES) => {
                return Err(
                    Fault::unavailable("the login provider was asked just now", SETTLES).told(),
                );
            }
            _ => {}
        }
        self.asked_at = Some(now);
        Ok(())
    }

    fn take_in(&mut self, answer: Result<Known, Fault>) -> Result<Arc<Known>, Fault> {
        match answer {
            Ok(known) => {
                let known = Arc::new(known);
                self.known = Some(Arc::clone(&known));
                self.failed = None;
                if let Some(count) = self.trouble.ends() {
                    tracing::info!(count, "the login provider answers again");
                }
                Ok(known)
            }
            Err(fault) => {
                self.failed = Some((Instant::now(), fault.clone().told()));
                Err(if self.trouble.begins(fault.cause()) {
                    fault
                } else {
                    fault.told()
                })
            }
        }
    }
}

impl Discovery {
    pub(super) fn new(settings: &ProviderSettings) -> Result<Self, Fault> {
        let issuer = IssuerUrl::new(settings.issuer.clone())
            .map_err(|_| Fault::broken("the issuer is no URL"))?;
        if !is_safe(issuer.url(), issuer.url()) {
            return Err(Fault::broken(
                "the issuer must be https, or http on this machine",
            ));
        }
        let redirect_uri = RedirectUrl::new(settings.redirect_uri.clone())
            .map_err(|_| Fault::broken("the redirect URI of the login is no URL"))?;
        Url::parse(&settings.post_logout_redirect_uri)
            .map_err(|_| Fault::broken("the post-logout URI is no URL"))?;
        Ok(Self {
            issuer,
            redirect_uri,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        })
    }

    /// What is known, fetched where it is not or no longer. Who finds it known waits for nobody's fetch.
    pub(super) async fn known(
        &self,
        http: &Http,
        settings: &ProviderSettings,
        now: Moment,
        asker: Asker,
    ) -> Result<Arc<Known>, Fault> {
        let is_fresh = |known: &Arc<Known>| now < known.fetched_at.plus(KEPT);
        if let Some(known) = self.state().known.clone().filter(is_fresh) {
            return Ok(known);
        }
        self.fetched(http, settings, now, asker, is_fresh).await
    }

    /// What is known after `outdated` turned out to be so.
    pub(super) async fn anew(
        &self,
        http: &Http,
        settings: &ProviderSettings,
        now: Moment,
        asker: Asker,
        outdated: &Arc<Known>,
    ) -> Result<Arc<Known>, Fault> {
        let is_newer = |known: &Arc<Known>| !Arc::ptr_eq(known, outdated);
        self.fetched(http, settings, now, asker, is_newer).await
    }

    /// One fetch serves all who wait for it.
    async fn fetched(
        &self,
        http: &Http,
        settings: &ProviderSettings,
        now: Moment,
        asker: Asker,
        serves: impl Fn(&Arc<Known>) -> bool,
    ) -> Result<Arc<Known>, Fault> {
        let _turn = self.turn.lock().await;
        if let Some(known) = self.state().known.clone().filter(serves) {
            return Ok(known);
        }
        self.state().ask(asker, now)?;
        let answer = Box::pin(self.fetch(http, settings, now)).await;
        self.state().take_in(answer)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(
        &self,
        http: &Http,
        settings: &ProviderSettings,
        now: Moment,
    ) -> Result<Known, Fault> {
        let metadata = ProviderMetadataWithLogout::discover_async(self.issuer.clone(), http)
            .await
            .map_err(fault_of)?;
        let authorization = metadata.authorization_endpoint().clone();
        let token = metadata
            .token_endpoint()
            .cloned()
            .ok_or(unfit("no token endpoint"))?;
        let end_session = metadata.additional_metadata().end_session_endpoint.clone();
        let mut endpoints = vec![authorization.url(), token.url(), metadata.jwks_uri().url()];
        endpoints.extend(end_session.iter().map(|end_session| end_session.url()));
        if !endpoints
            .into_iter()
            .all(|url| is_safe(url, self.issuer.url()))
        {
            return Err(unfit("an endpoint without https"));
        }
        let keys = metadata.jwks().clone();
        let client = <ClientWith>::new(
            ClientId::new(settings.client_id.clone()),
            self.issuer.clone(),
            keys.clone(),
        )
        .set_auth_type(AuthType::RequestBody)
        .set_auth_uri(authorization)
        .set_token_uri(token)
        .set_redirect_uri(self.redirect_uri.clone());
        Ok(Known {
            client,
            keys,
            end_session,
            fetched_at: now,
        })
    }
}

fn unfit(what: &str) -> Fault {
    Fault::broken(format!("the login provider's configuration has {what}")).while_doing(DOING)
}

fn fault_of(fault: DiscoveryError<HttpFault>) -> Fault {
    match fault {
        DiscoveryError::Request(fault) => fault.into_fault(DOING),
        DiscoveryError::Response(status, _, _) => Fault::broken(format!(
            "the login provider answers {status}, or not with JSON"
        ))
        .while_doing(DOING),
        DiscoveryError::Validation(_) => unfit("another issuer than is set here"),
        _ => unfit("a form that cannot be read"),
    }
}
