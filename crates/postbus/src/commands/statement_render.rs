//! `postbus statement render`

use std::path::PathBuf;
use std::process::ExitCode;

use accountability::publication::{self, Markdown};
use basics::Fault;

use super::{offered_language, print, statement_file};

#[derive(clap::Args)]
pub(super) struct StatementRender {
    /// The statement file
    file: PathBuf,
    /// nl, en or pap; without it, the first language of the statement
    #[arg(long)]
    language: Option<String>,
    /// As a page of HTML that stands by itself, instead of Markdown
    #[arg(long)]
    html: bool,
}

impl StatementRender {
    pub(super) fn run(self) -> Result<ExitCode, Fault> {
        let register = statement_file(&self.file)?;
        let language = offered_language(&register, self.language.as_deref())?;
        let document = publication::document(register.statement(), language);
        if self.html {
            print(format_args!("{}\n", document.page()))
        } else {
            print(Markdown(&document))
        }
    }
}
