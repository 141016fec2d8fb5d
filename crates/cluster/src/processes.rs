//! The processes of a server: found, waited for, and ended all at once.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A process that has ended and was not yet asked how does not live.
pub(crate) fn lives(pid: u32) -> bool {
    match status_of(pid) {
        Some((state, _)) => !matches!(state, 'Z' | 'X'),
        None => false,
    }
}

/// Kills a server with all its processes, in the middle of whatever they do; waits until they are gone.
/// Where the system has no `/proc` only the first is killed, and the others end by themselves when they see it.
pub(crate) fn kill_with_children(server: u32) {
    // Standing still it starts no others.
    signal(server, Signal::STOP);
    let children = children_of(server);
    for pid in children.iter().copied().chain([server]) {
        signal(pid, Signal::KILL);
    }
    wait_for(Duration::from_secs(10), || {
        !children.iter().any(|child| lives(*child))
    });
}

pub(crate) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // It may have ended already.
        let _ = kill_process(pid, signal);
    }
}

/// Asks again and again, within bounds; says whether it came true.
pub(crate) fn wait_for(patience: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while !is_so() {
        if began.elapsed() > patience {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

pub(crate) fn children_of(parent: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| status_of(*pid).is_some_and(|(_, of)| of == parent))
        .collect()
}

/// Its state and its parent: `42 (a name) S 7 …`, in which the name may hold anything.
fn status_of(pid: u32) -> Option<(char, u32)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    let mut parts = rest.split_whitespace();
    let state = parts.next()?.chars().next()?;
    Some((state, parts.next()?.parse().ok()?))
}
