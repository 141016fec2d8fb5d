//! `postbus subject disclose`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use basics::{Actor, Fault, Role};
use serde_json::json;
use statement::{Occasion, Register};
use vault::{Disclosure, Export, Giving, Lines, Vault};

use super::subject_export::{DATA, Tables, refuse_there, write_files, write_json, write_text};
use super::whose::{Asked, NOBODY};
use super::{Chosen, offered_language, print};

/// The sheet that goes with the data.
const COVER: &str = "geleideblad.md";

#[derive(clap::Args)]
pub(super) struct SubjectDisclose {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    asked: Asked,
    /// Who gets the data, by its name in the statement
    #[arg(long, value_name = "NAME")]
    recipient: String,
    /// What is needed, by the names of the categories in the statement: no more goes
    #[arg(long, value_name = "NAME", required = true, value_delimiter = ',')]
    data: Vec<String>,
    #[command(flatten)]
    occasion: Shown,
    /// The law that obliges or allows, by its name in the statement; the recipient's ground must rest on it
    #[arg(long, value_name = "NAME")]
    law: Option<String>,
    /// The article of that law
    #[arg(long, requires = "law")]
    article: Option<String>,
    /// Why the data are needed, without a word about the person
    #[arg(long)]
    reason: String,
    /// Who carries it out, as the organisation knows them
    #[arg(long, value_name = "WHO")]
    by: String,
    /// The role they act in; without it, the one that the statement has for this
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
    /// Who approved it: somebody else
    #[arg(long, value_name = "WHO")]
    approved_by: String,
    /// The folder to write to; it is made, and must not be there
    #[arg(long, required_unless_present = "dry_run")]
    to: Option<PathBuf>,
    /// Prints what would go and by which lines of the statement, and opens nothing of anybody
    #[arg(long)]
    dry_run: bool,
}

/// Why now: one of these, with the reference under which it can be found.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Shown {
    /// The demand of who may demand it
    #[arg(long, value_name = "REFERENCE")]
    demand: Option<String>,
    /// The incident
    #[arg(long, value_name = "REFERENCE")]
    incident: Option<String>,
    /// The consent that the person gave beforehand
    #[arg(long, value_name = "REFERENCE")]
    consent: Option<String>,
}

impl Shown {
    fn occasion(self) -> Option<(Occasion, String)> {
        let demand = self.demand.map(|said| (Occasion::OnDemand, said));
        let incident = self.incident.map(|said| (Occasion::OnIncident, said));
        let consent = self.consent.map(|said| (Occasion::WithConsent, said));
        demand.or(incident).or(consent)
    }
}

impl SubjectDisclose {
    pub(super) async fn run(self) -> Result<ExitCode, Fault> {
        crate::log_to_standard_error("warn");
        if let Some(to) = &self.to {
            refuse_there(to)?;
        }
        let vault = self.chosen.open()?.vault;
        let (occasion, reference) = self
            .occasion
            .occasion()
            .ok_or_else(|| Fault::broken("say which demand, incident or consent it is"))?;
        let giving = Giving {
            recipient: self.recipient,
            data: self.data,
            occasion,
            reference,
            law: self.law,
            article: self.article,
            reason: self.reason,
            approved_by: self.approved_by,
        };
        let by = Actor::Staff {
            role: role(vault.register(), &giving, self.role)?,
            id: self.by,
        };
        let Some(to) = self.to.filter(|_| !self.dry_run) else {
            return print(told(&giving, &vault.may_give(&giving, &by)?));
        };
        let whose = self.asked.whose(vault.register().number().kind)?;
        let given = vault.give(whose, giving.clone(), by).await?;
        let Some(given) = given else {
            println!("{NOBODY}");
            return Ok(ExitCode::FAILURE);
        };
        let rows = write(&vault, given, &giving, &to).await?;
        println!(
            "{rows} rows for {} are in {}; that they were given is in the log",
            giving.recipient,
            to.display()
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// The role that is named; else the only one that the statement has for this.
fn role(register: &Register, giving: &Giving, named: Option<String>) -> Result<Role, Fault> {
    let activity = giving.activity().map_or("", |activity| activity.0);
    let roles = register.activity(activity).map(|entry| &entry.roles[..]);
    match (named, roles) {
        (Some(named), _) => Ok(Role(named.into())),
        (None, Some([only])) => Ok(Role(only.clone().into())),
        (None, Some(several)) => Err(Fault::broken(format!(
            "say with --role which of these acts: {}",
            several.join(", ")
        ))),
        (None, None) => Err(Fault::broken(format!(
            "the statement has no activity {activity}: it lets nothing go on this occasion"
        ))),
    }
}

/// What would go, and the lines that say so.
fn told(giving: &Giving, lines: &Lines) -> String {
    let mut told = format!(
        "{} would get, by line {} of the statement:\n",
        giving.recipient, lines.recipient.line
    );
    for (category, columns) in &lines.data {
        let columns = match columns.as_slice() {
            [] => "nothing of it is kept here".to_owned(),
            columns => columns.join(", "),
        };
        told += &format!("  {category}: {columns}\n");
    }
    told += &format!("the activity: line {}\n", lines.activity.line);
    told += &format!("the ground: line {}\n", lines.ground.line);
    if let Some(law) = lines.law {
        told += &format!("the law: line {}\n", law.line);
    }
    told
}

/// Writes what was given to a new folder, with its cover sheet; answers how many rows it is.
pub async fn write(
    vault: &Vault,
    given: Disclosure<Export>,
    giving: &Giving,
    folder: &Path,
) -> Result<usize, Fault> {
    let (register, now) = (vault.register(), vault.clock().now());
    let export = given.into_inner();
    let names = write_files(vault, &export, folder).await?;
    let said = json!({
        "aan": giving.recipient,
        "gegevens": Tables { export: &export, files: &names },
    });
    write_json(&folder.join(DATA), &said)?;
    let language = offered_language(register, None)?;
    let rows = export.rows();
    let cover = accountability::cover_sheet(register, language, giving, rows, now);
    write_text(&folder.join(COVER), &cover)?;
    Ok(rows)
}
