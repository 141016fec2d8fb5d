//! `postbus hold`

use std::process::ExitCode;

use basics::{Fault, Moment};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use vault::{HeldPart, HoldSet, NewHold, Vault, Whose};

use super::whose::{Asked, NOBODY};
use super::{Chosen, print};

#[derive(clap::Subcommand)]
pub(super) enum Hold {
    /// Keeps data of a person beyond their term, by a ground that the statement names for the category
    Set(HoldSetting),
    /// Ends what `hold set` began: what has come to its end meanwhile goes with the next sweep
    Lift(HoldLift),
    /// Lists what is kept longer of a person, and what was
    List(HoldList),
}

#[derive(clap::Args)]
pub(super) struct HoldSetting {
    #[command(flatten)]
    on: On,
    #[command(flatten)]
    part: Part,
    /// The last day that it stands, such as 2027-03-31; without it until it is lifted
    #[arg(long, value_name = "DAY")]
    until: Option<Date>,
    /// Under which the case can be found, without a word about the person
    #[arg(long)]
    reference: String,
    /// Who decided it, as the organisation knows them
    #[arg(long, value_name = "WHO")]
    by: String,
}

#[derive(clap::Args)]
pub(super) struct HoldLift {
    #[command(flatten)]
    on: On,
    #[command(flatten)]
    part: Part,
    /// Who decided it, as the organisation knows them
    #[arg(long, value_name = "WHO")]
    by: String,
}

#[derive(clap::Args)]
pub(super) struct HoldList {
    #[command(flatten)]
    on: On,
}

/// On whose data, in which installation.
#[derive(clap::Args)]
struct On {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    asked: Asked,
}

#[derive(clap::Args)]
struct Part {
    /// What is kept, by the name of the category in the statement
    #[arg(long, value_name = "NAME")]
    category: String,
    /// What keeps it: an opschorting or a hotspot that the statement names for the category
    #[arg(long, value_name = "NAME")]
    ground: String,
    /// One row with what hangs on it, by its key in `gegevens.json` of a copy; without it all of the category
    #[arg(long, value_name = "KEY")]
    row: Option<String>,
}

impl On {
    fn open(self) -> Result<(Vault, Whose), Fault> {
        crate::log_to_standard_error("warn");
        let vault = self.chosen.open()?.vault;
        let whose = self.asked.whose(vault.register().number().kind)?;
        Ok((vault, whose))
    }
}

impl Part {
    fn held(self) -> HeldPart {
        HeldPart {
            category: self.category,
            ground: self.ground,
            row: self.row,
        }
    }
}

impl Hold {
    pub(super) async fn run(self) -> Result<ExitCode, Fault> {
        match self {
            Self::Set(set) => set.run().await,
            Self::Lift(lift) => lift.run().await,
            Self::List(list) => list.run().await,
        }
    }
}

impl HoldSetting {
    async fn run(self) -> Result<ExitCode, Fault> {
        let (vault, whose) = self.on.open()?;
        let zone = vault.register().time_zone();
        let until = self.until.map(|day| end_of(day, zone)).transpose()?;
        let hold = NewHold {
            part: self.part.held(),
            until,
            reference: said("--reference", self.reference)?,
            by: said("--by", self.by)?,
        };
        Ok(match vault.hold(whose, hold).await? {
            Some(HoldSet::Set) => told("it is kept longer from now on"),
            Some(HoldSet::StoodAlready) => told("it was kept longer already, and is as it was"),
            None => nobody(),
        })
    }
}

impl HoldLift {
    async fn run(self) -> Result<ExitCode, Fault> {
        let (vault, whose) = self.on.open()?;
        let by = said("--by", self.by)?;
        Ok(match vault.lift_hold(whose, self.part.held(), by).await? {
            Some(0) => {
                println!("nothing like that was kept longer");
                ExitCode::FAILURE
            }
            Some(_) => told("lifted: what has come to its end goes with the next sweep"),
            None => nobody(),
        })
    }
}

impl HoldList {
    async fn run(self) -> Result<ExitCode, Fault> {
        let (vault, whose) = self.on.open()?;
        let now = vault.clock().now();
        let Some(holds) = vault.holds(whose).await? else {
            return Ok(nobody());
        };
        let lines = holds.iter().map(|hold| hold_line(hold, now));
        print(lines.collect::<String>())
    }
}

/// A hold as it is told at the terminal: nothing in it is of or about a person.
pub(super) fn hold_line(hold: &vault::Hold, now: Moment) -> String {
    let stands = if hold.stands(now) { "stands" } else { "ended" };
    let until = hold.until.map(|until| format!(" until {until}"));
    let row = hold.part.row.as_deref().map(|row| format!(" row {row}"));
    format!(
        "{stands}: {}{} by {}, from {}{}, {} ({})\n",
        hold.part.category,
        row.unwrap_or_default(),
        hold.part.ground,
        hold.from,
        until.unwrap_or_default(),
        hold.reference,
        hold.set_by
    )
}

fn told(what: &str) -> ExitCode {
    println!("{what}");
    ExitCode::SUCCESS
}

fn nobody() -> ExitCode {
    println!("{NOBODY}");
    ExitCode::FAILURE
}

/// Errors: nothing was said.
fn said(name: &str, said: String) -> Result<String, Fault> {
    match said.trim() {
        "" => Err(Fault::broken(format!("{name} says nothing"))),
        _ => Ok(said),
    }
}

/// When a day is over in the zone of the installation.
fn end_of(day: Date, zone: &str) -> Result<Moment, Fault> {
    let zone = TimeZone::get(zone);
    let over = day
        .tomorrow()
        .and_then(|next| zone.and_then(|zone| next.to_zoned(zone)));
    over.map(|over| Moment::from_timestamp(over.timestamp()))
        .map_err(|_| Fault::broken("--until is a day that the calendar does not have"))
}
