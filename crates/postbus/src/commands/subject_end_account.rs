//! `postbus subject end-account`

use std::process::ExitCode;

use basics::{Fault, Trace};
use people::END_ACCOUNT;

use super::Chosen;
use super::whose::Asked;

#[derive(clap::Args)]
pub(super) struct SubjectEndAccount {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    asked: Asked,
}

impl SubjectEndAccount {
    pub(super) async fn run(self) -> Result<ExitCode, Fault> {
        crate::log_to_standard_error("warn");
        let installation = self.chosen.open()?;
        let vault = &installation.vault;
        if !vault.offers(END_ACCOUNT) {
            return Err(Fault::broken(format!(
                "the statement does not name the activity {END_ACCOUNT}"
            )));
        }
        let whose = self.asked.whose(vault.register().number().kind)?;
        let trace = Trace::new(vault.ids());
        if !installation.people.end_account(&whose, trace).await? {
            println!("there is no account here of anybody like that, or it has ended");
            return Ok(ExitCode::FAILURE);
        }
        println!(
            "the account and its sessions have ended; what hangs on it goes when its term is over, unless its person logs in again"
        );
        Ok(ExitCode::SUCCESS)
    }
}
