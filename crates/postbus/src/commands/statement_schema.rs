//! `postbus statement schema`

use std::process::ExitCode;

use basics::Fault;

use super::print;

#[derive(clap::Args)]
pub(super) struct StatementSchema {
    /// The tables and keys as Markdown, as they stand in docs/statement.md
    #[arg(long)]
    markdown: bool,
}

impl StatementSchema {
    pub(super) fn run(self) -> Result<ExitCode, Fault> {
        if self.markdown {
            print(statement::reference())
        } else {
            print(format_args!("{:#}\n", statement::schema()))
        }
    }
}
