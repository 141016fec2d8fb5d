//! The public keys of clients, given or fetched from this machine and kept for a while.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jsonwebtoken::jwk::{Jwk, JwkSet};

use crate::{Client, ClientKeys, loopback};

const KEPT_SECONDS: i64 = 300;

/// Fetched sets by client, with the moment of fetching.
#[derive(Default)]
pub struct ClientKeyCache(Mutex<HashMap<String, (i64, JwkSet)>>);

impl ClientKeyCache {
    /// The key that a client's assertion names; its only key when the assertion names none.
    pub async fn find(&self, client: &Client, kid: Option<&str>, now: i64) -> Option<Jwk> {
        let url = match &client.keys {
            ClientKeys::Given(keys) => {
                return pick(&serde_json::from_value(keys.clone()).ok()?, kid);
            }
            ClientKeys::At(url) => url,
        };
        if let Some(key) = self.kept(client, now).and_then(|keys| pick(&keys, kid)) {
            return Some(key);
        }
        let keys = match fetch(url).await {
            Ok(keys) => keys,
            Err(why) => {
                tracing::warn!(client = client.client_id, "fetching {url}: {why}");
                return None;
            }
        };
        let key = pick(&keys, kid);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(client.client_id.clone(), (now, keys));
        key
    }

    fn kept(&self, client: &Client, now: i64) -> Option<JwkSet> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (fetched, keys) = kept.get(&client.client_id)?;
        (now < fetched + KEPT_SECONDS).then(|| keys.clone())
    }
}

fn pick(keys: &JwkSet, kid: Option<&str>) -> Option<Jwk> {
    match (kid, keys.keys.as_slice()) {
        (Some(kid), _) => keys.find(kid).cloned(),
        (None, [only]) => Some(only.clone()),
        (None, _) => None,
    }
}

async fn fetch(url: &str) -> Result<JwkSet, String> {
    let body = loopback::fetch(url).await?;
    serde_json::from_slice(&body).map_err(|_| "not a JWK Set".to_owned())
}
