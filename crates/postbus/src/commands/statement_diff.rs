//! `postbus statement diff`

use std::path::PathBuf;
use std::process::ExitCode;

use accountability::publication;
use basics::Fault;

use super::{offered_language, print, statement_file};

#[derive(clap::Args)]
pub(super) struct StatementDiff {
    /// The statement file of the version before
    old: PathBuf,
    /// The statement file of the version after
    new: PathBuf,
    /// nl, en or pap; without it, the first language of the new version
    #[arg(long)]
    language: Option<String>,
}

impl StatementDiff {
    pub(super) fn run(self) -> Result<ExitCode, Fault> {
        let (old, new) = (statement_file(&self.old)?, statement_file(&self.new)?);
        let language = offered_language(&new, self.language.as_deref())?;
        let told = publication::difference(old.statement(), new.statement(), language);
        print(told)
    }
}
