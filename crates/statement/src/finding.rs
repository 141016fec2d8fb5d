//! What a check of a statement file found, and where.

use std::fmt;

/// An error keeps the statement from starting; a warning does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Error,
    Warning,
}

/// One finding. docs/statement.md lists the codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `S-101` and on.
    pub code: &'static str,
    pub level: Level,
    /// From 1; none where something is absent from the whole file.
    pub line: Option<usize>,
    pub text: String,
    /// What to do about it.
    pub hint: String,
}

/// `S-201 line 23: … (hint)`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)?;
        if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        write!(f, ": {}", self.text)?;
        if !self.hint.is_empty() {
            write!(f, " ({})", self.hint)?;
        }
        Ok(())
    }
}

/// The findings of one reading, with the text that lines are counted in.
pub(crate) struct Report<'a> {
    text: &'a str,
    findings: Vec<Finding>,
}

impl<'a> Report<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self {
            text,
            findings: Vec::new(),
        }
    }

    /// `at` is a byte offset into the file.
    pub(crate) fn error(
        &mut self,
        code: &'static str,
        at: Option<usize>,
        text: String,
        hint: impl Into<String>,
    ) {
        self.push(Level::Error, code, at, text, hint.into());
    }
    pub(crate) fn warn(
        &mut self,
        code: &'static str,
        at: Option<usize>,
        text: String,
        hint: impl Into<String>,
    ) {
        self.push(Level::Warning, code, at, text, hint.into());
    }

    /// In the order of the file; what has no line comes first.
    pub(crate) fn finish(mut self) -> Vec<Finding> {
        self.findings.sort_by_key(|finding| finding.line);
        self.findings
    }

    fn push(
        &mut self,
        level: Level,
        code: &'static str,
        at: Option<usize>,
        text: String,
        hint: String,
    ) {
        let line = at.map(|at| {
            self.text
                .bytes()
                .take(at)
                .filter(|byte| *byte == b'\n')
                .count()
                + 1
        });
        self.findings.push(Finding {
            code,
            level,
            line,
            text,
            hint,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_reads_as_one_line() {
        let mut report = Report::of("a = 1\nb = 2\n");
        report.error("S-201", Some(6), "there is no b".into(), "take b out");
        report.error("S-110", None, "there is no c".into(), "");
        let lines: Vec<String> = report.finish().iter().map(Finding::to_string).collect();
        assert_eq!(
            lines,
            [
                "S-110: there is no c",
                "S-201 line 2: there is no b (take b out)"
            ]
        );
    }
}
