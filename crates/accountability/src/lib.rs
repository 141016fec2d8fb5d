//! Accounting for what is done with people's data: `history.rs` the page on which a person sees it all, `download.rs` the same
//! to take along, `wanted.rs` what of it they ask for, `deeds.rs` the rows of the log as deeds, `registers.rs` the
//! statements under which they were done, `words.rs` a deed in words.
//! `export.rs` passes the log on to a collector, `otlp.rs` in which form, `collector.rs` over which wire, `standard.rs` with
//! which attributes. `log_api.rs` is the call by which an organisation reads what it did, `asked.rs` what it asks,
//! `contract.rs` the same as OpenAPI. `cover.rs` is the sheet with what goes outside at a demand or after an incident. `publication.rs` is the statement as it is published.

mod asked;
mod collector;
mod contract;
mod cover;
mod deeds;
mod download;
mod export;
mod history;
mod log_api;
mod otlp;
pub mod publication;
mod registers;
mod standard;
mod wanted;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use basics::Activity;
use vault::{RoomSchema, Vault};
use web::{NavItem, texts};

use publication::contact;
use publication::privacy::{self, Publication};

pub use contract::openapi;
pub use cover::cover_sheet;
pub use export::{EXPORT_LOG, Export};
pub use log_api::LogApi;
pub use publication::Addresses;

/// The tables of this room.
pub const SCHEMA: RoomSchema = RoomSchema {
    room: "accountability",
    sql: include_str!("schema.sql"),
    changes: &[],
};

pub const READ_LOG: Activity = Activity("verwerkingen-opvragen");
pub const LOOK_BACK: Activity = Activity("geschiedenis-inzien");

/// This room in one installation; cheap to clone.
#[derive(Clone)]
pub struct Accountability {
    vault: Vault,
    addresses: Arc<Addresses>,
    kept: registers::Kept,
}

impl Accountability {
    /// `addresses` are those that the statement leaves to the installation.
    pub fn new(vault: Vault, addresses: Addresses) -> Self {
        Self {
            vault,
            addresses: Arc::new(addresses),
            kept: registers::Kept::default(),
        }
    }
}

/// The pages that the statement names, for inside `web::pages`.
pub fn routes(accountability: Accountability) -> Router {
    let mut router = Router::new();
    if accountability.vault.offers(LOOK_BACK) {
        router = router
            .route(history::PATH, get(history::history))
            .route(download::CSV_PATH, get(download::csv))
            .route(download::JSON_PATH, get(download::json));
    }
    let addresses = Arc::clone(&accountability.addresses);
    let publication = Publication::new(accountability.vault.clone(), addresses);
    router
        .with_state(accountability)
        .merge(published(publication))
}

/// The statement, which is for everyone.
fn published(publication: Publication) -> Router {
    let mut router = Router::new()
        .route(contact::PATH, get(contact::contact))
        .route(privacy::PATH, get(privacy::in_force))
        .route(privacy::VERSIONS_PATH, get(privacy::all_versions))
        .route(privacy::VERSION_PATH, get(privacy::one_version));
    if publication.asks() {
        let opinion = get(privacy::thanks).post(privacy::give_opinion);
        router = router.route(privacy::OPINION_PATH, opinion);
    }
    router.with_state(publication)
}

/// The way to the statement, for the footer.
pub fn footer_item() -> NavItem {
    NavItem {
        path: privacy::PATH,
        label: |language| texts(language).statement.short_title,
    }
}

/// The way to whoever can be turned to, for the footer.
pub fn contact_item() -> NavItem {
    NavItem {
        path: contact::PATH,
        label: |language| texts(language).statement.reach_title,
    }
}

/// The call that the statement names, for inside `web::api`, beside those of the organisations' API.
pub fn api_routes(api: LogApi) -> Router {
    let mut router = Router::new();
    if api.is_offered() {
        router = router.route(contract::PATH, post(log_api::list));
    }
    router.with_state(api)
}

/// The way to one's history in the main menu, where the statement names it.
pub fn nav_item(vault: &Vault) -> Option<NavItem> {
    let item = NavItem {
        path: history::PATH,
        label: |language| texts(language).accountability.title,
    };
    vault.offers(LOOK_BACK).then_some(item)
}
