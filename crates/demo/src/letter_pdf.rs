//! A letter as an accessible PDF (PDF/UA-1): sender, addressee, date and reference, subject, text, foot of the page.
//!
//! `blocks` reads the Markdown, `setting` sets it on `sheets`, `drawing` makes the file, `typeface` knows the characters.

mod blocks;
mod drawing;
mod setting;
mod sheets;
#[cfg(test)]
mod tests;
mod typeface;

use std::num::NonZeroU16;

use basics::Fault;
use jiff::civil::Date;
use krilla::tagging::Tag;
use language::Language;

use crate::words::words;
use blocks::{blocks, plain};
use sheets::{Column, Element, HEIGHT, Ink, LEFT, Line, RIGHT, Rule, Sheets};
use typeface::Style;

/// What a letter shows.
pub struct LetterPdf<'a> {
    pub language: Language,
    pub sender: &'a str,
    /// The sender's own, a line each.
    pub sender_address: &'a [String],
    /// Name and address of the person, a line each.
    pub addressee: &'a [String],
    pub date: Date,
    pub reference: Option<&'a str>,
    pub subject: &'a str,
    /// Markdown.
    pub text: &'a str,
}

/// How far down the window of an envelope begins.
const ADDRESSEE: f32 = 138.0;
const PARTICULARS: f32 = 250.0;
const FIRST: NonZeroU16 = NonZeroU16::new(1).expect("not zero");

impl LetterPdf<'_> {
    /// The bytes of the file; the same letter gives the same bytes. Errors: a letter that PDF/UA-1 does not allow.
    pub fn made(&self) -> Result<Vec<u8>, Fault> {
        let words = words(self.language);
        let mut sheets = Sheets::new();
        let mut elements = vec![
            self.letterhead(&mut sheets),
            block(&mut sheets, self.addressee, ADDRESSEE, 11.0, Ink::Text),
        ];
        sheets.y = PARTICULARS;
        elements.extend(self.particulars(&mut sheets));
        sheets.y += 14.0;
        elements.push(setting::heading(&mut sheets, self.subject, FIRST, 17.0));
        sheets.y += 8.0;
        elements.extend(setting::set(&mut sheets, &blocks(self.text)));
        sheets.y += 10.0;
        let small = Column {
            size: 9.0,
            leading: 12.0,
            ink: Ink::Soft,
            ..Column::BODY
        };
        let leaves = sheets.set(&plain(&words.made_up, Style::Italic), small);
        elements.push(Element::new(Tag::P, leaves));
        self.feet(&mut sheets);
        drawing::file(self, sheets, elements)
    }

    fn letterhead(&self, sheets: &mut Sheets) -> Element {
        sheets.sheet().rules.push(Rule {
            from: LEFT,
            to: LEFT + 54.0,
            y: 46.0,
            thickness: 4.0,
            ink: Ink::Accent,
        });
        let name = Column {
            size: 15.0,
            ink: Ink::Accent,
            ..Column::BODY
        };
        let mut leaves = sheets.place(plain(&format!("{} ", self.sender), Style::Bold), name, 70.0);
        for (at, line) in self.sender_address.iter().enumerate() {
            let column = Column {
                size: 9.0,
                ink: Ink::Soft,
                ..Column::BODY
            };
            let y = 85.0 + 12.0 * at as f32;
            leaves.extend(sheets.place(plain(&format!("{line} "), Style::Regular), column, y));
        }
        Element::new(Tag::P, leaves)
    }

    fn particulars(&self, sheets: &mut Sheets) -> Vec<Element> {
        let words = words(self.language);
        let date = self.language.day(self.date);
        let mut all = vec![(words.date.as_str(), date.as_str())];
        all.extend(
            self.reference
                .map(|reference| (words.reference.as_str(), reference)),
        );
        let mut elements = Vec::new();
        for (label, value) in all {
            sheets.y += 15.0;
            let soft = Column {
                size: 10.0,
                ink: Ink::Soft,
                ..Column::BODY
            };
            let beside = Column {
                left: LEFT + 92.0,
                size: 10.0,
                ..Column::BODY
            };
            let y = sheets.y;
            let mut leaves = sheets.place(plain(&format!("{label} "), Style::Regular), soft, y);
            leaves.extend(sheets.place(plain(value, Style::Regular), beside, y));
            elements.push(Element::new(Tag::P, leaves));
        }
        elements
    }

    /// Who and which page, at the foot of each; for the eye only.
    fn feet(&self, sheets: &mut Sheets) {
        let all = sheets.all.len();
        for (at, sheet) in sheets.all.iter_mut().enumerate() {
            let y = HEIGHT - 52.0;
            let page = words(self.language).page(at + 1, all);
            let end = RIGHT - Style::Regular.width(&page, 9.0);
            for (x, text) in [(LEFT, self.sender.to_owned()), (end, page)] {
                sheet.lines.push(Line {
                    x,
                    y,
                    size: 9.0,
                    style: Style::Regular,
                    ink: Ink::Soft,
                    text,
                    leaf: None,
                });
            }
            sheet.rules.push(Rule {
                from: LEFT,
                to: RIGHT,
                y: y - 14.0,
                thickness: 0.5,
                ink: Ink::Faint,
            });
        }
    }
}

/// Whether the typeface has it.
#[cfg(test)]
pub fn can_set(letter: char) -> bool {
    Style::Regular.has(letter) && Style::Bold.has(letter)
}

fn block(sheets: &mut Sheets, lines: &[String], top: f32, size: f32, ink: Ink) -> Element {
    let column = Column {
        size,
        ink,
        ..Column::BODY
    };
    let mut leaves = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let y = top + (at + 1) as f32 * column.leading;
        leaves.extend(sheets.place(plain(&format!("{line} "), Style::Regular), column, y));
    }
    Element::new(Tag::P, leaves)
}
