//! What a server leaves that did not end in order: itself, when its starter was killed, and the memory it shared.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;

use crate::account::Account;
use crate::commands::{command, finish};
use crate::processes::{kill_with_children, lives, signal, wait_for};

const PATIENCE: Duration = Duration::from_secs(10);

/// Ends the server that runs on this data, if there still is one.
pub(crate) fn end_server(account: &Account, data: &Path) {
    if let Some(pid) = line_of_lock_file(data, 0).and_then(|line| line.trim().parse().ok())
        && is_server_of(pid, data)
    {
        signal(pid, Signal::QUIT);
        if !wait_for(PATIENCE, || !lives(pid)) {
            kill_with_children(pid);
        }
    }
    free_memory(account, data);
}

/// A killed server leaves a segment of shared memory, which the next start on the same data would take over.
pub(crate) fn free_memory(account: &Account, data: &Path) {
    let line = line_of_lock_file(data, 6).unwrap_or_default();
    if let Some(segment) = line.split_whitespace().nth(1) {
        let mut ipcrm = command(Path::new("ipcrm"), Path::new("/"));
        account.become_of(ipcrm.args(["-m", segment]));
        // Without the program the segment stays, a few bytes until the machine starts anew.
        let _ = finish(&mut ipcrm, PATIENCE);
    }
}

/// The server says there who it is, and removes it at an orderly end.
fn line_of_lock_file(data: &Path, number: usize) -> Option<String> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    text.lines().nth(number).map(str::to_owned)
}

/// Its arguments name the folder: the number may be another process's by now.
fn is_server_of(pid: u32, data: &Path) -> bool {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let is_data = |part: &[u8]| Path::new(&*String::from_utf8_lossy(part)) == data;
    line.split(|byte| *byte == 0).any(is_data)
}
