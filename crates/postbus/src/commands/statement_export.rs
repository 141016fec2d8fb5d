//! `postbus statement export`

use std::path::PathBuf;
use std::process::ExitCode;

use accountability::publication;
use axum::http::Uri;
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
        value_parser = published_at,
        requires = "dpv"
    )]
    base: String,
}

/// An address that a browser could go to; things are named by it, and whoever reads them follows it.
fn published_at(text: &str) -> Result<String, String> {
    let parsed: Option<Uri> = text.parse().ok();
    let is_address = |uri: &Uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
    };
    match parsed.filter(is_address) {
        Some(_) => Ok(text.to_owned()),
        None => Err("give the whole address, such as https://post.example.nl/privacy".to_owned()),
    }
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
