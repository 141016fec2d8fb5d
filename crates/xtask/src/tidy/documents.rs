//! The papers of the house: those that must be there, and the headings of a decision record.

use super::Finding;
use super::tree::{File, Tree};

const REQUIRED: [&str; 7] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "LICENSE",
    "CONTRIBUTING.md",
    "docs/glossary.md",
    "docs/promises.toml",
];

const DECISIONS: &str = "docs/decisions/";
/// The last may be a line `Status: …` as well.
const HEADINGS: [&str; 4] = ["Context", "Decision", "Consequence", "Status"];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let missing = REQUIRED.iter().filter(|path| {
        tree.file(path)
            .is_none_or(|file| file.text.trim().is_empty())
    });
    let mut findings: Vec<Finding> = missing
        .map(|path| Finding::new(path, 1, "missing or empty", "write it"))
        .collect();
    let records = tree.files.iter().filter(|file| {
        let name = file.path.strip_prefix(DECISIONS).unwrap_or_default();
        name.ends_with(".md") && name != "README.md"
    });
    findings.extend(records.flat_map(of_record));
    findings
}

fn of_record(file: &File) -> Vec<Finding> {
    let has = |heading: &str| {
        file.text.lines().any(|line| {
            let title = line.strip_prefix("## ").map(str::trim);
            title.is_some_and(|title| {
                title.strip_suffix('s').unwrap_or(title) == heading.trim_end_matches('s')
            }) || (heading == "Status" && line.starts_with("Status: "))
        })
    };
    HEADINGS
        .into_iter()
        .filter(|heading| !has(heading))
        .map(|heading| {
            let what = format!("no heading `## {heading}`");
            let remedy = format!("a decision record has {}", HEADINGS.join(", "));
            Finding::new(&file.path, 1, what, remedy)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::made_up;

    fn found(extra: &[(&str, &str)]) -> Vec<String> {
        let required = REQUIRED.iter().map(|path| (*path, "words"));
        let files: Vec<_> = required.chain(extra.iter().copied()).collect();
        check(&made_up(&files, &[]))
            .iter()
            .map(|finding| format!("{}: {}", finding.file, finding.what))
            .collect()
    }

    #[test]
    fn required_papers_are_there_and_not_empty() {
        assert!(found(&[]).is_empty());
        let findings = check(&made_up(&[("README.md", " \n")], &[]));
        assert_eq!(findings.len(), REQUIRED.len());
    }

    #[test]
    fn a_decision_record_has_its_four_headings() {
        let whole = "# One door\n## Context\n## Decision\n## Consequences\n## Status\n";
        assert!(found(&[("docs/decisions/0001-one-door.md", whole)]).is_empty());
        assert!(found(&[("docs/decisions/README.md", "list")]).is_empty());
        let short = whole.replace("## Status", "Status: accepted");
        assert!(found(&[("docs/decisions/0001-one-door.md", &short)]).is_empty());
        let part = whole.replace("## Decision\n", "");
        assert_eq!(
            found(&[("docs/decisions/0001-one-door.md", &part)]),
            ["docs/decisions/0001-one-door.md: no heading `## Decision`"]
        );
    }
}
