//! A whole installation over HTTP in this process, its organisations with their tokens, and the provider beside it.

use std::error::Error;
use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;

use basics::{Bsn, Clock, Fault, Ids, Oin, PersonNumber, Trace};
use demo_provider::{Client, ClientKeys, Level, Person, Provider, ProviderConfig};
use organisations::NewOrganisation;
use postbus::{Contacts, Installation, InstallationSettings, Listening, Locations};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use vault::Vault;

use super::cpu::Spent;
use super::load::{self, Load, Outcome};
use super::neighbours::{self, Neighbours};
use super::server::Server;
use super::site::Site;

const SENDERS: u64 = 10;
const CLIENT_ID: &str = "bench";
/// So many people are brought in at once.
const AT_ONCE: usize = 256;

/// An installation that listens, and what stands around it.
pub struct House {
    pub address: SocketAddr,
    pub base_url: String,
    pub senders: Vec<Sender>,
    installation: Installation,
    /// The other statements, in the same process.
    _neighbours: Neighbours,
    clock: Clock,
    /// Where its rows lie, when they are on one.
    server: Option<Rc<Server>>,
    runtime: Runtime,
    provider: Runtime,
    tell: watch::Sender<bool>,
    serving: JoinHandle<Result<(), Fault>>,
}

/// A connected organisation, with the key that it proves itself by.
pub struct Sender {
    pub oin: Oin,
    private: Value,
}

impl House {
    /// Opens what lies there, or makes it. The provider knows the people with these numbers.
    pub fn open(site: &Site, people: &[String]) -> Result<Self, Box<dyn Error>> {
        Self::open_at(site, people, Clock::system())
    }

    /// The same by another clock.
    pub fn open_at(site: &Site, people: &[String], clock: Clock) -> Result<Self, Box<dyn Error>> {
        let runtime = Runtime::new()?;
        let provider = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("provider")
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let at_provider = provider.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let base_url = format!("http://localhost:{}", address.port());
        let issuer = format!("http://{}", at_provider.local_addr()?);
        let installation = installation(site, &base_url, &issuer, clock.clone())?;
        let senders = runtime.block_on(connect(&installation))?;
        let known = provider_of(&issuer, &base_url, &installation, people)?;
        provider.spawn(serve_provider(at_provider, known));
        let (tell, stop) = watch::channel(false);
        let listening = Listening {
            listener,
            router: installation.router(),
        };
        let serving = runtime.spawn(postbus::serve(vec![listening], stop));
        Ok(Self {
            address,
            base_url,
            senders,
            installation,
            _neighbours: Neighbours::open()?,
            clock,
            server: site.server().cloned(),
            runtime,
            provider,
            tell,
            serving,
        })
    }

    /// Enrols and activates people, many at once so that they share commits.
    pub fn bring_in(&self, numbers: &[String]) -> Result<(), Box<dyn Error>> {
        let people = &self.installation.people;
        self.runtime.block_on(async {
            for numbers in numbers.chunks(AT_ONCE) {
                let mut waiting = Vec::new();
                for number in numbers {
                    let number = Bsn::parse(number).map_err(|_| "not a BSN")?;
                    let trace = Trace::new(self.installation.vault.ids());
                    let people = people.clone();
                    waiting.push(self.runtime.spawn(async move {
                        people.bring_in(PersonNumber::Bsn(number), trace).await
                    }));
                }
                for person in waiting {
                    person.await??;
                }
            }
            Ok(())
        })
    }

    /// A token for each sender, asked for as they do.
    pub fn tokens(&self) -> Result<Vec<(String, String)>, Box<dyn Error>> {
        let client = reqwest::Client::new();
        let asked = self.senders.iter().map(|sender| {
            let form = self.token_form(sender)?;
            let request = client
                .post(format!("{}/oauth/token", self.base_url))
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form);
            let answer: Value = self
                .runtime
                .block_on(async { request.send().await?.json().await })?;
            let token = answer["access_token"].as_str();
            let token = token.ok_or_else(|| format!("no token: {answer}"))?;
            Ok((sender.oin.to_string(), token.to_owned()))
        });
        asked.collect()
    }

    /// The body of one request for a token, good for once.
    pub fn token_form(&self, sender: &Sender) -> Result<String, Fault> {
        let endpoint = format!("{}/oauth/token", self.base_url);
        let now = self.clock.now();
        let assertion =
            organisations::client_assertion(&sender.private, &sender.oin, &endpoint, now)?;
        Ok(format!(
            "grant_type=client_credentials&client_id={}\
             &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}",
            sender.oin
        ))
    }

    pub fn vault(&self) -> &Vault {
        &self.installation.vault
    }

    /// Does something where the product does it.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// The same beside everything else.
    pub fn begin<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime.spawn(work)
    }

    /// CPU time so far.
    pub fn spent(&self) -> std::io::Result<Spent> {
        Spent::now(self.server.as_deref())
    }

    /// Runs a load and counts the CPU that is taken meanwhile.
    pub fn counted(
        &self,
        load: Load,
        request: impl Fn(u64, &mut Vec<u8>) + 'static,
    ) -> std::io::Result<(Outcome, Spent)> {
        let before = self.spent()?;
        let outcome = load::run(load, request)?;
        Ok((outcome, self.spent()?.since(&before)))
    }

    /// Ends it: what is under way is answered, what waits is written, the log file is folded into the database.
    pub fn close(self) -> Result<(), Box<dyn Error>> {
        self.tell.send(true)?;
        self.runtime.block_on(self.serving)??;
        self.provider.shutdown_background();
        drop(self.installation);
        Ok(())
    }
}

fn installation(
    site: &Site,
    base_url: &str,
    issuer: &str,
    clock: Clock,
) -> Result<Installation, Box<dyn Error>> {
    Ok(Installation::open(InstallationSettings {
        statement: neighbours::text("mijnoverheid")?,
        data: site.folder().join("data"),
        keys: site.folder().join("keys"),
        elsewhere: site.elsewhere()?,
        locations: Locations::all_in("NL"),
        base_url: base_url.to_owned(),
        plain_loopback_cookies: true,
        login: people::LoginSettings {
            issuer: issuer.to_owned(),
            client_id: CLIENT_ID.to_owned(),
            number_claim: "bsn".to_owned(),
        },
        clock,
        ids: Ids::system(),
        contacts: Contacts::default(),
        addresses: postbus::Addresses::default(),
        app: None,
        proxies: postbus::Proxies::default(),
        log_collector: None,
    })?)
}

async fn connect(installation: &Installation) -> Result<Vec<Sender>, Box<dyn Error>> {
    let mut senders = Vec::new();
    for at in 0..SENDERS {
        let oin = Oin::parse(&format!("00000099{:012}", 1000 + at)).map_err(|_| "not an OIN")?;
        let (private, public) = organisations::new_client_key();
        let new = NewOrganisation {
            oin: oin.clone(),
            name: format!("Gemeente Voorbeeld {at}"),
            jwks: json!({ "keys": [public] }),
            mandatory: false,
        };
        organisations::connect_on_order(&installation.vault, new).await?;
        senders.push(Sender { oin, private });
    }
    Ok(senders)
}

fn provider_of(
    issuer: &str,
    base_url: &str,
    installation: &Installation,
    people: &[String],
) -> Result<Provider, Box<dyn Error>> {
    let person = |number: &String| Person {
        name: "Anna de Vries".to_owned(),
        number: number.clone(),
        number_kind: demo_provider::NumberKind::Bsn,
        acr: Level::High,
    };
    Ok(Provider::new(ProviderConfig {
        issuer: issuer.to_owned(),
        people: people.iter().map(person).collect(),
        clients: vec![Client {
            client_id: CLIENT_ID.to_owned(),
            name: "Bench".to_owned(),
            redirect_uris: vec![format!("{base_url}/inloggen/terug")],
            post_logout_redirect_uris: vec![format!("{base_url}/uitgelogd")],
            backchannel_logout_uri: None,
            keys: ClientKeys::Given(installation.people.jwks()),
            number_kind: demo_provider::NumberKind::Bsn,
        }],
        signing_key_pem: None,
        clock: demo_provider::system_clock(),
    })?)
}

/// Serves the provider until its runtime ends.
async fn serve_provider(listener: TcpListener, provider: Provider) -> Result<(), Fault> {
    let (_tell, stop) = watch::channel(false);
    let listening = Listening {
        listener,
        router: provider.router(),
    };
    postbus::serve(vec![listening], stop).await
}
