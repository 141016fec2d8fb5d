//! Files of a backup: copied whole and durable, or linked where an earlier backup has the same.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use basics::Fault;
use store::Progress;

pub(super) fn cannot(what: &str, path: &Path, fault: &std::io::Error) -> Fault {
    Fault::broken(format!("cannot {what} {}: {fault}", path.display()))
}

/// A folder that only we can look into.
pub(super) fn make_private(folder: &Path) -> Result<(), Fault> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|fault| cannot("make", folder, &fault))
}

/// Writes a file that only we can read, in the place of one of before; durable when this answers.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Fault> {
    let mut new = OpenOptions::new();
    new.create(true).truncate(true).write(true).mode(0o600);
    new.open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .map_err(|fault| cannot("write", path, &fault))
}

/// Copies a file with its mode; durable when this answers.
pub(super) fn copy_file(from: &Path, to: &Path) -> Result<(), Fault> {
    fs::copy(from, to)
        .and_then(|_| File::open(to)?.sync_all())
        .map_err(|fault| cannot("copy", from, &fault))
}

/// Copies the files of a folder and of those in it, but those that are there already; what `earlier` has under the same name is
/// linked, since a sealed file never changes. Answers how many there are. One that goes meanwhile was removed by right.
pub(super) fn copy_tree(
    from: &Path,
    to: &Path,
    earlier: Option<&Path>,
    told: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<u64, Fault> {
    let all = files_in(from)?;
    let mut copied = 0;
    for file in &all {
        let (source, target) = (from.join(file), to.join(file));
        if let Some(folder) = target.parent() {
            make_private(folder)?;
        }
        let is_linked =
            earlier.is_some_and(|earlier| fs::hard_link(earlier.join(file), &target).is_ok());
        if is_linked || is_same(&source, &target) || copy_if_there(&source, &target)? {
            copied += 1;
        }
        told(Progress {
            table: "attachments",
            rows: copied,
            of: all.len() as u64,
        });
    }
    Ok(copied)
}

/// Of an earlier try that was broken off.
fn is_same(source: &Path, target: &Path) -> bool {
    let length = |path| fs::metadata(path).map(|file| file.len()).ok();
    length(target).is_some_and(|there| length(source) == Some(there))
}

fn copy_if_there(source: &Path, target: &Path) -> Result<bool, Fault> {
    let half = target.with_extension("half");
    match fs::copy(source, &half) {
        Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(false),
        Err(fault) => return Err(cannot("copy", source, &fault)),
        Ok(_) => {}
    }
    File::open(&half)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&half, target))
        .map_err(|fault| cannot("copy", source, &fault))?;
    Ok(true)
}

/// Every whole file in the folders of a folder; what is being written has a `#` in its name.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let mut files = Vec::new();
    for inner in entries(folder)? {
        for file in entries(&folder.join(&inner))? {
            if !file.to_string_lossy().contains('#') {
                files.push(inner.join(file));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let read = match fs::read_dir(folder) {
        Ok(read) => read,
        Err(fault) if matches!(fault.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(fault) => return Err(cannot("read", folder, &fault)),
    };
    let names = read.map(|entry| entry.map(|entry| PathBuf::from(entry.file_name())));
    names
        .collect::<Result<_, _>>()
        .map_err(|fault| cannot("read", folder, &fault))
}
