//! Building and running the whole test suite, and counting what it says.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::checkout::{cargo, finish, root, spelled, target};

/// Same crates and features for clippy, build and tests, so that nothing is built twice.
pub const WHOLE: [&str; 3] = ["--workspace", "--features", "xtask/bench,xtask/gallery"];

/// What the tests are given besides their own code.
pub struct Surroundings {
    /// `node_modules` with the Node tools.
    pub tools: PathBuf,
    /// The interpreter with the Python tools.
    pub python: PathBuf,
    /// Where insta notes each snapshot that a test asked for.
    pub references: PathBuf,
    /// Where tests that start no programs make their folders, instead of the usual place.
    pub temporary: Option<PathBuf>,
    /// `no`: a changed snapshot fails; `always`: it is taken over.
    pub update: &'static str,
}

/// What libtest said, over all its binaries.
#[derive(Debug, Default, PartialEq)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
    pub ignored: u64,
    pub failures: Vec<String>,
}

/// Builds the binaries and the tests in one go: apart they would differ in features.
pub fn build() -> Result<(), String> {
    let mut command = cargo(&["build", "--bins", "--tests"]);
    finish(command.args(WHOLE))
}

/// The rooms that keep rows: their tests also run on a server.
const WITH_ROWS: [&str; 9] = [
    "vault",
    "jobs",
    "organisations",
    "people",
    "letterbox",
    "delivery",
    "portal",
    "postbus",
    "tests",
];
/// The room in which tests start programs of their own, …
const PROGRAMS_IN: &str = "tests";
/// … and what those are called: on files of the embedded engine, or on a server of their own.
const WITH_PROGRAMS: [&str; 5] = [
    "ending::said",
    "faults::",
    "kill",
    "on_a_server::",
    "store_",
];

/// Runs the tests on files, and those of the rooms that keep rows once more with their rows on a server, when there is one at an
/// address; those that match `filter` when there is one. Shows what they print. The tests that start programs mostly wait for them, so all of
/// them run beside the others.
///
/// The error comes with the count so far: a test program may have failed to build.
pub fn run(
    filter: Option<&str>,
    server: Option<&str>,
    around: &Surroundings,
) -> (Count, Result<(), String>) {
    let programs = match test_programs() {
        Ok(programs) => programs,
        Err(why) => return (Count::default(), Err(why)),
    };
    let mut on_files = Lane::new(around);
    let mut waiting = Lane::new(around);
    std::thread::scope(|scope| {
        if filter.is_none() {
            scope.spawn(|| waiting.take(&programs, Pass::Programs));
        }
        match filter {
            None => on_files.take(&programs, Pass::Files),
            Some(filter) => on_files.take(&programs, Pass::Filtered(filter)),
        }
        if let Some(server) = server {
            on_files.take(&programs, Pass::Server(server, filter));
        }
    });
    let mut all = on_files;
    all.count.join(waiting.count);
    all.failed.extend(waiting.failed);
    if filter.is_none() {
        let mut documented = cargo(&["test", "--doc", "--no-fail-fast"]);
        all.hear(documented.args(WHOLE));
    }
    let ended = match all.failed.is_empty() {
        true => Ok(()),
        false => Err(all.failed.join("; ")),
    };
    (all.count, ended)
}

/// Which tests of a program run, and where their rows lie.
#[derive(Clone, Copy)]
enum Pass<'p> {
    /// Only those that start programs.
    Programs,
    /// All others.
    Files,
    Filtered(&'p str),
    /// Those of the rooms that keep rows, without those that start programs: the server's address, and the filter.
    Server(&'p str, Option<&'p str>),
}

/// Test programs that run one after another, and what came of them.
struct Lane<'s> {
    around: &'s Surroundings,
    count: Count,
    failed: Vec<String>,
}

impl<'s> Lane<'s> {
    fn new(around: &'s Surroundings) -> Self {
        Self {
            around,
            count: Count::default(),
            failed: Vec::new(),
        }
    }

    fn take(&mut self, programs: &[(String, PathBuf)], pass: Pass<'_>) {
        for (room, program) in programs {
            let mut command = Command::new(program);
            command.current_dir(root().join("crates").join(room));
            match pass {
                Pass::Programs if room == PROGRAMS_IN => {
                    command.args(WITH_PROGRAMS).args(["--test-threads", "3"]);
                }
                Pass::Files => self.beside_programs(room, &mut command),
                Pass::Filtered(filter) => {
                    command.arg(filter);
                }
                Pass::Server(server, filter) if WITH_ROWS.contains(&room.as_str()) => {
                    command.env(cluster::LENT_BY, server).args(filter);
                    self.beside_programs(room, &mut command);
                }
                Pass::Programs | Pass::Server(..) => continue,
            }
            self.hear(&mut command);
        }
    }

    /// Such tests wait for a disk or for a server's answer as long as they reckon: in memory, and more of them than there are processors.
    fn beside_programs(&self, room: &str, command: &mut Command) {
        for name in WITH_PROGRAMS.iter().filter(|_| room == PROGRAMS_IN) {
            command.args(["--skip", name]);
        }
        command.args(["--test-threads", "4"]);
        if let Some(folder) = &self.around.temporary {
            command.env("TMPDIR", folder);
        }
    }

    fn hear(&mut self, command: &mut Command) {
        if let Err(why) = heard(self.around.given_to(command), &mut self.count) {
            self.failed.push(why);
        }
    }
}

/// The programs that hold the tests, each with its room.
fn test_programs() -> Result<Vec<(String, PathBuf)>, String> {
    let mut command = cargo(&["test", "--no-run", "--message-format=json"]);
    let built = command
        .args(WHOLE)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|fault| format!("cargo did not start: {fault}"))?;
    let messages = built.stdout.split(|byte| *byte == b'\n');
    let programs = messages.filter_map(|line| {
        let message: Value = serde_json::from_slice(line).ok()?;
        let manifest = Path::new(message["manifest_path"].as_str()?);
        let room = manifest.parent()?.file_name()?.to_str()?.to_owned();
        let is_test = message["profile"]["test"] == true;
        let program = message["executable"].as_str().filter(|_| is_test)?;
        Some((room, PathBuf::from(program)))
    });
    Ok(programs.collect())
}

/// Runs a command and counts what its tests say.
fn heard(command: &mut Command, count: &mut Count) -> Result<(), String> {
    let line = spelled(command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|fault| format!("`{line}` did not start: {fault}"))?;
    let output = child.stdout.take().expect("it was asked to be a pipe");
    let mut reader = BufReader::new(output);
    let mut heard = Vec::new();
    while reader
        .read_until(b'\n', &mut heard)
        .is_ok_and(|read| read > 0)
    {
        let said = String::from_utf8_lossy(&heard);
        print!("{said}");
        count.hear(said.trim_end());
        heard.clear();
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` ended with {status}")),
        Err(fault) => Err(format!("`{line}` was lost: {fault}")),
    }
}

impl Surroundings {
    fn given_to<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env("POSTBUS_TOOLS", &self.tools)
            .env("POSTBUS_PYTHON", &self.python)
            .env("POSTBUS_BINARIES", binaries())
            .env("INSTA_UPDATE", self.update)
            .env("INSTA_SNAPSHOT_REFERENCES_FILE", &self.references)
    }
}

/// Where the built binaries lie.
pub fn binaries() -> PathBuf {
    target().join(Path::new("debug"))
}

impl Count {
    /// Adds what another run said.
    pub fn join(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.failures.extend(other.failures);
    }

    fn hear(&mut self, line: &str) {
        if let Some(result) = line.strip_prefix("test result: ") {
            for part in result.split(['.', ';']) {
                match part.trim().split_once(' ') {
                    Some((number, "passed")) => self.passed += number.parse().unwrap_or(0),
                    Some((number, "failed")) => self.failed += number.parse().unwrap_or(0),
                    Some((number, "ignored")) => self.ignored += number.parse().unwrap_or(0),
                    _ => {}
                }
            }
        } else if let Some(name) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            self.failures.push(name.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_binaries_are_added() {
        let mut count = Count::default();
        for line in [
            "test inbox::is_sorted ... ok",
            "test inbox::is_empty ... FAILED",
            "test result: FAILED. 11 passed; 1 failed; 2 ignored; 0 measured; 3 filtered out; finished in 0.10s",
            "test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            count.hear(line);
        }
        let expected = Count {
            passed: 15,
            failed: 1,
            ignored: 2,
            failures: vec!["inbox::is_empty".into()],
        };
        assert_eq!(count, expected);
    }
}
