//! The demonstration provider of a product, on a loopback port: people log in there, the product exchanges codes with it.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use basics::{Clock, NumberKind};
use demo_provider::{Client, ClientKeys, Level, ProviderConfig};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Answer;
use crate::person::PEOPLE;

/// By which every product is known where its people log in.
pub const CLIENT_ID: &str = "postbus";

/// Making an RSA key is slow, so every provider of the process has the same.
static SIGNING_KEY: OnceLock<String> = OnceLock::new();

/// The key that signs the provider's tokens, as PKCS#8 PEM: for tokens that it would not give.
pub fn provider_key() -> &'static str {
    SIGNING_KEY.get_or_init(demo_provider::new_signing_key)
}

/// What becomes of an answer of the provider, by the path that was asked for.
pub(crate) type Bend =
    Arc<dyn Fn(String, Answer) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;

#[derive(Clone, Default)]
struct Bent(Arc<Mutex<Option<Bend>>>);

/// A port that is taken, on which a provider is yet to stand: the product must know the address, the provider its key.
pub(crate) struct Place {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
}

pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) router: Router,
    bent: Bent,
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
        hears_logout: String,
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
                backchannel_logout_uri: Some(hears_logout),
                keys: ClientKeys::Given(keys),
                number_kind: kind,
            }],
            signing_key_pem: Some(provider_key().to_owned()),
            clock: Arc::new(move || clock.now().seconds()),
        };
        let provider = demo_provider::Provider::new(config).expect("a sound configuration");
        let bent = Bent::default();
        let router = provider
            .router()
            .layer(from_fn_with_state(bent.clone(), bend));
        let served = router.clone();
        let serving = tokio::spawn(async move {
            let ended = axum::serve(self.listener, served).await;
            ended.expect("serving does not fail");
        });
        Provider {
            issuer,
            router,
            bent,
            serving,
        }
    }
}

async fn bend(State(bent): State<Bent>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let bend = bent
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    match bend {
        Some(bend) => bend(path, Answer::of(response).await).await.into_response(),
        None => response,
    }
}

impl Provider {
    /// From now on its answers pass through here before they leave.
    pub(crate) fn bend(&self, bend: Bend) {
        *self.bent.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(bend);
    }

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
