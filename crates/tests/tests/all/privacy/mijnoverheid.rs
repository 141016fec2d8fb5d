//! What the published statement of MijnOverheid promises.

use testkit::Product;

use super::Published;

async fn published() -> (Product, Published) {
    let product = Product::mijnoverheid().await;
    let published = Published::of(&product).await;
    (product, published)
}

#[tokio::test]
async fn mo_2_it_has_a_summary_and_ten_fixed_parts() {
    let (_product, published) = published().await;
    let parts = [
        "1. Wie is verantwoordelijk?",
        "2. Waarvoor gebruiken wij uw gegevens?",
        "3. Waarom mag dat?",
        "4. Welke gegevens gebruiken wij?",
        "5. Welke cookies gebruiken wij?",
        "6. Wie krijgt uw gegevens?",
        "7. Hoe lang bewaren wij uw gegevens?",
        "8. Welke rechten hebt u?",
        "9. Hoe beveiligen wij uw gegevens?",
        "10. Wanneer verandert deze verklaring?",
    ];
    assert_eq!(published.parts(), parts);
    let (before, _) = published
        .page()
        .split_once("<h2 id=\"verantwoordelijke\">")
        .unwrap();
    let (_, summary) = before
        .split_once("<h2 id=\"samenvatting\">In het kort</h2>")
        .unwrap();
    for part in parts {
        let (_, title) = part.split_once(". ").unwrap();
        assert!(summary.contains(&format!("\">{title}</a>")), "{title}");
    }
}

#[tokio::test]
async fn mo_3_the_decree_is_named_with_its_publication_and_a_link() {
    let (_product, published) = published().await;
    published.says(&[(
        "rechtsbron-besluit-gdi",
        &[
            "Besluit verwerking persoonsgegevens generieke digitale infrastructuur",
            "Stb. 2016, 195",
        ],
    )]);
    let link = "<a href=\"https://zoek.officielebekendmakingen.nl/stb-2016-195.html\">";
    assert!(published.page().contains(link));
}

#[tokio::test]
async fn mo_4_mo_5_who_answers_and_who_runs_it_are_told_apart() {
    let (_product, published) = published().await;
    published.says(&[
        (
            "verantwoordelijke-naam",
            &["De minister van Binnenlandse Zaken en Koninkrijksrelaties is verantwoordelijk"],
        ),
        (
            "beheer-1",
            &[
                "Logius",
                "Onderdeel van: Ministerie van Binnenlandse Zaken en Koninkrijksrelaties",
            ],
        ),
    ]);
}

/// MO-10, MO-11, MO-12, MO-13, MO-14, MO-16 and MO-17: each purpose stands in the statement, and something is done for it there.
#[tokio::test]
async fn every_purpose_is_told() {
    let (product, published) = published().await;
    let purposes: [(&str, &[&str]); 10] = [
        (
            "doel-dienst-laten-werken",
            &["inrichten, aanbieden en goed laten werken"],
        ),
        ("doel-website-tonen", &["de website laten zien"]),
        ("doel-account-aanmaken", &["Een account voor u maken"]),
        ("doel-account-aanpassen", &["Uw account bij u laten passen"]),
        ("doel-functies-gebruiken", &["de functies van MijnOverheid"]),
        (
            "doel-berichtenbox-gebruiken",
            &["de Berichtenbox laten gebruiken"],
        ),
        (
            "doel-lopende-zaken-gebruiken",
            &["hoe het staat met uw zaken"],
        ),
        (
            "doel-persoonlijke-gegevens-gebruiken",
            &["wat organisaties over u hebben vastgelegd"],
        ),
        (
            "doel-beveiliging",
            &["veilig en betrouwbaar houden en incidenten onderzoeken"],
        ),
        (
            "doel-ondersteuning",
            &["uw vragen en klachten beantwoorden"],
        ),
    ];
    published.says(&purposes);
    let register = product.vault().register().clone();
    for (place, _) in purposes {
        let name = place.trim_start_matches("doel-");
        let mut entries = register.activities();
        let mut parts = register.purposes().iter();
        let served = entries.any(|entry| entry.purposes().any(|purpose| purpose == name))
            || parts.any(|part| part.part_of.as_deref() == Some(name));
        assert!(served, "nothing is done for {name}");
    }
}

#[tokio::test]
async fn mo_20_everything_rests_on_the_decree_and_the_act_above_it() {
    let (product, published) = published().await;
    published.says(&[
        (
            "rechtsbron-besluit-gdi",
            &["Hoort bij: Wet elektronisch berichtenverkeer Belastingdienst"],
        ),
        (
            "grondslag-gdi",
            &["Besluit verwerking persoonsgegevens generieke digitale infrastructuur"],
        ),
    ]);
    let register = product.vault().register().clone();
    for entry in register.activities() {
        let line = published.line(&format!("activiteit-{}", entry.name));
        let basis = register
            .bases()
            .iter()
            .find(|basis| basis.name == entry.basis)
            .unwrap();
        let said = format!("Waarom mag het: {}", basis.title.get("nl"));
        assert!(line.contains(&said), "{line}");
    }
}

#[tokio::test]
async fn mo_54_mo_55_the_companies_that_help_are_told_with_what_they_do() {
    let (_product, published) = published().await;
    published.says(&[
        (
            "verwerker-eerstelijnsondersteuning",
            &["uw vragen als eerste", "Krijgt alleen: "],
        ),
        (
            "verwerker-klanttevredenheidsonderzoek",
            &["of u tevreden bent", "Krijgt alleen: "],
        ),
    ]);
}

#[tokio::test]
async fn mo_65_every_term_is_told_with_the_reason_for_it() {
    let (product, published) = published().await;
    let register = product.vault().register().clone();
    for category in register.categories() {
        let line = published.line(&format!("bewaartermijn-{}", category.name));
        let why = category.retention.rationale.get("nl");
        assert!(!why.is_empty() && line.contains(why), "{line}");
        assert!(line.contains("Dat telt vanaf "), "{line}");
    }
    published.says(&[
        ("bewaartermijn-burgerservicenummer", &["5 jaar"]),
        ("bewaartermijn-bericht", &["5 jaar"]),
        ("bewaren-band", &["18 maanden", "5 jaar", "Artikel: 13"]),
    ]);
}

#[tokio::test]
async fn mo_81_a_complaint_can_go_to_the_supervisor_or_to_court() {
    let (_product, published) = published().await;
    published.says(&[(
        "klachtroute-uitleg",
        &["Autoriteit Persoonsgegevens", "U kunt ook naar de rechter."],
    )]);
}
