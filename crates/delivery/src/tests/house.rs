//! An installation with the rooms that a delivery passes, two senders, Alice who logged in and Bob who never did.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request};
use basics::{
    Activity, Actor, Channel, Clock, Fault, Ids, Moment, NumberKind, Oin, PersonNumber, SubjectId,
    Trace,
};
use futures_util::StreamExt;
use organisations::{NewOrganisation, Scopes, Tokens};
use people::{LoginSettings, People};
use serde_json::{Value, json};
use statement::Register;
use tokio::sync::OnceCell;
use tower::ServiceExt;
use vault::{Elsewhere, Processing, Standing, Subjects, Tx, Vault, VaultSettings};
use web::{Budget, Cookies, Language, Site, SiteFacts};

use crate::Delivery;

pub(super) const ALICE: &str = "999993653";
pub(super) const BOB: &str = "999990019";
pub(super) const CRIB: &str = "ALICE1";
pub(super) const KEY: &str = "idempotency-key";
const BASE_URL: &str = "https://post.example";
const MIJNOVERHEID: &str = include_str!("../../../../statements/mijnoverheid.toml");

pub(super) struct House {
    pub(super) vault: Vault,
    pub(super) clock: Clock,
    tokens: Tokens,
    router: Router,
    public: Value,
    folder: tempfile::TempDir,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

/// A good delivery by this sender.
pub(super) fn body(sender: u32, number: &str) -> Value {
    json!({"afzender": oin(sender).as_str(), "ontvanger": {"type": "BSN", "waarde": number},
        "onderwerp": "Uw aanvraag", "inhoud": "Beste lezer,\n\nEen brief."})
}

pub(super) fn oin(number: u32) -> Oin {
    Oin::parse(&format!("00000099{number:012}")).unwrap()
}

fn bsn(number: &str) -> PersonNumber {
    PersonNumber::parse(NumberKind::Bsn, number).unwrap()
}

impl House {
    pub(super) async fn open() -> Self {
        Self::of(MIJNOVERHEID).await
    }

    /// One for many cases of a property.
    pub(super) async fn shared() -> &'static Self {
        static SHARED: OnceCell<House> = OnceCell::const_new();
        SHARED.get_or_init(Self::open).await
    }

    /// One that holds this many bytes of requests at once.
    pub(super) async fn of_bytes(bytes: usize) -> Self {
        Self::build(MIJNOVERHEID, Budget::new(bytes)).await
    }

    pub(super) async fn of(statement: &str) -> Self {
        Self::build(statement, Budget::default()).await
    }

    async fn build(statement: &str, budget: Budget) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(Moment::from_micros(1_795_181_400_000_000));
        let register = Arc::new(Register::parse(statement).unwrap());
        let vault = Vault::open(VaultSettings {
            data: folder.path().join("data"),
            keys: folder.path().join("keys"),
            elsewhere: Elsewhere::on_servers(
                cluster::lent_to(folder.path()).expect("a place is lent"),
            )
            .expect("its addresses read"),
            register: Arc::clone(&register),
            rooms: vec![
                organisations::SCHEMA,
                people::SCHEMA,
                letterbox::SCHEMA,
                crate::SCHEMA,
            ],
            clock: clock.clone(),
            ids: Ids::system(),
        })
        .unwrap();
        let tokens = Tokens::open(&vault, BASE_URL).unwrap();
        let delivery = Delivery::new(
            vault.clone(),
            tokens.clone(),
            Default::default(),
            budget,
            BASE_URL,
            None,
        );
        let router = Router::new().nest(crate::BASE_PATH, crate::routes(delivery));
        let router = web::trace(router, vault.ids().clone(), vault.clock().clone());
        let (_, public) = organisations::new_client_key();
        let house = Self {
            vault,
            clock,
            tokens,
            router,
            public,
            folder,
        };
        house.settle().await;
        house
    }

    async fn settle(&self) {
        self.connect(1, false).await;
        self.connect(2, false).await;
        let people = self.people();
        let trace = Trace::new(self.vault.ids());
        if self.vault.register().number().kind == NumberKind::Crib {
            let alice = PersonNumber::parse(NumberKind::Crib, CRIB).unwrap();
            people.bring_in(alice, trace).await.unwrap();
            return;
        }
        people.bring_in(bsn(ALICE), trace).await.unwrap();
        let enrol = |tx: &mut Tx<'_>| tx.enrol(&bsn(BOB)).map(drop);
        self.vault.write(self.visit(), enrol).await.unwrap();
    }

    pub(super) async fn connect(&self, number: u32, mandatory: bool) {
        let jwks = json!({"keys": [self.public]});
        let new = NewOrganisation {
            oin: oin(number),
            name: "Dienst".to_owned(),
            jwks,
            mandatory,
        };
        self.upkeep(move |tx| organisations::connect(tx, new.clone()))
            .await;
    }

    pub(super) async fn block(&self, number: u32) {
        self.upkeep(move |tx| organisations::block(tx, &oin(number)).map(drop))
            .await;
    }

    /// Keeps the writer from taking up other work for a while.
    pub(super) async fn busy(&self) {
        let sleep = |_: &mut Tx<'_>| {
            std::thread::sleep(Duration::from_millis(50));
            Ok(())
        };
        self.upkeep(sleep).await;
    }

    /// Keeps the writers, of which there are two at most, from other work until told.
    pub(super) async fn busy_until(&self, told: mpsc::Receiver<()>) {
        let told = Arc::new(Mutex::new(Some(told)));
        let is_busy = Arc::new(AtomicBool::new(false));
        let wait = || {
            let (told, is_busy) = (Arc::clone(&told), Arc::clone(&is_busy));
            move |_: &mut Tx<'_>| {
                is_busy.store(true, Ordering::SeqCst);
                let mut told = told.lock().unwrap();
                told.take().map_or(Ok(()), |told| {
                    told.recv().map_err(|_| Fault::broken("nobody told"))
                })
            }
        };
        let second = async {
            while !is_busy.load(Ordering::SeqCst) {
                tokio::task::yield_now().await;
            }
            self.upkeep(wait()).await;
        };
        tokio::join!(self.upkeep(wait()), second);
    }

    /// From now on no blob can be stored.
    pub(super) fn lose_blobs(&self) {
        let blobs = self.folder.path().join("data/blobs");
        std::fs::remove_dir_all(&blobs).unwrap();
        std::fs::write(&blobs, "").unwrap();
    }

    pub(super) async fn log_rows(&self) -> u64 {
        self.vault.verify_log().await.unwrap().links
    }

    /// Nothing may be done with the person's data (AVG art. 18).
    pub(super) async fn restrict(&self, number: &str) {
        let number = bsn(number);
        let limit = move |tx: &mut Tx<'_>| {
            tx.enrol(&number)?;
            tx.limit(Standing::Restriction, "*", None, "art. 18")
        };
        self.vault.write(self.visit(), limit).await.unwrap();
    }

    pub(super) async fn prefer(&self, number: &str, sender: u32, wanted: bool) {
        let subject = self.subject(number).await;
        let processing = Processing::of(
            letterbox::CHANGE_PREFERENCE,
            Actor::Person(subject),
            Subjects::One(subject),
            Channel::Web,
            Trace::new(self.vault.ids()),
        );
        let prefer = move |tx: &mut Tx<'_>| letterbox::set_preference(tx, &oin(sender), wanted);
        self.vault.write(processing, prefer).await.unwrap();
    }

    async fn subject(&self, number: &str) -> SubjectId {
        let number = bsn(number);
        let find = move |tx: &mut Tx<'_>| tx.enrol(&number);
        self.vault.write(self.visit(), find).await.unwrap()
    }

    pub(super) async fn blobs(&self) -> usize {
        self.vault.list_blobs().count().await
    }

    pub(super) fn token(&self, sender: u32) -> String {
        self.tokens.issue(&oin(sender), Scopes::all()).unwrap()
    }

    pub(super) async fn post(&self, sender: u32, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let token = self.token(sender);
        self.send(
            "POST",
            "/api/v1/aanleveringen",
            Some(&token),
            body.to_string().into_bytes(),
            headers,
        )
        .await
    }

    pub(super) async fn get(&self, sender: u32, path: &str) -> Answer {
        self.send("GET", path, Some(&self.token(sender)), Vec::new(), &[])
            .await
    }

    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .body(Body::from(body))
            .unwrap();
        let sent = request.headers_mut();
        sent.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(token) = token {
            sent.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        }
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            sent.insert(name, HeaderValue::from_str(value).unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&body).unwrap(),
        }
    }

    async fn upkeep(&self, closure: impl Fn(&mut Tx<'_>) -> Result<(), Fault> + Send + 'static) {
        let processing = Processing::upkeep(Activity("beproeven"), Trace::new(self.vault.ids()));
        self.vault.write(processing, closure).await.unwrap();
    }

    fn visit(&self) -> Processing {
        let trace = Trace::new(self.vault.ids());
        Processing::of(
            people::LOG_IN,
            Actor::Visitor,
            Subjects::Found,
            Channel::Web,
            trace,
        )
    }

    fn people(&self) -> People {
        let site = Site::new(SiteFacts {
            name: "proef".to_owned(),
            title: "Proef".to_owned(),
            controller: "Proef".to_owned(),
            default_language: Language::Nl,
            languages: vec![Language::Nl],
            time_zone: "Europe/Amsterdam".to_owned(),
            base_url: BASE_URL.to_owned(),
            cookies: Cookies::Secure,
            login_origin: None,
            can_log_out: true,
            navigation: Vec::new(),
            footer: Vec::new(),
            app: None,
            proxies: web::Proxies::default(),
        });
        let login = LoginSettings {
            issuer: "https://login.example".to_owned(),
            client_id: "proef".to_owned(),
            number_claim: "bsn".to_owned(),
        };
        People::open(self.vault.clone(), site.unwrap(), login, Vec::new()).unwrap()
    }
}
