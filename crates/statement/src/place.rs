//! Where something stands in a statement file.

use std::fmt;

/// A place in a statement file; line and column from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A file's text with the beginning of each line, so that a place is found by halving.
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0)
            .chain(ends.map(|(at, _)| at + 1))
            .collect();
        Self { text, starts }
    }

    /// `offset` is in bytes; past the end it is the end.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let before = &self.text.as_bytes()[start..offset];
        // Bytes that go on with a character are not characters.
        let column = before.iter().filter(|byte| **byte & 0xC0 != 0x80).count() + 1;
        Place { line, column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let lines = Lines::of("é = 1\nbé = 2\n");
        let at = |line, column| Place { line, column };
        assert_eq!(lines.place(0), at(1, 1));
        assert_eq!(lines.place(2), at(1, 2));
        assert_eq!(lines.place(7), at(2, 1));
        assert_eq!(lines.place(10), at(2, 3));
        assert_eq!(lines.place(99), at(3, 1));
        assert_eq!(Lines::of("").place(0), at(1, 1));
    }
}
