//! `postbus statement check`

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use basics::{Clock, Fault};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use statement::{Finding, Known, Level, Register};

use super::beside;
use crate::known::known;
use crate::opening;

#[derive(clap::Args)]
pub(super) struct StatementCheck {
    /// The statement files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Prints one JSON object for all files, instead of a line for each finding
    #[arg(long)]
    json: bool,
}

/// A file and what was found.
struct Checked {
    file: PathBuf,
    findings: Vec<Finding>,
    /// Why it could not be read, so that there is nothing to find.
    unread: Option<String>,
}

impl StatementCheck {
    /// Succeeds only when every file starts.
    pub(super) fn run(self) -> Result<ExitCode, Fault> {
        let today = vault::day_in(&TimeZone::UTC, Clock::system().now());
        let known = known(today)?;
        let checked = self
            .files
            .into_iter()
            .map(|file| Checked::of(file, &known))
            .collect::<Vec<_>>();
        let told = if self.json {
            let files: Vec<Value> = checked.iter().map(Checked::as_json).collect();
            format!("{:#}\n", json!({ "files": files }))
        } else {
            checked.iter().map(Checked::told).collect()
        };
        // Whoever stops reading has seen enough; the answer is in the exit code.
        let _ = std::io::stdout().write_all(told.as_bytes());
        let all_start = checked.iter().all(Checked::starts);
        Ok(if all_start {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

impl Checked {
    fn of(file: PathBuf, known: &Known) -> Self {
        let text = match std::fs::read(&file) {
            Ok(text) => text,
            Err(fault) => {
                return Self {
                    file,
                    findings: Vec::new(),
                    unread: Some(fault.to_string()),
                };
            }
        };
        // Whatever is no text shows as a finding, where it stands.
        let text = String::from_utf8_lossy(&text);
        let findings = match statement::with_parent(&text, &beside(&file)) {
            Ok(whole) => {
                let mut findings = statement::check(&whole, Some(known));
                if let Ok(register) = Register::parse(&whole) {
                    findings.extend(opening::findings(&register));
                }
                findings
            }
            Err(findings) => findings,
        };
        Self {
            file,
            findings,
            unread: None,
        }
    }

    fn starts(&self) -> bool {
        self.unread.is_none() && !self.findings.iter().any(Finding::stops)
    }

    fn of_level(&self, level: Level) -> usize {
        let open = self.findings.iter();
        open.filter(|finding| finding.level == level && finding.acknowledged.is_none())
            .count()
    }

    /// A line for each finding, and one for all notes that say the same of different entries.
    fn told(&self) -> String {
        let file = self.file.display();
        if let Some(why) = &self.unread {
            return format!("{file}: it cannot be read: {why}; it does not start\n");
        }
        let mut told = String::new();
        let mut alike: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
        for finding in &self.findings {
            match finding.text.strip_prefix(&finding.about) {
                Some(rest) if finding.level == Level::Note && !finding.about.is_empty() => {
                    let line = finding
                        .line
                        .map_or(String::new(), |line| format!(" ({line})"));
                    let entries = alike.entry((finding.code, rest)).or_default();
                    entries.push(format!("{}{line}", finding.about));
                }
                _ => told += &format!("{file}: {} {finding}\n", finding.level.name()),
            }
        }
        for ((code, rest), entries) in alike {
            told += &format!("{file}: note {code}:{rest}: {}\n", entries.join(", "));
        }
        let kept = self.findings.iter();
        let kept = kept
            .filter(|finding| finding.acknowledged.is_some())
            .count();
        told + &format!(
            "{file}: errors {}, warnings {}, notes {}, acknowledged {kept}; {}\n",
            self.of_level(Level::Error),
            self.of_level(Level::Warning),
            self.of_level(Level::Note),
            if self.starts() {
                "it starts"
            } else {
                "it does not start"
            }
        )
    }

    fn as_json(&self) -> Value {
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|finding| {
                json!({
                    "code": finding.code,
                    "level": finding.level.name(),
                    "line": finding.line,
                    "column": finding.column,
                    "about": finding.about,
                    "text": finding.text,
                    "hint": finding.hint,
                    "acknowledged": finding.acknowledged,
                })
            })
            .collect();
        let mut told = json!({
            "file": self.file.display().to_string(),
            "starts": self.starts(),
            "findings": findings,
        });
        if let Some(why) = &self.unread {
            told["unread"] = json!(why);
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use statement::Known;

    use super::Checked;

    #[test]
    fn a_file_that_cannot_be_read_is_told_beside_the_others() {
        let known = Known::default();
        let checked = |name: &str| {
            let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../statements"));
            Checked::of(folder.join(name), &known)
        };
        let (missing, whole) = (checked("nergens.toml"), checked("mijnoverheid.toml"));
        assert!(!missing.starts() && whole.starts());
        let told = missing.told();
        assert!(told.contains("nergens.toml: it cannot be read: "), "{told}");
        assert!(told.ends_with("it does not start\n"), "{told}");
        let told = missing.as_json();
        assert_eq!(told["starts"], false);
        assert!(told["unread"].is_string() && told["findings"].as_array().is_some());
        assert!(whole.as_json().get("unread").is_none());
    }
}
