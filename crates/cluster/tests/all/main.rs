//! A cluster as its users see it: kept, killed, followed by a standby, and gone with whoever started it.

mod crash;
mod keeping;
mod left_behind;
mod reach;
mod standby;
mod starter;
mod users;

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cluster::{Cluster, Installation, Settings};

/// A cluster for a test that is not about durability.
fn hasty() -> Cluster {
    let settings = Settings {
        durable: false,
        ..Settings::default()
    };
    Cluster::start(settings).expect("PostgreSQL is there, as `cargo xtask test` sees to")
}

/// The client of PostgreSQL at an address; nothing else than the address says how it gets in.
fn psql(url: &str, question: &str) -> Command {
    let installation = Installation::find().expect("as above");
    let mut psql = Command::new(installation.program("psql"));
    psql.args(["-X", "-A", "-t", "-w", "-c", question, url])
        .env_remove("PGPASSWORD")
        .stdin(Stdio::null());
    psql
}

fn lives(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    !status.is_empty() && !status.contains("State:\tZ")
}

/// Waits until it is so; a test that waits in vain fails.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60), "not yet: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
