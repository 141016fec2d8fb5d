//! Folders in memory, for what need not outlive the process that makes it: a file system on disk is slow where thousands of small files
//! come and go.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{StatVfsMountFlags, statvfs};
use tempfile::TempDir;

use crate::Fault;
use crate::account::Account;

/// Where Linux has memory as a file system.
pub(crate) const MEMORY: &str = "/dev/shm";
/// With less room than this (bytes) it is not used: containers often have 64 MiB.
const LEAST: u64 = 6 << 30;

/// Folders of tests begin so; the sweep looks at them too.
pub(crate) const PREFIX: &str = "postbus-tests-";

/// Where there is room for folders in memory, and programs may be started from there.
pub(crate) fn memory() -> Option<PathBuf> {
    let room = statvfs(MEMORY).ok()?;
    let is_free = room.f_bavail.saturating_mul(room.f_frsize) >= LEAST;
    let refused = StatVfsMountFlags::NOEXEC | StatVfsMountFlags::RDONLY;
    (is_free && !room.f_flag.intersects(refused)).then(|| MEMORY.into())
}

/// A folder in memory for whatever temporary folders tests make, as `TMPDIR`. It goes with this value, and when this process was
/// killed, with the next [`sweep`](crate::sweep).
pub struct InMemory {
    folder: TempDir,
    /// The lock on it, by which another process knows that it is in use.
    _held: File,
}

impl InMemory {
    /// None where there is no room for it.
    pub fn folder() -> Result<Option<Self>, Fault> {
        memory().map(|parent| Self::within(&parent)).transpose()
    }

    fn within(parent: &Path) -> Result<Self, Fault> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent);
        let folder = folder.map_err(Fault::at(parent))?;
        let at = Fault::at(folder.path());
        let held = File::open(folder.path()).and_then(|held| {
            held.lock()?;
            // As /tmp: every user makes folders there, and removes none of another's.
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777))?;
            Ok(held)
        });
        let held = held.map_err(at)?;
        // The sweep removes what is its user's.
        Account::choose()?.give(folder.path())?;
        Ok(Self {
            folder,
            _held: held,
        })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}
