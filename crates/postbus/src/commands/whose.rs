//! Whose data a command is about: a number that is read or asked for, never typed behind the command, or an id.

use std::io::{BufRead, IsTerminal, Write};

use basics::{Fault, NumberKind, PersonNumber, SubjectId};
use vault::Whose;

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Asked {
    /// Reads the person's number from standard input, or asks for it: what stands behind a command is seen by others
    #[arg(long)]
    number_from_stdin: bool,
    /// The person's id here, which is random
    #[arg(long)]
    id: Option<String>,
}

impl Asked {
    pub(super) fn whose(&self, kind: NumberKind) -> Result<Whose, Fault> {
        if let Some(id) = &self.id {
            let id: SubjectId = id
                .parse()
                .map_err(|_| Fault::broken("--id is not the id of a person"))?;
            return Ok(Whose::Id(id));
        }
        let stdin = std::io::stdin();
        if stdin.is_terminal() {
            eprint!("{}: ", kind.name());
            let _ = std::io::stderr().flush();
        }
        let mut line = String::new();
        stdin
            .lock()
            .read_line(&mut line)
            .map_err(|fault| Fault::broken(format!("standard input cannot be read: {fault}")))?;
        // What was read is not repeated.
        PersonNumber::parse(kind, line.trim())
            .map(Whose::Number)
            .map_err(|_| Fault::broken(format!("standard input holds no {}", kind.name())))
    }
}

/// What a command says of somebody whom nothing is kept of.
pub(super) const NOBODY: &str = "nothing is kept here of anybody like that";
