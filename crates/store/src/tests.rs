//! The store's tests that need a server: what lies there, who may do what with it, how its tables change.

mod changes;
mod functions;
mod lost;
mod months;
mod parts;
mod rounds;
mod server;
mod uncertain;
