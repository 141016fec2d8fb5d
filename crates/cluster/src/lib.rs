//! A PostgreSQL cluster of one's own, for the tests, the demonstration and the bench. Never part of the product.
//!
//! It has folders, a port and a password that no other cluster has, is never root, and ends with the process that
//! started it, however that ends.

mod account;
mod certificate;
mod commands;
mod databases;
mod fault;
mod home;
mod installation;
mod leftovers;
mod lent;
mod lifetime;
mod memory;
mod processes;
mod server;
mod standby;
mod sweep;

pub use certificate::Certificate;
pub use fault::Fault;
pub use installation::Installation;
pub use lent::{LENT_BY, Lent, ask, asking, lent_as_model, lent_by, lent_like, lent_to};
pub use lifetime::{Cluster, Settings};
pub use memory::InMemory;
pub use sweep::sweep;
