//! The product: an installation on a temporary folder, its router called in memory, its clock and ids set by the test.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use basics::{
    Activity, Actor, Channel, Clock, Fault, Ids, Moment, NumberKind, Oin, PersonNumber, SubjectId,
    Trace,
};
use people::LoginSettings;
use postbus::{App, Contacts, Installation, InstallationSettings, Locations};
use serde_json::{Value, json};
use statement::Register;
use tempfile::TempDir;
use tower::ServiceExt;
use vault::{Elsewhere, Processing, Subjects, Tx, Vault, Whose};
use web::{ForwardedHeader, Proxies};

use crate::hearing::Hearing;
use crate::provider::{CLIENT_ID, Place, Provider};
use crate::{Answer, Person};

/// The shipped statements.
pub const MIJNOVERHEID: &str = include_str!("../../../statements/mijnoverheid.toml");
pub const MIJNCN: &str = include_str!("../../../statements/mijncn.toml");
pub const TOESLAGEN: &str = include_str!("../../../statements/toeslagen.toml");
pub const CJIB: &str = include_str!("../../../statements/cjib.toml");

/// The moment at which every product starts: 2026-11-20T13:30:00Z.
pub const NOW: Moment = Moment::from_micros(1_795_181_400_000_000);

/// Where a product hears from its provider that a session has ended.
const LOGOUT_BY_PROVIDER: &str = "/uitloggen/door-provider";

/// A running product. Cheap to clone; its folder goes with the last clone.
#[derive(Clone)]
pub struct Product(Arc<Inner>);

/// How a product starts, where a test wants it otherwise than usual.
pub struct Start<'a> {
    pub statement: &'a str,
    /// Reached over plain http on a loopback port, with cookies for that, instead of in memory alone.
    pub is_on_loopback: bool,
    /// Another provider than the product's own.
    pub issuer: Option<&'a str>,
    /// Fixed at [`NOW`] when there is none.
    pub clock: Option<Clock>,
    /// In its own files, also where a server lends places.
    pub is_in_files: bool,
    /// Where its log goes besides.
    pub log_collector: Option<&'a str>,
    /// Networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: &'a [&'a str],
}

impl<'a> Start<'a> {
    pub const fn under(statement: &'a str) -> Self {
        Self {
            statement,
            is_on_loopback: false,
            issuer: None,
            clock: None,
            is_in_files: false,
            log_collector: None,
            trusted_proxies: &[],
        }
    }
}

/// Of the addresses that a statement leaves open, the one by post.
const ADDRESS: [&str; 2] = ["Postbus 999", "9999 ZZ Voorbeeld"];

struct Inner {
    settings: Settings,
    kind: NumberKind,
    open: Mutex<Option<Open>>,
    provider: Provider,
    folder: TempDir,
    _hearing: Hearing,
}

/// What outlives a restart, besides the folder.
struct Settings {
    statement: Mutex<String>,
    base_url: String,
    issuer: String,
    clock: Clock,
    ids: Ids,
    log_collector: Option<String>,
    proxies: Proxies,
    /// Where rows and keyring lie; none: where a server lends places, else in the folder.
    elsewhere: Mutex<Option<Elsewhere>>,
}

struct Open {
    installation: Installation,
    router: Router,
}

impl Product {
    /// Under the shipped statement of MijnOverheid: people have a BSN.
    pub async fn mijnoverheid() -> Self {
        Self::start(MIJNOVERHEID).await
    }

    /// Under the shipped statement of MijnCN: people have a CRIB number.
    pub async fn mijncn() -> Self {
        Self::start(MIJNCN).await
    }

    /// As [`mijnoverheid`](Self::mijnoverheid), in its own files also where a server lends places.
    pub async fn in_files() -> Self {
        Self::start_as(Start {
            is_in_files: true,
            ..Start::under(MIJNOVERHEID)
        })
        .await
    }

    /// Under a statement of the test's own, at [`NOW`], with ids from a seed.
    pub async fn start(statement: &str) -> Self {
        Self::start_as(Start::under(statement)).await
    }

    /// As [`start`](Self::start), at a moment of the test's own.
    pub async fn start_at(statement: &str, at: Moment) -> Self {
        let clock = Some(Clock::fixed(at));
        Self::start_as(Start {
            clock,
            ..Start::under(statement)
        })
        .await
    }

    /// As [`start_at`](Self::start_at), for a real browser.
    pub async fn serve_at(statement: &str, at: Moment) -> Self {
        Self::start_as(Start {
            is_on_loopback: true,
            clock: Some(Clock::fixed(at)),
            ..Start::under(statement)
        })
        .await
    }

    pub async fn start_as(start: Start<'_>) -> Self {
        let Start {
            statement,
            is_on_loopback,
            issuer,
            clock,
            is_in_files,
            log_collector,
            trusted_proxies,
        } = start;
        let trusted: Vec<String> = trusted_proxies.iter().map(ToString::to_string).collect();
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let (place, hearing) = (Place::take().await, Hearing::take().await);
        give_keys(&folder, is_in_files);
        let settings = Settings {
            statement: Mutex::new(statement.to_owned()),
            base_url: if is_on_loopback {
                hearing.address.clone()
            } else {
                "https://postbus.example".to_owned()
            },
            issuer: issuer.map_or_else(|| place.issuer(), str::to_owned),
            clock: clock.unwrap_or_else(|| Clock::fixed(NOW)),
            ids: Ids::seeded(1),
            log_collector: log_collector.map(str::to_owned),
            proxies: Proxies::trusted(&trusted, ForwardedHeader::default()).expect("networks"),
            elsewhere: Mutex::new(is_in_files.then(Elsewhere::default)),
        };
        let open = Open::at(&settings, &folder);
        let kind = kind_of(statement);
        let keys = open.installation.people.jwks();
        Self(Arc::new_cyclic(|product: &Weak<Inner>| {
            let product = product.clone();
            let hears_logout = format!("{}{LOGOUT_BY_PROVIDER}", hearing.address);
            let provider = place.serve(
                &settings.base_url,
                kind,
                keys,
                hears_logout,
                &settings.clock,
            );
            Inner {
                settings,
                kind,
                provider,
                open: Mutex::new(Some(open)),
                folder,
                _hearing: hearing.serve(move || product.upgrade().map(Self)),
            }
        }))
    }

    /// Ends the installation and opens it again on the same folder. Clones of its vault must be gone.
    pub fn restart(&self) {
        let inner = &self.0;
        let mut open = self.open();
        *open = None;
        *open = Some(Open::at(&inner.settings, &inner.folder));
    }

    /// The same under another statement, which may not be let in; then the product stays ended.
    pub fn restart_under(&self, statement: &str) -> Result<(), Fault> {
        let inner = &self.0;
        let kept = inner.settings.statement.lock();
        *kept.unwrap_or_else(PoisonError::into_inner) = statement.to_owned();
        let mut open = self.open();
        *open = None;
        *open = Some(Open::try_at(&inner.settings, &inner.folder)?);
        Ok(())
    }

    /// Opens it again, after [`stop`](Self::stop), with rows and keyring somewhere else.
    pub fn start_elsewhere(&self, elsewhere: Elsewhere) {
        let opened = self.try_elsewhere(elsewhere);
        opened.unwrap_or_else(|fault| panic!("the product opens: {fault}"));
    }

    /// The same, where it may not open.
    pub fn try_elsewhere(&self, elsewhere: Elsewhere) -> Result<(), Fault> {
        let inner = &self.0;
        let kept = inner.settings.elsewhere.lock();
        *kept.unwrap_or_else(PoisonError::into_inner) = Some(elsewhere);
        *self.open() = Some(Open::try_at(&inner.settings, &inner.folder)?);
        Ok(())
    }

    /// Ends the installation, so that its files can be looked at as they stay behind.
    pub fn stop(&self) {
        *self.open() = None;
    }

    /// From now on what the provider answers passes through `bend` first, with the path that was asked for.
    pub fn bend_provider<F, B>(&self, bend: B)
    where
        F: Future<Output = Answer> + Send + 'static,
        B: Fn(String, Answer) -> F + Send + Sync + 'static,
    {
        let bend = move |path, answer| -> std::pin::Pin<Box<dyn Future<Output = Answer> + Send>> {
            Box::pin(bend(path, answer))
        };
        self.0.provider.bend(Arc::new(bend));
    }

    /// From now on nobody answers where people log in.
    pub fn stop_provider(&self) {
        self.0.provider.stop();
    }

    /// Answers one request, without a network between.
    pub async fn call(&self, request: Request<Body>) -> Answer {
        Answer::of(self.begin(request).await).await
    }

    /// The same, its body still to be taken.
    pub async fn begin(&self, request: Request<Body>) -> Response<Body> {
        let router = self.with(|open| open.router.clone());
        let Ok(response) = router.oneshot(request).await;
        response
    }

    /// Does every job that is due now; answers how many that were.
    pub async fn run_jobs(&self) -> usize {
        let runner = self.with(|open| open.installation.jobs());
        runner
            .look()
            .await
            .expect("the queue can be worked through")
    }

    pub fn base_url(&self) -> &str {
        &self.0.settings.base_url
    }

    /// Where people log in: scheme, host and port.
    pub fn issuer(&self) -> &str {
        &self.0.provider.issuer
    }

    /// Move it with `advance`.
    pub fn clock(&self) -> &Clock {
        &self.0.settings.clock
    }

    pub fn vault(&self) -> Vault {
        self.with(|open| open.installation.vault.clone())
    }

    /// The folder of the database and the attachments.
    pub fn data(&self) -> PathBuf {
        self.0.folder.path().join("data")
    }

    /// The folder of the keyring and the master key.
    pub fn keys(&self) -> PathBuf {
        self.0.folder.path().join("keys")
    }

    /// Where the rows lie when they lie on a server, as the owner of the tables.
    pub fn owner_of_rows(&self) -> Option<String> {
        self.lent().map(|[[_, owner], _]| owner)
    }

    /// Where rows and keyring lie when they lie on a server of the tests.
    pub fn lent(&self) -> Option<cluster::Lent> {
        let elsewhere = self.0.settings.elsewhere.lock();
        let elsewhere = elsewhere.unwrap_or_else(PoisonError::into_inner);
        if elsewhere
            .as_ref()
            .is_some_and(|places| places.rows.is_none())
        {
            return None;
        }
        cluster::lent_to(self.0.folder.path()).expect("a place is lent")
    }

    pub fn kind(&self) -> NumberKind {
        self.0.kind
    }

    /// The number by which this installation knows someone.
    pub fn number(&self, person: &Person) -> &'static str {
        match self.kind() {
            NumberKind::Bsn => person.bsn,
            NumberKind::Crib => person.crib,
        }
    }

    /// Someone as the recipient of a delivery.
    pub fn recipient(&self, person: &Person) -> Value {
        json!({ "type": self.kind().name(), "waarde": self.number(person) })
    }

    /// Makes someone's account active, as a first login would.
    pub async fn activate(&self, person: &Person) -> SubjectId {
        let number = PersonNumber::parse(self.kind(), self.number(person)).expect("a test number");
        let people = self.with(|open| open.installation.people.clone());
        let brought_in = people.bring_in(number, self.trace()).await;
        brought_in.expect("the person comes in")
    }

    /// Ends somebody's account, as an operator does; answers whether there was one.
    pub async fn end_account(&self, person: &Person) -> bool {
        let number = PersonNumber::parse(self.kind(), self.number(person)).expect("a test number");
        let whose = Whose::Number(number);
        let people = self.with(|open| open.installation.people.clone());
        let ended = people.end_account(&whose, self.trace()).await;
        ended.expect("an account can be ended")
    }

    /// Keeps whether a person with an active account wants post from a sender.
    pub async fn set_preference(&self, person: &Person, sender: &Oin, wanted: bool) {
        let subject = self.activate(person).await;
        let (actor, sender) = (Actor::Person(subject), sender.clone());
        let why = Activity("berichtvoorkeur-wijzigen");
        let processing = Processing::of(
            why,
            actor,
            Subjects::One(subject),
            Channel::Web,
            self.trace(),
        );
        let vault = self.vault();
        let kept = vault.write(processing, move |tx: &mut Tx<'_>| {
            letterbox::set_preference(tx, &sender, wanted)
        });
        kept.await.expect("the preference is kept");
    }

    /// Does something that concerns nobody's data, as whoever holds the terminal.
    pub async fn operate<F>(&self, activity: &'static str, closure: F)
    where
        F: Fn(&mut Tx<'_>) -> Result<(), Fault> + Send + 'static,
    {
        let nobody = Subjects::None;
        let processing = Processing::of(
            Activity(activity),
            Actor::Operator,
            nobody,
            Channel::Terminal,
            self.trace(),
        );
        let done = self.vault().write(processing, closure).await;
        done.unwrap_or_else(|fault| panic!("{activity}: {fault}"));
    }

    pub fn trace(&self) -> Trace {
        Trace::new(&self.0.settings.ids)
    }

    pub(crate) fn provider_router(&self) -> Router {
        self.0.provider.router.clone()
    }

    fn with<T>(&self, look: impl FnOnce(&Open) -> T) -> T {
        look(self.open().as_ref().expect("the product is running"))
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Option<Open>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn at(settings: &Settings, folder: &TempDir) -> Self {
        let opened = Self::try_at(settings, folder);
        opened.unwrap_or_else(|fault| panic!("the product opens: {fault}"))
    }

    fn try_at(settings: &Settings, folder: &TempDir) -> Result<Self, Fault> {
        let installation = Installation::open(settings.in_folder(folder))?;
        Ok(Self {
            router: installation.router(),
            installation,
        })
    }
}

impl Settings {
    fn in_folder(&self, folder: &TempDir) -> InstallationSettings {
        let kept = self
            .elsewhere
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let statement = self.statement.lock();
        let statement = statement.unwrap_or_else(PoisonError::into_inner).clone();
        let elsewhere = kept.clone().unwrap_or_else(|| elsewhere_of(folder));
        InstallationSettings {
            statement: statement.clone(),
            data: folder.path().join("data"),
            keys: folder.path().join("keys"),
            elsewhere,
            locations: Locations::all_in("NL"),
            base_url: self.base_url.clone(),
            plain_loopback_cookies: self.base_url.starts_with("http:"),
            login: LoginSettings {
                issuer: self.issuer.clone(),
                client_id: CLIENT_ID.to_owned(),
                number_claim: kind_of(&statement).name().to_lowercase(),
            },
            contacts: Contacts {
                helpdesk: Some("mailto:helpdesk@postbus.example".to_owned()),
                security: Some("mailto:beveiliging@postbus.example".to_owned()),
            },
            addresses: [("post".to_owned(), ADDRESS.map(str::to_owned).to_vec())].into(),
            app: Some(App {
                name: "Berichtenbox".to_owned(),
                link: "https://app.postbus.example".to_owned(),
            }),
            proxies: self.proxies.clone(),
            log_collector: self.log_collector.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }
}

/// Where rows and keyring lie when a server lends places to tests.
fn elsewhere_of(folder: &TempDir) -> Elsewhere {
    let lent = cluster::lent_to(folder.path()).expect("a place is lent");
    // One writer, so that what is done at the same moment lies in the order in which it was handed over, as in a file.
    Elsewhere {
        writers: Some(1),
        ..Elsewhere::on_servers(lent).expect("its addresses read")
    }
}

fn kind_of(statement: &str) -> NumberKind {
    let read = Register::parse(statement);
    let register = read.unwrap_or_else(|findings| panic!("the statement: {findings:?}"));
    register.number().kind
}

/// What every product starts with.
struct Made {
    /// Whose place on a server is copied.
    first: PathBuf,
    /// What its folder of keys holds, by name.
    files: Vec<(String, Vec<u8>)>,
}

/// Making the installation's own RSA key is slow, and so is making tables on a server: both are done once a process, and every
/// product starts with a copy.
fn give_keys(folder: &TempDir, is_in_files: bool) {
    static MADE: OnceLock<Made> = OnceLock::new();
    let Made { first, files } = MADE.get_or_init(|| {
        let first = tempfile::tempdir().expect("a temporary folder can be made");
        let lent = cluster::lent_as_model(first.path()).expect("a place is lent");
        let elsewhere = Elsewhere::on_servers(lent).expect("its addresses read");
        let rooms = postbus::rooms();
        vault::prepare(&elsewhere, &rooms).expect("tables can be made");
        // No rows of this one are in anybody's copy.
        let keyring_alone = Elsewhere {
            rows: None,
            ..elsewhere
        };
        let settings = Settings {
            statement: Mutex::new(MIJNOVERHEID.to_owned()),
            base_url: "https://postbus.example".to_owned(),
            issuer: "http://127.0.0.1:1".to_owned(),
            clock: Clock::fixed(NOW),
            ids: Ids::seeded(0),
            proxies: Proxies::default(),
            log_collector: None,
            elsewhere: Mutex::new(Some(keyring_alone)),
        };
        drop(Open::at(&settings, &first));
        let files = std::fs::read_dir(first.path().join("keys")).expect("the keys are there");
        let file = |entry: std::io::Result<std::fs::DirEntry>| {
            let entry = entry.expect("the folder can be read");
            let bytes = std::fs::read(entry.path()).expect("the file can be read");
            (
                entry.file_name().into_string().expect("a plain name"),
                bytes,
            )
        };
        Made {
            first: first.path().to_owned(),
            files: files.map(file).collect(),
        }
    });
    let keys = folder.path().join("keys");
    std::fs::create_dir_all(&keys).expect("a folder can be made");
    for (name, bytes) in files {
        let path = keys.join(name);
        std::fs::write(&path, bytes).expect("a file can be written");
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, private).expect("the file is ours");
    }
    if !is_in_files {
        cluster::lent_like(first, folder.path()).expect("a place is lent");
    }
}
