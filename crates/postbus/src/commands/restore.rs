//! `postbus restore`

use std::path::PathBuf;
use std::process::ExitCode;

use basics::{Clock, Fault};
use vault::backup::{House, Shelf, restore};

use super::Chosen;
use super::tables::Tables;
use crate::installation::rooms;

#[derive(clap::Args)]
pub(super) struct Restore {
    #[command(flatten)]
    chosen: Chosen,
    /// The folder that holds backups of rows and attachments
    folder: PathBuf,
    /// The folder that holds those of keyring and master key
    #[arg(long)]
    keys: PathBuf,
    /// Which backup; the latest when not said
    #[arg(long)]
    name: Option<String>,
    /// Further lists of erasures, newer than the backup's own: `erasures.txt` of the keys that were lost
    #[arg(long)]
    erasures: Vec<PathBuf>,
}

impl Restore {
    pub(super) async fn run(self) -> Result<ExitCode, Fault> {
        crate::log_to_standard_error("warn");
        let entry = self.chosen.entry()?;
        super::lies_where_declared(&entry)?;
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
        let mut told = Tables::told();
        let (name, now) = (self.name.as_deref(), Clock::system().now());
        let restored = restore(&house, &shelf, name, &self.erasures, now, &mut |progress| {
            told.show(progress);
        })?;
        told.end();
        println!(
            "{}: {} rows and {} attachments are back",
            restored.name, restored.rows, restored.files
        );
        let vault = super::open(entry)?.vault;
        let erased = vault.finish_begun_erasures().await?;
        println!(
            "erased again, as the list of erasures says: {} rows, {} attachments",
            erased.rows, erased.files
        );
        let found = vault.verify_log().await?;
        println!(
            "{} rows of the log whole in {} links",
            found.whole, found.links
        );
        if !found.is_whole() {
            eprintln!(
                "the log is NOT whole: all of the backup is back and can be served, but its log was changed or is not all of it; \
                 `postbus log verify` says where"
            );
            return Ok(ExitCode::FAILURE);
        }
        Ok(ExitCode::SUCCESS)
    }
}
