//! `postbus statement render`

use std::path::PathBuf;
use std::process::ExitCode;

use accountability::publication::{self, Markdown};
use basics::Fault;
use language::Language;

use super::statement_file;

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
        let offered = register.languages();
        let tag = self
            .language
            .as_deref()
            .or(offered.first().map(String::as_str));
        let tag = tag.unwrap_or_default();
        let language = Language::from_tag(tag).filter(|_| offered.iter().any(|one| one == tag));
        let Some(language) = language else {
            let title = register.title();
            let why = format!(
                "{title} is not offered in {tag}, but in {}",
                offered.join(", ")
            );
            return Err(Fault::broken(why));
        };
        let document = publication::document(register.statement(), language);
        if self.html {
            println!("{}", document.page());
        } else {
            print!("{}", Markdown(&document));
        }
        Ok(ExitCode::SUCCESS)
    }
}
