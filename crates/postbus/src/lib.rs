//! The product: joins the rooms of an installation, serves it, runs its jobs. The one place that knows all rooms.
//!
//! `installation` joins, `serving` listens, `configuration` reads the file of the binary, `commands` are its subcommands, `sweeping` the nightly sweep.

pub mod commands;
mod configuration;
mod installation;
mod known;
mod locations;
mod opening;
mod public_keys;
mod serving;
mod sweeping;
mod telling;

pub use accountability::Addresses;
pub use configuration::{Configuration, ConnectionsEntry, InstallationEntry, ProxyEntry};
pub use installation::{App, Installation, InstallationSettings, rooms};
pub use locations::Locations;
pub use portal::Contacts;
pub use serving::{Connections, Listening, serve, serve_within, told_to_stop};
pub use telling::log_to_standard_error;
pub use web::Proxies;

/// A request's strings are made on one thread and freed on another; glibc's own allocator takes a sixth of a request for that.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The contract of the organisation API, as `GET /api/v1/openapi.json` gives it.
pub fn openapi(base_url: &str) -> serde_json::Value {
    delivery::joined(delivery::openapi(base_url), accountability::openapi())
}
