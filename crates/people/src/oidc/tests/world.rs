//! A provider, a relying party and a browser between them.

use std::net::SocketAddr;
use std::sync::Arc;

use basics::{Clock, Moment, NumberKind};
use demo_provider::{Client, ClientKeys, Level, Person, ProviderConfig};
use openidconnect::reqwest;
use openidconnect::url::Url;
use statement::LoginLevel;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::super::{Begun, CallbackQuery, Provider, ProviderSettings, SigningKey, new_signing_key};

const NOW: Moment = Moment::from_micros(1_795_181_400_000_000);
pub const ANNA: &str = "999993653";
pub const BEN: &str = "123456782";
const REDIRECT: &str = "http://127.0.0.1:1/inloggen/terug";
pub const LOGGED_OUT: &str = "http://127.0.0.1:1/uitgelogd";

pub struct World {
    pub provider: Provider,
    pub clock: Clock,
    pub browser: reqwest::Client,
    pub serving: tokio::task::JoinHandle<()>,
}

impl World {
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let clock = Clock::fixed(NOW);
        let provider = provider_at(address, &clock);
        let demo = demo(address, ClientKeys::Given(provider.jwks()), &clock);
        Self {
            provider,
            clock,
            browser: browser(),
            serving: serve(listener, demo.router()),
        }
    }

    /// Takes the provider down; another may stand at the same address.
    pub async fn stop(&mut self) -> SocketAddr {
        self.serving.abort();
        let _ = (&mut self.serving).await;
        self.provider.settings.issuer["http://".len()..]
            .parse()
            .unwrap()
    }

    /// Walks through the provider's pages as a browser would, up to what comes back to us.
    pub async fn choose(&self, begun: &Begun, number: &str) -> CallbackQuery {
        let page = self.browser.get(&begun.redirect).send().await.unwrap();
        assert_eq!(page.status(), 200);
        let page = page.text().await.unwrap();
        assert!(
            page.contains(&format!("name=\"persoon\" value=\"{number}\"")),
            "{page}"
        );
        let action = page
            .split("action=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .replace("&#38;", "&");
        let target = Url::parse(&begun.redirect).unwrap().join(&action).unwrap();
        let form = self
            .browser
            .post(target)
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = form.body(format!("persoon={number}")).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        let location = answer.headers()["location"].to_str().unwrap();
        assert!(!format!("{} {location}", begun.redirect).contains(number));
        callback(location)
    }
}

fn browser() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

pub fn provider_at(address: SocketAddr, clock: &Clock) -> Provider {
    let settings = ProviderSettings {
        issuer: format!("http://{address}"),
        client_id: "mijnoverheid".to_owned(),
        redirect_uri: REDIRECT.to_owned(),
        post_logout_redirect_uri: LOGGED_OUT.to_owned(),
        number_claim: "bsn".to_owned(),
        number_kind: NumberKind::Bsn,
        least_level: LoginLevel::Substantial,
        signing_key: SigningKey::from_pkcs8(&new_signing_key()).unwrap(),
    };
    Provider::new(settings, clock.clone()).unwrap()
}

pub fn demo(address: SocketAddr, keys: ClientKeys, clock: &Clock) -> demo_provider::Provider {
    let person = |name: &str, number: &str, number_kind, acr| Person {
        name: name.to_owned(),
        number: number.to_owned(),
        number_kind,
        acr,
    };
    let clock = clock.clone();
    let config = ProviderConfig {
        issuer: format!("http://{address}"),
        people: vec![
            person(
                "Anna <de> Vries",
                ANNA,
                demo_provider::NumberKind::Bsn,
                Level::High,
            ),
            person(
                "Ben Bakker",
                BEN,
                demo_provider::NumberKind::Bsn,
                Level::Low,
            ),
            person(
                "Cara Croes",
                "CR123",
                demo_provider::NumberKind::Crib,
                Level::High,
            ),
        ],
        clients: vec![Client {
            client_id: "mijnoverheid".to_owned(),
            name: "MijnOverheid".to_owned(),
            redirect_uris: vec![REDIRECT.to_owned()],
            post_logout_redirect_uris: vec![LOGGED_OUT.to_owned()],
            backchannel_logout_uri: None,
            keys,
            number_kind: demo_provider::NumberKind::Bsn,
        }],
        signing_key_pem: None,
        clock: Arc::new(move || clock.now().seconds()),
    };
    demo_provider::Provider::new(config).unwrap()
}

pub fn callback(location: &str) -> CallbackQuery {
    let url = Url::parse(location).unwrap();
    assert_eq!(url.as_str().split('?').next(), Some(REDIRECT));
    let one = |name: &str| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    CallbackQuery {
        code: one("code"),
        state: one("state"),
        error: one("error"),
        iss: one("iss"),
    }
}

pub fn serve(listener: TcpListener, router: axum::Router) -> JoinHandle<()> {
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() })
}
