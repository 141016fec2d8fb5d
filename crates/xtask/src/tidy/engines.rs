//! Which engine runs is known by the store alone: no other room names one.

use super::Finding;
use super::code::words;
use super::map::Map;
use super::tree::{File, Tree};

/// Beginnings or parts of names that give an engine away.
const ENGINES: [&str; 2] = ["sqlite", "postgres"];

/// Rooms that may: the store, what starts an engine, and the tasks (the bare bench; these very words).
const MAY: [&str; 4] = ["cluster", "store", "tests", "xtask"];

const DOOR: &str = "by_engine";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        let Some(room) = file.room() else { continue };
        if MAY.contains(&room) {
            continue;
        }
        for (offset, word) in words_of(file) {
            if ENGINES.iter().any(|engine| contains(word, engine)) && !is_listed(tree, file, word) {
                findings.push(Finding::new(
                    &file.path,
                    file.line(offset),
                    format!("`{word}` names an engine"),
                    format!(
                        "let the store say it; an exception is a row under `| {} |` in {}",
                        Map::ENGINE_NAMES.join(" | "),
                        Map::FILE
                    ),
                ));
            }
            if word == DOOR
                && !tree
                    .map
                    .by_engine
                    .iter()
                    .any(|row| row.subject == file.path)
            {
                findings.push(Finding::new(
                    &file.path,
                    file.line(offset),
                    format!("a use of `{DOOR}` that is not listed"),
                    format!(
                        "write one text for both engines, or list it under `| {} |` in {}",
                        Map::BY_ENGINE.join(" | "),
                        Map::FILE
                    ),
                ));
            }
        }
    }
    let lists = [
        (&tree.map.engine_names, ENGINES.as_slice()),
        (&tree.map.by_engine, &[DOOR]),
    ];
    for (rows, names) in lists {
        for row in rows {
            let used = tree.file(&row.subject).is_some_and(|file| {
                words_of(file).any(|(_, word)| names.iter().any(|name| contains(word, name)))
            });
            if !used {
                findings.push(Finding::new(
                    Map::FILE,
                    row.line,
                    format!("an exception that {} does not use", row.subject),
                    "strike the row",
                ));
            }
        }
    }
    findings
}

/// The words of code and of its strings; of a manifest all but comments; of SQL none, for its words
/// are checked by running it.
fn words_of(file: &File) -> Box<dyn Iterator<Item = (usize, &str)> + '_> {
    if let Some(code) = &file.code {
        let plain = code.words().map(|word| (word.start, word.text));
        let strings = code.strings.iter().flat_map(|text| {
            words(&text.text).map(move |word| (text.start + word.start, word.text))
        });
        return Box::new(plain.chain(strings));
    }
    if !file.path.ends_with("Cargo.toml") {
        return Box::new(std::iter::empty());
    }
    let mut from = 0;
    Box::new(file.text.split_inclusive('\n').flat_map(move |line| {
        let start = from;
        from += line.len();
        let said = line.split('#').next().unwrap_or_default();
        words(said).map(move |word| (start + word.start, word.text))
    }))
}

fn is_listed(tree: &Tree, file: &File, word: &str) -> bool {
    tree.map
        .engine_names
        .iter()
        .any(|row| row.subject == file.path && row.names.iter().any(|name| contains(word, name)))
}

fn contains(word: &str, part: &str) -> bool {
    word.to_ascii_lowercase().contains(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;
    use crate::tidy::tree::made_up;

    fn found(path: &str, text: &str) -> Vec<String> {
        places(&check(&made_up(&[(path, text)], &[])))
    }

    #[test]
    fn an_engine_is_named_by_no_code_string_or_manifest() {
        for text in [
            "use rusqlite::Connection;",
            "const A: &str = \"sqlite_master\";",
            "enum Engine { PostgreSql }",
        ] {
            assert_eq!(
                found("crates/people/src/lib.rs", text),
                ["crates/people/src/lib.rs:1"],
                "{text}"
            );
            assert!(found("crates/store/src/lib.rs", text).is_empty());
            assert!(found("crates/cluster/src/lib.rs", text).is_empty());
            assert!(found("crates/xtask/src/bench.rs", text).is_empty());
        }
        let manifest = "# sqlite?\n[dependencies]\nrusqlite.workspace = true # why\n";
        assert_eq!(
            found("crates/people/Cargo.toml", manifest),
            ["crates/people/Cargo.toml:3"]
        );
    }

    #[test]
    fn a_comment_may_name_an_engine() {
        assert!(found("crates/people/src/lib.rs", "//! As SQLite does.\n").is_empty());
    }

    #[test]
    fn an_exception_is_listed_used_and_for_its_own_file_only() {
        let map = "| file | may name | why |\n|---|---|---|\n| crates/vault/src/columns.rs | rusqlite | x |\n";
        let found = |path| {
            let files = [(Map::FILE, map), (path, "use rusqlite::hooks;")];
            places(&check(&made_up(&files, &[])))
        };
        assert!(found("crates/vault/src/columns.rs").is_empty());
        let expected = ["crates/vault/src/gate.rs:1", "ARCHITECTURE.md:3"];
        assert_eq!(found("crates/vault/src/gate.rs"), expected);
    }

    #[test]
    fn each_use_of_the_door_is_listed() {
        let text = "//! A.\nfn a() { by_engine(A, B) }";
        assert_eq!(
            found("crates/people/src/lib.rs", text),
            ["crates/people/src/lib.rs:2"]
        );
        let map = "| file | differs in | why |\n|---|---|---|\n| crates/people/src/lib.rs | locking | x |\n";
        let files = [(Map::FILE, map), ("crates/people/src/lib.rs", text)];
        assert!(check(&made_up(&files, &[])).is_empty());
    }
}
