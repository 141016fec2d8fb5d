//! `postbus sweep`

use std::process::ExitCode;

use basics::Fault;
use indicatif::ProgressBar;

use super::Chosen;

#[derive(clap::Args)]
pub(super) struct Sweep {
    #[command(flatten)]
    chosen: Chosen,
    /// Only says what would be removed
    #[arg(long)]
    dry_run: bool,
}

impl Sweep {
    pub(super) async fn run(self) -> Result<ExitCode, Fault> {
        crate::log_to_standard_error("warn");
        let vault = self.chosen.open()?.vault;
        let bar = ProgressBar::new_spinner();
        let swept = vault
            .sweep(self.dry_run, &mut |rows| {
                bar.set_message(format!("{rows} rows"));
                bar.tick();
            })
            .await?;
        bar.finish_and_clear();
        let categories = vault.register().categories().map(|category| {
            let rows = swept.categories.get(&category.name).copied().unwrap_or(0);
            (
                category.name.as_str(),
                category.retention.term.to_string(),
                rows,
            )
        });
        for (name, term, rows) in categories {
            println!("{name}: {rows} rows, kept for {term}");
        }
        let done = if self.dry_run {
            "would be removed"
        } else {
            "removed"
        };
        println!("{} rows and {} files {done}", swept.rows(), swept.files);
        if !swept.held.is_empty() {
            println!(
                "{} people of whom something is kept longer: a restriction or an objection stands on it",
                swept.held.len()
            );
        }
        for (ground, held) in &swept.by_ground {
            println!(
                "{ground}: {} rows of {} people are kept longer",
                held.rows,
                held.people.len()
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}
