//! The Node program `tools/inlogdienst.mjs`, from its start to its end.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

pub struct NodeProvider {
    pub issuer: String,
    process: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl NodeProvider {
    /// Starts it, not yet with a client. None, and said so, without the Node tools.
    pub fn start() -> Option<Self> {
        let Some(tools) = std::env::var_os("POSTBUS_TOOLS").map(PathBuf::from) else {
            eprintln!(
                "skipped: POSTBUS_TOOLS does not say where the Node tools are; `cargo xtask test` does"
            );
            return None;
        };
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/inlogdienst.mjs");
        let started = Command::new("node")
            .arg(program)
            .arg(tools)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut process = started.expect("Node starts");
        let output = process.stdout.take().expect("it was asked to be a pipe");
        let mut said = BufReader::new(output).lines();
        let issuer = heard(&mut said);
        Some(Self {
            issuer,
            process,
            said,
        })
    }

    /// Tells it where its client stands, and waits until it can be used.
    pub fn join(mut self, client: &str) -> Self {
        let input = self
            .process
            .stdin
            .as_mut()
            .expect("it was asked to be a pipe");
        writeln!(input, "{client}").expect("it listens");
        assert_eq!(heard(&mut self.said), "gereed");
        self
    }
}

/// It says its lines at once, or ends.
fn heard(said: &mut Lines<BufReader<ChildStdout>>) -> String {
    let line = said.next().expect("the provider goes on");
    line.expect("it says text")
}

impl Drop for NodeProvider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
