//! What the published statement of Dienst Toeslagen promises.

use testkit::{ANNA, Browser, Product, TOESLAGEN};

use super::Published;

async fn published() -> (Product, Published) {
    let product = Product::start(TOESLAGEN).await;
    let published = Published::of(&product).await;
    (product, published)
}

#[tokio::test]
async fn dt_9_it_belongs_to_the_statement_of_the_ministry() {
    let (_product, published) = published().await;
    published.says(&[
        (
            "ouder-naam",
            &[
                "die van het ministerie van Financiën",
                "Privacyverklaring van het ministerie",
            ],
        ),
        (
            "mededeling-bijzondere-verklaring",
            &["wat voor Dienst Toeslagen bijzonder is"],
        ),
    ]);
    assert!(
        published
            .page()
            .contains("Voor dit onderdeel geldt de verklaring van het ministerie")
    );
}

#[tokio::test]
async fn dt_90_dt_157_who_watches_from_within_and_from_outside_is_told() {
    let (_product, published) = published().await;
    published.says(&[
        (
            "functionaris-naam",
            &["functionaris gegevensbescherming van het ministerie van Financiën"],
        ),
        (
            "toezichthouder-naam",
            &["Autoriteit Persoonsgegevens houdt van buitenaf toezicht"],
        ),
        (
            "klachtroute-uitleg",
            &["kunt u klagen", "Autoriteit Persoonsgegevens"],
        ),
        (
            "adres-bureau-directeursondersteuning",
            &["Dienst Toeslagen"],
        ),
    ]);
}

/// DT-3, DT-22, DT-23, DT-24, DT-25, DT-27, DT-30, DT-32, DT-33, DT-35, DT-36, DT-97, DT-111 and DT-114: each purpose, the tasks
/// of the government before what comes with them.
#[tokio::test]
async fn every_purpose_is_told() {
    let (_product, published) = published().await;
    published.says(&[
        ("doel-bedrijfsvoering", &["Onze eigen organisatie laten werken"]),
        ("doel-aanvragen", &["Aanvragen behandelen voor een toeslag of andere regeling die afhangt van uw inkomen"]),
        ("doel-betalen", &["Toeslagen betalen"]),
        ("doel-hersteloperatie", &["Beoordelen en berekenen wat slachtoffers van de toeslagenaffaire krijgen"]),
        ("doel-verrekenen", &["Betalen, terugvragen, een betalingsregeling afspreken of een schuld kwijtschelden"]),
        ("doel-toezicht", &["Controleren of mensen zich aan de regels houden"]),
        ("doel-herstellen", &["Fouten oplossen die wij eerder maakten"]),
        ("doel-procedures", &["Bezwaren, beroepen, verzoeken, klachten en vragen behandelen"]),
        ("doel-kwaliteit", &["Ons werk beter maken: controleren of het klopt, problemen oplossen en vernieuwen"]),
        ("doel-misdrijven", &["Strafbare feiten via onze website of app laten onderzoeken, opsporen en vervolgen"]),
        ("doel-gesprek-opnemen", &["Medewerkers trainen en coachen met opgenomen gesprekken"]),
        ("doel-fraude", &["fraude opsporen", "Alleen als er een signaal van fraude is vastgelegd."]),
        ("doel-gesprek-klacht", &["bij het onderzoek van een klacht", "Alleen zolang de klacht loopt."]),
    ]);
    let at = |words: &str| published.page().find(words).unwrap();
    let (tasks, besides) = (at("<h3>Onze taken</h3>"), at("<h3>Wat daarbij hoort</h3>"));
    assert!((tasks..besides).contains(&at("id=\"doel-betalen\"")));
    assert!(at("id=\"doel-bedrijfsvoering\"") > besides);
}

/// DT-47, DT-48, DT-49, DT-50 and DT-55: each basis with the laws behind it.
#[tokio::test]
async fn every_basis_is_told_with_its_laws() {
    let (_product, published) = published().await;
    published.says(&[
        (
            "grondslag-taak",
            &[
                "het juist en op tijd betalen",
                "Algemene wet inkomensafhankelijke regelingen",
                "Wet op de huurtoeslag",
                "Wet op de zorgtoeslag",
                "Wet kinderopvang",
                "Wet op het kindgebonden budget",
            ],
        ),
        (
            "grondslag-plicht",
            &["verplicht ons", "beveiligen of te delen"],
        ),
        ("grondslag-overeenkomst", &["iets afgesproken"]),
        (
            "grondslag-automatisch-besluit",
            &[
                "als niemand wordt geprofileerd",
                "Uitvoeringswet",
                "Artikel: art. 40",
            ],
        ),
    ]);
}

#[tokio::test]
async fn dt_18_dt_19_dt_20_dt_21_three_numbers_each_with_the_law_that_allows_it() {
    let (_product, published) = published().await;
    published.says(&[
        (
            "gegeven-burgerservicenummer",
            &[
                "Dit is een nummer",
                "Wet algemene bepalingen burgerservicenummer",
                "10 en 11",
            ],
        ),
        (
            "gegeven-rni-nummer",
            &[
                "Dit is een nummer",
                "Besluit basisregistratie personen",
                "31",
            ],
        ),
        (
            "gegeven-vreemdelingennummer",
            &["Dit is een nummer", "Vreemdelingenwet 2000", "107"],
        ),
        ("grondslag-bsn", &["art. 10 en 11"]),
        ("grondslag-rni", &["art. 31"]),
        ("grondslag-vreemdelingennummer", &["art. 107"]),
    ]);
}

/// DT-10, DT-40, DT-41, DT-42, DT-43, DT-44 and DT-45: the ordinary categories. DT-13: the eight that are special. DT-15 and DT-16:
/// data about crime, and that they come from the police.
#[tokio::test]
async fn every_category_is_told_with_its_class() {
    let (_product, published) = published().await;
    published.says(&[
        ("gegeven-naam-en-adres", &["Naam en adres"]),
        (
            "gegeven-contactgegevens",
            &["Gegevens om u te bereiken, zoals telefoonnummer en e-mailadres"],
        ),
        (
            "gegeven-identificerende-gegevens",
            &["Gegevens waaraan wij zien wie u bent en dat u het bent"],
        ),
        (
            "gegeven-aanvraaggegevens",
            &["Wat u invult als u een toeslag aanvraagt"],
        ),
        (
            "gegeven-aanvullende-gegevens",
            &["Wat wij bij een aanvraag nog extra vragen"],
        ),
        (
            "gegeven-contra-informatie",
            &["Gegevens van anderen waarmee wij een aanvraag controleren"],
        ),
        (
            "gegeven-toekenningsgegevens",
            &["Welke toeslag u krijgt, hoeveel en waarom"],
        ),
        (
            "gegeven-strafrechtelijke-gegevens",
            &["vergrijpboetes", "gegevens over straf", "Politie"],
        ),
        ("bron-politie", &["politie en justitie"]),
    ]);
    let special = [
        "biometrische-gegevens",
        "genetische-gegevens",
        "gezondheid",
        "godsdienst",
        "politieke-voorkeur",
        "afkomst",
        "seksualiteit",
        "vakbond",
    ];
    for name in special {
        published.says(&[(
            &format!("gegeven-{name}"),
            &["Dit zijn bijzondere gegevens."],
        )]);
    }
    let told = published
        .page()
        .matches("Dit zijn bijzondere gegevens.")
        .count();
    assert_eq!(told, special.len());
}

/// DT-60, DT-61, DT-62, DT-63, DT-64, DT-65, DT-66, DT-67, DT-68 and DT-69: whose data there are.
#[tokio::test]
async fn everybody_whose_data_there_are_is_told() {
    let (_product, published) = published().await;
    published.says(&[
        ("betrokkene-aanvragers", &["Mensen die huurtoeslag, zorgtoeslag, kinderopvangtoeslag of kindgebonden budget aanvragen"]),
        ("betrokkene-omgeving", &["Familie en huisgenoten van een aanvrager"]),
        ("betrokkene-kinderen", &["Kinderen van aanvragers en van mensen in hun omgeving"]),
        ("betrokkene-vertegenwoordigers", &["Wettelijke vertegenwoordigers en mensen die een aanvrager helpen"]),
        ("betrokkene-rechthebbenden", &["Mensen die recht hebben op een toeslag en die niet aanvroegen"]),
        ("betrokkene-websitebezoekers", &["Bezoekers van onze website"]),
        ("betrokkene-sociale-media", &["Mensen die ons op sociale media schrijven"]),
        ("betrokkene-bellers", &["Mensen die de BelastingTelefoon bellen"]),
        ("betrokkene-verzoekers", &["Mensen die een privacyrecht gebruiken"]),
        ("betrokkene-bezwaarmakers", &["Mensen die bezwaar maken of naar de rechter gaan"]),
    ]);
    published.says(&[
        (
            "betrokkene-omgeving",
            &["Alleen als wij hun gegevens nodig hebben"],
        ),
        ("betrokkene-kinderen", &["Jonger dan 18 jaar"]),
    ]);
}

/// DT-70, DT-72 and DT-73: people, companies, landlords and child care.
#[tokio::test]
async fn who_supplies_for_themselves_or_for_one_scheme_is_told() {
    let (_product, published) = published().await;
    published.says(&[
        ("bron-uzelf", &["Soms bent u wettelijk verplicht"]),
        (
            "bron-bedrijven",
            &["Soms zijn bedrijven wettelijk verplicht"],
        ),
        (
            "bron-verhuurders",
            &["Alleen wat nodig is voor de huurtoeslag."],
        ),
        (
            "bron-kinderopvangorganisaties",
            &[
                "Moet dat van de wet.",
                "Burgerservicenummer",
                "alleen om te weten om wie het gaat",
            ],
        ),
    ]);
}

/// DT-74 and its nineteen organisations: DT-S1, DT-S2, DT-S3, DT-S4, DT-S5, DT-S6, DT-S7, DT-S8, DT-S9, DT-S10, DT-S11, DT-S12, DT-S13,
/// DT-S14, DT-S15, DT-S16, DT-S17, DT-S18 and DT-S19.
#[tokio::test]
async fn each_of_nineteen_organisations_that_must_supply_is_told() {
    let (_product, published) = published().await;
    let sources = [
        ("bron-belastingdienst", "Belastingdienst"),
        ("bron-gemeenten", "Gemeenten"),
        ("bron-inlichtingenbureau", "Stichting Inlichtingenbureau"),
        ("bron-uwv", "UWV"),
        ("bron-svb", "Sociale Verzekeringsbank"),
        ("bron-duo", "Dienst Uitvoering Onderwijs"),
        ("bron-ind", "Immigratie- en Naturalisatiedienst"),
        ("bron-zorgverzekeraars", "Zorgverzekeraars"),
        ("bron-cak", "CAK"),
        ("bron-dji", "Dienst Justitiële Inrichtingen"),
        ("bron-ciz", "Centrum Indicatiestelling Zorg"),
        ("bron-cjib", "Centraal Justitieel Incassobureau"),
        ("bron-rvig", "Rijksdienst voor Identiteitsgegevens"),
        ("bron-defensie", "De minister van Defensie"),
        (
            "bron-bzk",
            "De minister van Binnenlandse Zaken en Koninkrijksrelaties",
        ),
        ("bron-buza", "De minister van Buitenlandse Zaken"),
        ("bron-banken", "Banken"),
        ("bron-politie", "Politie"),
        ("bron-aivd", "Algemene Inlichtingen- en Veiligheidsdienst"),
    ];
    for (place, name) in sources {
        published.says(&[(place, &[name, "Moet dat van de wet.", "Geeft ons: "])]);
        // Asking is itself telling: a number, and nothing else.
        let asked = published.line(place);
        let asked = asked
            .lines()
            .find_map(|line| line.strip_prefix("Wij vragen het met: "));
        assert_eq!(asked, Some("Burgerservicenummer (bsn)"), "{place}");
    }
    let must = published.page().matches("Moet dat van de wet.").count();
    assert_eq!(must, sources.len() + 1, "and child care");
}

#[tokio::test]
async fn dt_93_what_is_kept_for_good_is_listed() {
    let (_product, published) = published().await;
    published.says(&[
        (
            "hotspot-kinderopvangtoeslag",
            &["kinderopvangtoeslag", "Gaat naar: Nationaal Archief"],
        ),
        (
            "bewaartermijn-toekenningsgegevens",
            &["Wij bewaren dit voor altijd bij: "],
        ),
    ]);
}

#[tokio::test]
async fn dt_99_that_ages_cannot_be_checked_is_admitted() {
    let (_product, published) = published().await;
    published.says(&[
        (
            "kinderen-uitleg",
            &["Wij kunnen dat niet controleren.", "jonger dan 16 jaar"],
        ),
        (
            "mededeling-kind-niet-te-controleren",
            &["gokken daar ook niet naar"],
        ),
    ]);
}

#[tokio::test]
async fn dt_102_dt_103_cookies_hold_no_personal_data_and_have_a_page_of_their_own() {
    let (product, published) = published().await;
    published.says(&[
        ("cookie-sessie", &["Bevat geen persoonsgegevens."]),
        ("cookie-inlogpoging", &["Bevat geen persoonsgegevens."]),
        ("mededeling-cookiepagina", &["Op een aparte pagina"]),
    ]);
    assert!(
        published
            .page()
            .contains("<a href=\"https://www.overtoeslagen.nl/cookies\">")
    );
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let session = "__Host-toeslagen-sessie";
    assert_eq!(browser.cookies(), [session]);
    let value = browser.cookie(session).unwrap();
    assert!(value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[tokio::test]
async fn dt_136_letters_about_rights_have_an_address() {
    let (_product, published) = published().await;
    for right in [
        "inzage",
        "correctie",
        "verwijdering",
        "beperking",
        "bezwaar",
    ] {
        published.says(&[(
            &format!("recht-{right}"),
            &["met een brief", "Bureau Directeursondersteuning"],
        )]);
    }
}
