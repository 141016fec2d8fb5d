//! What the operator reads: one line an event on standard error, without data of persons.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts the operator's log. `POSTBUS_LOG` sets what is told (`warn`, `info`, `vault=debug`…); `usual` when it is not set.
pub fn log_to_standard_error(usual: &str) {
    let filter = EnvFilter::try_from_env("POSTBUS_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    // A second start in one process keeps the first log.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
    // A panic's own words may quote what it stumbled over; where it happened is enough.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "a panic");
    }));
}
