//! What a person can ask by the published statements, and how.

use basics::PersonNumber;
use testkit::{ANNA, BORIS, Browser, CJIB, MIJNCN, MIJNOVERHEID, Product, TOESLAGEN};
use vault::Whose;

use super::told::{CONTROLLER, PURPOSES, RIGHTS, Row, tells};

/// What every letter about a right says.
const LETTER: [&str; 3] = [
    "Zo vraagt u het: met een brief",
    "Waarheen: Dienst Toeslagen, Bureau Directeursondersteuning",
    "Zet in uw verzoek: Om welke gegevens het gaat, uw naam, adres, postcode en woonplaats, en een telefoonnummer waarop wij u overdag bereiken.",
];

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
            CONTROLLER,
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
