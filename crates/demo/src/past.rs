//! An installation with its clock in the past: what happened before the demonstration happens here as it does every day,
//! through the organisation API and the letterbox, so that receipts, log and moments fit together.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use basics::{Activity, Clock, Fault, Moment, Oin, PersonNumber, SubjectId, Trace};
use letterbox::{Listeners, MessageId};
use organisations::Scopes;
use postbus::Installation;
use serde_json::Value;
use tower::ServiceExt;
use vault::{Processing, Tx};

/// A token lives an hour.
const TOKEN_USED: Duration = Duration::from_secs(50 * 60);
/// An answer to a delivery is small.
const LARGEST_ANSWER: usize = 1 << 20;

/// What a person does with letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Read,
    Archive,
    Bin,
}

pub struct Past {
    pub installation: Installation,
    clock: Clock,
    router: Router,
    tokens: BTreeMap<Oin, (String, Moment)>,
}

impl Past {
    /// `clock` is the one that the installation was opened with.
    pub fn new(installation: Installation, clock: Clock) -> Self {
        let router = installation.router();
        Self {
            installation,
            clock,
            router,
            tokens: BTreeMap::new(),
        }
    }

    /// Time goes forward only.
    pub fn advance_to(&self, moment: Moment) {
        self.clock.advance(moment.since(self.clock.now()));
    }

    /// Someone who has logged in before.
    pub async fn bring_in(&self, number: PersonNumber) -> Result<SubjectId, Fault> {
        let trace = Trace::new(self.installation.vault.ids());
        self.installation.people.bring_in(number, trace).await
    }

    /// A delivery by this organisation, to send now.
    pub fn delivery(&mut self, oin: &Oin, body: Vec<u8>) -> Result<Delivery, Fault> {
        let now = self.clock.now();
        let token = match self.tokens.get(oin) {
            Some((token, until)) if now < *until => token.clone(),
            _ => {
                let token = self.installation.tokens.issue(oin, Scopes::all())?;
                self.tokens
                    .insert(oin.clone(), (token.clone(), now.plus(TOKEN_USED)));
                token
            }
        };
        let request = Request::post("/api/v1/aanleveringen")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))
            .map_err(|fault| Fault::broken(format!("a delivery: {fault}")))?;
        Ok(Delivery {
            router: self.router.clone(),
            request,
        })
    }

    /// One person does this with letters of their own.
    pub async fn act(
        &self,
        subject: SubjectId,
        deed: Deed,
        letters: Vec<MessageId>,
    ) -> Result<(), Fault> {
        let (processing, closure) = self.deed(subject, deed, letters);
        self.installation.vault.write(processing, closure).await
    }

    /// As [`Past::act`] for many people at once.
    pub async fn act_all(&self, deeds: Vec<(SubjectId, Deed, MessageId)>) -> Result<(), Fault> {
        let writes = deeds
            .into_iter()
            .map(|(subject, deed, letter)| self.deed(subject, deed, vec![letter]));
        let done = self.installation.vault.write_all(writes.collect()).await;
        done.into_iter().collect()
    }

    fn deed(
        &self,
        subject: SubjectId,
        deed: Deed,
        letters: Vec<MessageId>,
    ) -> (
        Processing,
        impl Fn(&mut Tx<'_>) -> Result<(), Fault> + Send + use<>,
    ) {
        let trace = Trace::new(self.installation.vault.ids());
        let processing = Processing::own(deed.activity(), subject, trace);
        let listeners = Listeners::default();
        let closure = move |tx: &mut Tx<'_>| {
            let done = match deed {
                Deed::Read => letters.iter().try_fold(0, |done, letter| {
                    let found = letterbox::read(tx, &listeners, *letter)?;
                    Ok::<_, Fault>(done + usize::from(found.is_some()))
                })?,
                Deed::Archive => letterbox::archive(tx, &letters)?.len(),
                Deed::Bin => letterbox::bin(tx, &letters)?.len(),
            };
            if done == letters.len() {
                Ok(())
            } else {
                Err(Fault::broken(
                    "a sample letter is not where its reader left it",
                ))
            }
        };
        (processing, closure)
    }
}

impl Deed {
    const fn activity(self) -> Activity {
        match self {
            Deed::Read => letterbox::READ_MESSAGE,
            Deed::Archive => letterbox::ARCHIVE_MESSAGES,
            Deed::Bin => letterbox::BIN_MESSAGES,
        }
    }
}

/// A delivery on its way.
pub struct Delivery {
    router: Router,
    request: Request<Body>,
}

impl Delivery {
    /// Sends it. Errors: anything but 201, with what was answered.
    pub async fn send(self) -> Result<MessageId, Fault> {
        let Ok(answer) = self.router.oneshot(self.request).await;
        let status = answer.status();
        let body = to_bytes(answer.into_body(), LARGEST_ANSWER).await;
        let body =
            body.map_err(|fault| Fault::broken(format!("the answer to a delivery: {fault}")))?;
        let refused = || {
            let why = String::from_utf8_lossy(&body);
            Fault::broken(format!("a sample letter was not taken: {status} {why}"))
        };
        if status != StatusCode::CREATED {
            return Err(refused());
        }
        let answer: Value = serde_json::from_slice(&body).map_err(|_| refused())?;
        let message = answer["berichtId"].as_str().and_then(|id| id.parse().ok());
        message.ok_or_else(refused)
    }
}
