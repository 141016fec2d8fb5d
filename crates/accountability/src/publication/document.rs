//! What a published statement consists of, whatever it is written in. A list without a line is never made.

use askama::Template;

/// A published statement in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The language of the words, as in `<html lang>`.
    pub language: &'static str,
    pub title: String,
    pub version: String,
    pub lead: String,
    pub summary_title: String,
    /// In their fixed order; a part that has nothing to say is not here.
    pub parts: Vec<Part>,
    /// All that is done; without a number.
    pub annex: Option<Part>,
}

/// A numbered part.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Where a link leads to.
    pub key: &'static str,
    pub title: String,
    /// What it says, in a few words.
    pub in_short: String,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    Heading(String),
    Line(Line),
    List(Vec<Line>),
}

/// Something that is said, with what belongs to it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Line {
    /// Where a link leads to, and what the same line has in another version: `gegeven-bericht`. Empty for none.
    pub key: String,
    pub text: String,
    pub details: Vec<String>,
    pub link: Option<Link>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub address: String,
    pub words: String,
}

impl Document {
    /// Every line with the part it stands in.
    pub fn lines(&self) -> impl Iterator<Item = (&Part, &Line)> {
        let parts = self.parts.iter().chain(&self.annex);
        parts.flat_map(|part| part.lines().map(move |line| (part, line)))
    }

    /// A page that stands by itself.
    pub fn page(&self) -> String {
        let page = Alone { document: self };
        page.render()
            .expect("a text is written into memory, which does not fail")
    }

    /// The text between the page's own head and foot.
    pub fn html(&self) -> String {
        let written = Written { document: self };
        written
            .render()
            .expect("a text is written into memory, which does not fail")
    }
}

impl Part {
    pub(super) fn new(key: &'static str, title: &str, in_short: impl Into<String>) -> Self {
        Self {
            key,
            title: title.to_owned(),
            in_short: in_short.into(),
            blocks: Vec::new(),
        }
    }

    pub(super) fn say(&mut self, line: Line) {
        self.blocks.push(Block::Line(line));
    }

    /// A heading with a list below it; neither where there is no line.
    pub(super) fn list(&mut self, heading: &str, lines: impl IntoIterator<Item = Line>) {
        let lines: Vec<Line> = lines.into_iter().collect();
        if lines.is_empty() {
            return;
        }
        self.blocks.push(Block::Heading(heading.to_owned()));
        self.blocks.push(Block::List(lines));
    }

    /// A list without a heading of its own; nothing where there is no line.
    pub(super) fn list_plain(&mut self, lines: impl IntoIterator<Item = Line>) {
        let lines: Vec<Line> = lines.into_iter().collect();
        if !lines.is_empty() {
            self.blocks.push(Block::List(lines));
        }
    }

    /// A heading with text below it; neither where there is no line.
    pub(super) fn section(&mut self, heading: &str, lines: impl IntoIterator<Item = Line>) {
        let mut lines = lines.into_iter().peekable();
        if lines.peek().is_some() {
            self.blocks.push(Block::Heading(heading.to_owned()));
            self.blocks.extend(lines.map(Block::Line));
        }
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.blocks.iter().flat_map(|block| match block {
            Block::Heading(_) => &[][..],
            Block::Line(line) => std::slice::from_ref(line),
            Block::List(lines) => lines,
        })
    }
}

impl Line {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
    /// The line of a table of the statement.
    pub(super) fn of(kind: &str, name: &str, text: impl Into<String>) -> Self {
        Self {
            key: format!("{kind}-{name}"),
            text: text.into(),
            ..Self::default()
        }
    }
    pub(super) fn with(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }
    pub(super) fn with_some(self, detail: Option<impl Into<String>>) -> Self {
        match detail {
            Some(detail) => self.with(detail),
            None => self,
        }
    }
    pub(super) fn with_if(self, holds: bool, detail: impl Into<String>) -> Self {
        if holds { self.with(detail) } else { self }
    }
    pub(super) fn to(mut self, address: Option<&str>) -> Self {
        self.link = address.map(|address| Link {
            address: address.to_owned(),
            words: address.trim_start_matches("https://").to_owned(),
        });
        self
    }
}

/// `document.html` writes it for a page.
#[derive(Template)]
#[template(path = "publication/document.html")]
struct Written<'d> {
    document: &'d Document,
}

/// `alone.html` puts a head and a foot around it.
#[derive(Template)]
#[template(path = "publication/alone.html")]
struct Alone<'d> {
    document: &'d Document,
}
