//! How the provider is called: no redirects, little patience, answers of a bounded size.

use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use basics::Fault;
use openidconnect::http::Response;
use openidconnect::url::{Host, Url};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, reqwest};

const CONNECT_PATIENCE: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(5);
const LARGEST_ANSWER: usize = 256 * 1024;
const RETRY_AFTER: Duration = Duration::from_secs(10);

pub(super) struct Http(reqwest::Client);

/// Why there is no answer to work with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HttpFault {
    NoConnection,
    NoAnswerInTime,
    /// A status of 500 or above, or 429.
    Status(u16),
    TooLarge,
    Broken,
}

impl Http {
    pub(super) fn new(issuer: &str) -> Result<Self, Fault> {
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_PATIENCE)
            .timeout(PATIENCE);
        if Url::parse(issuer).is_ok_and(|issuer| is_loopback(&issuer)) {
            builder = builder.no_proxy();
        }
        builder
            .build()
            .map(Self)
            .map_err(|_| Fault::broken("making the client for the login provider"))
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpFault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let request = request.try_into()?;
            let mut answer = self.0.execute(request).await?;
            let status = answer.status();
            if status.is_server_error() || status.as_u16() == 429 {
                return Err(HttpFault::Status(status.as_u16()));
            }
            let headers = answer.headers().clone();
            let mut body = Vec::new();
            while let Some(chunk) = answer.chunk().await? {
                if body.len() + chunk.len() > LARGEST_ANSWER {
                    return Err(HttpFault::TooLarge);
                }
                body.extend_from_slice(&chunk);
            }
            let mut response = Response::new(body);
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        })
    }
}

/// Whether a provider may have an address here: over TLS; on this machine when it is itself here without.
pub(super) fn is_safe(url: &Url, issuer: &Url) -> bool {
    url.scheme() == "https"
        || (issuer.scheme() == "http" && url.scheme() == "http" && is_loopback(url))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

impl HttpFault {
    pub(super) fn into_fault(self, doing: &str) -> Fault {
        Fault::unavailable(format!("the login provider: {self}"), RETRY_AFTER).while_doing(doing)
    }
}

impl From<reqwest::Error> for HttpFault {
    fn from(fault: reqwest::Error) -> Self {
        if fault.is_timeout() {
            Self::NoAnswerInTime
        } else if fault.is_connect() {
            Self::NoConnection
        } else {
            Self::Broken
        }
    }
}

impl fmt::Display for HttpFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoConnection => f.write_str("no connection"),
            Self::NoAnswerInTime => f.write_str("no answer in time"),
            Self::Status(status) => write!(f, "answer {status}"),
            Self::TooLarge => f.write_str("the answer is too large"),
            Self::Broken => f.write_str("the answer breaks off"),
        }
    }
}
impl std::error::Error for HttpFault {}
