//! Calling clients: plain http, to this machine alone, with little patience.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(3);
const LARGEST_BODY: usize = 64 * 1024;

/// The body of what stands at a URL.
pub async fn fetch(url: &str) -> Result<Bytes, String> {
    match send(Method::GET, url, String::new()).await? {
        (StatusCode::OK, body) => Ok(body),
        (status, _) => Err(format!("answer {status}")),
    }
}

/// Sends a form; answers with what status that was taken.
pub async fn post(url: &str, form: String) -> Result<StatusCode, String> {
    Ok(send(Method::POST, url, form).await?.0)
}

async fn send(method: Method, url: &str, body: String) -> Result<(StatusCode, Bytes), String> {
    tokio::time::timeout(PATIENCE, call(method, url, body))
        .await
        .unwrap_or_else(|_| Err("it takes too long".to_owned()))
}

async fn call(method: Method, url: &str, body: String) -> Result<(StatusCode, Bytes), String> {
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
    let request = Request::builder()
        .method(method)
        .uri(uri.path_and_query().map_or("/", |path| path.as_str()))
        .header(header::HOST, authority)
        .header(header::ACCEPT, "application/jwk-set+json, application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(body)))
        .map_err(|fault| fault.to_string())?;
    let response = sender
        .send_request(request)
        .await
        .map_err(|fault| fault.to_string())?;
    let status = response.status();
    let body = Limited::new(response.into_body(), LARGEST_BODY)
        .collect()
        .await
        .map_err(|fault| fault.to_string())?;
    driver.abort();
    Ok((status, body.to_bytes()))
}
