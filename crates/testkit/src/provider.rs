//! The demonstration provider of a product, on a loopback port: people log in there, the product exchanges codes with it.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use axum::Router;
use basics::{Clock, NumberKind};
use demo_provider::{Client, ClientKeys, Level, ProviderConfig};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::person::PEOPLE;

pub(crate) const CLIENT_ID: &str = "postbus";

/// Making an RSA key is slow, so every provider of the process has the same.
static SIGNING_KEY: OnceLock<String> = OnceLock::new();

/// A port that is taken, on which a provider is yet to stand: the product must know the address, the provider its key.
pub(crate) struct Place {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
}

pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) router: Router,
    serving: JoinHandle<()>,
}

impl Place {
    pub(crate) async fn take() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a loopback port is free");
        let address = listener.local_addr().expect("it was bound");
        Self { listener, address }
    }

    pub(crate) fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn serve(
        self,
        base_url: &str,
        kind: NumberKind,
        keys: Value,
        clock: &Clock,
    ) -> Provider {
        let issuer = self.issuer();
        let clock = clock.clone();
        let kind = match kind {
            NumberKind::Bsn => demo_provider::NumberKind::Bsn,
            NumberKind::Crib => demo_provider::NumberKind::Crib,
        };
        let config = ProviderConfig {
            issuer: issuer.clone(),
            people: people(),
            clients: vec![Client {
                client_id: CLIENT_ID.to_owned(),
                name: "Postbus".to_owned(),
                redirect_uris: vec![format!("{base_url}/inloggen/terug")],
                post_logout_redirect_uris: vec![format!("{base_url}/uitgelogd")],
                keys: ClientKeys::Given(keys),
                number_kind: kind,
            }],
            signing_key_pem: Some(
                SIGNING_KEY
                    .get_or_init(demo_provider::new_signing_key)
                    .clone(),
            ),
            clock: Arc::new(move || clock.now().seconds()),
        };
        let provider = demo_provider::Provider::new(config).expect("a sound configuration");
        let router = provider.router();
        let served = router.clone();
        let serving = tokio::spawn(async move {
            let ended = axum::serve(self.listener, served).await;
            ended.expect("serving does not fail");
        });
        Provider {
            issuer,
            router,
            serving,
        }
    }
}

impl Provider {
    /// From now on nothing answers at its address.
    pub(crate) fn stop(&self) {
        self.serving.abort();
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.stop();
    }
}

fn people() -> Vec<demo_provider::Person> {
    let known = |name: &str, number: &str, number_kind, weakly| demo_provider::Person {
        name: name.to_owned(),
        number: number.to_owned(),
        number_kind,
        acr: if weakly { Level::Low } else { Level::High },
    };
    PEOPLE
        .iter()
        .flat_map(|one| {
            [
                known(
                    one.name,
                    one.bsn,
                    demo_provider::NumberKind::Bsn,
                    one.weakly,
                ),
                known(
                    one.name,
                    one.crib,
                    demo_provider::NumberKind::Crib,
                    one.weakly,
                ),
            ]
        })
        .collect()
}
