//! Whoever starts a cluster, its server is an ordinary user.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::Command;

use cluster::{Cluster, Settings};
use tempfile::TempDir;

use crate::starter::{PROGRAM, Starter};
use crate::{hasty, psql, wait_until};

const NOBODY: u32 = 65534;

fn user_of(pid: u32) -> u32 {
    fs::metadata(format!("/proc/{pid}"))
        .expect("it lives")
        .uid()
}

fn we_are_root() -> bool {
    user_of(std::process::id()) == 0
}

#[test]
fn the_server_is_never_root() {
    let cluster = hasty();
    let user = user_of(cluster.pid().unwrap());
    if we_are_root() {
        assert_ne!(user, 0);
        assert_eq!(fs::metadata(cluster.folder()).unwrap().uid(), user);
    } else {
        assert_eq!(user, user_of(std::process::id()));
    }
    let mode = fs::metadata(cluster.socket_folder()).unwrap().mode();
    assert_eq!(mode & 0o777, 0o700);
}

/// As root the program becomes `nobody`, from a copy: the checkout may be closed to that user.
#[test]
fn an_ordinary_user_starts_one_as_oneself() {
    let home = tempfile::tempdir().unwrap();
    let copy = home.path().join("cluster");
    fs::copy(PROGRAM, &copy).unwrap();
    let mut command = Command::new(&copy);
    command.current_dir(home.path());
    if we_are_root() {
        open(&home);
        chown(&copy, Some(NOBODY), Some(NOBODY)).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
    let mut starter = Starter::start(&mut command);
    let user = user_of(starter.server);
    assert_eq!(user, user_of(starter.program.id()));
    assert_ne!(user, 0);
    let asked = psql(&starter.url, "SELECT 1").output().unwrap();
    assert!(asked.status.success(), "{asked:?}");
    drop(starter.program.stdin.take());
    assert!(starter.program.wait().unwrap().success());
    wait_until("the folder is gone", || !starter.folder.exists());
}

#[test]
fn a_folder_that_the_server_cannot_reach_is_told() {
    if !we_are_root() {
        // Only root makes a folder that the server's user may not enter: for another they are the same.
        assert_eq!(user_of(hasty().pid().unwrap()), user_of(std::process::id()));
        return;
    }
    let shut = tempfile::tempdir().unwrap();
    fs::set_permissions(shut.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let settings = Settings {
        folder: Some(shut.path().join("cluster")),
        ..Settings::default()
    };
    let said = Cluster::start(settings.clone()).err().unwrap().to_string();
    assert!(said.contains("may not enter"), "{said}");
    assert!(
        said.contains("take a folder that every user can pass to"),
        "{said}"
    );
    open(&shut);
    assert!(Cluster::start(settings).is_ok());
}

#[test]
fn a_missing_installation_is_told_with_what_to_install() {
    let empty = tempfile::tempdir().unwrap();
    let output = Command::new(PROGRAM)
        .env("POSTBUS_POSTGRES_BIN", empty.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("apt-get install postgresql"), "{said}");
}

fn open(folder: &TempDir) {
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("our own folder");
}
