//! Sets the blocks of a letter on sheets: headings, paragraphs, lists and tables, each with its tags.

use std::num::NonZeroU16;

use krilla::tagging::{ListNumbering, TableHeaderScope, Tag};

use super::blocks::{Block, Text, plain, said};
use super::sheets::{BOTTOM, Bookmark, Child, Column, Element, Ink, Rule, Sheets, wrapped};
use super::typeface::Style;

const GAP: f32 = 8.0;
const PADDING: f32 = 5.0;
const INDENT: f32 = 18.0;

pub const SECOND: NonZeroU16 = NonZeroU16::new(2).expect("not zero");

pub fn set(sheets: &mut Sheets, blocks: &[Block]) -> Vec<Element> {
    blocks.iter().map(|block| one(sheets, block)).collect()
}

fn one(sheets: &mut Sheets, block: &Block) -> Element {
    match block {
        Block::Heading(text) => heading(sheets, &said(text), SECOND, 12.5),
        Block::Paragraph(text) => {
            let leaves = sheets.set(text, Column::BODY);
            sheets.y += GAP;
            Element::new(Tag::P, leaves)
        }
        Block::List { is_numbered, items } => list(sheets, *is_numbered, items),
        Block::Table { head, rows, right } => table(sheets, head, rows, right),
    }
}

/// Never the last line of a sheet.
pub fn heading(sheets: &mut Sheets, title: &str, level: NonZeroU16, size: f32) -> Element {
    let column = Column {
        size,
        leading: size * 1.35,
        ink: Ink::Accent,
        ..Column::BODY
    };
    sheets.y += GAP;
    sheets.room_for(column.leading + 2.0 * Column::BODY.leading);
    let leaves = sheets.set(&plain(title, Style::Bold), column);
    let bookmark = Bookmark {
        title: title.to_owned(),
        sheet: sheets.all.len() - 1,
        y: sheets.y - size,
    };
    sheets.bookmarks.push(bookmark);
    sheets.y += 3.0;
    Element::new(Tag::Hn(level, Some(title.to_owned())), leaves)
}

fn list(sheets: &mut Sheets, is_numbered: bool, items: &[Text]) -> Element {
    let numbering = if is_numbered {
        ListNumbering::Decimal
    } else {
        ListNumbering::Disc
    };
    let mut set = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let label = if is_numbered {
            format!("{}. ", at + 1)
        } else {
            "• ".to_owned()
        };
        sheets.room_for(Column::BODY.leading);
        let y = sheets.y + Column::BODY.leading;
        let label = sheets.place(plain(&label, Style::Regular), Column::BODY, y);
        let column = Column {
            left: Column::BODY.left + INDENT,
            ..Column::BODY
        };
        let body = sheets.set(item, column);
        sheets.y += 2.0;
        let parts = vec![
            Element::new(Tag::Lbl, label),
            Element::new(Tag::LBody, body),
        ];
        set.push(Element::of(Tag::LI, parts));
    }
    sheets.y += GAP;
    Element::of(Tag::L(numbering), set)
}

fn table(sheets: &mut Sheets, head: &[Text], rows: &[Vec<Text>], right: &[bool]) -> Element {
    let columns = columns(head, rows, right);
    sheets.y += 3.0;
    let bold: Vec<Text> = head
        .iter()
        .map(|cell| plain(&said(cell), Style::Bold))
        .collect();
    rule(sheets, &columns, 1.0, Ink::Accent);
    let cells = row(sheets, &bold, &columns);
    let cells = cells
        .into_iter()
        .map(|leaves| Element::new(Tag::TH(TableHeaderScope::Column), leaves));
    let head = Element::of(Tag::THead, vec![Element::of(Tag::TR, cells.collect())]);
    rule(sheets, &columns, 1.0, Ink::Accent);
    let mut body = Vec::new();
    for cells in rows {
        let cells = row(sheets, cells, &columns);
        rule(sheets, &columns, 0.5, Ink::Faint);
        let cell = |(at, leaves)| match at {
            0 => Element::new(Tag::TH(TableHeaderScope::Row), leaves),
            _ => Element::new(Tag::TD, leaves),
        };
        body.push(Element::of(
            Tag::TR,
            cells.into_iter().enumerate().map(cell).collect(),
        ));
    }
    sheets.y += GAP + 4.0;
    Element::of(Tag::Table, vec![head, Element::of(Tag::TBody, body)])
}

/// One row, which no sheet's end cuts in two; answers the leaves of each cell.
fn row(sheets: &mut Sheets, cells: &[Text], columns: &[Column]) -> Vec<Vec<Child>> {
    let lines: Vec<Vec<Text>> = cells
        .iter()
        .zip(columns)
        .map(|(cell, column)| {
            // A cell that says nothing is still a cell: without a leaf it would leave the tree.
            let blank = plain("\u{a0}", Style::Regular);
            let cell = if cell.is_empty() { &blank } else { cell };
            wrapped(cell, column.right - column.left, column.size)
        })
        .collect();
    let most = lines.iter().map(Vec::len).max().unwrap_or(1).max(1);
    let height = most as f32 * Column::BODY.leading + PADDING;
    sheets.room_for(height.min(BOTTOM / 2.0));
    let top = sheets.y;
    sheets.y += height;
    let mut set = Vec::new();
    for (cell, column) in lines.into_iter().zip(columns) {
        let mut leaves = Vec::new();
        for (at, line) in cell.into_iter().enumerate() {
            let y = top + (at + 1) as f32 * column.leading;
            leaves.extend(sheets.place(line, *column, y));
        }
        set.push(leaves);
    }
    set
}

fn rule(sheets: &mut Sheets, columns: &[Column], thickness: f32, ink: Ink) {
    let y = sheets.y + 1.0;
    let (from, to) = (
        columns.first().map_or(0.0, |column| column.left - PADDING),
        columns.last().map_or(0.0, |column| column.right + PADDING),
    );
    sheets.sheet().rules.push(Rule {
        from,
        to,
        y,
        thickness,
        ink,
    });
}

/// As wide as what stands in them; what is left over goes to the first, what lacks comes from all.
fn columns(head: &[Text], rows: &[Vec<Text>], right: &[bool]) -> Vec<Column> {
    let whole = Column::BODY.right - Column::BODY.left;
    let size = Column::BODY.size;
    let wide = |cell: &Text| Style::Bold.width(&said(cell), size) + 2.0 * PADDING + 4.0;
    let mut widths: Vec<f32> = head.iter().map(wide).collect();
    for cells in rows {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = width.max(wide(cell));
        }
    }
    let total: f32 = widths.iter().sum();
    if total > whole {
        widths.iter_mut().for_each(|width| *width *= whole / total);
    } else if let Some(first) = widths.first_mut() {
        *first += whole - total;
    }
    let mut left = Column::BODY.left;
    let mut columns = Vec::new();
    for (at, width) in widths.into_iter().enumerate() {
        columns.push(Column {
            left: left + PADDING,
            right: left + width - PADDING,
            is_flush_right: right.get(at).copied().unwrap_or(false),
            ..Column::BODY
        });
        left += width;
    }
    columns
}
