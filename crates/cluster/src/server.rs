//! The process of the server: started on a leash, awaited, stopped or killed.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::time::Duration;

use rustix::process::Signal;

use crate::Fault;
use crate::commands::command;
use crate::home::Home;
use crate::processes::{kill_with_children, signal, wait_for};

const LEASH: &str = include_str!("leash.sh");
/// A start after a crash reads back what was written since the last checkpoint.
const START: Duration = Duration::from_secs(120);
/// For the watcher as well.
const STOP: Duration = Duration::from_secs(60);
/// Lines of the server's own log in an error.
const TAIL: usize = 12;

/// A running server.
pub(crate) struct Server {
    child: Child,
    leash: ChildStdin,
    lock_file: PathBuf,
}

/// How it is asked to end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Clients are turned out, and everything is written where it belongs.
    Orderly,
    /// Nothing more is written: for data that is thrown away.
    Immediate,
}

impl Server {
    /// Starts it and waits until it takes connections.
    pub fn start(home: &Home, settings: &[(String, String)]) -> Result<Self, Fault> {
        let log_file = home.log();
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log_file)
            .map_err(Fault::at(&log_file))?;
        let before = fs::metadata(&log_file).map_or(0, |file| file.len());
        let ending = Ending::when_left(home);
        let mut shell = command(Path::new("/bin/sh"), home.folder());
        shell
            .args(["-c", LEASH, "leash", ending.signal().1])
            .arg((STOP.as_millis() / 100).to_string())
            .arg(home.private())
            .arg(home.installation.program("postgres"))
            .arg("-D")
            .arg(home.data());
        for (name, value) in settings {
            shell.arg("-c").arg(format!("{name}={value}"));
        }
        home.account.become_of(&mut shell);
        // Of no terminal's group: an interruption reaches whoever started it, who then ends it in order.
        shell
            .process_group(0)
            .stdin(Stdio::piped())
            .stderr(log.try_clone().map_err(Fault::at(&log_file))?)
            .stdout(log);
        let mut child = shell.spawn().map_err(|fault| match fault.kind() {
            ErrorKind::PermissionDenied => home.account.is_shut_out(home.folder()),
            _ => Fault::new(format!("the server did not start: {fault}")),
        })?;
        let leash = child.stdin.take().expect("it was asked to be a pipe");
        let mut server = Self {
            child,
            leash,
            lock_file: home.data().join("postmaster.pid"),
        };
        let mut ended = false;
        let ready = wait_for(START, || {
            ended = server.has_ended();
            ended || server.is_ready(home.private())
        });
        if ready && !ended {
            return Ok(server);
        }
        server.kill();
        let what = if ended {
            "the server ended by itself at its start".to_owned()
        } else {
            format!("the server takes no connections after {START:?}")
        };
        Err(Fault::new(format!("{what}:\n{}", tail(&log_file, before))))
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it, by force when it does not within bounds; says whether it ended well.
    pub fn stop(mut self, ending: Ending) -> bool {
        signal(self.pid(), ending.signal().0);
        let ended = wait_for(STOP, || self.has_ended());
        if !ended {
            self.kill();
        }
        ended && self.child.wait().is_ok_and(|status| status.success())
    }

    /// As when the machine loses its power, all but what the disk holds back.
    pub fn crash(mut self) {
        self.kill();
    }

    fn kill(&mut self) {
        if !self.has_ended() {
            kill_with_children(self.pid());
            let _ = self.child.wait();
        }
    }

    /// What the server itself says in its lock file: whose it is, where its socket is, and how far it is.
    fn is_ready(&self, sockets: &Path) -> bool {
        let text = fs::read_to_string(&self.lock_file).unwrap_or_default();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let said = |line: usize| lines.get(line).copied().unwrap_or_default();
        said(0) == self.pid().to_string()
            && Path::new(said(4)) == sockets
            && ["ready", "standby"].contains(&said(7))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        // Nothing is left to watch; the watcher may have been killed as well.
        let _ = self.leash.write_all(b"\n");
    }
}

impl Ending {
    /// What becomes of a server that nobody needs any more.
    pub fn when_left(home: &Home) -> Self {
        if home.is_kept() {
            Self::Orderly
        } else {
            Self::Immediate
        }
    }

    fn signal(self) -> (Signal, &'static str) {
        match self {
            Self::Orderly => (Signal::INT, "INT"),
            Self::Immediate => (Signal::QUIT, "QUIT"),
        }
    }
}

/// The last lines since this start.
fn tail(log: &Path, before: u64) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let new = usize::try_from(before)
        .ok()
        .and_then(|before| bytes.get(before..));
    let text = String::from_utf8_lossy(new.unwrap_or(&bytes)).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}
