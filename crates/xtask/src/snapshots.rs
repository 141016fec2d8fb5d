//! Snapshot files: which are there, which no test asked for, and what changed in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::checkout::{root, target};

/// The note that insta keeps of each snapshot a test asked for.
pub struct References(PathBuf);

impl References {
    /// An empty note, in the build folder.
    pub fn fresh() -> Self {
        let file = target().join("snapshots-asked-for");
        // Absent is empty as well, so a failure to remove is of no account but staleness.
        let _ = fs::remove_file(&file);
        Self(file)
    }

    pub fn file(&self) -> PathBuf {
        self.0.clone()
    }

    fn paths(&self) -> BTreeSet<PathBuf> {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        text.lines()
            .filter_map(|line| fs::canonicalize(line).ok())
            .collect()
    }
}

/// Every snapshot file under crates/ with its text.
pub fn all() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    collect(&root().join("crates"), &mut found);
    found
}

/// The snapshot files that no test asked for, after a full run of the tests.
pub fn unreferenced(references: &References) -> Vec<PathBuf> {
    left_over(all().into_keys(), &references.paths())
}

pub fn refuse_unreferenced(references: &References) -> Result<(), String> {
    let left = unreferenced(references);
    for path in &left {
        println!(
            "{}: no test asks for this snapshot; remove it (cargo xtask accept does)",
            shown(path)
        );
    }
    match left.len() {
        0 => Ok(()),
        number => Err(format!("{number} snapshots without a test")),
    }
}

/// What differs between two collections: the sign (`+`, `-`, `~`) and the file.
pub fn changes(
    before: &BTreeMap<PathBuf, String>,
    after: &BTreeMap<PathBuf, String>,
) -> Vec<(char, PathBuf)> {
    let paths: BTreeSet<&PathBuf> = before.keys().chain(after.keys()).collect();
    paths
        .into_iter()
        .filter_map(|path| match (before.get(path), after.get(path)) {
            (None, _) => Some(('+', path.clone())),
            (_, None) => Some(('-', path.clone())),
            (old, new) => (old != new).then(|| ('~', path.clone())),
        })
        .collect()
}

/// The path from the root of the checkout.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

fn left_over(files: impl Iterator<Item = PathBuf>, asked: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
    files
        .filter(|file| fs::canonicalize(file).is_ok_and(|path| !asked.contains(&path)))
        .collect()
}

fn collect(folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if entry.file_name() != "target" && entry.file_name() != "node_modules" {
                collect(&path, found);
            }
        } else if path
            .extension()
            .is_some_and(|extension| extension == "snap")
        {
            let bytes = fs::read(&path).unwrap_or_default();
            found.insert(path, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_that_nobody_asked_for_is_left_over() {
        let folder = tempfile::tempdir().unwrap();
        let asked = folder.path().join("asked.snap");
        let alone = folder.path().join("alone.snap");
        fs::write(&asked, "a").unwrap();
        fs::write(&alone, "b").unwrap();
        let note = folder.path().join("note");
        // insta writes paths as it joined them, with steps up and down in between.
        let written = folder.path().join(".").join("asked.snap");
        fs::write(&note, format!("{}\n", written.display())).unwrap();
        let mut found = BTreeMap::new();
        collect(folder.path(), &mut found);
        assert_eq!(found.len(), 2);
        let left = left_over(found.into_keys(), &References(note).paths());
        assert_eq!(left, [alone]);
    }

    #[test]
    fn changes_name_what_came_went_and_differs() {
        let map = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(path, text)| (PathBuf::from(path), text.to_string()))
                .collect()
        };
        let before = map(&[("gone", "1"), ("same", "1"), ("other", "1")]);
        let after = map(&[("new", "1"), ("same", "1"), ("other", "2")]);
        let expected = [('-', "gone"), ('+', "new"), ('~', "other")]
            .map(|(sign, path)| (sign, PathBuf::from(path)));
        assert_eq!(changes(&before, &after), expected);
    }
}
