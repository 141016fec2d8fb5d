//! The organisation API: `asked.rs` what a sender asks and its rules, `delivering.rs` the call that takes a message in,
//! `take_in.rs` what happens to it in one commit, `receipts.rs` and `idempotency.rs` the SQL, `status.rs` the call that
//! asks what became of it, `contract.rs` all of this as OpenAPI, `chain.rs` the ids of callers' own chains.

mod asked;
mod chain;
mod contract;
mod delivering;
mod idempotency;
mod receipts;
mod status;
mod take_in;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use basics::Activity;
use bytes::Bytes;
use letterbox::Listeners;
use organisations::Tokens;
use vault::{RoomSchema, Vault};
use web::{Budget, Limits};

pub use contract::{joined, openapi};
pub use idempotency::sweep;

/// The tables of this room.
pub const SCHEMA: RoomSchema = RoomSchema {
    room: "delivery",
    sql: include_str!("schema.sql"),
    changes: &[],
};

pub const DELIVER: Activity = Activity("bericht-aanleveren");
pub const CONFIRM: Activity = Activity("aflevering-bevestigen");
/// Upkeep: on nobody's data.
const FORGET_KEYS: Activity = Activity("sleutels-opruimen");

/// Where `routes` is mounted.
pub const BASE_PATH: &str = "/api/v1";
/// The whole version of the API, in `API-Version` and the contract.
pub const API_VERSION: &str = "1.0.0";

/// The largest body of a delivery.
pub(crate) const LARGEST_BODY: usize = 40 << 20;
const PATIENCE: Duration = Duration::from_secs(60);

/// This room in one installation; cheap to clone.
#[derive(Clone)]
pub struct Delivery(Arc<Room>);

struct Room {
    vault: Vault,
    tokens: Tokens,
    listeners: Listeners,
    limits: Limits,
    contract: Bytes,
}

impl Delivery {
    /// `base_url` is where senders reach the installation, such as `https://post.example`; `budget` is shared with
    /// the other calls of the installation that read a body; `more` is what other rooms add to the contract.
    pub fn new(
        vault: Vault,
        tokens: Tokens,
        listeners: Listeners,
        budget: Budget,
        base_url: &str,
        more: Option<serde_json::Value>,
    ) -> Self {
        let mut contract = contract::of_installation(&vault, base_url);
        if let Some(more) = more {
            contract = joined(contract, more);
        }
        let contract = contract.to_string().into();
        let limits = Limits {
            max_bytes: LARGEST_BODY,
            within: PATIENCE,
            budget,
        };
        Self(Arc::new(Room {
            vault,
            tokens,
            listeners,
            limits,
            contract,
        }))
    }
}

/// The calls that the statement names, to nest under [`BASE_PATH`]. Has the layers of `web::api` around it; needs
/// `web::trace` around that.
pub fn routes(delivery: Delivery) -> Router {
    let offers = |activity| delivery.0.vault.offers(activity);
    let mut router = Router::new().route("/openapi.json", get(contract::contract));
    if offers(DELIVER) {
        router = router.route("/aanleveringen", post(delivering::deliver));
    }
    if offers(CONFIRM) {
        router = router.route("/aanleveringen/{berichtId}", get(status::status));
    }
    let router = router.fallback(web::unknown_resource).with_state(delivery);
    web::api(router.layer(from_fn(chain::chain)), API_VERSION)
}
