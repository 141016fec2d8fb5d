//! The letters of a gallery: everyday ones, and those that go to the limits of what a sender may send.

use super::Place;

pub(super) struct Letter {
    /// Which of the place's senders.
    pub sender: usize,
    pub title: String,
    pub text: String,
    pub act_before: Option<&'static str>,
    /// As a tag; without it, that of the place.
    pub language: Option<&'static str>,
    pub reference: Option<String>,
    pub files: Vec<String>,
    /// Whether the person has read it.
    pub is_read: bool,
}

const LONGEST_LINE: usize = 255;
const LONGEST_TEXT: usize = 1 << 20;

pub(super) fn senders(place: Place) -> [&'static str; 5] {
    let [one, two, three, four] = match place {
        Place::MijnOverheid | Place::Cjib => [
            "Belastingdienst (voorbeeld)",
            "Gemeente Voorbeeldstad",
            "Waterschap Vallei",
            "RDW (voorbeeld)",
        ],
        Place::MijnCn => [
            "Belastingdienst Caribisch Nederland (voorbeeld)",
            "Openbaar Lichaam Bonaire (voorbeeld)",
            "Unit Sociale Zaken (voorbeeld)",
            "Kadaster BES (voorbeeld)",
        ],
    };
    [
        one,
        two,
        three,
        four,
        "Gemeenschappelijke Regeling Samenwerkingsverband Arbeidsongeschiktheidsverzekeringsuitvoeringsorganisaties in de Voorbeeldregio",
    ]
}

/// The letter that someone with one letter has.
pub(super) fn usual() -> Letter {
    Letter {
        act_before: Some("2026-12-31"),
        reference: Some("IH.2027.0815".to_owned()),
        files: vec![
            "Voorlopige aanslag 2027.pdf".to_owned(),
            "Toelichting.pdf".to_owned(),
        ],
        ..letter(
            0,
            "Voorlopige aanslag inkomstenbelasting 2027",
            include_str!("letters/aanslag.md"),
        )
    }
}

/// The newest letters of a full box, oldest first.
pub(super) fn newest(place: Place) -> Vec<Letter> {
    let of = |sender, title: &str, is_read| Letter {
        is_read,
        ..letter(sender, title, include_str!("letters/aanslag.md"))
    };
    let titles: [(usize, &str, bool); 9] = match place {
        Place::MijnOverheid | Place::Cjib => [
            (1, "Uitnodiging voor de wijkbijeenkomst", true),
            (3, "Uw kentekenbewijs is onderweg", true),
            (2, "Aanslag waterschapsbelasting 2026", true),
            (0, "Uw aangifte is ontvangen", true),
            (1, "Uw aanvraag voor een parkeervergunning", false),
            (3, "Uw rijbewijs verloopt over drie maanden", true),
            (1, "Beschikking op uw bezwaar", true),
            (2, "Onderhoud aan de dijk bij u in de buurt", false),
            (3, "Denk aan de apk van uw auto", false),
        ],
        Place::MijnCn => [
            (1, "Uitnodiging voor de wijkbijeenkomst", true),
            (3, "Uittreksel uit het kadaster", true),
            (
                2,
                "Your application for an allowance has been received",
                true,
            ),
            (0, "Nos a risibí bo deklarashon di impuesto", true),
            (1, "Uw aanvraag voor een bouwvergunning", false),
            (2, "Pago di kinderbijslag", true),
            (1, "Beschikking op uw bezwaar", true),
            (3, "Notice of a survey near your home", false),
            (2, "Uw onderstand in 2027", false),
        ],
    };
    let mut all: Vec<Letter> = titles
        .into_iter()
        .map(|(sender, title, is_read)| of(sender, title, is_read))
        .collect();
    all[4].act_before = Some("2026-12-05");
    all[6].files = vec!["Beschikking.pdf".to_owned()];
    all[8].act_before = Some("2027-01-15");
    if place == Place::MijnCn {
        for (number, language) in [(2, "en"), (3, "pap"), (5, "pap"), (7, "en")] {
            all[number].language = Some(language);
        }
    }
    all.push(usual());
    all
}

/// One of many letters that nobody remembers.
pub(super) fn old(number: u32) -> Letter {
    let title = match number % 3 {
        0 => "Overzicht van uw betalingen",
        1 => "Uw gegevens zijn gewijzigd",
        _ => "Aanslag gemeentelijke belastingen",
    };
    Letter {
        files: vec!["Overzicht.pdf".to_owned(); usize::from(number.is_multiple_of(7))],
        ..letter(
            0,
            &format!("{title}, nummer {}", number + 1),
            "Dit is een brief van lang geleden.",
        )
    }
}

/// Letters as long, as strange and as full as the product takes them, oldest first.
pub(super) fn to_the_limits() -> Vec<Letter> {
    let unbroken = "Arbeidsongeschiktheidsverzekeringsmaatschappij".repeat(6);
    let spaced = "Beslissing op uw verzoek om herziening van de voorlopige aanslag ".repeat(4);
    let file_name = |end: &str| format!("{}{end}", cut(&unbroken, LONGEST_LINE - end.len()));
    let paragraph = "Wij hebben uw brief gelezen en leggen hieronder uit wat wij hebben besloten. ";
    let paragraphs = format!("{}\n\n", paragraph.repeat(20));
    vec![
        letter(
            3,
            "Een heel grote brief",
            paragraphs.repeat(LONGEST_TEXT / paragraphs.len()).trim(),
        ),
        Letter {
            act_before: Some("2026-12-31"),
            reference: Some(cut(&unbroken, LONGEST_LINE)),
            files: (1..=10)
                .map(|number| file_name(&format!("{number}.pdf")))
                .collect(),
            ..letter(
                4,
                &cut(&unbroken, LONGEST_LINE),
                &format!("{}\n\n# {unbroken}\n\n`{unbroken}`", unbroken.repeat(4)),
            )
        },
        Letter {
            reference: Some(cut(&spaced, LONGEST_LINE)),
            ..letter(
                4,
                &cut(&spaced, LONGEST_LINE),
                include_str!("letters/aanslag.md"),
            )
        },
        Letter {
            language: Some("ar"),
            ..letter(
                1,
                "مرحبا بالعالم, שלום, 你好, 🇧🇶👩‍👩‍👧‍👦 Ünïcödé & <b>geen opmaak</b>",
                include_str!("letters/tekens.md"),
            )
        },
        letter(
            0,
            "Alles wat in een brief kan staan",
            include_str!("letters/alles.md"),
        ),
    ]
}

fn letter(sender: usize, title: &str, text: &str) -> Letter {
    Letter {
        sender,
        title: title.to_owned(),
        text: text.to_owned(),
        act_before: None,
        language: None,
        reference: None,
        files: Vec::new(),
        is_read: false,
    }
}

fn cut(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}
