//! `cargo xtask bench`: the product over HTTP on a house full of post, in a release build, on each engine and beside it bare.
//!
//! `world` is the post, made of `letters`, lying at a `site`, perhaps on a `server` of our own; `house` an installation in
//! this process. `road` delivers to it and `bare` writes the same `rows` straight to the engine; `reads` is what people do,
//! with the sessions that `visits` opens; `gate` what the vault's checks take of it; `program` the binary; `endings` how data end,
//! by a clock that is `ahead`; `statements` how one begins, and `neighbours` those that are not measured. `load` is the
//! client, `echo` what it reaches when nothing is done at all, `cpu` who worked, `figures` the tables. Ratios count: the
//! machine is shared.

#[cfg(feature = "bench")]
mod ahead;
#[cfg(feature = "bench")]
mod bare;
#[cfg(feature = "bench")]
mod cpu;
#[cfg(feature = "bench")]
mod echo;
#[cfg(feature = "bench")]
mod endings;
mod engine;
#[cfg(feature = "bench")]
mod figures;
#[cfg(feature = "bench")]
mod gate;
#[cfg(feature = "bench")]
mod house;
#[cfg(feature = "bench")]
mod letters;
#[cfg(feature = "bench")]
mod load;
#[cfg(feature = "bench")]
mod neighbours;
#[cfg(feature = "bench")]
mod program;
#[cfg(feature = "bench")]
mod reads;
#[cfg(feature = "bench")]
mod road;
#[cfg(feature = "bench")]
mod rows;
#[cfg(feature = "bench")]
mod server;
#[cfg(feature = "bench")]
mod site;
#[cfg(feature = "bench")]
mod statements;
#[cfg(feature = "bench")]
mod visits;
#[cfg(feature = "bench")]
mod world;

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use engine::Engine;

/// What can be chosen about a measurement.
#[derive(Args)]
pub struct Options {
    /// People who have post
    #[arg(long, default_value_t = 1_000)]
    people: usize,
    /// Letters they have
    #[arg(long, default_value_t = 10_000)]
    letters: u64,
    /// 100,000 people and 1,000,000 letters
    #[arg(long, conflicts_with_all = ["people", "letters"])]
    large: bool,
    /// Make the post anew
    #[arg(long)]
    fresh: bool,
    /// Connections kept alive at once
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// Seconds that each measurement lasts
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Measure only this
    #[arg(long)]
    only: Option<Part>,
    /// Measure only on this engine, not on both
    #[arg(long)]
    engine: Option<Engine>,
    /// A short look, in some three minutes
    #[arg(long)]
    quick: bool,
    /// Exit code 1 when a bar is not reached
    #[arg(long)]
    strict: bool,
    /// The tables as Markdown
    #[arg(long)]
    markdown: bool,
}

/// A part of the measurements.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// What organisations deliver
    Deliveries,
    /// What people do
    People,
    /// How statements begin and data end
    Endings,
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
    let run = again.args(std::env::args_os().skip(1)).status();
    match run {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("bench: cargo did not start: {fault}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(feature = "bench")]
pub fn run(options: &Options) -> ExitCode {
    match all(options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) if !options.strict => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("bench: a bar was not reached");
            ExitCode::FAILURE
        }
        Err(why) => {
            eprintln!("bench: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and prints everything; answers whether every bar was reached.
#[cfg(feature = "bench")]
fn all(options: &Options) -> Result<bool, Box<dyn std::error::Error>> {
    let mut figures = figures::Figures::default();
    client_alone(options, &mut figures)?;
    let worlds = options
        .engines()
        .map(|engine| world::World::prepare(options, engine))
        .collect::<Result<Vec<_>, _>>()?;
    if options.measures(Part::Deliveries) {
        for world in &worlds {
            turn_to(world, &mut figures);
            road::run(options, world, &mut figures)?;
        }
    }
    if options.measures(Part::People) {
        people(options, &worlds, &mut figures)?;
    }
    if options.measures(Part::Endings) {
        for world in &worlds {
            turn_to(world, &mut figures);
            endings::run(options, world, &mut figures)?;
        }
        figures.turn_to(None);
        statements::decisions(&mut figures)?;
    }
    for world in &worlds {
        turn_to(world, &mut figures);
        let bytes = world.bytes()?;
        let (all, attachments) = (bytes.all / world.letters, bytes.attachments / world.letters);
        figures.value(
            "bytes a letter, of which attachments",
            format!("{all} / {attachments}"),
        );
    }
    let (people, letters) = options.size();
    println!(
        "{} people, {} letters, {} clients\n",
        figures::thousands(people as f64),
        figures::thousands(letters as f64),
        options.clients
    );
    println!("{}", figures.shown(options.markdown));
    Ok(figures.all_reached())
}

/// What people do, and the program that they do it on.
#[cfg(feature = "bench")]
fn people(
    options: &Options,
    worlds: &[world::World],
    figures: &mut figures::Figures,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut left = Vec::new();
    for world in worlds {
        turn_to(world, figures);
        let copy = world.site.copy()?;
        let read = reads::run(options, &copy, figures)?;
        left.push((world, copy, read));
    }
    if let [(_, _, first), (_, _, second)] = left.as_slice() {
        let ratio = second.p99.as_secs_f64() / first.p99.as_secs_f64();
        figures.bar(
            "p99 of the inbox at that rate beside the embedded engine",
            format!("{ratio:.1} ×"),
            "≤ 2 ×",
            ratio <= 2.0,
        );
    }
    if options.only.is_none() {
        figures.turn_to(None);
        program::build(figures)?;
        for (world, copy, read) in &left {
            turn_to(world, figures);
            program::run(options, copy, &read.visits, figures)?;
        }
    }
    Ok(())
}

#[cfg(feature = "bench")]
fn turn_to(world: &world::World, figures: &mut figures::Figures) {
    let engine = world.site.engine();
    eprintln!("on {}", engine.name());
    figures.turn_to(Some(engine));
}

/// The client against a server that only answers: no figure beside it can be higher.
#[cfg(feature = "bench")]
fn client_alone(
    options: &Options,
    figures: &mut figures::Figures,
) -> Result<(), Box<dyn std::error::Error>> {
    let address = echo::serve(|_| "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n".into())?;
    let load = load::Load {
        until: load::Until::Count(20_000),
        ..options.load(address)
    };
    let outcome = load::run(load, |_, request| {
        request.extend_from_slice(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    })?;
    figures.call("the load client alone", outcome, &cpu::Spent::default());
    Ok(())
}

/// Says on standard error what is measured now.
#[cfg(feature = "bench")]
fn progress(what: &str) {
    eprintln!("measuring: {what}");
}

#[cfg(feature = "bench")]
impl Options {
    fn measures(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }

    /// People and letters.
    const fn size(&self) -> (usize, u64) {
        if self.large {
            (100_000, 1_000_000)
        } else {
            (self.people, self.letters)
        }
    }

    fn engines(&self) -> impl Iterator<Item = Engine> {
        let chosen = |engine: &Engine| self.engine.is_none_or(|only| only == *engine);
        Engine::ALL.into_iter().filter(chosen)
    }

    /// How many people log in.
    const fn visitors(&self) -> usize {
        if self.quick { 250 } else { 2_000 }
    }

    /// How long each measurement lasts.
    fn time(&self) -> std::time::Duration {
        std::time::Duration::from_secs(if self.quick { 2 } else { self.seconds })
    }

    fn load(&self, address: std::net::SocketAddr) -> load::Load {
        load::Load {
            address,
            connections: self.clients,
            until: load::Until::Elapsed(self.time()),
            rate: None,
        }
    }

    /// Where less will do.
    fn short(&self, address: std::net::SocketAddr) -> load::Load {
        load::Load {
            until: load::Until::Elapsed(std::time::Duration::from_secs(2)),
            ..self.load(address)
        }
    }
}
