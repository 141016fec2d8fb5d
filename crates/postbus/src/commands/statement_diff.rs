//! `postbus statement diff`

use std::path::PathBuf;
use std::process::ExitCode;

use accountability::publication;
use basics::Fault;

use super::{does_not_start, offered_language, print, statement_file, whole_statement};

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
        let language = offered_language(&statement_file(&self.new)?, self.language.as_deref())?;
        let (old, new) = (whole_statement(&self.old)?, whole_statement(&self.new)?);
        let told = publication::difference(&old, &new, language);
        print(told.map_err(|findings| does_not_start(&self.old, &findings))?)
    }
}
