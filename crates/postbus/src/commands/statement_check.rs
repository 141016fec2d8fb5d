//! `postbus statement check`

use std::path::PathBuf;
use std::process::ExitCode;

use basics::Fault;
use statement::Register;

#[derive(clap::Args)]
pub(super) struct StatementCheck {
    /// The statement file
    file: PathBuf,
}

impl StatementCheck {
    pub(super) fn run(self) -> Result<ExitCode, Fault> {
        let file = self.file.display();
        let text = std::fs::read_to_string(&self.file)
            .map_err(|fault| Fault::broken(format!("cannot read {file}: {fault}")))?;
        let (findings, starts) = match Register::parse(&text) {
            Ok(register) => (register.findings().to_vec(), true),
            Err(findings) => (findings, false),
        };
        for finding in &findings {
            println!("{file}: {finding}");
        }
        println!(
            "{file}: {} findings; {}",
            findings.len(),
            if starts {
                "it starts"
            } else {
                "it does not start"
            }
        );
        Ok(if starts {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
