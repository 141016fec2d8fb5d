//! `postbus backup`

use std::path::PathBuf;
use std::process::ExitCode;

use basics::{Clock, Fault};
use vault::backup::{House, Shelf, back_up};

use super::Chosen;
use super::copy::{bar_of_tables, show};
use crate::installation::rooms;

#[derive(clap::Args)]
pub(super) struct Backup {
    #[command(flatten)]
    chosen: Chosen,
    /// The folder that holds backups of rows and attachments; each gets a folder in it, named by its moment
    folder: PathBuf,
    /// The same for keyring and master key, best on another disk; copies older than 30 days are removed
    #[arg(long)]
    keys: PathBuf,
}

impl Backup {
    pub(super) fn run(self) -> Result<ExitCode, Fault> {
        crate::log_to_standard_error("warn");
        let entry = self.chosen.entry()?;
        let elsewhere = entry.elsewhere()?;
        let house = House {
            data: &entry.data,
            keys: &entry.keys,
            elsewhere: &elsewhere,
            rooms: &rooms(),
        };
        let shelf = Shelf {
            rows: &self.folder,
            keys: &self.keys,
        };
        let bar = bar_of_tables();
        let done = back_up(&house, &shelf, Clock::system().now(), &mut |progress| {
            show(&bar, progress);
        })?;
        bar.finish_and_clear();
        println!(
            "{}: {} rows and {} attachments in {}, the keyring in {}",
            done.name,
            done.rows,
            done.files,
            self.folder.display(),
            self.keys.display()
        );
        for name in done.removed {
            println!("the keyring of {name} is older than 30 days and gone");
        }
        Ok(ExitCode::SUCCESS)
    }
}
