//! A one-page PDF to go with a sample letter: its title, its sender, a line of text.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

/// Plain text of Latin letters only: the built-in font knows no others.
pub fn letter_pdf(title: &str, sender: &str) -> Vec<u8> {
    let (catalog, pages, page, font, content) = (
        Ref::new(1),
        Ref::new(2),
        Ref::new(3),
        Ref::new(4),
        Ref::new(5),
    );
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages).lang(TextStr("nl"));
    pdf.pages(pages).kids([page]).count(1);
    let mut leaf = pdf.page(page);
    leaf.media_box(Rect::new(0.0, 0.0, 595.0, 842.0))
        .parent(pages)
        .contents(content);
    leaf.resources().fonts().pair(Name(b"F1"), font);
    leaf.finish();
    pdf.type1_font(font).base_font(Name(b"Helvetica"));
    let mut text = Content::new();
    let lines = [
        (20.0, 760.0, title),
        (12.0, 730.0, sender),
        (
            12.0,
            690.0,
            "Dit is een voorbeeldbijlage bij een verzonnen brief.",
        ),
    ];
    for (size, height, line) in lines {
        text.begin_text();
        text.set_font(Name(b"F1"), size);
        text.next_line(72.0, height);
        text.show(Str(&latin(line)));
        text.end_text();
    }
    pdf.stream(content, &text.finish());
    pdf.document_info(Ref::new(6)).title(TextStr(title));
    pdf.finish()
}

fn latin(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_a_pdf_by_its_first_and_last_bytes() {
        let pdf = super::letter_pdf("Aanslag", "Belastingdienst");
        assert!(pdf.starts_with(b"%PDF-") && pdf.trim_ascii_end().ends_with(b"%%EOF"));
    }
}
