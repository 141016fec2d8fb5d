//! What is promised by being told: what a person can ask and how, what a computer decides, what a conversation leaves.

use basics::PersonNumber;
use testkit::{ANNA, BORIS, Browser, CJIB, MIJNCN, MIJNOVERHEID, Product, TOESLAGEN};
use vault::Whose;

use super::Published;

const RIGHTS: &str = "8. Welke rechten hebt u?";
const PURPOSES: &str = "2. Waarvoor gebruiken wij uw gegevens?";
const DATA: &str = "4. Welke gegevens gebruiken wij?";
const CONTACT: &str = "1. Wie is verantwoordelijk?";
const SECURITY: &str = "9. Hoe beveiligen wij uw gegevens?";

/// What every letter about a right says.
const LETTER: [&str; 3] = [
    "Zo vraagt u het: met een brief",
    "Waarheen: Dienst Toeslagen, Bureau Directeursondersteuning",
    "Zet in uw verzoek: Om welke gegevens het gaat, uw naam, adres, postcode en woonplaats, en een telefoonnummer waarop wij u overdag bereiken.",
];

/// A promise, the part of the page that carries it, its place there, and its words.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

async fn tells(statement: &str, rows: &[Row]) -> (Product, Published) {
    let product = Product::start(statement).await;
    let published = Published::of(&product).await;
    for (id, part, place, words) in rows {
        assert_eq!(published.part_of(place), *part, "{id}");
        let line = published.line(place);
        for word in *words {
            assert!(
                line.contains(word),
                "{id}: {place} does not say {word}: {line}"
            );
        }
    }
    (product, published)
}

/// How often a line says what begins like this.
fn count(line: &str, start: &str) -> usize {
    line.lines().filter(|line| line.starts_with(start)).count()
}

/// DT-98, DT-100, DT-101, DT-118, DT-146, DT-150, DT-151, DT-152, DT-155 and DT-156. DT-135, DT-141: what a letter holds. DT-138: the
/// five grounds to refuse.
#[tokio::test]
async fn what_can_be_asked_of_dienst_toeslagen_and_how_is_told() {
    let rows: [Row; 14] = [
        (
            "DT-98",
            RIGHTS,
            "kinderen-uitleg",
            &[
                "jonger dan 16 jaar",
                "toestemming nodig van uw ouder of voogd",
            ],
        ),
        (
            "DT-100",
            RIGHTS,
            "recht-kind-nagaan",
            &["vragen of wij gegevens gebruikten zonder uw toestemming"],
        ),
        (
            "DT-101",
            RIGHTS,
            "recht-kind-stoppen",
            &[
                "Het gebruik van gegevens van uw kind laten stoppen",
                "Wilt u niet dat wij gegevens van uw kind hebben",
            ],
        ),
        (
            "DT-118",
            RIGHTS,
            "recht-opname-horen",
            &[
                "Een opgenomen gesprek horen of lezen",
                "verschil van mening",
                "nog is bewaard",
            ],
        ),
        (
            "DT-135",
            RIGHTS,
            "recht-inzage",
            &["U vraagt welke gegevens wij van u hebben"],
        ),
        (
            "DT-138",
            RIGHTS,
            "recht-inzage",
            &[
                "openbare veiligheid",
                "ons toezicht",
                "inspectie",
                "rechten van anderen",
                "geld te innen",
            ],
        ),
        (
            "DT-141",
            RIGHTS,
            "recht-correctie",
            &["De meeste gegevens verandert u zelf. Kan dat niet, dan schrijft u ons een brief."],
        ),
        (
            "DT-146",
            RIGHTS,
            "recht-verwijdering",
            &["Kijk eerst of u ze zelf kunt weghalen."],
        ),
        (
            "DT-150",
            RIGHTS,
            "recht-beperking",
            &[
                "De gegevens kloppen niet.",
                "Wij mogen de gegevens niet gebruiken.",
                "Wij behandelen nog een bezwaar van u.",
                "niet meer nodig, maar u wel",
            ],
        ),
        (
            "DT-151",
            RIGHTS,
            "recht-beperking",
            &["Wij hebben uw gegevens dan nog wel, maar gebruiken ze niet."],
        ),
        (
            "DT-152",
            RIGHTS,
            "recht-bezwaar",
            &["bijvoorbeeld bij het berekenen van een toeslag"],
        ),
        (
            "DT-155",
            RIGHTS,
            "recht-vraag-of-klacht",
            &["Een vraag of klacht over uw privacy"],
        ),
        (
            "DT-156",
            RIGHTS,
            "recht-vraag-of-klacht",
            &["Zo vraagt u het: met een brief; per e-mail"],
        ),
        (
            "DT-156",
            CONTACT,
            "adres-e-mail-privacy",
            &["Het adres staat op onze contactpagina."],
        ),
    ];
    let (_product, published) = tells(TOESLAGEN, &rows).await;
    for (id, part, place, _) in rows {
        if part == RIGHTS && place.starts_with("recht-") {
            let line = published.line(place);
            for words in LETTER {
                assert!(line.contains(words), "{id}: {line}");
            }
        }
    }
    // Access alone can be refused on listed grounds, and setting aside is alone in having grounds of its own.
    for right in [
        "inzage",
        "correctie",
        "verwijdering",
        "beperking",
        "bezwaar",
    ] {
        let line = published.line(&format!("recht-{right}"));
        let (may, may_not) = match right {
            "inzage" => (0, 5),
            "beperking" => (4, 0),
            _ => (0, 0),
        };
        assert_eq!(count(&line, "Dat kan als: "), may, "{line}");
        assert_eq!(count(&line, "Wij kunnen weigeren als: "), may_not, "{line}");
    }
}

/// MO-69, MO-72, MO-73, MO-74, CN-80, CN-82 and CN-83: what can be asked, and by which road; what is then done has tests of its own.
#[tokio::test]
async fn what_can_be_asked_of_mijnoverheid_and_mijncn_and_how_is_told() {
    let always: &[&str] = &["U krijgt altijd antwoord, ook als wij niets van u hebben."];
    let copy: &[&str] = &["U krijgt een kopie van wat wij van u hebben."];
    let rest: &[&str] = &["Wij bewaren uw gegevens dan wel, maar wij gebruiken ze even niet."];
    let erase: &[&str] = &["Bijvoorbeeld als wij ze niet meer nodig hebben"];
    let object: &[&str] = &["uw situatie", "Tot wij beslissen gebruiken wij ze niet."];
    let rows: [Row; 5] = [
        ("MO-69, CN-80", RIGHTS, "recht-weten", always),
        ("MO-69, CN-80", RIGHTS, "recht-inzage", copy),
        ("MO-72", RIGHTS, "recht-beperken", rest),
        ("MO-73, CN-82", RIGHTS, "recht-verwijderen", erase),
        ("MO-74, CN-83", RIGHTS, "recht-bezwaar", object),
    ];
    for (statement, ways) in [
        (MIJNOVERHEID, "Zo vraagt u het: per e-mail; met een brief"),
        (MIJNCN, "Zo vraagt u het: met een formulier; per e-mail"),
    ] {
        let (_product, published) = tells(statement, &rows).await;
        for (id, _, place, _) in rows {
            let line = published.line(place);
            assert!(line.contains(ways), "{id}: {line}");
        }
    }
}

/// MO-69 and CN-80: who asks gets an answer also when nothing is known of them.
#[tokio::test]
async fn mo_69_cn_80_who_is_not_known_hears_that() {
    for statement in [MIJNOVERHEID, MIJNCN] {
        let product = Product::start(statement).await;
        let vault = product.vault();
        let kind = vault.register().number().kind;
        let number = |digits| Whose::Number(PersonNumber::parse(kind, digits).unwrap());
        Browser::new(&product).log_in(&ANNA).await;
        let known = vault.export(number(product.number(&ANNA))).await.unwrap();
        assert!(known.expect("she logged in").rows() > 0);
        let unknown = vault.export(number(product.number(&BORIS))).await.unwrap();
        assert!(unknown.is_none());
    }
}

/// DT-52, DT-53, DT-58 and DT-59; CJ-21, CJ-22, CJ-23, CJ-24 and CJ-25.
#[tokio::test]
async fn what_a_computer_decides_is_told_and_what_it_only_picks_out() {
    let rows: [Row; 6] = [
        (
            "DT-53",
            PURPOSES,
            "besluit-toekenning",
            &["U krijgt een toeslag of niet"],
        ),
        (
            "DT-53",
            PURPOSES,
            "besluit-voortzetting",
            &["Uw toeslag loopt elk jaar door"],
        ),
        (
            "DT-53",
            PURPOSES,
            "besluit-te-laat-terugbetaald",
            &["dat u te laat terugbetaalt"],
        ),
        (
            "DT-53",
            PURPOSES,
            "besluit-wijziging-toekenning",
            &["Uw toeslag verandert"],
        ),
        (
            "DT-52, DT-58",
            PURPOSES,
            "profilering-dossiers-kiezen",
            &["persoonlijke kenmerken om te kiezen welke dossiers wij controleren"],
        ),
        (
            "DT-59",
            PURPOSES,
            "profilering-dossiers-kiezen",
            &[
                "Een mens bekijkt elk gekozen dossier en neemt het besluit.",
                "Een mens bekijkt elke keuze en besluit.",
            ],
        ),
    ];
    let (_product, published) = tells(TOESLAGEN, &rows).await;
    assert_eq!(published.page().matches(" id=\"besluit-").count(), 4);
    // What judges people by their traits stands under a heading of its own, and no decision does.
    let (before, picked) = published
        .page()
        .split_once("<h3>Kiezen op persoonlijke kenmerken</h3>")
        .unwrap();
    assert!(before.contains("<h3>Besluiten door een computer</h3>"));
    let (picked, _) = picked.split_once("</ul>").unwrap();
    assert_eq!(picked.matches("<li id=\"").count(), 1);
    assert!(picked.contains("<li id=\"profilering-dossiers-kiezen\">"));

    let rows: [Row; 5] = [
        (
            "CJ-21",
            PURPOSES,
            "besluit-verkeersboete",
            &["Een boete voor een verkeersovertreding"],
        ),
        (
            "CJ-22",
            PURPOSES,
            "besluit-verkeersboete",
            &[
                "regels van de wet. Daar kan bijna niet van worden afgeweken.",
                "Wet: Wet administratiefrechtelijke handhaving verkeersvoorschriften",
            ],
        ),
        (
            "CJ-23",
            PURPOSES,
            "besluit-verkeersboete",
            &["De gevolgen zijn dezelfde als wanneer een medewerker besluit."],
        ),
        (
            "CJ-24",
            PURPOSES,
            "besluit-verkeersboete",
            &["Het gaat om miljoenen boetes per jaar."],
        ),
        (
            "CJ-25",
            PURPOSES,
            "besluit-verkeersboete",
            &["Een medewerker hoeft uw gegevens niet te zien."],
        ),
    ];
    let (_product, published) = tells(CJIB, &rows).await;
    assert_eq!(published.page().matches(" id=\"besluit-").count(), 1);
    assert!(
        published
            .line("activiteit-boete-opleggen")
            .contains("Dit doet de computer.")
    );
}

/// CJ-26 and CJ-37.
#[tokio::test]
async fn what_can_be_asked_of_the_cjib_is_told() {
    let where_to = "Waarheen: Centraal Justitieel Incassobureau, Leeuwarden";
    let rows: [Row; 3] = [
        (
            "CJ-26",
            RIGHTS,
            "recht-bezwaar-besluit",
            &[
                "U kunt altijd bezwaar maken, ook als een computer het besluit nam.",
                "met een brief",
            ],
        ),
        (
            "CJ-26",
            PURPOSES,
            "besluit-verkeersboete",
            &["U kunt bezwaar maken tegen dit besluit."],
        ),
        (
            "CJ-37",
            RIGHTS,
            "recht-inzage",
            &[
                "Wilt u weten welke gegevens wij van u hebben? Dan doet u een inzageverzoek.",
                "met een brief",
            ],
        ),
    ];
    let (_product, published) = tells(CJIB, &rows).await;
    for place in ["recht-bezwaar-besluit", "recht-inzage"] {
        assert!(published.line(place).contains(where_to), "{place}");
    }
}

/// DT-110, DT-115, DT-120, DT-130, DT-132 and DT-78: what a conversation leaves, and what it is kept out of.
#[tokio::test]
async fn what_a_conversation_leaves_is_told() {
    let rows: [Row; 6] = [
        (
            "DT-110",
            DATA,
            "gegeven-gespreksopname",
            &[
                "Een opgenomen telefoongesprek: wat er is gezegd, uw telefoonnummer en wat de medewerker opzocht",
            ],
        ),
        (
            "DT-115",
            PURPOSES,
            "doel-veiligheid",
            &[
                "agressie en bedreiging",
                "Alleen een speciale functionaris beoordeelt een opname hiervoor.",
            ],
        ),
        (
            "DT-120",
            DATA,
            "gegeven-videoafspraak",
            &[
                "Naam, e-mailadres en telefoonnummer voor een videogesprek",
                "Alleen voor: Een videogesprek plannen, mogelijk maken en verbeteren",
            ],
        ),
        (
            "DT-130",
            CONTACT,
            "grens-scherm-delen",
            &["Wij nemen niets op."],
        ),
        (
            "DT-132",
            CONTACT,
            "grens-video-niet-bewaard",
            &["Wij nemen een videogesprek niet op en bewaren het niet."],
        ),
        (
            "DT-78",
            SECURITY,
            "maatregel-afgesloten-systemen",
            &["Wie het niet mag, kan gegevens niet zien, delen of veranderen."],
        ),
    ];
    tells(TOESLAGEN, &rows).await;
}
