//! The notice about the app: for who comes with a phone, unless they took it away.

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, USER_AGENT};

use crate::Site;

/// Where a form takes the notice away.
pub const APP_NOTICE_PATH: &str = "/app-melding";

/// The value of the cookie that keeps it away: the same for everyone (MO-49).
pub const APP_NOTICE_GONE: &str = "weg";

/// Whether this request's page shows it.
pub(crate) fn is_due(site: &Site, headers: &HeaderMap) -> bool {
    site.app().is_some() && is_phone(headers) && !is_taken_away(site, headers)
}

/// What the browser says itself (`Sec-CH-UA-Mobile`), else the word that phones and tablets have in their name.
fn is_phone(headers: &HeaderMap) -> bool {
    match headers.get("sec-ch-ua-mobile") {
        Some(mobile) => mobile.as_bytes() == b"?1",
        None => headers
            .get(USER_AGENT)
            .and_then(|agent| agent.to_str().ok())
            .is_some_and(|agent| agent.contains("Mobi") || agent.contains("Android")),
    }
}

fn is_taken_away(site: &Site, headers: &HeaderMap) -> bool {
    let gone = format!("{}={APP_NOTICE_GONE}", site.app_cookie());
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .any(|pair| pair.trim() == gone)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::site::tests::facts;
    use crate::{AppFacts, SiteFacts};

    fn due(app: bool, headers: &[(&'static str, &'static str)]) -> bool {
        let app = app.then(|| AppFacts {
            name: "Berichtenbox".to_owned(),
            link: "https://app.example.nl".to_owned(),
            silent_for: Duration::from_secs(1),
        });
        let site = Site::new(SiteFacts { app, ..facts() }).unwrap();
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        is_due(&site, &headers)
    }

    #[test]
    fn mo_47_a_phone_gets_the_notice_until_it_is_taken_away() {
        let phone = (
            "user-agent",
            "Mozilla/5.0 (iPhone) AppleWebKit Mobile/15E148",
        );
        assert!(due(true, &[phone]));
        assert!(due(true, &[("sec-ch-ua-mobile", "?1")]));
        assert!(!due(true, &[phone, ("sec-ch-ua-mobile", "?0")]));
        assert!(!due(
            true,
            &[("user-agent", "Mozilla/5.0 (X11; Linux x86_64)")]
        ));
        assert!(!due(false, &[phone]));
        let gone = ("cookie", "a=b; __Host-mijnpost-appmelding=weg");
        assert!(!due(true, &[phone, gone]));
        assert!(due(true, &[phone, ("cookie", "mijnpost-appmelding=weg")]));
    }
}
