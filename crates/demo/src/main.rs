//! The demonstration: the product with sample people, organisations and two years of post, on the embedded engine or on a server of its own.
//!
//! `start` brings everything up, `shown` says what. The sample world: `sample` who, `kind` and `values` which letters,
//! `wording`, `words` and `letter` what they say, `letter_pdf` their PDF, `plan` when what happens, `filling` makes it
//! happen, `past` while the clock stands back. `crowd` and `made_up` do so for thousands. `folder` knows where things lie, `server` is one,
//! `token` fetches a bearer token, `welcome` prints how to go on.

mod crowd;
mod draw;
mod filling;
mod folder;
mod kind;
mod letter;
mod letter_pdf;
mod made_up;
mod past;
mod plan;
mod progress;
mod sample;
mod server;
mod shown;
mod start;
#[cfg(test)]
mod tests;
mod token;
mod values;
mod welcome;
mod wording;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use basics::Fault;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crowd::Size;
use folder::{Asked, Folder};

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
    /// Also makes so many people in MijnOverheid, a million at most
    ///
    /// Names and numbers are made up: the names are put together by chance, the numbers run from 900000004 up and pass
    /// the eleven-test. A folder keeps its size; another one needs --fresh or --data.
    #[arg(long, value_name = "N", value_parser = people())]
    people: Option<usize>,
    /// So many letters for those people, over two years; ten for each when left out
    ///
    /// One in a hundred has a PDF. More than half are read, some archived. What is cut off begins anew at the next start.
    #[arg(long, value_name = "N", requires = "people")]
    letters: Option<usize>,
    /// Where the rows lie: `postgres` starts a PostgreSQL server of the demonstration's own, in the folder
    ///
    /// PostgreSQL 15 or newer must be installed; no other server is touched. A folder keeps its engine.
    #[arg(long, value_enum)]
    store: Option<Engine>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    /// In files, with nothing to install
    Embedded,
    /// On a server
    #[value(name = "postgres")]
    Server,
}

fn people() -> impl clap::builder::TypedValueParser<Value = usize> {
    use clap::builder::TypedValueParser;
    clap::value_parser!(u32)
        .range(1..=made_up::MOST as i64)
        .map(|people| people as usize)
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
    /// What was asked beside the sample world, and where it is to lie.
    fn asked(&self) -> Asked {
        let size = self.people.map(|people| Size {
            people,
            letters: self.letters.unwrap_or(10 * people),
        });
        Asked {
            size,
            engine: self.store,
        }
    }

    fn folder(&self) -> Folder {
        Folder::new(&self.data)
    }
}
