//! The program `cluster` as a process of its own, which is ended in each way there is.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A started program, and what it said of its cluster.
pub struct Starter {
    pub program: Child,
    pub url: String,
    pub folder: PathBuf,
    pub server: u32,
}

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_cluster");

impl Starter {
    pub fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = command.spawn().expect("the program starts");
        let mut said =
            BufReader::new(program.stdout.take().expect("it was asked to be a pipe")).lines();
        let mut hear = |name: &str| {
            let line = said.next().expect("it started").expect("text");
            let value = line.strip_prefix(name).expect(name).trim();
            value.to_owned()
        };
        let url = hear("url");
        hear("socket");
        Self {
            program,
            url,
            folder: hear("folder").into(),
            server: hear("pid").parse().expect("a number"),
        }
    }

    /// Kills the program, which then can do nothing any more.
    pub fn kill(&mut self) {
        self.program.kill().expect("our own child");
        self.program.wait().expect("our own child");
    }
}

impl Drop for Starter {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
