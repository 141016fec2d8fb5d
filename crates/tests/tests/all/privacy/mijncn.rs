//! What the published statement of MijnCN promises.

use testkit::{Browser, Product};

use super::Published;

async fn published() -> (Product, Published) {
    let product = Product::mijncn().await;
    let published = Published::of(&product).await;
    (product, published)
}

#[tokio::test]
async fn cn_1_cn_2_cn_3_who_answers_and_who_run_it_are_told_with_their_ministries() {
    let (_product, published) = published().await;
    published.says(&[
        (
            "verantwoordelijke-naam",
            &["Belastingdienst Caribisch Nederland is verantwoordelijk"],
        ),
        (
            "beheer-1",
            &[
                "Belastingdienst Caribisch Nederland",
                "Onderdeel van: Ministerie van Financiën",
            ],
        ),
        (
            "beheer-2",
            &[
                "RCN",
                "Onderdeel van: Ministerie van Binnenlandse Zaken en Koninkrijksrelaties",
            ],
        ),
        (
            "beheer-3",
            &["Belastingdienst", "Onderdeel van: Ministerie van Financiën"],
        ),
    ]);
}

/// CN-6, CN-7, CN-8, CN-9, CN-11, CN-32 and CN-33: each purpose stands in the statement.
#[tokio::test]
async fn every_purpose_is_told() {
    let (_product, published) = published().await;
    published.says(&[
        (
            "doel-dienst-laten-werken",
            &["inrichten, aanbieden en goed laten werken"],
        ),
        (
            "doel-tonen",
            &["informatie, berichten en gegevens laten zien"],
        ),
        ("doel-beveiliging", &["misbruik tegengaan en incidenten"]),
        (
            "doel-ondersteuning",
            &["uw vragen en klachten beantwoorden"],
        ),
        ("doel-statistiek", &["Bezoek tellen, trends zien"]),
        (
            "doel-wettelijk-verplicht-verstrekken",
            &["als de wet ons daartoe verplicht"],
        ),
        ("doel-continuiteit", &["dat de dienst blijft werken"]),
        ("doel-cybercrime-voorkomen", &["misdaad op internet"]),
    ]);
}

#[tokio::test]
async fn cn_14_it_rests_on_the_same_decree_and_act() {
    let (_product, published) = published().await;
    published.says(&[
        (
            "rechtsbron-besluit-gdi",
            &[
                "Besluit verwerking persoonsgegevens generieke digitale infrastructuur",
                "Hoort bij: Wet elektronisch berichtenverkeer Belastingdienst",
            ],
        ),
        ("grondslag-gdi", &["Besluit verwerking persoonsgegevens"]),
    ]);
}

#[tokio::test]
async fn cn_29_whose_parts_are_in_the_app_is_told() {
    let (_product, published) = published().await;
    published.says(&[("derde-apple", &["Apple"]), ("derde-google", &["Google"])]);
}

#[tokio::test]
async fn cn_61_cn_62_the_companies_that_help_are_told_with_what_they_do() {
    let (_product, published) = published().await;
    published.says(&[
        (
            "verwerker-eerstelijnsondersteuning",
            &["uw vragen als eerste", "Krijgt alleen: "],
        ),
        (
            "verwerker-klanttevredenheidsonderzoek",
            &["of u tevreden bent over de hulp", "Krijgt alleen: "],
        ),
    ]);
}

#[tokio::test]
async fn cn_73_every_term_is_told_with_the_reason_for_it() {
    let (product, published) = published().await;
    let register = product.vault().register().clone();
    for category in register.categories() {
        let line = published.line(&format!("bewaartermijn-{}", category.name));
        let why = category.retention.rationale.get("nl");
        assert!(!why.is_empty() && line.contains(why), "{line}");
    }
    published.says(&[("bewaren-band", &["18 maanden", "10 jaar"])]);
}

#[tokio::test]
async fn cn_92_people_look_after_their_own_device() {
    let (_product, published) = published().await;
    published.says(&[("mededeling-uw-eigen-toestel", &["slot op uw telefoon"])]);
}

#[tokio::test]
async fn cn_96_cn_97_the_commission_of_the_islands_supervises_and_takes_complaints() {
    let (product, published) = published().await;
    let commission = "Commissie toezicht bescherming persoonsgegevens BES";
    published.says(&[
        (
            "toezichthouder-naam",
            &[commission, "houdt van buitenaf toezicht"],
        ),
        ("klachtroute-uitleg", &["U kunt klagen bij de Commissie"]),
    ]);
    assert!(!published.page().contains("Autoriteit Persoonsgegevens"));
    for language in ["en", "pap"] {
        let page = Browser::new(&product)
            .get(&format!("/privacy?taal={language}"))
            .await;
        assert!(page.text().contains(commission), "{language}");
    }
}
