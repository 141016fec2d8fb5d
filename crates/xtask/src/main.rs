//! Developer tasks: `cargo xtask --help` lists them, and each lies beside this file under its own name.

mod accept;
mod bench;
mod checkout;
mod gallery;
mod openapi;
mod promises;
mod snapshots;
mod steps;
mod suite;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Everything a developer of Postbus does, from a bare checkout.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every check and test from nothing, or only the tests that match FILTER
    ///
    /// Looks for the tools first (as root on Debian it installs what is missing, elsewhere it says
    /// what to install), then: Node tools, tidy, rustfmt, clippy, build, tests, gallery,
    /// unreferenced snapshots. Exit code 0: all well; 1: something failed; 2: a tool is missing.
    Test {
        /// Part of a test's name; then only those tests are built and run
        filter: Option<String>,
    },
    /// Check the order of the house: rooms, tables, names, files (no compiling, no network)
    ///
    /// Compares the crates with the tables in ARCHITECTURE.md and reads every file of the checkout.
    /// Prints `file:line: what; what to do` for each finding; exit code 1 when there is one.
    Tidy,
    /// Take over changed snapshots and list them, to be read before they are committed
    ///
    /// Runs the tests and lets them write what they saw. A full run also removes the snapshots that
    /// no test asked for.
    Accept {
        /// Part of a test's name; then only the snapshots of those tests
        filter: Option<String>,
    },
    /// Look at every page with sample people and post in Chromium, and check it
    ///
    /// Accessibility (axe, WCAG 2.2 AA and best practice), valid HTML (the Nu checker), narrow and enlarged
    /// screens, focus, print, weight, and whole journeys by keyboard without script. The pages and their
    /// pictures go to target/gallery. Exit code 0: nothing was found; 1: something was; 2: a tool is missing.
    Gallery(gallery::Options),
    /// Write the contract of the organisation API to docs/api/openapi.json
    Openapi,
    /// Print each promise of the privacy statements with the tests that prove it, or what it waits for
    ///
    /// Reads docs/promises.toml and the names and comments of all tests, and ends with the totals by kind. Exit
    /// code 1 when a promise is missing, one that is called proven has no test, or a test names none that exists.
    Promises {
        /// The same as JSON, without the totals
        #[arg(long)]
        json: bool,
    },
    /// Measure the product beside the bare engine, in a release build
    Bench(bench::Options),
}

fn main() -> ExitCode {
    match Arguments::parse().task {
        Task::Test { filter } => test::run(filter.as_deref()),
        Task::Tidy => tidy::run(),
        Task::Accept { filter } => accept::run(filter.as_deref()),
        Task::Gallery(options) => gallery::run(&options),
        Task::Openapi => openapi::run(),
        Task::Promises { json } => promises::run(json),
        Task::Bench(options) => bench::run(&options),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_coherent() {
        super::Arguments::command().debug_assert();
    }
}
