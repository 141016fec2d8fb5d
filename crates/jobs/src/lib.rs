//! Jobs: work queued in the same commit as its cause, claimed by one runner, tried again until it succeeds.
//!
//! `queue` puts a job in, `runner` takes it out, `doing` is one that is being done.

mod doing;
mod queue;
mod runner;

use vault::RoomSchema;

pub use queue::{Job, JobId, queue};
pub use runner::Runner;

pub const SCHEMA: RoomSchema = RoomSchema {
    room: "jobs",
    sql: include_str!("schema.sql"),
    changes: &[],
};
