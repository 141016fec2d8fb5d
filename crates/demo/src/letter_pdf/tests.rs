//! The letters are accessible: what a reader of PDF/UA asks for stands in the bytes.

use jiff::civil::date;
use language::Language;

use super::LetterPdf;

fn letter(text: &str) -> Vec<u8> {
    let lines = |lines: &[&str]| {
        lines
            .iter()
            .map(|line| (*line).to_owned())
            .collect::<Vec<_>>()
    };
    LetterPdf {
        language: Language::Nl,
        sender: "Belastingdienst (voorbeeld)",
        sender_address: &lines(&["Postbus 1000", "0000 AA Voorbeeldstad"]),
        addressee: &lines(&["Amina Bakkali", "Lindelaan 12", "0000 AB Voorbeeldstad"]),
        date: date(2026, 11, 24),
        reference: Some("9999.93.653.H.27.01"),
        subject: "Voorlopige aanslag inkomstenbelasting 2027",
        text,
    }
    .made()
    .unwrap()
}

const TEXT: &str = "Geachte mevrouw Bakkali,\n\nU betaalt in 2027 minder belasting. In het overzicht staat hoe wij het bedrag hebben berekend.\n\n## Zo hebben wij gerekend\n\n| Gegeven | Bedrag |\n| --- | ---: |\n| Inkomen uit werk | € 27.450 |\n| Inkomstenbelasting | € 9.837 |\n| Heffingskortingen | € -5.210 |\n\n## Wat moet u doen?\n\n1. Controleer of uw gegevens kloppen.\n2. Klopt er iets **niet**? Wijzig dan uw voorlopige aanslag vóór 31 december.\n\n- Bewaar deze brief.\n- Neem hem mee.\n\nMet vriendelijke groet,\n\nde inspecteur\n";

fn has(bytes: &[u8], part: &str) -> bool {
    bytes
        .windows(part.len())
        .any(|window| window == part.as_bytes())
}

#[test]
fn a_letter_is_tagged_and_says_its_title_and_language() {
    let pdf = letter(TEXT);
    assert!(pdf.starts_with(b"%PDF-1.7") && pdf.trim_ascii_end().ends_with(b"%%EOF"));
    for part in [
        "/StructTreeRoot",
        "/Marked true",
        "/Lang(nl)",
        "/DisplayDocTitle true",
        "<pdfuaid:part>1</pdfuaid:part>",
        "Voorlopige aanslag inkomstenbelasting 2027",
        "/Outlines",
    ] {
        assert!(has(&pdf, part), "{part}");
    }
}

#[test]
fn a_letter_has_the_structure_that_it_shows() {
    let pdf = letter(TEXT);
    let tags = [
        "H1", "H2", "P", "Table", "THead", "TBody", "TR", "TH", "TD", "L", "LI", "Lbl", "LBody",
    ];
    for tag in tags {
        assert!(has(&pdf, &format!("/S/{tag}")), "{tag}");
    }
}

#[test]
fn a_long_letter_takes_more_sheets_and_the_same_letter_the_same_bytes() {
    let long = TEXT.repeat(4);
    let pdf = letter(&long);
    assert!(has(&pdf, "/Count 3"), "three sheets");
    assert!(pdf == letter(&long));
}
