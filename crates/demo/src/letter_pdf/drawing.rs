//! Draws the sheets into a file: what stands on them, the tag tree, bookmarks and metadata.

use basics::Fault;
use krilla::color::rgb;
use krilla::configure::validate::Accessibility;
use krilla::configure::{Configuration, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TagTree};
use krilla::text::TextDirection;
use krilla::{Document, SerializeSettings};

use super::LetterPdf;
use super::sheets::{Bookmark, Element, HEIGHT, Ink, LEFT, Line, Rule, Sheets, WIDTH};

pub fn file(
    letter: &LetterPdf<'_>,
    sheets: Sheets,
    elements: Vec<Element>,
) -> Result<Vec<u8>, Fault> {
    let mut document = Document::new_with(SerializeSettings {
        configuration: accessible()?,
        ..SerializeSettings::default()
    });
    let size = PageSettings::from_wh(WIDTH, HEIGHT).expect("A4 is a size");
    let mut drawn: Vec<Option<Identifier>> = vec![None; sheets.leaves];
    for sheet in &sheets.all {
        let mut page = document.start_page_with(size.clone());
        let mut surface = page.surface();
        for rule in &sheet.rules {
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(
                ArtifactType::Layout,
            )));
            draw_rule(&mut surface, rule);
            surface.end_tagged();
        }
        for line in &sheet.lines {
            let tag = match line.leaf {
                Some(_) => ContentTag::Span(SpanTag::empty()),
                None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)),
            };
            let identifier = surface.start_tagged(tag);
            draw_line(&mut surface, line);
            surface.end_tagged();
            if let Some(leaf) = line.leaf {
                drawn[leaf] = Some(identifier);
            }
        }
        surface.finish();
        page.finish();
    }
    let drawn: Vec<Identifier> = drawn
        .into_iter()
        .map(|leaf| leaf.expect("each leaf is a line of a sheet"))
        .collect();
    let mut tree = TagTree::new();
    for element in elements {
        tree.push(element.tagged(&drawn));
    }
    document.set_tag_tree(tree);
    document.set_outline(outline(&sheets.bookmarks));
    document.set_metadata(metadata(letter));
    document
        .finish()
        .map_err(|fault| Fault::broken(format!("making a letter's PDF: {fault:?}")))
}

fn accessible() -> Result<Configuration, Fault> {
    ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|fault| Fault::broken(format!("PDF/UA-1: {fault:?}")))
}

fn draw_line(surface: &mut Surface<'_>, line: &Line) {
    surface.set_fill(Some(fill(line.ink)));
    surface.draw_text(
        Point::from_xy(line.x, line.y),
        line.style.font(),
        line.size,
        &line.text,
        false,
        TextDirection::LeftToRight,
    );
}

fn draw_rule(surface: &mut Surface<'_>, rule: &Rule) {
    let rect = Rect::from_ltrb(rule.from, rule.y, rule.to, rule.y + rule.thickness);
    let mut path = PathBuilder::new();
    path.push_rect(rect.expect("a rule goes from left to right"));
    surface.set_fill(Some(fill(rule.ink)));
    surface.draw_path(&path.finish().expect("a rectangle is a path"));
}

fn fill(ink: Ink) -> Fill {
    let color = match ink {
        Ink::Text => rgb::Color::new(0x1c, 0x1c, 0x1c),
        Ink::Soft => rgb::Color::new(0x5a, 0x5a, 0x5a),
        Ink::Faint => rgb::Color::new(0xc4, 0xc4, 0xc4),
        Ink::Accent => rgb::Color::new(0x1d, 0x4f, 0x4a),
    };
    Fill {
        paint: color.into(),
        ..Fill::default()
    }
}

/// The subject, and below it the headings of the letter.
fn outline(bookmarks: &[Bookmark]) -> Outline {
    let node = |bookmark: &Bookmark| {
        let place = XyzDestination::new(bookmark.sheet, Point::from_xy(LEFT, bookmark.y));
        OutlineNode::new(bookmark.title.clone(), place)
    };
    let mut outline = Outline::new();
    if let Some((subject, headings)) = bookmarks.split_first() {
        let mut subject = node(subject).with_open(true);
        headings
            .iter()
            .for_each(|heading| subject.push_child(node(heading)));
        outline.push_child(subject);
    }
    outline
}

fn metadata(letter: &LetterPdf<'_>) -> Metadata {
    let date = letter.date;
    let at = DateTime::new(date.year().unsigned_abs())
        .month(date.month().unsigned_abs())
        .day(date.day().unsigned_abs());
    Metadata::new()
        .title(letter.subject.to_owned())
        .language(letter.language.tag().to_owned())
        .authors(vec![letter.sender.to_owned()])
        .creation_date(at)
}
