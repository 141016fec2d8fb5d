//! `postbus statement schema`

use std::process::ExitCode;

use basics::Fault;

#[derive(clap::Args)]
pub(super) struct StatementSchema {
    /// The tables and keys as Markdown, as they stand in docs/statement.md
    #[arg(long)]
    markdown: bool,
}

impl StatementSchema {
    pub(super) fn run(self) -> Result<ExitCode, Fault> {
        if self.markdown {
            print!("{}", statement::reference());
        } else {
            println!("{:#}", statement::schema());
        }
        Ok(ExitCode::SUCCESS)
    }
}
