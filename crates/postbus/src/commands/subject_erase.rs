//! `postbus subject erase`

use std::process::ExitCode;

use basics::Fault;
use indicatif::ProgressBar;

use super::Chosen;
use super::whose::{Asked, NOBODY};

#[derive(clap::Args)]
pub(super) struct SubjectErase {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    asked: Asked,
}

impl SubjectErase {
    pub(super) async fn run(self) -> Result<ExitCode, Fault> {
        crate::log_to_standard_error("warn");
        let vault = self.chosen.open()?.vault;
        let whose = self.asked.whose(vault.register().number().kind)?;
        let bar = ProgressBar::new_spinner();
        let erased = vault
            .erase(whose, &mut |rows| {
                bar.set_message(format!("{rows} rows are gone"));
                bar.tick();
            })
            .await?;
        bar.finish_and_clear();
        let Some(erased) = erased else {
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
        Ok(ExitCode::SUCCESS)
    }
}
