//! An installation in a temporary folder with one organisation; its pages as a browser gets them.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::middleware::{Next, from_fn};
use basics::{
    Activity, Actor, Channel, Clock, Fault, Ids, Moment, NumberKind, Oin, PersonNumber, SubjectId,
    Trace,
};
use statement::Register;
use tower::ServiceExt;
use vault::{Elsewhere, Processing, Subjects, Vault, VaultSettings};
use web::{Cookies, Language, SessionEnd, Site, SiteFacts, Visitor};

use crate::*;

pub(super) const MIJNOVERHEID: &str = include_str!("../../../../statements/mijnoverheid.toml");
pub(super) const MIJNCN: &str = include_str!("../../../../statements/mijncn.toml");
pub(super) const DELIVER: Activity = Activity("bericht-aanleveren");
pub(super) const ANNA: &str = "999993653";
pub(super) const BORIS: &str = "123456782";

pub(super) struct House {
    pub(super) vault: Vault,
    pub(super) clock: Clock,
    pub(super) ids: Ids,
    pub(super) listeners: Listeners,
    _folder: tempfile::TempDir,
}

impl House {
    pub(super) async fn open() -> Self {
        Self::with(MIJNOVERHEID, "2026-11-20T13:30:00Z").await
    }

    pub(super) async fn with(statement: &str, now: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, ids) = (
            Clock::fixed(Moment::from_timestamp(now.parse().unwrap())),
            Ids::system(),
        );
        let vault = Vault::open(VaultSettings {
            data: folder.path().join("data"),
            keys: folder.path().join("keys"),
            elsewhere: Elsewhere::on_servers(
                cluster::lent_to(folder.path()).expect("a place is lent"),
            )
            .expect("its addresses read"),
            register: Arc::new(Register::parse(statement).unwrap()),
            rooms: vec![organisations::SCHEMA, SCHEMA],
            clock: clock.clone(),
            ids: ids.clone(),
        });
        let house = Self {
            vault: vault.unwrap(),
            clock,
            ids,
            listeners: Listeners::default(),
            _folder: folder,
        };
        house.connect().await;
        house
    }

    pub(super) async fn connect(&self) {
        let tax_office = organisations::NewOrganisation {
            oin: oin(1),
            name: "Belastingdienst".to_owned(),
            jwks: serde_json::json!({ "keys": [organisations::new_client_key().1] }),
            mandatory: false,
        };
        let upkeep = Processing::upkeep(Activity("aansluiten"), Trace::new(&self.ids));
        let connected = self.vault.write(upkeep, move |tx| {
            organisations::connect(tx, tax_office.clone())
        });
        connected.await.unwrap();
    }

    pub(super) async fn enrol(&self, digits: &str) -> SubjectId {
        let number = number(digits);
        let login = self.processing(
            Activity("inloggen"),
            Actor::Visitor,
            Subjects::Found,
            Channel::Web,
        );
        self.vault
            .write(login, move |tx| tx.enrol(&number))
            .await
            .unwrap()
    }

    pub(super) fn processing(
        &self,
        activity: Activity,
        actor: Actor,
        subjects: Subjects,
        channel: Channel,
    ) -> Processing {
        Processing::of(activity, actor, subjects, channel, Trace::new(&self.ids))
    }

    pub(super) fn of_person(&self, activity: Activity, subject: SubjectId) -> Processing {
        self.processing(
            activity,
            Actor::Person(subject),
            Subjects::One(subject),
            Channel::Web,
        )
    }

    pub(super) fn letter(&self, title: &str) -> NewMessage {
        let now = self.clock.now();
        NewMessage {
            message: MessageId::new(&self.ids, now),
            oin: oin(1),
            title: title.to_owned(),
            text: "Geachte mevrouw,\n\nU krijgt **€ 100** terug.".to_owned(),
            published_at: now,
            reference: Some("KL-2026-7".to_owned()),
            message_type: None,
            act_before: None,
            language: None,
            attachments: Vec::new(),
        }
    }

    pub(super) async fn attach(&self, letter: &mut NewMessage, name: &str, bytes: &'static [u8]) {
        letter.attachments.push(NewAttachment {
            attachment: AttachmentId::new(&self.ids, self.clock.now()),
            name: name.to_owned(),
            mime_type: "application/pdf".to_owned(),
            blob: self
                .vault
                .put_blob(Bytes::from_static(bytes))
                .await
                .unwrap(),
        });
    }

    pub(super) async fn try_deliver(
        &self,
        digits: &str,
        letter: NewMessage,
    ) -> Result<MessageId, Fault> {
        let (number, listeners) = (number(digits), self.listeners.clone());
        let sender = self.processing(
            DELIVER,
            Actor::Organisation(oin(1)),
            Subjects::Found,
            Channel::Api,
        );
        let delivered = self.vault.write(sender, move |tx| {
            tx.find(&number)?.ok_or_else(|| Fault::broken("nobody"))?;
            deliver(tx, &listeners, &letter)?;
            Ok(letter.message)
        });
        delivered.await
    }

    pub(super) async fn deliver(&self, digits: &str, letter: NewMessage) -> MessageId {
        self.try_deliver(digits, letter).await.unwrap()
    }

    pub(super) async fn get(
        &self,
        visitor: SubjectId,
        path: &str,
    ) -> (StatusCode, HeaderMap, Vec<u8>) {
        let visitor = Visitor {
            subject: visitor,
            session: self.ids.random(),
            csrf: "0123abcd".to_owned(),
            ends: SessionEnd {
                at: self.clock.now().plus(Duration::from_secs(900)),
                left: Duration::from_secs(900),
                can_be_put_off: true,
            },
        };
        let rooms = routes(Letterbox::new(self.vault.clone(), self.listeners.clone()))
            .fallback(web::not_found)
            .layer(from_fn(move |request, next: Next| {
                visitor.clone().carry(request, next)
            }));
        let router = web::trace(
            web::pages(rooms, site(&self.vault)),
            self.ids.clone(),
            self.vault.clock().clone(),
        );
        let answer = router
            .oneshot(Request::get(path).body(Body::empty()).unwrap())
            .await
            .unwrap();
        let (head, body) = answer.into_parts();
        (
            head.status,
            head.headers,
            to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        )
    }

    pub(super) async fn page(&self, visitor: SubjectId, path: &str) -> (StatusCode, String) {
        let (status, _, body) = self.get(visitor, path).await;
        (status, String::from_utf8(body).unwrap())
    }

    /// Of the letters that the list shows.
    pub(super) async fn titles(&self, subject: SubjectId) -> Vec<String> {
        let list = self.of_person(LIST_MESSAGES, subject);
        let found: Result<Vec<_>, Fault> = self
            .vault
            .read(list, |tx| messages::list(tx, Folder::Inbox, None, 100))
            .await;
        found
            .unwrap()
            .into_iter()
            .map(|letter| letter.title)
            .collect()
    }
}

pub(super) fn oin(number: u32) -> Oin {
    Oin::parse(&format!("00000099{number:012}")).unwrap()
}

pub(super) fn number(digits: &str) -> PersonNumber {
    PersonNumber::parse(NumberKind::Bsn, digits).unwrap()
}

pub(super) fn site(vault: &Vault) -> Site {
    let facts = SiteFacts {
        name: "mijnoverheid".to_owned(),
        title: "MijnOverheid".to_owned(),
        controller: "Ministerie van Voorbeelden".to_owned(),
        default_language: Language::Nl,
        languages: vec![Language::Nl],
        time_zone: "Europe/Amsterdam".to_owned(),
        base_url: "https://post.example.nl".to_owned(),
        cookies: Cookies::Secure,
        login_origin: None,
        can_log_out: true,
        navigation: nav_item(vault).into_iter().collect(),
        footer: Vec::new(),
        app: None,
        proxies: web::Proxies::default(),
    };
    Site::new(facts).unwrap()
}

/// The statement without this activity.
pub(super) fn without(activity: &str) -> String {
    let name = format!("\nnaam = \"{activity}\"\n");
    let parts: Vec<&str> = MIJNOVERHEID
        .split("[[activiteit]]")
        .filter(|part| !part.starts_with(&name))
        .collect();
    parts.join("[[activiteit]]")
}
