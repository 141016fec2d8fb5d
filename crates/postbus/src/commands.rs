//! The subcommands of the binary, one file each.

mod backup;
mod copy;
mod hold;
mod log_verify;
mod organisation_connect;
mod restore;
mod serve;
mod statement_check;
mod statement_diff;
mod statement_explain;
mod statement_export;
mod statement_opinions;
mod statement_render;
mod statement_schema;
mod store_distribute;
mod store_prepare;
mod subject_disclose;
mod subject_end_account;
mod subject_erase;
mod subject_export;
mod sweep;
mod tables;
mod whose;

pub use subject_disclose::write as write_disclosure;
pub use subject_export::write as write_export;

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use basics::{Clock, Fault, Ids};
use clap::{Parser, Subcommand};
use people::LoginSettings;
use portal::Contacts;

use crate::configuration::{Configuration, InstallationEntry};
use crate::installation::{Installation, InstallationSettings, read_statement, usual_number_claim};

/// A government's digital letterbox and counter.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
pub struct Postbus {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves every installation of a configuration until ended with Ctrl-C or SIGTERM
    Serve(serve::Serve),
    /// Backs an installation up: rows and attachments to one folder, keyring and master key to another; also while it serves
    Backup(backup::Backup),
    /// Puts a backup back to an empty place, and erases again whoever is on the list of erasures
    Restore(restore::Restore),
    /// Copies rows or keyring from one place to another, on the same engine or another; the server must be stopped
    ///
    /// They are copied as they lie, sealed. What was broken off goes on where it was when the same command is given again.
    Copy(copy::Copy),
    /// Statement files
    #[command(subcommand)]
    Statement(Statement),
    /// The processing log
    #[command(subcommand)]
    Log(Log),
    /// Connected organisations
    #[command(subcommand)]
    Organisation(Organisation),
    /// A person: a copy of their data, what of it goes outside, the end of their account, or their erasure
    #[command(subcommand)]
    Subject(Subject),
    /// Data of a person that are kept beyond their term
    #[command(subcommand)]
    Hold(hold::Hold),
    /// Removes what has been kept for its term, as the nightly job does; the server must be stopped where rows lie in files
    Sweep(sweep::Sweep),
    /// The database server that holds the rows, where they do not lie in files
    #[command(subcommand)]
    Store(Store),
    /// Prints the contract of the organisation API as OpenAPI
    #[command(hide = true)]
    Openapi,
}

#[derive(Subcommand)]
enum Statement {
    /// Checks statement files: what is wrong with them, and what this program cannot do of what they declare
    Check(statement_check::StatementCheck),
    /// Tells what differs between two versions of a statement, in words for its readers
    Diff(statement_diff::StatementDiff),
    /// Tells whether an activity may touch a category in a role, and by which line
    Explain(statement_explain::StatementExplain),
    /// Prints the record of processing activities (AVG art. 30), as JSON or as linked data
    Export(statement_export::StatementExport),
    /// Prints what people said of each version, and how many did, as JSON or CSV; the server must be stopped where rows lie in files
    Opinions(statement_opinions::StatementOpinions),
    /// Prints a statement as it is published, as Markdown or HTML
    Render(statement_render::StatementRender),
    /// Prints the JSON Schema of a statement file, for editors
    Schema(statement_schema::StatementSchema),
}

#[derive(Subcommand)]
enum Log {
    /// Verifies the chain of the log: whole, missing, altered or cut off, and where; the server must be stopped where rows lie in files
    Verify(log_verify::LogVerify),
}

#[derive(Subcommand)]
enum Organisation {
    /// Connects an organisation, or changes its name, keys or channel; the server must be stopped where rows lie in files
    Connect(organisation_connect::OrganisationConnect),
}

#[derive(Subcommand)]
enum Subject {
    /// Writes everything that is kept of one person to a folder; the server must be stopped where rows lie in files
    Export(subject_export::SubjectExport),
    /// Gives data of one person to somebody outside who gets none by itself: at a demand, after an incident, with consent
    ///
    /// What goes, to whom and by which law is the statement's to allow; why, and who approved it, is kept.
    Disclose(Box<subject_disclose::SubjectDisclose>),
    /// Ends the account of one person and every session of it, as they can themselves on the site: of who died, or in whose account
    /// somebody else has been
    EndAccount(subject_end_account::SubjectEndAccount),
    /// Erases one person: their key is destroyed, then their rows and files go. There is no way back
    Erase(subject_erase::SubjectErase),
}

#[derive(Subcommand)]
enum Store {
    /// Makes the tables that are not there yet, as their owner, and lets the role that serves work with them
    Prepare(store_prepare::StorePrepare),
    /// Prints the statements that spread the tables over several machines with Citus
    Distribute(store_distribute::StoreDistribute),
}

/// Which installation of a configuration a command is on.
#[derive(clap::Args)]
struct Chosen {
    /// The configuration file
    #[arg(long, default_value = "postbus.toml")]
    config: PathBuf,
    /// The installation's number in the file, from 1
    #[arg(long, default_value_t = 1)]
    installation: usize,
}

impl Postbus {
    /// Runs the chosen command; a Fault is one line on standard error and exit code 1.
    pub async fn run(self) -> ExitCode {
        let done = match self.command {
            Command::Serve(serve) => serve.run().await,
            Command::Backup(backup) => backup.run(),
            Command::Restore(restore) => restore.run().await,
            Command::Copy(copy) => copy.run(),
            Command::Statement(Statement::Check(check)) => check.run(),
            Command::Statement(Statement::Diff(diff)) => diff.run(),
            Command::Statement(Statement::Explain(explain)) => explain.run(),
            Command::Statement(Statement::Export(export)) => export.run(),
            Command::Statement(Statement::Opinions(opinions)) => opinions.run().await,
            Command::Statement(Statement::Render(render)) => render.run(),
            Command::Statement(Statement::Schema(schema)) => schema.run(),
            Command::Log(Log::Verify(verify)) => verify.run().await,
            Command::Organisation(Organisation::Connect(connect)) => connect.run().await,
            Command::Subject(Subject::Export(export)) => export.run().await,
            Command::Subject(Subject::Disclose(disclose)) => disclose.run().await,
            Command::Subject(Subject::EndAccount(end)) => end.run().await,
            Command::Subject(Subject::Erase(erase)) => erase.run().await,
            Command::Hold(hold) => hold.run().await,
            Command::Sweep(sweep) => sweep.run().await,
            Command::Store(Store::Prepare(prepare)) => prepare.run(),
            Command::Store(Store::Distribute(distribute)) => distribute.run(),
            Command::Openapi => print(format_args!(
                "{:#}\n",
                crate::openapi("https://post.example.nl")
            )),
        };
        done.unwrap_or_else(|fault| {
            eprintln!("postbus: {fault}");
            ExitCode::FAILURE
        })
    }
}

/// Prints what was asked for. Whoever stops reading (`| head`) has read enough.
fn print(text: impl Display) -> Result<ExitCode, Fault> {
    let mut out = std::io::stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(fault) if fault.kind() != ErrorKind::BrokenPipe => {
            Err(Fault::broken(format!("cannot print: {fault}")))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

impl Chosen {
    fn open(&self) -> Result<Installation, Fault> {
        open(self.entry()?)
    }

    fn entry(&self) -> Result<InstallationEntry, Fault> {
        let configuration = Configuration::read(&self.config)?;
        let count = configuration.installations.len();
        let entry = self
            .installation
            .checked_sub(1)
            .and_then(|at| configuration.installations.into_iter().nth(at));
        entry.ok_or_else(|| {
            Fault::broken(format!(
                "{} has installations 1 to {count}",
                self.config.display()
            ))
        })
    }
}

/// Errors: data would come to lie where the statement does not declare it.
fn lies_where_declared(entry: &InstallationEntry) -> Result<(), Fault> {
    let register = statement_file(&entry.statement)?;
    entry
        .locations()
        .are_declared(&entry.elsewhere()?, &register)
}

fn open(entry: InstallationEntry) -> Result<Installation, Fault> {
    let statement = whole_statement(&entry.statement)?;
    let elsewhere = entry.elsewhere()?;
    let locations = entry.locations();
    let register = read_statement(&statement)?;
    let number_claim = match entry.login.number_claim {
        Some(claim) => claim,
        None => usual_number_claim(&register),
    };
    Installation::open(InstallationSettings {
        statement,
        data: entry.data,
        keys: entry.keys,
        elsewhere,
        locations,
        base_url: entry.base_url,
        plain_loopback_cookies: entry.plain_loopback_cookies,
        login: LoginSettings {
            issuer: entry.login.issuer,
            client_id: entry.login.client_id,
            number_claim,
        },
        contacts: Contacts {
            helpdesk: entry.contact.helpdesk,
            security: entry.contact.security,
        },
        addresses: entry.contact.addresses,
        app: entry.app,
        proxies: entry.proxy.unwrap_or_default().proxies()?,
        log_collector: entry.log_collector,
        clock: Clock::system(),
        ids: Ids::system(),
    })
}

/// The text of a statement file, with what its parent's says for it.
///
/// Errors: it cannot be read, or its parent cannot.
fn whole_statement(file: &std::path::Path) -> Result<String, Fault> {
    let text = std::fs::read_to_string(file).map_err(|fault| {
        Fault::broken(format!(
            "cannot read the statement {}: {fault}",
            file.display()
        ))
    })?;
    statement::with_parent(&text, &beside(file)).map_err(|findings| does_not_start(file, &findings))
}

/// Finds the file of a parent: it lies beside the one that names it.
fn beside(file: &std::path::Path) -> impl Fn(&str) -> Result<String, String> {
    let folder = file.parent().unwrap_or(std::path::Path::new("."));
    let folder = folder.to_owned();
    move |name| {
        let is_beside = std::path::Path::new(name).file_name() == Some(name.as_ref());
        if !is_beside {
            return Err("it is no name of a file beside this one".to_owned());
        }
        std::fs::read_to_string(folder.join(name)).map_err(|fault| fault.to_string())
    }
}

fn does_not_start(file: &std::path::Path, findings: &[statement::Finding]) -> Fault {
    let stops = findings.iter().filter(|finding| finding.stops());
    let stops: Vec<String> = stops.map(ToString::to_string).collect();
    Fault::broken(format!(
        "{} does not start:\n  {}",
        file.display(),
        stops.join("\n  ")
    ))
}

/// Reads a statement file for a command. Errors: it cannot be read, or does not start.
fn statement_file(file: &std::path::Path) -> Result<statement::Register, Fault> {
    let text = whole_statement(file)?;
    statement::Register::parse(&text).map_err(|findings| does_not_start(file, &findings))
}

/// A language that this statement is offered in; without one, its first.
fn offered_language(
    register: &statement::Register,
    tag: Option<&str>,
) -> Result<language::Language, Fault> {
    let offered = register.languages();
    let tag = tag
        .or(offered.first().map(String::as_str))
        .unwrap_or_default();
    let known = language::Language::from_tag(tag);
    known
        .filter(|_| offered.iter().any(|one| one == tag))
        .ok_or_else(|| {
            let (title, offered) = (register.title(), offered.join(", "));
            Fault::broken(format!("{title} is not offered in {tag}, but in {offered}"))
        })
}
