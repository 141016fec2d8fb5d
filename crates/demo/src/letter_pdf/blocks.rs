//! A letter's Markdown as a list of blocks to set.

use pulldown_cmark::{Alignment, Event, Options, Parser, Tag, TagEnd};

use super::typeface::Style;

/// Text of one style.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub text: String,
    pub style: Style,
}

pub type Text = Vec<Run>;

#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    Heading(Text),
    Paragraph(Text),
    List {
        is_numbered: bool,
        items: Vec<Text>,
    },
    Table {
        head: Vec<Text>,
        rows: Vec<Vec<Text>>,
        /// Columns of figures, set to the right.
        right: Vec<bool>,
    },
}

/// Headings, paragraphs, flat lists and tables; strong and emphasised text. The letters use no more than that.
pub fn blocks(markdown: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    Parser::new_ext(markdown, Options::ENABLE_TABLES).for_each(|event| reader.take(event));
    reader.blocks
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    text: Text,
    bold: usize,
    italic: usize,
    items: Option<Vec<Text>>,
    cells: Vec<Text>,
    rows: Vec<Vec<Text>>,
    right: Vec<bool>,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) | Event::Code(text) => self.say(&text),
            Event::SoftBreak => self.say(" "),
            Event::HardBreak => self.say("\n"),
            Event::Start(Tag::Strong) => self.bold += 1,
            Event::End(TagEnd::Strong) => self.bold -= 1,
            Event::Start(Tag::Emphasis) => self.italic += 1,
            Event::End(TagEnd::Emphasis) => self.italic -= 1,
            Event::Start(Tag::List(_)) => self.items = Some(Vec::new()),
            Event::Start(Tag::Table(columns)) => {
                let right = columns.iter().map(|column| *column == Alignment::Right);
                self.right = right.collect();
            }
            Event::End(end) => self.end(end),
            _ => {}
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Heading(_) => {
                let text = self.taken();
                self.blocks.push(Block::Heading(text));
            }
            TagEnd::Paragraph if self.items.is_none() => {
                let text = self.taken();
                self.blocks.push(Block::Paragraph(text));
            }
            TagEnd::Item => {
                let text = self.taken();
                self.items.get_or_insert_default().push(text);
            }
            TagEnd::List(is_numbered) => {
                let items = self.items.take().unwrap_or_default();
                self.blocks.push(Block::List { is_numbered, items });
            }
            TagEnd::TableCell => {
                let text = self.taken();
                self.cells.push(text);
            }
            TagEnd::TableHead | TagEnd::TableRow => self.rows.push(std::mem::take(&mut self.cells)),
            TagEnd::Table => {
                let mut rows = std::mem::take(&mut self.rows);
                self.blocks.push(Block::Table {
                    head: rows.remove(0),
                    rows,
                    right: std::mem::take(&mut self.right),
                });
            }
            _ => {}
        }
    }

    fn say(&mut self, text: &str) {
        let style = match (self.bold, self.italic) {
            (0, 0) => Style::Regular,
            (0, _) => Style::Italic,
            _ => Style::Bold,
        };
        match self.text.last_mut() {
            Some(run) if run.style == style => run.text.push_str(text),
            _ => self.text.push(Run {
                text: text.to_owned(),
                style,
            }),
        }
    }

    fn taken(&mut self) -> Text {
        std::mem::take(&mut self.text)
    }
}

/// Text of one style.
pub fn plain(text: &str, style: Style) -> Text {
    vec![Run {
        text: text.to_owned(),
        style,
    }]
}

pub fn said(text: &Text) -> String {
    text.iter().map(|run| run.text.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_blocks() {
        let read = blocks(
            "Ja **nu**\nof nooit\n\n## Kop\n\n1. een\n2. twee\n\n| A | B |\n|---|--:|\n| x | 1 |\n",
        );
        let run = |text: &str, style| Run {
            text: text.to_owned(),
            style,
        };
        let regular = |text: &str| plain(text, Style::Regular);
        assert_eq!(
            read,
            [
                Block::Paragraph(vec![
                    run("Ja ", Style::Regular),
                    run("nu", Style::Bold),
                    run(" of nooit", Style::Regular)
                ]),
                Block::Heading(regular("Kop")),
                Block::List {
                    is_numbered: true,
                    items: vec![regular("een"), regular("twee")]
                },
                Block::Table {
                    head: vec![regular("A"), regular("B")],
                    rows: vec![vec![regular("x"), regular("1")]],
                    right: vec![false, true]
                },
            ]
        );
    }
}
