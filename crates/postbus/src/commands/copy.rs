//! `postbus copy`

use std::process::ExitCode;

use basics::Fault;
use indicatif::{ProgressBar, ProgressStyle};
use vault::{Copied, Place, Progress};

use crate::installation::rooms;

#[derive(clap::Args)]
pub(super) struct Copy {
    /// Where it lies: `sqlite:PATH`, or the address of a server
    #[arg(long)]
    from: String,
    /// As whom all rows are seen there: the owner of the tables; for a server
    #[arg(long)]
    from_owner: Option<String>,
    /// Where it goes: a place that is empty, or holds what an earlier try left
    #[arg(long)]
    to: String,
    /// As whom tables are made there; for a server
    #[arg(long)]
    to_owner: Option<String>,
    /// Copies the keyring instead of the rows
    #[arg(long)]
    keyring: bool,
}

impl Copy {
    pub(super) fn run(self) -> Result<ExitCode, Fault> {
        crate::log_to_standard_error("warn");
        let from = place(&self.from, self.from_owner.as_deref(), "--from")?;
        let to = place(&self.to, self.to_owner.as_deref(), "--to")?;
        let rooms = rooms();
        let what = if self.keyring {
            Copied::Keyring
        } else {
            Copied::Rows(&rooms)
        };
        let bar = bar_of_tables();
        let count = vault::copy(what, &from, &to, &mut |progress| show(&bar, progress))?;
        bar.finish_and_clear();
        println!("{count} rows lie at {from} and at {to}");
        if !self.keyring {
            println!("verify the log there before it is served: postbus log verify");
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// How far the copying of each table is.
pub(super) fn bar_of_tables() -> ProgressBar {
    ProgressBar::new(0).with_style(
        ProgressStyle::with_template("{msg:24} {bar:30} {human_pos} of {human_len}")
            .expect("the template reads"),
    )
}

pub(super) fn show(bar: &ProgressBar, progress: Progress<'_>) {
    if bar.message() != progress.table {
        bar.set_message(progress.table.to_owned());
    }
    bar.set_length(progress.of);
    bar.set_position(progress.rows);
}

fn place(text: &str, owner: Option<&str>, name: &str) -> Result<Place, Fault> {
    let place = Place::parse(text).and_then(|place| match owner {
        Some(owner) => place.owned_by(owner),
        None => Ok(place),
    });
    place.map_err(|fault| fault.while_doing(format!("reading {name}")))
}
