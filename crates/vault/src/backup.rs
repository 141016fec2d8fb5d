//! Backups: rows and files to one place, keyring and master key to another, each as it is at one moment and beside live work.
//! A restore goes through the list of erasures before anything serves.
//!
//! A backup of rows or keyring is a file of the embedded engine, whichever engine runs, so it can be restored to either.

mod files;
mod terms;

use std::fs;
use std::path::{Path, PathBuf};

use basics::{Fault, Moment};
use store::{Place, Progress, RoomSchema};

use crate::ending::Erasures;
use crate::{Elsewhere, SCHEMA, keys};

pub use terms::{Days, Removed};

use files::{cannot, copy_file, copy_tree, make_private, sync_folder, sync_tree};

/// Written last: a backup without it is none.
const WHOLE: &str = "whole.txt";
const ROWS: &str = "rows.db";
const KEYRING: &str = "keys.db";
const BLOBS: &str = "blobs";
const MASTER_KEY: &str = "master.key";
const HEADS: &str = "log-heads.txt";
/// What a restore has done so far, in the folder of the keys, until it is done.
const RESTORING: &str = "restoring.txt";

/// What is backed up or restored.
pub struct House<'a> {
    pub data: &'a Path,
    pub keys: &'a Path,
    pub elsewhere: &'a Elsewhere,
    pub rooms: &'a [RoomSchema],
}

/// Where it goes or comes from: two folders that are best on two disks, neither inside the other.
pub struct Shelf<'a> {
    pub rows: &'a Path,
    pub keys: &'a Path,
}

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackedUp {
    pub name: String,
    pub rows: u64,
    pub files: u64,
    /// Those that had become too old and are gone.
    pub removed: Removed,
}

/// What was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    pub name: String,
    pub rows: u64,
    pub files: u64,
}

impl House<'_> {
    fn rows(&self) -> Place {
        let beside = || Place::File(self.data.join("postbus.db"));
        self.elsewhere.rows.clone().unwrap_or_else(beside)
    }
    fn keyring(&self) -> Place {
        let beside = || Place::File(self.keys.join("keys.db"));
        self.elsewhere.keyring.clone().unwrap_or_else(beside)
    }
    fn all_rooms(&self) -> Vec<RoomSchema> {
        [&[SCHEMA], self.rooms].concat()
    }
}

impl Shelf<'_> {
    fn check(&self) -> Result<(), Fault> {
        let whole =
            |path: &Path| std::path::absolute(path).map_err(|fault| cannot("find", path, &fault));
        let (rows, keys) = (whole(self.rows)?, whole(self.keys)?);
        if rows.starts_with(&keys) || keys.starts_with(&rows) {
            return Err(Fault::broken(
                "the backups of the keyring lie apart from those of the rows: name a folder outside the other, best on another disk",
            ));
        }
        Ok(())
    }
}

/// Backs a house up, beside whatever it is doing; durable when this answers. Then what has become too old is removed, after so
/// many days, and never the last that is whole: while backups fail, none goes. Blocks.
///
/// Errors: a place that cannot be read or written; on a server, an owner that is not known. What was broken off is removed.
pub fn back_up(
    house: &House<'_>,
    shelf: &Shelf<'_>,
    days: Days,
    now: Moment,
    told: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<BackedUp, Fault> {
    shelf.check()?;
    let name = name_of(now);
    let (rows_at, keys_at) = (shelf.rows.join(&name), shelf.keys.join(&name));
    let made = make_private(&rows_at).and_then(|()| make_private(&keys_at));
    let done = made.and_then(|()| fill(house, &rows_at, &keys_at, shelf, told));
    match done {
        Ok((rows, files)) => Ok(BackedUp {
            removed: Removed::from(shelf, days, &name, now)?,
            name,
            rows,
            files,
        }),
        Err(fault) => {
            for half in [&rows_at, &keys_at] {
                if !half.join(WHOLE).exists() {
                    let _ = fs::remove_dir_all(half);
                }
            }
            Err(fault)
        }
    }
}

/// What was noted of the log first: rows that are copied later hold all of it. Then the rows, what they name, and the keys of whom
/// they are about: each later one may know more, never less.
fn fill(
    house: &House<'_>,
    rows_at: &Path,
    keys_at: &Path,
    shelf: &Shelf<'_>,
    told: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<(u64, u64), Fault> {
    let earlier = latest(shelf.rows)?.map(|name| shelf.rows.join(name).join(BLOBS));
    let heads = house.keys.join(HEADS);
    if heads.exists() {
        copy_file(&heads, &keys_at.join(HEADS))?;
    }
    let to = Place::File(rows_at.join(ROWS));
    let rows = store::copy_as_it_is(&house.rows(), &to, &house.all_rooms(), told)?;
    let files = copy_tree(
        &house.data.join(BLOBS),
        &rows_at.join(BLOBS),
        earlier.as_deref(),
        told,
    )?;
    let to = Place::File(keys_at.join(KEYRING));
    store::copy_as_it_is(&house.keyring(), &to, &[keys::SCHEMA], told)?;
    for file in [MASTER_KEY, Erasures::FILE] {
        let from = house.keys.join(file);
        if from.exists() {
            copy_file(&from, &keys_at.join(file))?;
        }
    }
    for (folder, database) in [(rows_at, ROWS), (keys_at, KEYRING)] {
        let lock = folder.join(database).with_extension("lock");
        let _ = fs::remove_file(lock);
        // All of it before the word that it is whole.
        sync_tree(folder)?;
        files::write(
            &folder.join(WHOLE),
            &format!("{rows} rows, {files} files\n"),
        )?;
        sync_folder(folder)?;
    }
    Ok((rows, files))
}

/// Puts a backup back where the house's own was: the latest, or the one with this name. `lists` are further lists of erasures,
/// such as one that was kept elsewhere. Goes on where an earlier try was broken off. Blocks.
///
/// The house is to be opened and [`finish_begun_erasures`](crate::Vault::finish_begun_erasures) run before it serves; a keyring that
/// is opened has none of the keys of whoever is on the list in any case.
///
/// Errors: a backup that is not whole or whose keys are too old; a house that is not empty.
pub fn restore(
    house: &House<'_>,
    shelf: &Shelf<'_>,
    name: Option<&str>,
    lists: &[PathBuf],
    now: Moment,
    told: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Restored, Fault> {
    shelf.check()?;
    let name = match name {
        Some(name) => name.to_owned(),
        None => latest(shelf.keys)?.ok_or_else(|| {
            Fault::broken(format!("there is no backup in {}", shelf.keys.display()))
        })?,
    };
    let (rows_at, keys_at) = (shelf.rows.join(&name), shelf.keys.join(&name));
    for part in [&rows_at, &keys_at] {
        if !part.join(WHOLE).exists() {
            return Err(Fault::broken(format!(
                "{} is no whole backup",
                part.display()
            )));
        }
    }
    if terms::are_keys_too_old(&name, now) {
        return Err(Fault::broken(format!(
            "the keys of {name} are older than 30 days: they hold keys that were to be gone by now"
        )));
    }
    make_private(house.keys)?;
    fs::create_dir_all(house.data).map_err(|fault| cannot("make", house.data, &fault))?;
    let mut progress = Restoring::of(house, &name)?;
    progress.step("list", || take_over_erasures(house, &keys_at, lists, now))?;
    progress.step("keys", || {
        for file in [MASTER_KEY, HEADS] {
            if keys_at.join(file).exists() {
                copy_file(&keys_at.join(file), &house.keys.join(file))?;
            }
        }
        sync_folder(house.keys)
    })?;
    let from = Place::File(keys_at.join(KEYRING));
    progress.step("keyring", || {
        copy_once(&from, &house.keyring(), &[keys::SCHEMA], told).map(drop)
    })?;
    let files = copy_tree(&rows_at.join(BLOBS), &house.data.join(BLOBS), None, told)?;
    let from = Place::File(rows_at.join(ROWS));
    let rows = copy_once(&from, &house.rows(), &house.all_rooms(), told)?;
    for (folder, database) in [(&rows_at, ROWS), (&keys_at, KEYRING)] {
        let _ = fs::remove_file(folder.join(database).with_extension("lock"));
    }
    // All of it before the word that it is done.
    for folder in [house.data, house.keys] {
        sync_tree(folder)?;
    }
    progress.end()?;
    sync_folder(house.keys)?;
    Ok(Restored { name, rows, files })
}

/// Copies, unless a restore that was broken off right after that has.
fn copy_once(
    from: &Place,
    to: &Place,
    rooms: &[RoomSchema],
    told: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<u64, Fault> {
    match store::copied_before(from, to, rooms)? {
        Some(rows) => Ok(rows),
        None => store::copy(from, to, rooms, told),
    }
}

/// Everybody on any list is on the house's, with an erasure that is to be gone through again.
fn take_over_erasures(
    house: &House<'_>,
    keys_at: &Path,
    lists: &[PathBuf],
    now: Moment,
) -> Result<(), Fault> {
    let own = Erasures::beside(house.keys);
    let mut all = own.all()?;
    // A backup made later knows of erasures that the restored one does not.
    for folder in keys_at
        .parent()
        .map(fs::read_dir)
        .into_iter()
        .flatten()
        .flatten()
    {
        let folder = folder.map_err(|fault| files::cannot("read", keys_at, &fault))?;
        all.extend(Erasures::beside(&folder.path()).all()?);
    }
    all.extend(Erasures::beside(keys_at).all()?);
    for list in lists {
        if !list.is_file() {
            return Err(Fault::broken(format!("{} is no file", list.display())));
        }
        all.extend(Erasures::at(list.clone()).all()?);
    }
    own.begin_again(all.into_keys(), now)
}

/// What a restore has done so far.
struct Restoring {
    file: PathBuf,
    done: Vec<String>,
}

impl Restoring {
    /// Errors: a house that holds something which this restore has not brought.
    fn of(house: &House<'_>, name: &str) -> Result<Self, Fault> {
        let file = house.keys.join(RESTORING);
        let first = format!("backup {name}");
        let text = fs::read_to_string(&file).unwrap_or_default();
        let mut done: Vec<String> = text.lines().map(str::to_owned).collect();
        match done.first() {
            Some(line) if *line == first => return Ok(Self { file, done }),
            Some(line) => {
                return Err(Fault::broken(format!(
                    "a restore of another {line} was broken off here: finish that, or empty {} and {}",
                    house.data.display(),
                    house.keys.display()
                )));
            }
            None => {}
        }
        let has_files = house.data.join(BLOBS).is_dir()
            && fs::read_dir(house.data.join(BLOBS)).is_ok_and(|mut all| all.next().is_some());
        if has_files
            || house.keys.join(MASTER_KEY).exists()
            || store::is_begun(&house.rows(), crate::log::BEGUN)?
            || store::is_begun(&house.keyring(), keys::BEGUN)?
        {
            return Err(Fault::broken(format!(
                "there is something at {} or {} already: a backup is put back to an empty place (the list of erasures may be there)",
                house.data.display(),
                house.keys.display()
            )));
        }
        files::write(&file, &format!("{first}\n"))?;
        done.push(first);
        Ok(Self { file, done })
    }

    fn step(&mut self, name: &str, work: impl FnOnce() -> Result<(), Fault>) -> Result<(), Fault> {
        if self.done.iter().any(|done| done == name) {
            return Ok(());
        }
        work()?;
        self.done.push(name.to_owned());
        files::write(&self.file, &format!("{}\n", self.done.join("\n")))
    }

    fn end(self) -> Result<(), Fault> {
        fs::remove_file(&self.file).map_err(|fault| cannot("remove", &self.file, &fault))
    }
}

/// `2026-11-20T13-30-00.000Z`, a name on any disk.
fn name_of(at: Moment) -> String {
    at.to_string().replace(':', "-")
}

fn moment_of(name: &str) -> Option<Moment> {
    let (day, time) = name.split_once('T')?;
    let text = format!("{day}T{}", time.replace('-', ":"));
    text.parse().ok().map(Moment::from_timestamp)
}

/// The whole backup in a folder that was made last.
fn latest(folder: &Path) -> Result<Option<String>, Fault> {
    let mut whole = names(folder)?;
    whole.retain(|name| folder.join(name).join(WHOLE).exists());
    Ok(whole.into_iter().max())
}

/// What is named like a backup.
fn names(folder: &Path) -> Result<Vec<String>, Fault> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(fault) => return Err(cannot("read", folder, &fault)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|fault| cannot("read", folder, &fault))?;
        if let Ok(name) = entry.file_name().into_string()
            && moment_of(&name).is_some()
        {
            names.push(name);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_named_by_its_moment() {
        let at = Moment::from_micros(1_795_181_400_123_000);
        let name = name_of(at);
        assert_eq!(name, "2026-11-20T13-30-00.123Z");
        assert_eq!(moment_of(&name), Some(at));
        assert_eq!(moment_of("lost+found"), None);
    }
}
