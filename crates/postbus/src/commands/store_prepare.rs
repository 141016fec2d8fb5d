//! `postbus store prepare`

use std::process::ExitCode;

use basics::Fault;
use vault::Prepared;

use super::Chosen;

#[derive(clap::Args)]
pub(super) struct StorePrepare {
    #[command(flatten)]
    chosen: Chosen,
    /// As whom the tables are made, instead of the `store-owner` of the configuration: like `store`, with another user
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<String>,
    /// The same for the keyring, instead of `keys-store-owner`
    #[arg(long, value_name = "ADDRESS")]
    keys_owner: Option<String>,
}

impl StorePrepare {
    pub(super) fn run(self) -> Result<ExitCode, Fault> {
        crate::log_to_standard_error("warn");
        let mut entry = self.chosen.entry()?;
        if entry.store.is_none() && entry.keys_store.is_none() {
            return Err(Fault::broken(
                "this installation keeps everything in files, which are made when it is served: \
                 there is no `store` and no `keys-store` to prepare",
            ));
        }
        let parts = [
            (
                &entry.store,
                &mut entry.store_owner,
                self.owner,
                ["store", "--owner"],
            ),
            (
                &entry.keys_store,
                &mut entry.keys_store_owner,
                self.keys_owner,
                ["keys-store", "--keys-owner"],
            ),
        ];
        for (place, configured, given, [key, option]) in parts {
            if place.is_none() && given.is_some() {
                return Err(Fault::broken(format!(
                    "{option} is of no use: the configuration names no `{key}`"
                )));
            }
            if given.is_some() {
                *configured = given;
            }
            if place.is_some() && configured.is_none() {
                return Err(Fault::broken(format!(
                    "nobody is named to own the tables of `{key}`: configure `{key}-owner` or give {option}"
                )));
            }
        }
        super::lies_where_declared(&entry)?;
        let elsewhere = entry.elsewhere()?;
        for (place, prepared) in vault::prepare(&elsewhere, &crate::rooms())? {
            println!("{place}: {}", told(&prepared));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn told(prepared: &Prepared) -> String {
    let mut told = if prepared.made.is_empty() {
        "every room has its tables".to_owned()
    } else {
        format!("made the tables of {}", prepared.made.join(", "))
    };
    if !prepared.changed.is_empty() {
        told += &format!("; changed {}", prepared.changed.join(", "));
    }
    if prepared.months > 0 {
        told += &format!("; made {} months of tables", prepared.months);
    }
    told
}
