//! What the provider says of itself: fetched when first needed, kept for an hour.

use std::sync::Arc;
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
use tokio::sync::Mutex;

use super::ProviderSettings;
use super::http::{Http, HttpFault, is_safe};
use super::id_token::Claims;

const KEPT: Duration = Duration::from_secs(3600);
/// After a failure everyone hears so at once for this long, instead of queueing for the next try.
const BACK_OFF: Duration = Duration::from_secs(2);
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

impl Known {
    /// Long enough known that asking anew may tell something else.
    pub(super) fn is_settled(&self, now: Moment) -> bool {
        now >= self.fetched_at.plus(SETTLES)
    }
}

pub(super) struct Discovery {
    issuer: IssuerUrl,
    redirect_uri: RedirectUrl,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: Option<Arc<Known>>,
    failed: Option<(Instant, Fault)>,
    trouble: Stretch,
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
        })
    }

    /// What is known, fetched where it is not or no longer.
    pub(super) async fn known(
        &self,
        http: &Http,
        settings: &ProviderSettings,
        now: Moment,
    ) -> Result<Arc<Known>, Fault> {
        let mut state = self.state.lock().await;
        match &state.known {
            Some(known) if now < known.fetched_at.plus(KEPT) => Ok(Arc::clone(known)),
            _ => self.fetch_into(&mut state, http, settings, now).await,
        }
    }

    /// What is known after `outdated` turned out to be so. One fetch serves all who ask meanwhile.
    pub(super) async fn anew(
        &self,
        http: &Http,
        settings: &ProviderSettings,
        now: Moment,
        outdated: &Arc<Known>,
    ) -> Result<Arc<Known>, Fault> {
        let mut state = self.state.lock().await;
        match &state.known {
            Some(known) if !Arc::ptr_eq(known, outdated) => Ok(Arc::clone(known)),
            _ => self.fetch_into(&mut state, http, settings, now).await,
        }
    }

    async fn fetch_into(
        &self,
        state: &mut State,
        http: &Http,
        settings: &ProviderSettings,
        now: Moment,
    ) -> Result<Arc<Known>, Fault> {
        if let Some((at, fault)) = &state.failed
            && at.elapsed() < BACK_OFF
        {
            return Err(fault.clone());
        }
        match Box::pin(self.fetch(http, settings, now)).await {
            Ok(known) => {
                let known = Arc::new(known);
                state.known = Some(Arc::clone(&known));
                state.failed = None;
                if let Some(count) = state.trouble.ends() {
                    tracing::info!(count, "the login provider answers again");
                }
                Ok(known)
            }
            Err(fault) => {
                state.failed = Some((Instant::now(), fault.clone().told()));
                Err(if state.trouble.begins(fault.cause()) {
                    fault
                } else {
                    fault.told()
                })
            }
        }
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
