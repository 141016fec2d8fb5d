//! The public keys of clients, given or fetched from this machine and kept for a while.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::{Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use tokio::net::TcpStream;

use crate::{Client, ClientKeys};

const KEPT_SECONDS: i64 = 300;
const PATIENCE: Duration = Duration::from_secs(3);
const LARGEST_BODY: usize = 64 * 1024;

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
    tokio::time::timeout(PATIENCE, get(url))
        .await
        .unwrap_or_else(|_| Err("it takes too long".to_owned()))
}

async fn get(url: &str) -> Result<JwkSet, String> {
    let uri: Uri = url.parse().map_err(|_| "not a URL")?;
    let host = uri
        .host()
        .filter(|host| ["localhost", "127.0.0.1", "[::1]"].contains(host));
    let host = host
        .filter(|_| uri.scheme_str() == Some("http"))
        .ok_or("only plain http on this machine")?;
    let address = format!("{host}:{}", uri.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address)
        .await
        .map_err(|fault| fault.to_string())?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|fault| fault.to_string())?;
    let driver = tokio::spawn(connection);
    let authority = uri.authority().map_or(host, |authority| authority.as_str());
    let request = Request::get(uri.path_and_query().map_or("/", |path| path.as_str()))
        .header(header::HOST, authority)
        .header(header::ACCEPT, "application/jwk-set+json, application/json")
        .body(Empty::<Bytes>::new())
        .map_err(|fault| fault.to_string())?;
    let response = sender
        .send_request(request)
        .await
        .map_err(|fault| fault.to_string())?;
    if response.status() != StatusCode::OK {
        return Err(format!("answer {}", response.status()));
    }
    let body = Limited::new(response.into_body(), LARGEST_BODY)
        .collect()
        .await
        .map_err(|fault| fault.to_string())?;
    driver.abort();
    serde_json::from_slice(&body.to_bytes()).map_err(|_| "not a JWK Set".to_owned())
}
