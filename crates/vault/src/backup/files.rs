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

/// A folder that only we can look into; that it is there, with those above it that were not, is durable when this answers.
pub(super) fn make_private(folder: &Path) -> Result<(), Fault> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder
        .parent()
        .filter(|above| !above.as_os_str().is_empty());
    above.map_or(Ok(()), make_private)?;
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(fault) if fault.kind() != ErrorKind::AlreadyExists => {
            return Err(cannot("make", folder, &fault));
        }
        _ => {}
    }
    sync_folder(above.unwrap_or(Path::new(".")))
}

/// What is in a folder by name is durable when this answers: a file that is durable is not yet found without.
pub(super) fn sync_folder(folder: &Path) -> Result<(), Fault> {
    sync(folder).map_err(|fault| cannot("write", folder, &fault))
}

/// The same for a folder with all that is in it, and what that says.
pub(super) fn sync_tree(folder: &Path) -> Result<(), Fault> {
    for name in entries(folder)? {
        let inner = folder.join(name);
        if inner.is_dir() {
            sync_tree(&inner)?;
        } else {
            sync(&inner).map_err(|fault| cannot("write", &inner, &fault))?;
        }
    }
    sync_folder(folder)
}

fn sync(path: &Path) -> std::io::Result<()> {
    #[cfg(test)]
    tests::SYNCED.with_borrow_mut(|all| all.push(path.to_owned()));
    File::open(path)?.sync_all()
}

pub(super) fn remove_tree(folder: &Path) -> Result<(), Fault> {
    fs::remove_dir_all(folder).map_err(|fault| cannot("remove", folder, &fault))
}

/// Writes a file that only we can read, in the place of one of before; durable when this answers. Whoever is killed meanwhile
/// leaves the one of before or the new one, whole.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Fault> {
    let half = path.with_extension("half");
    let mut new = OpenOptions::new();
    new.create(true).truncate(true).write(true).mode(0o600);
    new.open(&half)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&half, path)
        })
        .map_err(|fault| cannot("write", path, &fault))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Copies a file with its mode; durable when this answers.
pub(super) fn copy_file(from: &Path, to: &Path) -> Result<(), Fault> {
    fs::copy(from, to)
        .and_then(|_| sync(to))
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
    sync(&half)
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    thread_local! {
        pub(super) static SYNCED: RefCell<Vec<PathBuf>> = const { RefCell::new(Vec::new()) };
    }

    /// A note of how far a restore is that was half written would be of no restore: what is there would be somebody else's.
    #[test]
    fn a_note_is_replaced_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("restoring.txt");
        write(&path, "list\n").expect("written");
        fs::write(
            folder.path().join("restoring.half"),
            "of one that was killed",
        )
        .expect("written");
        let before = File::open(&path).expect("there");
        write(&path, "list\nkeys\n").expect("written");
        let kept = std::io::read_to_string(before).expect("it is text");
        assert_eq!(kept, "list\n", "it was never anything between the two");
        assert_eq!(fs::read_to_string(&path).expect("there"), "list\nkeys\n");
        assert_eq!(entries(folder.path()).expect("read").len(), 1);
        let mut synced = SYNCED.take();
        assert_eq!(synced.pop().as_deref(), Some(folder.path()));
    }

    /// A file that is durable in a folder that is not is gone after a power cut.
    #[test]
    fn what_is_copied_is_durable_with_every_folder_above_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |path: &str| folder.path().join(path);
        let synced = || SYNCED.take();
        make_private(&at("shelf/2026/blobs")).expect("made");
        assert_eq!(
            synced(),
            [at(""), at("shelf"), at("shelf/2026")]
                .map(|path| path.components().collect::<PathBuf>())
        );
        make_private(&at("shelf/2026/blobs")).expect("there");
        assert_eq!(synced(), Vec::<PathBuf>::new());

        fs::create_dir_all(at("from/ab")).expect("made");
        fs::write(at("from/ab/one"), "one").expect("written");
        copy_tree(&at("from"), &at("shelf/2026/blobs"), None, &mut |_| {}).expect("copied");
        fs::write(at("shelf/2026/rows.db-wal"), "rows").expect("written");
        synced();
        sync_tree(&at("shelf/2026")).expect("durable");
        let mut all = synced();
        assert_eq!(all.pop(), Some(at("shelf/2026")), "the folder last");
        all.sort();
        let expected = ["blobs", "blobs/ab", "blobs/ab/one", "rows.db-wal"];
        assert_eq!(all, expected.map(|path| at("shelf/2026").join(path)));
    }
}
