//! `postbus copy`

use std::process::ExitCode;

use basics::Fault;
use vault::{Copied, Place};

use super::tables::Tables;
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
        let mut told = Tables::told();
        let count = vault::copy(what, &from, &to, &mut |progress| told.show(progress))?;
        told.end();
        println!("{count} rows lie at {from} and at {to}");
        if !self.keyring {
            println!("verify the log there before it is served: postbus log verify");
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn place(text: &str, owner: Option<&str>, name: &str) -> Result<Place, Fault> {
    let place = Place::parse(text).and_then(|place| match owner {
        Some(owner) => place.owned_by(owner),
        None => Ok(place),
    });
    place.map_err(|fault| fault.while_doing(format!("reading {name}")))
}
