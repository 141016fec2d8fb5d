//! The programs that come with PostgreSQL, each run to its end within bounds.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::Fault;

/// A command that the settings of whoever starts it do not reach.
pub(crate) fn command(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("PG") || name.starts_with("LC_") {
            command.env_remove(&*name);
        }
    }
    command
        .env("LC_ALL", "C")
        .env("HOME", home)
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

/// Runs it to its end; answers what it said, and an error says what it complained of.
pub(crate) fn finish(command: &mut Command, patience: Duration) -> Result<String, Fault> {
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program())
        .to_string_lossy()
        .into_owned();
    let told = |fault| Fault::new(format!("{name} did not start: {fault}"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().map_err(told)?;
    let id = Pid::from_child(&child);
    let (ended, hear) = mpsc::channel();
    let waiting = std::thread::spawn(move || ended.send(child.wait_with_output()));
    let Ok(output) = hear.recv_timeout(patience) else {
        let _ = kill_process(id, Signal::KILL);
        let _ = waiting.join();
        return Err(Fault::new(format!(
            "{name} did not end within {patience:?}"
        )));
    };
    let Output {
        status,
        stdout,
        stderr,
    } = output.map_err(told)?;
    if status.success() {
        Ok(String::from_utf8_lossy(&stdout).trim_end().to_owned())
    } else {
        let said = String::from_utf8_lossy(&stderr);
        Err(Fault::new(format!("{name}: {}", said.trim_end())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = command(Path::new("/bin/sh"), Path::new("/"));
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_command_answers_or_says_what_it_complained_of() {
        let patience = Duration::from_secs(30);
        assert_eq!(finish(&mut shell("echo yes"), patience).unwrap(), "yes");
        let said = finish(&mut shell("echo no >&2; exit 3"), patience).unwrap_err();
        assert_eq!(said.to_string(), "sh: no");
    }

    #[test]
    fn a_command_that_does_not_end_is_ended() {
        let said = finish(&mut shell("exec sleep 600"), Duration::from_millis(50)).unwrap_err();
        assert_eq!(said.to_string(), "sh did not end within 50ms");
    }
}
