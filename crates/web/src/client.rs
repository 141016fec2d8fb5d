//! From where a request came and on what: the network address, and the make of browser and device in two words.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;

use crate::Site;

/// Who is at the other end of the connection; whoever listens puts it on the request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The other side of a request, as far as it is known. Personal data: never for the program's log.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    pub address: Option<IpAddr>,
    /// Such as `Firefox, Windows`: only words that stand in this file, no versions.
    pub device: Option<String>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

/// By a mark in the user agent; the first that is there counts, since most name others besides themselves.
const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
    ("X11", "Unix"),
];
const BROWSERS: [(&str, &str); 12] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

fn device(user_agent: &str) -> Option<String> {
    let first = |marks: &[(&str, &'static str)]| {
        let mark = marks.iter().find(|(mark, _)| user_agent.contains(mark));
        mark.map(|(_, name)| *name)
    };
    let words: Vec<&str> = [first(&BROWSERS), first(&SYSTEMS)]
        .into_iter()
        .flatten()
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let address = parts.extensions.get::<Peer>().and_then(|Peer(peer)| {
            let site = parts.extensions.get::<Site>()?;
            site.proxies().origin(*peer, &parts.headers)
        });
        let agent = parts.headers.get(USER_AGENT);
        let agent = agent.and_then(|agent| agent.to_str().ok());
        Ok(Self {
            address,
            device: agent.and_then(device),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mo_31_a_device_is_told_by_its_make_and_not_by_its_version() {
        for (agent, told) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                Some("Chrome, Windows"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                Some("Edge, Windows"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
                Some("Safari, iPhone"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
                Some("Samsung Internet, Android"),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
                Some("Firefox, Linux"),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
                Some("Safari, Mac"),
            ),
            ("Anna de Vries <999993653>", None),
            ("", None),
        ] {
            assert_eq!(device(agent).as_deref(), told, "{agent}");
        }
    }

    #[test]
    fn mo_31_a_client_tells_nothing_of_itself_in_a_log() {
        let client = Client {
            address: Some([192, 0, 2, 1].into()),
            device: Some("Firefox, Linux".to_owned()),
        };
        assert_eq!(format!("{client:?}"), "Client");
    }
}
