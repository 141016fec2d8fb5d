//! Versions stand in the root manifest, once, few, used, and each with its reason.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::Finding;
use super::tree::{File, Tree};

const ROOT: &str = "Cargo.toml";
const MOST: usize = 60;

/// What everybody knows the reason of.
const WITHOUT_REASON: [&str; 2] = ["serde", "serde_json"];

const LISTS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// What a member takes from the root.
const SHARED: [&str; 5] = ["version", "edition", "rust-version", "license", "publish"];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut used = BTreeSet::new();
    for file in &tree.files {
        if file.room().is_some() && file.path.ends_with("/Cargo.toml") {
            match file.text.parse::<Table>() {
                Ok(manifest) => of_member(file, &manifest, &mut used, &mut findings),
                Err(fault) => findings.push(unreadable(file, &fault)),
            }
        }
    }
    if let Some(file) = tree.file(ROOT) {
        match file.text.parse::<Table>() {
            Ok(manifest) => of_root(file, &manifest, &used, &mut findings),
            Err(fault) => findings.push(unreadable(file, &fault)),
        }
    }
    findings
}

fn of_member(
    file: &File,
    manifest: &Table,
    used: &mut BTreeSet<String>,
    findings: &mut Vec<Finding>,
) {
    let mut finding = |key: &str, what: String, remedy: String| {
        findings.push(Finding::new(&file.path, line_of(file, key), what, remedy));
    };
    let package = manifest.get("package").and_then(Value::as_table);
    for key in SHARED {
        if !package
            .and_then(|table| table.get(key))
            .is_some_and(is_shared)
        {
            let remedy = format!("write `{key}.workspace = true`");
            finding(
                "[package]",
                format!("`{key}` is not the workspace's"),
                remedy,
            );
        }
    }
    if !manifest.get("lints").is_some_and(is_shared) {
        let remedy = "write `[lints]` with `workspace = true`".to_string();
        finding(
            "[package]",
            "the workspace's lints are not in force".to_string(),
            remedy,
        );
    }
    for list in lists(manifest) {
        for (name, entry) in list {
            if is_shared(entry) {
                used.insert(name.clone());
            } else {
                finding(
                    name,
                    format!("`{name}` has a version or place of its own"),
                    format!(
                        "write `{name}.workspace = true`, and the version in the root manifest"
                    ),
                );
            }
        }
    }
}

fn of_root(file: &File, manifest: &Table, used: &BTreeSet<String>, findings: &mut Vec<Finding>) {
    let Some(dependencies) = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(Value::as_table)
    else {
        return;
    };
    let is_ours = |entry: &Value| entry.get("path").is_some();
    let external = dependencies
        .values()
        .filter(|entry| !is_ours(entry))
        .count();
    if external >= MOST {
        findings.push(Finding::new(
            ROOT,
            line_of(file, "[workspace.dependencies]"),
            format!("{external} libraries of others"),
            format!("keep fewer than {MOST}: do without one"),
        ));
    }
    for (name, entry) in dependencies {
        let line = line_of(file, name);
        if !used.contains(name) && !is_ours(entry) {
            let what = format!("no crate uses `{name}`");
            findings.push(Finding::new(ROOT, line, what, "take it out"));
        }
        let reasoned = file
            .text
            .lines()
            .nth(line - 1)
            .and_then(|text| text.split_once('#'))
            .is_some_and(|(_, reason)| !reason.trim().is_empty());
        if !reasoned && !is_ours(entry) && !WITHOUT_REASON.contains(&name.as_str()) {
            let what = format!("`{name}` does not say why it is here");
            findings.push(Finding::new(ROOT, line, what, "end its line with `# why`"));
        }
    }
}

/// The lists of dependencies, those of a platform included.
fn lists(manifest: &Table) -> Vec<&Table> {
    let platforms = manifest
        .get("target")
        .and_then(Value::as_table)
        .into_iter()
        .flat_map(Table::values)
        .filter_map(Value::as_table);
    std::iter::once(manifest)
        .chain(platforms)
        .flat_map(|table| LISTS.iter().filter_map(|list| table.get(*list)))
        .filter_map(Value::as_table)
        .collect()
}

fn is_shared(entry: &Value) -> bool {
    entry.get("workspace").and_then(Value::as_bool) == Some(true)
}

fn line_of(file: &File, key: &str) -> usize {
    let begins = |line: &str| {
        line.trim_start()
            .strip_prefix(key)
            .is_some_and(|rest| key.starts_with('[') || rest.starts_with(['.', ' ', '=']))
    };
    file.text
        .lines()
        .position(begins)
        .map_or(1, |index| index + 1)
}

fn unreadable(file: &File, fault: &toml::de::Error) -> Finding {
    let line = fault.span().map_or(1, |span| file.line(span.start));
    Finding::new(
        &file.path,
        line,
        format!("not TOML: {}", fault.message()),
        "mend it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::made_up;

    const MEMBER: &str = "[package]\nname = \"a\"\nversion.workspace = true\nedition.workspace = true\n\
        rust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n\
        [lints]\nworkspace = true\n[dependencies]\nbytes.workspace = true\n";
    const PARENT: &str =
        "[workspace.dependencies]\na = { path = \"crates/a\" }\nbytes = \"1\" # shared\n";

    fn found(root: &str, member: &str) -> Vec<String> {
        check(&made_up(
            &[("Cargo.toml", root), ("crates/a/Cargo.toml", member)],
            &[],
        ))
        .iter()
        .map(|finding| format!("{}:{}: {}", finding.file, finding.line, finding.what))
        .collect()
    }

    #[test]
    fn manifests_in_order_pass() {
        assert!(found(PARENT, MEMBER).is_empty());
        let member = MEMBER.to_string()
            + "tokio = { workspace = true, optional = true }\nserde.workspace = true\n";
        let root = PARENT.to_string() + "tokio = \"1\" # runtime\nserde = \"1\"\n";
        assert!(found(&root, &member).is_empty());
    }

    #[test]
    fn a_version_in_a_member_is_found_in_every_list() {
        for list in [
            "dev-dependencies",
            "build-dependencies",
            "target.'cfg(unix)'.dependencies",
        ] {
            let member = format!("{MEMBER}[{list}]\nlru = \"1\"\n");
            let expected = "crates/a/Cargo.toml:13: `lru` has a version or place of its own";
            assert_eq!(found(PARENT, &member), [expected]);
        }
    }

    #[test]
    fn a_member_follows_the_workspace() {
        let member = MEMBER.replace("edition.workspace = true", "edition = \"2024\"");
        assert_eq!(
            found(PARENT, &member),
            ["crates/a/Cargo.toml:1: `edition` is not the workspace's"]
        );
        let member = MEMBER.replace("[lints]\nworkspace = true\n", "");
        assert_eq!(
            found(PARENT, &member),
            ["crates/a/Cargo.toml:1: the workspace's lints are not in force"]
        );
    }

    #[test]
    fn an_entry_of_the_root_is_used_and_says_why() {
        let root = PARENT.to_string() + "lru = \"1\" # bounded\n";
        assert_eq!(found(&root, MEMBER), ["Cargo.toml:4: no crate uses `lru`"]);
        let root = PARENT.replace(" # shared", "");
        assert_eq!(
            found(&root, MEMBER),
            ["Cargo.toml:3: `bytes` does not say why it is here"]
        );
    }

    #[test]
    fn libraries_of_others_are_few() {
        let names: Vec<String> = (0..59).map(|n| format!("lib{n}")).collect();
        let entries = |names: &[String], tail: &str| -> String {
            names.iter().map(|name| format!("{name}{tail}\n")).collect()
        };
        let root = PARENT.to_string() + &entries(&names, " = \"1\" # why");
        let member = MEMBER.to_string() + &entries(&names, ".workspace = true");
        assert_eq!(
            found(&root, &member),
            ["Cargo.toml:1: 60 libraries of others"]
        );
        let (root, member) = (
            root.replace("lib58 = \"1\" # why\n", ""),
            member.replace("lib58.workspace = true\n", ""),
        );
        assert!(found(&root, &member).is_empty());
    }

    #[test]
    fn a_manifest_that_is_not_toml_is_told() {
        let found = found(PARENT, &format!("{MEMBER}= 1\n"));
        assert!(
            found[0].starts_with("crates/a/Cargo.toml:12: not TOML"),
            "{found:?}"
        );
    }
}
