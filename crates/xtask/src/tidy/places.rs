//! No file names a place outside the checkout: it must work on a machine that has nothing else.

use super::Finding;
use super::tree::{File, Tree};

/// Beginnings of places that exist on somebody's machine only. In pieces, for this file is read too.
const OUTSIDE: [&str; 3] = [
    concat!("..", "/shared"),
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
];

/// What lies beside a checkout on some machines: a test may look there, and say so when it is absent.
const BESIDE: &str = concat!("..", "/shared/data");

/// Only names and digests that a tool wrote.
const LOCKFILES: [&str; 2] = ["Cargo.lock", "tools/package-lock.json"];

pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.files
        .iter()
        .filter(|file| !LOCKFILES.contains(&file.path.as_str()))
        .flat_map(of_file)
        .collect()
}

fn of_file(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for place in OUTSIDE {
        for (offset, _) in file.text.match_indices(place) {
            let before = file.text[..offset].chars().next_back();
            let within_longer = place.starts_with('/') && before.is_some_and(is_of_path);
            let may = file.room() == Some("tests") && file.text[offset..].starts_with(BESIDE);
            if !within_longer && !may {
                findings.push(Finding::new(
                    &file.path,
                    file.line(offset),
                    format!("`{place}` is outside the project"),
                    "name nothing that a fresh clone does not hold",
                ));
            }
        }
    }
    findings
}

fn is_of_path(c: char) -> bool {
    c.is_alphanumeric() || "._-}".contains(c)
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
    fn a_place_outside_is_found_in_any_file() {
        for place in OUTSIDE {
            let text = format!("one\nsee {place}/x");
            assert_eq!(
                found("docs/glossary.md", &text),
                ["docs/glossary.md:2"],
                "{place}"
            );
            assert_eq!(
                found("crates/a/src/lib.rs", &text),
                ["crates/a/src/lib.rs:2"]
            );
        }
        assert!(found("docs/a.md", concat!("net/wo", "rk/ and a/wo", "rk/")).is_empty());
    }

    #[test]
    fn only_the_tests_may_look_beside_the_checkout_and_only_there() {
        let text = format!("const A: &str = \"{BESIDE}\";");
        assert!(found("crates/tests/src/a.rs", &text).is_empty());
        assert_eq!(found("crates/a/src/lib.rs", &text).len(), 1);
        let text = format!("const A: &str = \"{}/other\";", OUTSIDE[0]);
        assert_eq!(found("crates/tests/src/a.rs", &text).len(), 1);
    }
}
