//! Where in a text the part begins that was taken over from a parent's statement, and what a finding there is told as.

use crate::Place;
use crate::finding::Finding;
use crate::place::Lines;

/// The comment above that part, before the name of the file.
const MARK: &str = "# Taken over from ";

/// That comment.
pub(crate) fn mark(file: &str) -> String {
    format!("{MARK}{}", file.escape_debug())
}

/// The part of a text that its file does not hold.
pub(crate) struct Taken<'t> {
    text: &'t str,
    file: &'t str,
    /// The line of the comment.
    line: usize,
    /// Where the file names its parent.
    parent: Place,
}

impl<'t> Taken<'t> {
    pub(crate) fn of(text: &'t str, lines: &Lines<'t>) -> Option<Self> {
        let at = text.rfind(&format!("\n{MARK}"))? + 1;
        let parent = text[..at].find("[ouder]")?;
        let file = text[at + MARK.len()..].lines().next()?;
        Some(Self {
            text,
            file,
            line: lines.place(at).line,
            parent: lines.place(parent),
        })
    }

    /// A finding in that part stands where the file names its parent, and says which entry of which file it is about.
    pub(crate) fn told(&self, finding: &mut Finding) {
        let Some(line) = finding.line.filter(|line| *line > self.line) else {
            return;
        };
        let entry = match finding.about.is_empty() {
            true => self.entry(line).map(|entry| format!("{entry}: ")),
            false => None,
        };
        let (entry, text, file) = (entry.unwrap_or_default(), &finding.text, self.file);
        finding.text = format!("{entry}{text}; this is taken over from {file}");
        finding.line = Some(self.parent.line);
        finding.column = Some(self.parent.column);
    }

    /// The table that a line is of, with its name: `recht inzage`.
    fn entry(&self, line: usize) -> Option<String> {
        let begins = |line: &&str| line.starts_with('[') && !line.contains('.');
        let before: Vec<&str> = self.text.lines().take(line).collect();
        let head = before.iter().rposition(begins)?;
        let kind = before[head].trim_matches(['[', ']']);
        let mut block = self.text.lines().skip(head + 1);
        let name = block
            .by_ref()
            .take_while(|line| !begins(line))
            .find_map(|line| line.strip_prefix("naam = "));
        let name = name.map(|name| format!(" {}", name.trim_matches('"')));
        Some(format!("{kind}{}", name.unwrap_or_default()))
    }
}
