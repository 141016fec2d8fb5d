//! `postbus backup`

use std::path::PathBuf;
use std::process::ExitCode;

use basics::{Clock, Fault};
use vault::backup::{Days, House, Shelf, back_up};

use super::Chosen;
use super::tables::Tables;
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
    /// After how many days a backup of rows is removed; as many as the statement allows when not said: its shortest term, 30 at most
    #[arg(long)]
    days: Option<u64>,
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
        let most = Days::most(&super::statement_file(&entry.statement)?, &rooms())?;
        let days = self.days.map_or(Ok(most), |days| most.chosen(days))?;
        let (mut told, now) = (Tables::told(), Clock::system().now());
        let done = back_up(&house, &shelf, days, now, &mut |progress| {
            told.show(progress);
        })?;
        told.end();
        println!(
            "{}: {} rows and {} attachments in {}, the keyring in {}",
            done.name,
            done.rows,
            done.files,
            self.folder.display(),
            self.keys.display()
        );
        for name in done.removed.rows {
            println!(
                "the rows of {name} are older than {} days and gone",
                days.count()
            );
        }
        for name in done.removed.keyrings {
            println!("the keyring of {name} is older than 30 days and gone");
        }
        Ok(ExitCode::SUCCESS)
    }
}
