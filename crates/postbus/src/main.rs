//! The program: reads its command line and runs the chosen command.

use std::process::ExitCode;

use clap::Parser;
use postbus::commands::Postbus;

#[tokio::main]
async fn main() -> ExitCode {
    Postbus::parse().run().await
}
