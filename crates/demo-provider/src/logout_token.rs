//! Telling clients that a session has ended (OpenID Connect Back-Channel Logout 1.0 §2.4 and §2.5).

use axum::http::StatusCode;
use serde_json::json;

use crate::query::with_query;
use crate::sessions::Login;
use crate::{Client, Provider, loopback, random};

const LIFE_SECONDS: i64 = 120;
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Tells each client that wants to hear it; one that does not answer holds up nobody.
pub async fn tell(provider: &Provider, ended: &[Login]) {
    for login in ended {
        let Some(client) = provider.client(&login.client_id) else {
            continue;
        };
        let Some(uri) = &client.backchannel_logout_uri else {
            continue;
        };
        let token = mint(provider, client, login);
        let form = with_query("", [("logout_token", &*token)]);
        match loopback::post(uri, form[1..].to_owned()).await {
            Ok(StatusCode::OK | StatusCode::NO_CONTENT) => {}
            Ok(status) => {
                tracing::warn!(client = client.client_id, "a logout was answered {status}");
            }
            Err(why) => tracing::warn!(client = client.client_id, "telling of a logout: {why}"),
        }
    }
}

fn mint(provider: &Provider, client: &Client, login: &Login) -> String {
    let now = provider.now();
    let claims = json!({
        "iss": provider.0.issuer,
        "aud": client.client_id,
        "iat": now,
        "exp": now + LIFE_SECONDS,
        "jti": random::secret(),
        "events": { EVENT: {} },
        "sub": login.subject,
        "sid": login.sid,
    });
    provider.0.signing.sign("logout+jwt", &claims)
}
