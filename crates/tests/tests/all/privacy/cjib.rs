//! What the published statement of the CJIB promises.

use testkit::{CJIB, Product};

use super::Published;

async fn published() -> (Product, Published) {
    let product = Product::start(CJIB).await;
    let published = Published::of(&product).await;
    (product, published)
}

#[tokio::test]
async fn cj_1_cj_3_what_the_work_is_and_why_data_are_needed_is_told() {
    let (_product, published) = published().await;
    published.says(&[
        ("doel-ons-werk", &["Ons werk goed doen"]),
        (
            "mededeling-welke-en-waarom",
            &["welke gegevens wij gebruiken en waarom"],
        ),
    ]);
}

#[tokio::test]
async fn cj_8_per_task_the_data_for_it_are_told() {
    let (_product, published) = published().await;
    published.says(&[
        (
            "doel-verkeersboetes",
            &["Verkeersboetes innen", "Alleen deze gegevens: ", "Kenteken"],
        ),
        (
            "doel-andere-boetes",
            &[
                "Andere boetes innen",
                "Waarvoor u de boete of straf hebt gekregen",
            ],
        ),
        (
            "doel-straffen",
            &[
                "gevangenisstraf of taakstraf",
                "De straf en hoe die verloopt",
            ],
        ),
    ]);
    assert!(!published.line("doel-straffen").contains("Kenteken"));
}

#[tokio::test]
async fn cj_10_the_citizen_service_number_belongs_to_every_task() {
    let (_product, published) = published().await;
    for task in ["verkeersboetes", "andere-boetes", "straffen"] {
        published.says(&[(&format!("doel-{task}"), &["Burgerservicenummer (bsn)"])]);
    }
    published.says(&[(
        "grondslag-bsn",
        &["Wet algemene bepalingen burgerservicenummer"],
    )]);
}

#[tokio::test]
async fn cj_34_cj_35_social_media_and_cookies_are_told_of() {
    let (_product, published) = published().await;
    published.says(&[
        (
            "mededeling-voorzichtig",
            &["voorzichtig", "liever een privébericht"],
        ),
        ("mededeling-cookietekst", &["Cookies op onze website"]),
        (
            "cookie-sessie",
            &["Sessiecookie", "Bevat geen persoonsgegevens."],
        ),
        ("cookie-inlogpoging", &["Blijft hoogstens 10 minuten."]),
    ]);
}
