//! A small statement to break, and what holds for any file.

mod bytes;
mod decisions;
mod format;
mod guards;
mod incoherences;
mod looks;
mod machines;
mod nameless;
mod overshoots;
mod parents;
mod people;
mod program;
mod promises;
mod roles;
mod rules;
mod shipped;
mod tasks;

use std::path::{Path, PathBuf};

use crate::{Finding, Mask, Register, TermSource};
use basics::Channel;

/// A whole statement, as small as one can be.
const SMALL: &str = include_str!("tests/small.toml");

/// SMALL with one passage put in place of another, which must be there.
fn broken(passage: &str, instead: &str) -> Vec<Finding> {
    assert_eq!(
        SMALL.matches(passage).count(),
        1,
        "{passage:?} stands once in the small file"
    );
    let file = SMALL.replace(passage, instead);
    match Register::parse(&file) {
        Ok(register) => register.findings().to_vec(),
        Err(findings) => findings,
    }
}

/// Exactly one finding, of this code, on the line where `at` stands.
#[track_caller]
fn finds(code: &str, passage: &str, instead: &str, at: &str) {
    let findings = broken(passage, instead);
    let file = SMALL.replace(passage, instead);
    let start = file.find(at).expect("the place is in the file");
    let line = file[..start].matches('\n').count() + 1;
    let seen: Vec<_> = findings
        .iter()
        .map(|finding| (finding.code, finding.line))
        .collect();
    assert_eq!(seen, [(code, Some(line))], "{findings:#?}");
    assert!(
        !findings[0].text.is_empty() && !findings[0].hint.is_empty(),
        "{:?}",
        findings[0]
    );
}

#[test]
fn the_small_statement_is_in_force() {
    let register = Register::parse(SMALL).expect("no errors");
    assert_eq!(register.findings(), []);
    let reading = register.activity("lezen").expect("declared");
    let number = register.category("nummer").expect("declared");
    let letter = register.category("bericht").expect("declared");
    assert_eq!(reading.reads, Mask::default().with(number).with(letter));
    assert_eq!(register.names(reading.reads), "nummer, bericht");
    assert!(reading.writes.is_empty());
    assert!(reading.allows_role("betrokkene") && !reading.allows_role("bezoeker"));
    assert!(reading.allows_channel(Channel::Web) && !reading.allows_channel(Channel::App));
    let kept: Vec<_> = register
        .categories()
        .map(|category| category.retention.source.clone())
        .collect();
    assert_eq!(kept, [TermSource::Band, TermSource::Law("wet".into())]);
}

#[test]
fn all_faults_are_found_at_once_in_the_order_of_the_file() {
    let file = SMALL
        .replace("klasse = \"gewoon\"", "klasse = \"geheim\"")
        .replace("\"laag\"", "\"zwak\"")
        .replace("kanalen = [\"website\"]", "kanalen = [\"fax\", \"telex\"]");
    let findings = Register::parse(&file).expect_err("four faults");
    let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["S-107", "S-107", "S-205", "S-205"]);
    assert!(findings.is_sorted_by_key(|finding| finding.line));
}

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Of every source in a folder and below it.
fn texts_of(folder: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("it lies there") {
        let path = entry.expect("it is listed").path();
        if path.is_dir() {
            texts_of(&path, texts);
        } else if path.extension().is_some_and(|ends| ends == "rs") {
            texts.push(std::fs::read_to_string(&path).expect("it is text"));
        }
    }
}

#[test]
fn the_documentation_lists_every_code() {
    let documentation = include_str!("../../../docs/statement.md");
    let mut sources = Vec::new();
    for folder in ["statement/src", "postbus/src"] {
        texts_of(&crates().join(folder), &mut sources);
    }
    let code = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_digit())
            .then(|| text[..3].to_owned())
    };
    let mut codes: Vec<_> = sources
        .iter()
        .flat_map(|source| source.split("\"S-").skip(1).filter_map(code))
        .collect();
    codes.sort();
    codes.dedup();
    assert!(codes.len() > 80, "{codes:?}");
    for code in codes {
        assert!(
            documentation.contains(&format!("| S-{code} |")),
            "S-{code} is not in docs/statement.md"
        );
    }
}

/// A test that breaks a rule names its code, in quotes; a code that none names may be given at the wrong place, or never.
#[test]
fn a_test_names_every_code_of_the_documentation() {
    let documentation = include_str!("../../../docs/statement.md");
    let codes: Vec<_> = documentation
        .lines()
        .filter_map(|line| line.strip_prefix("| S-")?.get(..3))
        .collect();
    assert!(codes.len() > 80, "{codes:?}");
    let mut tests = vec![include_str!("tests.rs").to_owned()];
    for folder in ["statement/src/tests", "tests/tests/all"] {
        texts_of(&crates().join(folder), &mut tests);
    }
    let unnamed: Vec<_> = codes
        .into_iter()
        .filter(|code| {
            let quoted = format!("\"S-{code}\"");
            !tests.iter().any(|test| test.contains(&quoted))
        })
        .collect();
    assert_eq!(unnamed, [""; 0], "no test names these codes");
}
