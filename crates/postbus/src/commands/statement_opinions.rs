//! `postbus statement opinions`

use std::process::ExitCode;

use accountability::publication;
use basics::Fault;
use serde_json::json;

use super::{Chosen, print};

#[derive(clap::Args)]
pub(super) struct StatementOpinions {
    #[command(flatten)]
    chosen: Chosen,
    /// One line for each opinion, to open in a spreadsheet
    #[arg(long)]
    csv: bool,
}

impl StatementOpinions {
    pub(super) async fn run(self) -> Result<ExitCode, Fault> {
        crate::log_to_standard_error("warn");
        let vault = self.chosen.open()?.vault;
        let opinions = publication::opinions(&vault).await?;
        if self.csv {
            return print(publication::opinions_as_csv(&opinions));
        }
        let versions = opinions.iter().map(|(version, words)| {
            json!({
                "versie": version,
                "aantal": words.len(),
                "reacties": words,
            })
        });
        let versions: Vec<_> = versions.collect();
        print(format_args!("{:#}\n", json!({ "versies": versions })))
    }
}
