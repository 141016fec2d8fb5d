//! A published statement as Markdown.

use std::fmt::{self, Display, Formatter};

use super::document::{Block, Document, Line, Part};

/// Writes the document as Markdown (CommonMark).
pub struct Markdown<'d>(pub &'d Document);

impl Display for Markdown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let document = self.0;
        writeln!(f, "# {}\n", plain(&document.title))?;
        writeln!(f, "{}\n", plain(&document.version))?;
        writeln!(f, "{}\n", plain(&document.lead))?;
        writeln!(f, "## {}\n", plain(&document.summary_title))?;
        for (at, part) in document.parts.iter().enumerate() {
            writeln!(
                f,
                "{}. {} {}",
                at + 1,
                plain(&part.title),
                plain(&part.in_short)
            )?;
        }
        for (at, one) in document.parts.iter().enumerate() {
            part(f, one, &format!("{}. ", at + 1))?;
        }
        document
            .annex
            .as_ref()
            .map_or(Ok(()), |one| part(f, one, ""))
    }
}

fn part(f: &mut Formatter<'_>, part: &Part, number: &str) -> fmt::Result {
    writeln!(f, "\n## {number}{}", plain(&part.title))?;
    for block in &part.blocks {
        writeln!(f)?;
        match block {
            Block::Heading(words) => writeln!(f, "### {}", plain(words))?,
            Block::Line(one) => {
                writeln!(f, "{}", said(one))?;
                for detail in &one.details {
                    writeln!(f, "{}", plain(detail))?;
                }
            }
            Block::List(lines) => {
                for one in lines {
                    writeln!(f, "* {}", said(one))?;
                    for detail in &one.details {
                        writeln!(f, "  * {}", plain(detail))?;
                    }
                }
            }
        }
    }
    Ok(())
}

fn said(line: &Line) -> String {
    match &line.link {
        Some(link) => format!("{} <{}>", plain(&line.text), link.address),
        None => plain(&line.text),
    }
}

/// The text with what Markdown would read as marks taken for itself; on one line.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
    {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '<' | '[' | ']' | '#' | '|' | '&'
        ) {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}
