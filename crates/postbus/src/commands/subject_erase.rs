//! `postbus subject erase`

use std::process::ExitCode;

use basics::Fault;
use indicatif::ProgressBar;

use vault::Erasure;

use super::Chosen;
use super::hold::hold_line;
use super::whose::{Asked, NOBODY};

#[derive(clap::Args)]
pub(super) struct SubjectErase {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    asked: Asked,
    /// Erases also what is kept longer by a hold: for who has weighed that and decided so
    #[arg(long)]
    despite_holds: bool,
}

impl SubjectErase {
    pub(super) async fn run(self) -> Result<ExitCode, Fault> {
        crate::log_to_standard_error("warn");
        let vault = self.chosen.open()?.vault;
        let whose = self.asked.whose(vault.register().number().kind)?;
        let bar = ProgressBar::new_spinner();
        let mut told = |rows| {
            bar.set_message(format!("{rows} rows are gone"));
            bar.tick();
        };
        let erasure = match self.despite_holds {
            true => {
                let erased = vault.erase(whose, &mut told).await?;
                erased.map_or(Erasure::Nobody, Erasure::Done)
            }
            false => vault.erase_unless_held(whose, &mut told).await?,
        };
        bar.finish_and_clear();
        if let Erasure::Held(holds) = &erasure {
            let now = vault.clock().now();
            let lines = holds.iter().map(|hold| hold_line(hold, now));
            print!("{}", lines.collect::<String>());
            println!(
                "nothing was erased: this is kept longer. Lift it (`postbus hold lift`), or give the order with --despite-holds when it has \
                 been decided that the erasure goes before it"
            );
            return Ok(ExitCode::FAILURE);
        }
        let Erasure::Done(erased) = erasure else {
            // Whose erasure was broken off at its very end has no number any more.
            let begun = vault.begun_erasures()?;
            let erased = vault.finish_begun_erasures().await?;
            println!("{NOBODY}");
            if begun == 0 {
                return Ok(ExitCode::FAILURE);
            }
            println!(
                "erasures that had been broken off and are done now: {begun}, of {} rows and {} files",
                erased.rows, erased.files
            );
            return Ok(ExitCode::SUCCESS);
        };
        println!(
            "erased: the key, {} rows, {} files; keep the list of erasures beside the keyring for whoever restores a backup",
            erased.rows, erased.files
        );
        if vault.lies_by_month() {
            println!(
                "the database server keeps what was removed in dead rows, its log and its backups until it has written those over: what is sealed \
                 opens again only with a log or backup of the keyring of before, and the master key"
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}
