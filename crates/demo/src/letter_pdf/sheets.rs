//! Sheets of A4: lines of text at their places, each a leaf of the tag tree; what is only for the eye is marked as such.

use super::blocks::Text;
use super::typeface::Style;
use krilla::tagging::{Identifier, TagGroup, TagKind};

pub const WIDTH: f32 = 595.28;
pub const HEIGHT: f32 = 841.89;
pub const LEFT: f32 = 72.0;
pub const RIGHT: f32 = WIDTH - 72.0;
const TOP: f32 = 96.0;
pub const BOTTOM: f32 = HEIGHT - 92.0;

/// A text at its place.
pub struct Line {
    pub x: f32,
    /// Of the baseline.
    pub y: f32,
    pub size: f32,
    pub style: Style,
    pub ink: Ink,
    pub text: String,
    /// In the tag tree; none for what is not read aloud.
    pub leaf: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    Text,
    Soft,
    /// For rules only: too light to read.
    Faint,
    Accent,
}

/// A rule from left to right.
pub struct Rule {
    pub from: f32,
    pub to: f32,
    pub y: f32,
    pub thickness: f32,
    pub ink: Ink,
}

#[derive(Default)]
pub struct Sheet {
    pub lines: Vec<Line>,
    pub rules: Vec<Rule>,
}

/// A node of the tag tree, before the leaves have been drawn.
pub struct Element {
    pub kind: TagKind,
    pub children: Vec<Child>,
}

pub enum Child {
    Leaf(usize),
    Element(Element),
}

impl Element {
    pub fn new(kind: impl Into<TagKind>, children: Vec<Child>) -> Self {
        Self {
            kind: kind.into(),
            children,
        }
    }

    pub fn of(kind: impl Into<TagKind>, elements: Vec<Element>) -> Self {
        Self::new(kind, elements.into_iter().map(Child::Element).collect())
    }

    /// The same with what drawing the leaves gave.
    pub fn tagged(self, drawn: &[Identifier]) -> TagGroup {
        let mut group = TagGroup::new(self.kind);
        for child in self.children {
            match child {
                Child::Leaf(leaf) => group.push(drawn[leaf]),
                Child::Element(element) => group.push(element.tagged(drawn)),
            }
        }
        group
    }
}

/// Where text goes: between these edges, in this size.
#[derive(Clone, Copy)]
pub struct Column {
    pub left: f32,
    pub right: f32,
    pub size: f32,
    pub leading: f32,
    pub ink: Ink,
    pub is_flush_right: bool,
}

impl Column {
    pub const BODY: Self = Self {
        left: LEFT,
        right: RIGHT,
        size: 11.0,
        leading: 15.5,
        ink: Ink::Text,
        is_flush_right: false,
    };
}

pub struct Sheets {
    pub all: Vec<Sheet>,
    /// The baseline before the next line.
    pub y: f32,
    pub leaves: usize,
    pub bookmarks: Vec<Bookmark>,
}

pub struct Bookmark {
    pub title: String,
    pub sheet: usize,
    pub y: f32,
}

impl Sheets {
    pub fn new() -> Self {
        Self {
            all: vec![Sheet::default()],
            y: TOP,
            leaves: 0,
            bookmarks: Vec::new(),
        }
    }

    pub fn sheet(&mut self) -> &mut Sheet {
        self.all.last_mut().expect("begins with one sheet")
    }

    /// Goes to a new sheet when this much does not fit on the present one.
    pub fn room_for(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.all.push(Sheet::default());
            self.y = TOP;
        }
    }

    /// Sets a text in lines, on as many sheets as it takes; answers its leaves.
    pub fn set(&mut self, text: &Text, column: Column) -> Vec<Child> {
        let mut leaves = Vec::new();
        for line in wrapped(text, column.right - column.left, column.size) {
            self.room_for(column.leading);
            self.y += column.leading;
            leaves.extend(self.place(line, column, self.y));
        }
        leaves
    }

    /// Sets one line on a baseline of this sheet.
    pub fn place(&mut self, line: Text, column: Column, y: f32) -> Vec<Child> {
        let width: f32 = line
            .iter()
            .map(|run| run.style.width(&run.text, column.size))
            .sum();
        let mut x = if column.is_flush_right {
            column.right - width
        } else {
            column.left
        };
        let mut leaves = Vec::new();
        for run in line {
            let next = x + run.style.width(&run.text, column.size);
            let leaf = self.leaves;
            self.leaves += 1;
            leaves.push(Child::Leaf(leaf));
            self.sheet().lines.push(Line {
                x,
                y,
                size: column.size,
                style: run.style,
                ink: column.ink,
                text: run.text,
                leaf: Some(leaf),
            });
            x = next;
        }
        leaves
    }
}

/// A text in lines of at most this width. A line that goes on ends with its space, so that words stay apart when read aloud.
pub fn wrapped(text: &Text, width: f32, size: f32) -> Vec<Text> {
    let mut lines: Vec<Text> = Vec::new();
    let mut line: Text = Vec::new();
    let mut used = 0.0;
    for run in text {
        for word in run.text.split_inclusive([' ', '\n']) {
            let wide = run.style.width(word.trim_end(), size);
            if used + wide > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            let (shown, is_last) = match word.strip_suffix('\n') {
                Some(word) => (format!("{word} "), true),
                None => (word.to_owned(), false),
            };
            used += run.style.width(&shown, size);
            match line.last_mut() {
                Some(last) if last.style == run.style => last.text.push_str(&shown),
                _ => line.push(super::blocks::Run {
                    text: shown,
                    style: run.style,
                }),
            }
            if is_last {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::blocks::{plain, said};
    use super::*;

    #[test]
    fn lines_are_no_wider_than_their_column_and_lose_no_word() {
        let text = "Op een gewone dag komt de post met een brief van de gemeente. ".repeat(9);
        let lines = wrapped(&plain(text.trim_end(), Style::Regular), 200.0, 11.0);
        assert!(lines.len() > 5);
        for line in &lines {
            assert!(Style::Regular.width(said(line).trim_end(), 11.0) <= 200.0);
        }
        let all: String = lines.iter().map(said).collect();
        assert_eq!(all, text.trim_end());
    }
}
