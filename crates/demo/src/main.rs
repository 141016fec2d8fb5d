//! The demonstration: the product with sample people, organisations and post, on the embedded engine.
//!
//! `start` brings everything up, `sample` says with whom, `seeding` delivers the letters through the product's own door,
//! `folder` knows where things lie, `token` fetches a bearer token, `welcome` prints how to go on.

mod folder;
mod letter_pdf;
mod sample;
mod seeding;
mod start;
mod token;
mod welcome;

use std::path::PathBuf;
use std::process::ExitCode;

use basics::Fault;
use clap::{Args, Parser, Subcommand};

use folder::Folder;

/// Runs Postbus with sample people, organisations and post.
#[derive(Parser)]
#[command(name = "cargo demo")]
struct Demo {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Subcommand)]
enum Command {
    /// Prints one bearer token for a sample organisation, and nothing else; the demonstration must be running
    Token {
        /// Twenty digits, as the demonstration lists them
        oin: String,
    },
}

/// Where the demonstration keeps its data and listens.
#[derive(Args, Clone)]
struct Options {
    /// Folder for databases, keys and sample organisations' keys
    #[arg(long, global = true, default_value = "./demo-data")]
    data: PathBuf,
    /// MijnOverheid listens here, MijnCN one higher, the demonstration login provider nine higher
    #[arg(long, global = true, default_value_t = 8080, value_name = "BASE", value_parser = clap::value_parser!(u16).range(1..=65526))]
    port: u16,
    /// Throws away what an earlier demonstration left in the folder
    #[arg(long)]
    fresh: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Demo { command, options } = Demo::parse();
    let done: Result<(), Fault> = match command {
        None => start::run(&options).await,
        Some(Command::Token { oin }) => token::print(&options, &oin).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("demo: {fault}");
            ExitCode::FAILURE
        }
    }
}

impl Options {
    fn folder(&self) -> Folder {
        Folder::new(&self.data)
    }
}
