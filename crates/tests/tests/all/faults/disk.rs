//! A small disk in memory, for as long as a test runs; only root can lay one.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::kill::server::Server;

/// Set where a build server's root may not mount.
const ALLOWED: &str = "POSTBUS_NO_SMALL_DISK";

pub struct Disk {
    place: PathBuf,
}

impl Disk {
    /// Lays a disk of so many megabytes under this name in the server's folder; none, with a word about it, when this test
    /// is not root, or a root that may not (in a container without rights). The latter fails on a build server that does not
    /// allow it, or nobody would learn that these tests no longer look at anything.
    pub fn lay(server: &Server, name: &str, megabytes: usize) -> Option<Self> {
        if !server.is_root() {
            tell(&format!(
                "skipped: only root can lay a small disk under {name}"
            ));
            return None;
        }
        let place = server.path().join(name);
        fs::create_dir_all(&place).expect("room for a folder");
        let options = format!("size={megabytes}m,mode=0755");
        let laid = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "postbus-faults"])
            .arg(&place)
            .output()
            .expect("a program of the system");
        let said = String::from_utf8_lossy(&laid.stderr);
        if said.contains("permission denied") || said.contains("not permitted") {
            let is_set = |name| std::env::var_os(name).is_some();
            assert!(
                may_skip(is_set("CI"), is_set(ALLOWED)),
                "this root may not lay a small disk: {said}; set {ALLOWED} to go without these tests"
            );
            tell(&format!(
                "skipped: this root may not lay a small disk under {name}"
            ));
            return None;
        }
        assert!(laid.status.success(), "{said}");
        server.give(&place);
        Some(Self { place })
    }

    /// Takes what room there is; given back by [`free`](Self::free).
    pub fn fill(&self) {
        let mut ballast = File::create(self.ballast()).expect("a name is free");
        // In ever smaller pieces, to the last block.
        for size in [1 << 20, 64 << 10, 4 << 10] {
            let piece = vec![0; size];
            while match ballast.write_all(&piece) {
                Ok(()) => true,
                Err(fault) => {
                    assert_eq!(fault.kind(), ErrorKind::StorageFull);
                    false
                }
            } {}
        }
    }

    pub fn free(&self) {
        fs::remove_file(self.ballast()).expect("it was filled");
    }

    pub fn remount(&self, how: &str) {
        let how = format!("remount,{how}");
        run(Command::new("mount").args(["-o", &how]).arg(&self.place));
    }

    fn ballast(&self) -> PathBuf {
        self.place.join("ballast")
    }
}

/// At once for us, and for whoever still has a file open when it is closed.
impl Drop for Disk {
    fn drop(&mut self) {
        unmount(&self.place);
    }
}

const fn may_skip(is_build_server: bool, is_allowed: bool) -> bool {
    !is_build_server || is_allowed
}

/// Past the test's own output, of which nothing is shown when it passes.
pub fn tell(what: &str) {
    // Whoever closed standard error does not want to know.
    let _ = writeln!(std::io::stderr(), "{what}");
}

#[test]
fn a_build_server_skips_a_small_disk_only_where_that_is_allowed() {
    assert!(!may_skip(true, false));
    assert!(may_skip(true, true) && may_skip(false, false));
}

fn unmount(place: &Path) {
    let _ = Command::new("umount").arg("-l").arg(place).status();
}

fn run(command: &mut Command) {
    let status = command.status().expect("a program of the system");
    assert!(status.success(), "{command:?}: {status}");
}
