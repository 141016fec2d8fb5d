//! `postbus log verify`

use std::process::ExitCode;

use basics::{Activity, Fault};

use super::Chosen;

const VERIFY: Activity = Activity("gegevens-controleren");

#[derive(clap::Args)]
pub(super) struct LogVerify {
    #[command(flatten)]
    chosen: Chosen,
}

impl LogVerify {
    pub(super) async fn run(self) -> Result<ExitCode, Fault> {
        crate::log_to_standard_error("warn");
        let installation = self.chosen.open()?;
        if !installation.vault.offers(VERIFY) {
            return Err(Fault::broken(format!(
                "the statement does not name the activity {VERIFY}"
            )));
        }
        let found = installation.vault.verify_log().await?;
        println!(
            "{} rows whole in {} links, head {}",
            found.whole,
            found.links,
            found.heads.join(" and ")
        );
        if found.swept > 0 {
            println!("{} rows swept, as the sweep noted", found.swept);
        }
        if found.erased > 0 {
            println!("{} rows erased with their person", found.erased);
        }
        for (what, places) in [("missing", &found.missing), ("altered", &found.altered)] {
            for place in places {
                println!("{what}: row {place}");
            }
        }
        if let Some(link) = &found.broken_link {
            println!("broken: link {link} does not follow from the one before it");
        }
        for link in &found.lost_links {
            println!(
                "lost: link {link} was noted outside the database and is not in it: the tail was cut off or written anew"
            );
        }
        for number in &found.forged_notes {
            println!("altered: what sweep {number} noted of how far it went was not written by it");
        }
        if let Some(number) = found.lost_note {
            println!(
                "lost: what sweep {number} noted of how far it went is noted outside the database and is not in it"
            );
        }
        if found.unlinked > 0 {
            println!("{} rows are in no link", found.unlinked);
        }
        let whole = found.is_whole();
        println!(
            "{}",
            if whole {
                "the log is whole"
            } else {
                "the log is NOT whole"
            }
        );
        Ok(if whole {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
