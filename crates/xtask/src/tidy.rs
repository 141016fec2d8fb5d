//! `cargo xtask tidy`: the order of the house, one rule a file, told as `file:line: what; what to do`.

mod arrows;
pub mod code;
mod documents;
mod engines;
mod heads;
mod leftovers;
mod manifests;
mod map;
mod places;
mod tables;
pub mod tree;

use std::fmt;
use std::process::ExitCode;

use tree::Tree;

/// One thing out of order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub file: String,
    pub line: usize,
    pub what: String,
    pub remedy: String,
}

/// Each looks at the whole checkout and tells what is out of its order.
const RULES: [fn(&Tree) -> Vec<Finding>; 9] = [
    arrows::check,
    tables::check,
    engines::check,
    heads::check,
    leftovers::check,
    manifests::check,
    places::check,
    documents::check,
    crate::promises::check,
];

pub fn run() -> ExitCode {
    match step() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("tidy: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the findings; the error counts them.
pub fn step() -> Result<(), String> {
    let tree = Tree::read(crate::checkout::root())?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    findings.sort();
    findings.dedup();
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err("one finding".into()),
        number => Err(format!("{number} findings")),
    }
}

impl Finding {
    pub fn new(
        file: &str,
        line: usize,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            file: file.to_string(),
            line,
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            what,
            remedy,
        } = self;
        write!(f, "{file}:{line}: {what}; {remedy}")
    }
}

/// What the rules' own tests say of a finding: where, and the beginning of what.
#[cfg(test)]
fn places(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| format!("{}:{}", finding.file, finding.line))
        .collect()
}
