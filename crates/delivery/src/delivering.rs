//! `POST /aanleveringen`: a message from an organisation for a person; 201 once it is durable.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use basics::{Actor, Channel, Fault, FaultKind, ForeignSpan, Moment, Oin, Trace};
use bytes::Bytes;
use letterbox::{AttachmentId, MessageId, NewAttachment, NewMessage};
use organisations::{Denied, Scope};
use serde::Serialize;
use tokio::time::Instant;
use vault::{BlobId, Disclosure, Processing, ReadTx, Subjects, Tx};
use web::{CalledBy, FieldFault, Problem, Traced};

use crate::asked::{Asked, File, PDF};
use crate::idempotency::{self, Repeatable};
use crate::receipts::Receipt;
use crate::take_in::{Ready, Refusal, Taken, connected, take_in};
use crate::{BASE_PATH, DELIVER, Delivery};

pub(crate) const JSON: &str = "application/json";
/// A larger body is read on a thread of its own kind, so that other requests do not wait for it.
const LARGE: usize = 256 * 1024;
/// Refusals about a person are answered at a multiple of this.
const BEAT: Duration = Duration::from_millis(25);

/// The answer of the Federatief Berichtenstelsel to a delivery.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BerichtResponse<'a> {
    bericht_id: String,
    afzender: &'a str,
    ontvanger: Identificatienummer<'a>,
    onderwerp: &'a str,
    tijdstip_ontvangst: String,
    publicatietijdstip: String,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Serialize)]
struct Identificatienummer<'a> {
    r#type: &'static str,
    waarde: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Links {
    #[serde(rename = "self")]
    own: Link,
}

#[derive(Serialize)]
struct Link {
    href: String,
}

pub(crate) async fn deliver(
    State(delivery): State<Delivery>,
    Traced(trace): Traced,
    CalledBy(foreign): CalledBy,
    request: Request,
) -> Result<Response, Denied> {
    let room = &delivery.0;
    let headers = request.headers();
    let caller = room.tokens.caller(headers, Scope::Deliver)?;
    web::accepts(headers, JSON)?;
    web::content_type(headers, JSON)?;
    let key = idempotency::header(headers);
    let body = web::read_body(request, &room.limits).await?;
    let began = Instant::now();

    let received_at = room.vault.clock().now();
    let (asked, repeatable) = read(&delivery, body, key, received_at).await?;
    if asked.sender != caller.oin {
        return Err(Problem::forbidden("De afzender is niet de organisatie van het token.").into());
    }
    // What is out of time by now may be the repetition of what was not.
    if let (Some(fault), None) = (&asked.out_of_time, &repeatable) {
        return Err(Problem::bad_input(vec![fault.clone()]).into());
    }
    // The attachments are in memory twice, open and sealed.
    let size: usize = asked.files.iter().map(|file| file.bytes.len()).sum();
    let _held = room.limits.budget.hold(2 * size)?;
    if !asked.files.is_empty() {
        let checked = check_sender(&delivery, trace, asked.sender.clone()).await;
        checked.map_err(Problem::from)?;
    }
    let ready = make_ready(&delivery, asked, received_at, repeatable).await?;
    match hand_over(&delivery, trace, foreign, Arc::clone(&ready)).await {
        Ok(Taken::New(receipt)) => Ok(created(&ready, receipt)),
        Ok(Taken::Before(receipt)) => {
            remove_blobs(&delivery, &ready).await;
            Ok(created(&ready, receipt))
        }
        Err(refusal) => {
            if !may_have_happened(&refusal) {
                remove_blobs(&delivery, &ready).await;
            }
            if matches!(refusal, Refusal::Recipient) {
                on_the_beat(began).await;
            }
            Err(Problem::from(refusal).into())
        }
    }
}

async fn read(
    delivery: &Delivery,
    body: Bytes,
    key: Result<Option<String>, FieldFault>,
    now: Moment,
) -> Result<(Asked, Option<Repeatable>), Problem> {
    let vault = delivery.0.vault.clone();
    let is_large = body.len() >= LARGE;
    let reading = move || {
        let (key, faults) = key.map_or_else(|fault| (None, vec![fault]), |key| (key, Vec::new()));
        let asked = Asked::read(&body, vault.register().number().kind, now, faults)?;
        let repeatable = key.map(|key| Repeatable::of(&vault, &key, &body));
        Ok((asked, repeatable))
    };
    if !is_large {
        return reading();
    }
    tokio::task::spawn_blocking(reading)
        .await
        .unwrap_or_else(|_| {
            tracing::error!("reading a large body panicked");
            Err(Problem::broken())
        })
}

/// Before anything is stored for it. It is looked at again with the message.
async fn check_sender(delivery: &Delivery, trace: Trace, sender: Oin) -> Result<(), Refusal> {
    let actor = Actor::Organisation(sender.clone());
    let processing = Processing::of(DELIVER, actor, Subjects::None, Channel::Api, trace);
    let check = move |tx: &mut ReadTx<'_>| connected(tx, &sender).map(drop);
    delivery.0.vault.read(processing, check).await
}

/// Stores the attachments, and makes the message of all that was asked.
async fn make_ready(
    delivery: &Delivery,
    asked: Asked,
    received_at: Moment,
    repeatable: Option<Repeatable>,
) -> Result<Arc<Ready>, Problem> {
    let vault = &delivery.0.vault;
    let mut attachments = Vec::with_capacity(asked.files.len());
    for File { name, bytes } in asked.files {
        let blob = match vault.put_blob(bytes).await {
            Ok(blob) => blob,
            Err(fault) => {
                remove(
                    delivery,
                    attachments
                        .iter()
                        .map(|stored: &NewAttachment| stored.blob.blob),
                )
                .await;
                return Err(fault.into());
            }
        };
        let attachment = AttachmentId::new(vault.ids(), received_at);
        attachments.push(NewAttachment {
            attachment,
            name,
            mime_type: PDF.to_owned(),
            blob,
        });
    }
    let message = NewMessage {
        message: MessageId::new(vault.ids(), asked.published_at),
        oin: asked.sender,
        title: asked.title,
        text: asked.text,
        published_at: asked.published_at,
        reference: asked.reference,
        message_type: asked.message_type,
        act_before: asked.act_before,
        language: asked.language,
        attachments,
    };
    Ok(Arc::new(Ready {
        recipient: asked.recipient,
        message,
        received_at,
        repeatable,
        out_of_time: asked.out_of_time,
    }))
}

async fn hand_over(
    delivery: &Delivery,
    trace: Trace,
    foreign: Option<ForeignSpan>,
    ready: Arc<Ready>,
) -> Result<Taken, Refusal> {
    let room = &delivery.0;
    let sender = Actor::Organisation(ready.message.oin.clone());
    let processing =
        Processing::of(DELIVER, sender, Subjects::Found, Channel::Api, trace).called_by(foreign);
    let listeners = room.listeners.clone();
    room.vault
        .write(processing, move |tx: &mut Tx<'_>| {
            take_in(tx, &listeners, &ready)
        })
        .await
}

fn created(ready: &Ready, receipt: Disclosure<Receipt>) -> Response {
    let receipt = receipt.into_inner();
    let place = place(receipt.message);
    let location = HeaderValue::from_str(&place).expect("an id in a path is ASCII");
    let number = &ready.recipient;
    let answer = BerichtResponse {
        bericht_id: receipt.message.to_string(),
        afzender: ready.message.oin.as_str(),
        ontvanger: Identificatienummer {
            r#type: number.kind().name(),
            waarde: number.reveal(),
        },
        onderwerp: &ready.message.title,
        tijdstip_ontvangst: receipt.received_at.to_string(),
        publicatietijdstip: receipt.published_at.to_string(),
        links: Links::to(place),
    };
    (StatusCode::CREATED, [(LOCATION, location)], Json(answer)).into_response()
}

impl Links {
    pub(crate) fn to(href: String) -> Self {
        Self { own: Link { href } }
    }
}

/// Where a receipt is found.
pub(crate) fn place(message: MessageId) -> String {
    format!("{BASE_PATH}/aanleveringen/{message}")
}

/// After a COMMIT of unknown outcome the message may be there, and need its blobs.
fn may_have_happened(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Fault(fault) if matches!(fault.kind(), FaultKind::Uncertain(_)))
}

async fn remove_blobs(delivery: &Delivery, ready: &Ready) {
    remove(
        delivery,
        ready
            .message
            .attachments
            .iter()
            .map(|stored| stored.blob.blob),
    )
    .await;
}

/// What does not succeed here is swept later, as an orphan.
async fn remove(delivery: &Delivery, blobs: impl Iterator<Item = BlobId>) {
    for blob in blobs {
        let removed: Result<(), Fault> = delivery.0.vault.remove_blob(blob).await;
        if let Err(fault) = removed {
            tracing::warn!(%fault, "the blob of a refused delivery is left to the sweep");
        }
    }
}

/// Whether somebody is known here would show in the time that the look-up took: every such refusal waits for the beat.
async fn on_the_beat(began: Instant) {
    let beats = began.elapsed().as_micros() / BEAT.as_micros() + 1;
    let beats = u32::try_from(beats).unwrap_or(u32::MAX);
    tokio::time::sleep_until(began + BEAT.saturating_mul(beats)).await;
}
