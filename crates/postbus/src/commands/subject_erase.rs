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
            println!("{NOBODY}");
            return Ok(ExitCode::FAILURE);
        };
        println!(
            "erased: the key, {} rows, {} files; keep the list of erasures beside the keyring for whoever restores a backup",
            erased.rows, erased.files
        );
        Ok(ExitCode::SUCCESS)
    }
}
