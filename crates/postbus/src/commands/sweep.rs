//! `postbus sweep`

use std::process::ExitCode;

use basics::Fault;
use indicatif::ProgressBar;
use jiff::civil::Date;
use vault::{SweepOrder, SweepRecord, Vault};

use super::{Chosen, print};

/// Some months of sweeps, at four a day.
const LISTED: i64 = 400;

#[derive(clap::Args)]
pub(super) struct Sweep {
    #[command(flatten)]
    chosen: Chosen,
    /// Only says what would be removed
    #[arg(long)]
    dry_run: bool,
    /// The day that it is, such as 2027-03-31, where the clock has gone so far since the last sweep that it is not believed
    #[arg(long, value_name = "DAY", conflicts_with = "dry_run")]
    confirm_clock: Option<Date>,
    /// Lists the sweeps so far, the latest first: when, whether to the end, and how many rows went of what
    #[arg(long, conflicts_with_all = ["dry_run", "confirm_clock"])]
    list: bool,
}

impl Sweep {
    pub(super) async fn run(self) -> Result<ExitCode, Fault> {
        crate::log_to_standard_error("warn");
        let vault = self.chosen.open()?.vault;
        if self.list {
            let lines = vault.sweeps(LISTED).await?;
            return print(lines.iter().map(line).collect::<String>());
        }
        self.sweep(&vault).await
    }

    async fn sweep(&self, vault: &Vault) -> Result<ExitCode, Fault> {
        let order = SweepOrder {
            is_trial: self.dry_run,
            confirmed: self.confirm_clock.map(statement_date),
        };
        let bar = ProgressBar::new_spinner();
        let swept = vault
            .sweep(order, &mut |rows| {
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
        if self.dry_run
            && let Some(leap) = vault.clock_leap().await?
        {
            println!("{leap}");
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn statement_date(day: Date) -> statement::Date {
    statement::Date {
        year: day.year().unsigned_abs(),
        month: day.month().unsigned_abs(),
        day: day.day().unsigned_abs(),
    }
}

fn line(record: &SweepRecord) -> String {
    let SweepRecord { number, began, .. } = record;
    let confirmed = record.confirmed.as_ref();
    let confirmed = confirmed.map(|day| format!(", with the word that it was {day}"));
    let confirmed = confirmed.unwrap_or_default();
    let Some(whole) = &record.whole else {
        return format!("{number}: {began}{confirmed}: is running, or was broken off\n");
    };
    let categories = whole.categories.iter();
    let categories: Vec<String> = categories
        .map(|(name, rows)| format!("{name} {rows}"))
        .collect();
    let of = match categories.as_slice() {
        [] => String::new(),
        some => format!(" ({})", some.join(", ")),
    };
    format!(
        "{number}: {began} to {}{confirmed}: {} rows{of} and {} files removed, something of {} people kept longer\n",
        whole.ended, whole.rows, whole.files, whole.held
    )
}
