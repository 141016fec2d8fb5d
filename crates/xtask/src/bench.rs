//! `cargo xtask bench`: the product over HTTP beside the bare engine, in one run of a release build.
//!
//! `road` delivers to a whole installation, `bare` writes the same rows and bytes in the same groups straight to the
//! engine, `cpu` tells which threads worked, `load` is the client and `echo` what that client reaches when nothing is done at all. Ratios count, not
//! figures: the machine is shared.

#[cfg(feature = "bench")]
mod bare;
#[cfg(feature = "bench")]
mod cpu;
#[cfg(feature = "bench")]
mod echo;
#[cfg(feature = "bench")]
mod load;
#[cfg(feature = "bench")]
mod road;

use std::process::ExitCode;

use clap::Args;

/// What can be chosen about a measurement.
#[derive(Args)]
pub struct Options {
    /// Connections kept alive at once
    #[arg(long, default_value_t = 64)]
    pub clients: usize,
    /// Seconds that each measurement lasts
    #[arg(long, default_value_t = 5)]
    pub seconds: u64,
    /// Calls that each measurement makes, instead of a time
    #[arg(long, conflicts_with = "seconds")]
    pub calls: Option<u64>,
}

/// Without the feature: starts itself again as a release that has what a measurement links.
#[cfg(not(feature = "bench"))]
pub fn run(_: &Options) -> ExitCode {
    let build = [
        "run",
        "--quiet",
        "--release",
        "--package",
        "xtask",
        "--features",
        "bench",
        "--",
    ];
    let mut again = crate::checkout::cargo(&build);
    told(crate::checkout::finish(
        again.args(std::env::args_os().skip(1)),
    ))
}

#[cfg(feature = "bench")]
pub fn run(options: &Options) -> ExitCode {
    told(all(options).map_err(|fault| fault.to_string()))
}

#[cfg(feature = "bench")]
fn all(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    client_alone(options)?;
    let road = road::run(options)?;
    report("single deliveries over HTTP", &road.outcome);
    println!("CPU of one delivery: {}", road.cpu);
    let bare = bare::run(&road.database())?;
    println!(
        "bare engine, same rows: {} deliveries in {} commits, {:.0} a second",
        bare.deliveries,
        bare.groups,
        bare.per_second()
    );
    println!(
        "ratio: {:.2} of the bare engine ({:.1} deliveries a commit)",
        road.outcome.per_second() / bare.per_second(),
        bare.deliveries as f64 / bare.groups.max(1) as f64
    );
    Ok(())
}

/// The client against a server that only answers: no figure beside it can be higher.
#[cfg(feature = "bench")]
fn client_alone(options: &Options) -> std::io::Result<()> {
    let address = echo::serve(|_| "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n".into())?;
    let load = load::Load {
        until: load::Until::Count(20_000),
        ..options.load(address)
    };
    let outcome = load::run(load, |_, request| {
        request.extend_from_slice(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    })?;
    report("the load client alone", &outcome);
    Ok(())
}

#[cfg(feature = "bench")]
impl Options {
    fn load(&self, address: std::net::SocketAddr) -> load::Load {
        let time = load::Until::Elapsed(std::time::Duration::from_secs(self.seconds));
        load::Load {
            address,
            connections: self.clients,
            until: self.calls.map_or(time, load::Until::Count),
        }
    }
}

#[cfg(feature = "bench")]
fn report(name: &str, outcome: &load::Outcome) {
    println!(
        "{name}: {} answers {:?}, {:.0} a second, p50 {:?}, p99 {:?}",
        outcome.count,
        outcome.statuses,
        outcome.per_second(),
        outcome.p50(),
        outcome.p99()
    );
}

fn told(outcome: Result<(), String>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bench: {why}");
            ExitCode::FAILURE
        }
    }
}
