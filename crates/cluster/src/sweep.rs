//! What runs leave that were killed together with their watcher: servers and folders of nobody.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::path::{Path, PathBuf};

use crate::Fault;
use crate::account::Account;
use crate::home::{DATA, PREFIX};
use crate::leftovers::end_server;
use crate::memory;

/// Ends the servers and removes the private folders that nobody holds any more; answers which.
/// A folder in use is locked by the process that uses it, so it is left alone.
pub fn sweep() -> Result<Vec<PathBuf>, Fault> {
    let parents = BTreeSet::from([std::env::temp_dir(), "/tmp".into(), memory::MEMORY.into()]);
    let account = Account::choose()?;
    let mut swept = Vec::new();
    for parent in parents {
        let Ok(entries) = parent.read_dir() else {
            continue;
        };
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            let begins = |prefix| name.to_string_lossy().starts_with(prefix);
            let is_ours = begins(PREFIX) || begins(memory::PREFIX);
            if is_ours && sweep_folder(&account, &entry.path())? {
                swept.push(entry.path());
            }
        }
    }
    Ok(swept)
}

fn sweep_folder(account: &Account, folder: &Path) -> Result<bool, Fault> {
    let is_ours = |found: Metadata| found.is_dir() && account.owns(&found);
    let may_be_swept = fs::symlink_metadata(folder).is_ok_and(is_ours);
    let Some(lock) = may_be_swept.then(|| File::open(folder).ok()).flatten() else {
        return Ok(false);
    };
    if lock.try_lock().is_err() || is_new(folder) {
        return Ok(false);
    }
    end_server(account, &folder.join(DATA));
    match fs::remove_dir_all(folder) {
        Ok(()) => Ok(true),
        // Its own watcher was quicker.
        Err(_) if !folder.exists() => Ok(false),
        Err(fault) => Err(Fault::at(folder)(fault)),
    }
}

/// Made just now by a process that did not come to its lock yet.
fn is_new(folder: &Path) -> bool {
    folder
        .read_dir()
        .is_ok_and(|mut entries| entries.next().is_none())
}
