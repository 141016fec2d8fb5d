//! `postbus statement export`

use std::path::PathBuf;
use std::process::ExitCode;

use accountability::publication;
use basics::Fault;

use super::{offered_language, print, statement_file};

#[derive(clap::Args)]
pub(super) struct StatementExport {
    /// The statement file
    file: PathBuf,
    /// nl, en or pap; without it, the first language of the statement
    #[arg(long)]
    language: Option<String>,
    /// As linked data: the Data Privacy Vocabulary (W3C DPV 2.1) in JSON-LD
    #[arg(long)]
    dpv: bool,
    /// Where the statement is published; linked data names each thing by its place there
    #[arg(
        long,
        default_value = "https://post.example.nl/privacy",
        requires = "dpv"
    )]
    base: String,
}

impl StatementExport {
    pub(super) fn run(self) -> Result<ExitCode, Fault> {
        let register = statement_file(&self.file)?;
        let language = offered_language(&register, self.language.as_deref())?;
        let statement = register.statement();
        let exported = match self.dpv {
            true => publication::linked(statement, language, &self.base),
            false => publication::record(statement, language),
        };
        print(format_args!("{exported:#}\n"))
    }
}
