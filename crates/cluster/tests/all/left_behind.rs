//! Nothing is left behind, however the process ends that started a cluster.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use cluster::InMemory;
use rustix::process::{Pid, Signal, kill_process};

use crate::starter::{PROGRAM, Starter};
use crate::{hasty, lives, wait_until};

fn signal(pid: u32, signal: Signal) {
    let pid = pid
        .try_into()
        .ok()
        .and_then(Pid::from_raw)
        .expect("a process's number");
    kill_process(pid, signal).expect("it lives");
}

fn is_gone(starter: &Starter) -> bool {
    !lives(starter.server) && !starter.folder.exists()
}

/// The shell that watches over a server: it has the folder in its arguments, and is not the server.
fn watchers_of(starter: &Starter) -> Vec<u32> {
    let folder = starter.folder.to_str().expect("text");
    let processes = fs::read_dir("/proc").expect("Linux").filter_map(Result::ok);
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != starter.server)
        .filter(|pid| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).into_owned();
            line.starts_with("/bin/sh") && line.contains(folder)
        })
        .collect()
}

#[test]
fn a_killed_starter_leaves_no_server_and_no_folder() {
    let mut starter = Starter::start(&mut Command::new(PROGRAM));
    assert!(lives(starter.server) && starter.folder.exists());
    assert_eq!(watchers_of(&starter).len(), 1);
    starter.kill();
    wait_until("the server and its folder are gone", || is_gone(&starter));
    wait_until("the watcher is gone", || watchers_of(&starter).is_empty());
}

#[test]
fn a_starter_that_is_told_to_end_leaves_nothing_either() {
    let mut starter = Starter::start(&mut Command::new(PROGRAM));
    signal(starter.program.id(), Signal::TERM);
    let ended = starter.program.wait().unwrap();
    assert_eq!(ended.signal(), Some(Signal::TERM.as_raw()));
    wait_until("the server and its folder are gone", || is_gone(&starter));
}

#[test]
fn a_starter_that_ends_by_itself_has_ended_its_server_before() {
    let mut starter = Starter::start(&mut Command::new(PROGRAM));
    let watchers = watchers_of(&starter);
    drop(starter.program.stdin.take());
    assert!(starter.program.wait().unwrap().success());
    assert!(is_gone(&starter));
    wait_until("the watcher is gone", || {
        !watchers.iter().any(|pid| lives(*pid))
    });
}

#[test]
fn a_server_that_lost_its_watcher_too_is_swept_and_one_in_use_is_not() {
    let in_use = hasty();
    let mut starter = Starter::start(&mut Command::new(PROGRAM));
    for pid in watchers_of(&starter) {
        signal(pid, Signal::KILL);
    }
    starter.kill();
    assert!(lives(starter.server) && starter.folder.exists());
    let swept = cluster::sweep().unwrap();
    assert!(swept.contains(&starter.folder), "{swept:?}");
    assert!(is_gone(&starter));
    assert!(!swept.iter().any(|folder| folder == in_use.folder()));
    assert_eq!(in_use.sql("postgres", "SELECT 1").unwrap(), "1");
}

#[test]
fn a_folder_in_memory_that_a_killed_run_left_is_swept_and_one_in_use_is_not() {
    let Some(in_use) = InMemory::folder().unwrap() else {
        eprintln!("there is too little room in memory to try this");
        return;
    };
    let made = fs::metadata(in_use.path()).unwrap();
    let left = in_use
        .path()
        .with_file_name(format!("postbus-tests-left-{}", std::process::id()));
    fs::create_dir(&left).unwrap();
    chown(&left, Some(made.uid()), None).unwrap();
    for folder in [left.as_path(), in_use.path()] {
        fs::write(folder.join("letter"), "left").unwrap();
    }
    cluster::sweep().unwrap();
    assert!(!left.exists() && in_use.path().join("letter").exists());
    let path = in_use.path().to_owned();
    drop(in_use);
    assert!(!path.exists());
}

#[test]
fn a_killed_server_leaves_no_shared_memory() {
    let mut cluster = hasty();
    let lock_file = cluster.folder().join("data/postmaster.pid");
    let text = fs::read_to_string(lock_file).unwrap();
    let segment = text.lines().nth(6).unwrap();
    let segment = segment.split_whitespace().nth(1).unwrap().to_owned();
    assert!(segments().contains(&segment));
    cluster.kill();
    assert!(
        segments().contains(&segment),
        "so that there is something to free"
    );
    drop(cluster);
    assert!(!segments().contains(&segment));
}

/// The numbers of the segments of shared memory on this machine.
fn segments() -> Vec<String> {
    let text = fs::read_to_string(Path::new("/proc/sysvipc/shm")).expect("Linux");
    let second = |line: &str| line.split_whitespace().nth(1).map(str::to_owned);
    text.lines().skip(1).filter_map(second).collect()
}
