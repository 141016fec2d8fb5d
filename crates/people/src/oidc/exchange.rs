//! The token request: a code and a proof of who we are become an ID token, not yet checked.

use basics::{Fault, Moment};
use openidconnect::core::CoreErrorResponseType;
use openidconnect::{AuthorizationCode, RequestTokenError, StandardErrorResponse, TokenResponse};

use super::discovery::Known;
use super::http::{Http, HttpFault};
use super::id_token::IdToken;
use super::{Attempt, LoginRefusal, ProviderSettings, TokenFault};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(super) async fn id_token_for(
    code: AuthorizationCode,
    attempt: &Attempt,
    known: &Known,
    http: &Http,
    settings: &ProviderSettings,
    now: Moment,
) -> Result<IdToken, LoginRefusal> {
    let token_endpoint = known.client.token_uri().as_str();
    let assertion = settings
        .signing_key
        .assertion(&settings.client_id, token_endpoint, now)?;
    let answer = known
        .client
        .exchange_code(code)
        .set_pkce_verifier(attempt.verifier())
        .add_extra_param("client_assertion_type", ASSERTION_TYPE)
        .add_extra_param("client_assertion", assertion)
        .request_async(http)
        .await
        .map_err(refusal_of)?;
    answer
        .id_token()
        .cloned()
        .ok_or(LoginRefusal::BadToken(TokenFault::Unreadable))
}

/// Never repeats the answer itself: it may hold a token.
fn refusal_of(
    fault: RequestTokenError<HttpFault, StandardErrorResponse<CoreErrorResponseType>>,
) -> LoginRefusal {
    match fault {
        RequestTokenError::Request(fault) => {
            fault.into_fault("asking the provider for a token").into()
        }
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            CoreErrorResponseType::InvalidGrant => LoginRefusal::BadToken(TokenFault::CodeRefused),
            CoreErrorResponseType::Extension(_) => {
                Fault::broken("the provider refuses a token").into()
            }
            known => {
                Fault::broken(format!("the provider refuses a token: {}", known.as_ref())).into()
            }
        },
        RequestTokenError::Parse(..) => LoginRefusal::BadToken(TokenFault::Unreadable),
        RequestTokenError::Other(_) => {
            Fault::broken("the provider's answer is no token answer").into()
        }
    }
}
