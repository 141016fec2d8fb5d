//! What a check of a statement file found, and where.

use std::fmt;

use crate::Place;
use crate::place::Lines;
use crate::taken::Taken;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Keeps the statement from starting, unless it is acknowledged.
    Error,
    /// Is reported and starts.
    Warning,
    /// Nothing is wrong; whoever reads the statement should know.
    Note,
}

impl Level {
    pub const fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        }
    }
}

/// One finding. docs/statement.md lists the codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `S-101` and on.
    pub code: &'static str,
    pub level: Level,
    /// From 1; none where something is absent from the whole file. Of what was taken over from a parent, where the file names it.
    pub line: Option<usize>,
    /// From 1, in characters; none where there is no line.
    pub column: Option<usize>,
    /// The name of what it is about, such as `gegeven bericht`; empty where it has none.
    pub about: String,
    pub text: String,
    /// What to do about it.
    pub hint: String,
    /// Why the statement keeps it on purpose, from its `[[erkend]]`.
    pub acknowledged: Option<String>,
}

impl Finding {
    /// Whether it keeps the statement from starting.
    pub fn stops(&self) -> bool {
        self.level == Level::Error && self.acknowledged.is_none()
    }
}

/// `S-201 line 23: … (hint)`; a finding kept on purpose ends with the reason.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)?;
        if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        write!(f, ": {}", self.text)?;
        match &self.acknowledged {
            Some(reason) => write!(f, " [acknowledged: {reason}]"),
            None if self.hint.is_empty() => Ok(()),
            None => write!(f, " ({})", self.hint),
        }
    }
}

/// The findings of one reading, with the text that places are counted in.
pub(crate) struct Report<'t> {
    lines: Lines<'t>,
    taken: Option<Taken<'t>>,
    findings: Vec<Finding>,
}

impl<'t> Report<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        let lines = Lines::of(text);
        Self {
            taken: Taken::of(text, &lines),
            lines,
            findings: Vec::new(),
        }
    }

    /// `offset` is in bytes.
    pub(crate) fn place(&self, offset: usize) -> Place {
        self.lines.place(offset)
    }

    pub(crate) fn push(
        &mut self,
        level: Level,
        code: &'static str,
        at: Option<Place>,
        text: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push_about(level, code, at, String::new(), text.into(), hint.into());
    }

    pub(crate) fn push_about(
        &mut self,
        level: Level,
        code: &'static str,
        at: Option<Place>,
        about: String,
        text: String,
        hint: String,
    ) {
        self.findings.push(Finding {
            code,
            level,
            line: at.map(|at| at.line),
            column: at.map(|at| at.column),
            about,
            text,
            hint,
            acknowledged: None,
        });
    }

    pub(crate) fn findings(&mut self) -> &mut Vec<Finding> {
        &mut self.findings
    }

    /// In the order of the file; what has no line comes first.
    pub(crate) fn finish(mut self) -> Vec<Finding> {
        if let Some(taken) = &self.taken {
            self.findings
                .iter_mut()
                .for_each(|finding| taken.told(finding));
        }
        self.findings
            .sort_by_key(|finding| (finding.line, finding.column));
        self.findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_reads_as_one_line() {
        let mut report = Report::of("a = 1\nb = 2\n");
        let at = report.place(6);
        report.push(
            Level::Error,
            "S-201",
            Some(at),
            "there is no b",
            "take b out",
        );
        report.push(Level::Error, "S-110", None, "there is no c", "");
        let mut findings = report.finish();
        let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
        assert_eq!(
            lines,
            [
                "S-110: there is no c",
                "S-201 line 2: there is no b (take b out)"
            ]
        );
        assert!(findings[1].stops());
        findings[1].acknowledged = Some("b is on its way".into());
        assert!(!findings[1].stops());
        assert_eq!(
            findings[1].to_string(),
            "S-201 line 2: there is no b [acknowledged: b is on its way]"
        );
    }
}
