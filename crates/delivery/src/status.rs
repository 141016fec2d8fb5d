//! `GET /aanleveringen/{berichtId}`: what became of a delivery, for the sender that made it (MO-52, CN-59).

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use basics::{Actor, Channel, Fault, ForeignSpan, Moment, Oin, Trace};
use letterbox::MessageId;
use organisations::{Denied, Scope};
use serde::Serialize;
use vault::{Disclosure, Processing, ReadTx, Subjects};
use web::{CalledBy, Problem, Traced};

use crate::delivering::{JSON, Links, place};
use crate::receipts::{self, Receipt, Status};
use crate::take_in::{Refusal, connected};
use crate::{CONFIRM, Delivery};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Afleverstatus {
    bericht_id: String,
    status: Option<Status>,
    tijdstip_ontvangst: String,
    publicatietijdstip: String,
    /// Oldest first.
    historie: Vec<Gebeurtenis>,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Serialize)]
struct Gebeurtenis {
    status: Status,
    tijdstip: String,
}

pub(crate) async fn status(
    State(delivery): State<Delivery>,
    Traced(trace): Traced,
    CalledBy(foreign): CalledBy,
    Path(message): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Afleverstatus>, Denied> {
    let caller = delivery.0.tokens.caller(&headers, Scope::Status)?;
    web::accepts(&headers, JSON)?;
    // A text that is no id names nothing, like an unknown one.
    let message: MessageId = message.parse().map_err(|_| Problem::not_found())?;
    let found = look_up(&delivery, (trace, foreign), caller.oin, message).await;
    let (receipt, history) = found
        .map_err(Problem::from)?
        .ok_or_else(Problem::not_found)?
        .into_inner();
    Ok(Json(Afleverstatus {
        bericht_id: receipt.message.to_string(),
        status: history.last().map(|(status, _)| *status),
        tijdstip_ontvangst: receipt.received_at.to_string(),
        publicatietijdstip: receipt.published_at.to_string(),
        historie: history
            .into_iter()
            .map(|(status, at)| Gebeurtenis {
                status,
                tijdstip: at.to_string(),
            })
            .collect(),
        links: Links::to(place(receipt.message)),
    }))
}

type Found = Option<Disclosure<(Receipt, Vec<(Status, Moment)>)>>;

async fn look_up(
    delivery: &Delivery,
    (trace, foreign): (Trace, Option<ForeignSpan>),
    sender: Oin,
    message: MessageId,
) -> Result<Found, Refusal> {
    let actor = Actor::Organisation(sender.clone());
    let processing =
        Processing::of(CONFIRM, actor, Subjects::Found, Channel::Api, trace).called_by(foreign);
    let closure = move |tx: &mut ReadTx<'_>| {
        let organisation = connected(tx, &sender)?;
        let Some(receipt) = receipts::find(tx, &sender, message)? else {
            return Ok(None);
        };
        receipts::enter(tx, &receipt)?;
        let history: Result<_, Fault> = receipts::history(tx, &sender, &receipt);
        let told = receipts::disclose(tx, &organisation, (receipt, history?))?;
        Ok(Some(told))
    };
    delivery.0.vault.read(processing, closure).await
}
