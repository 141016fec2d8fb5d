//! `/contact`: where everybody can be reached, and how each right is asked for.

use testkit::{Browser, CJIB, MIJNCN, MIJNOVERHEID, Product, TOESLAGEN};

use crate::privacy::published::Published;

/// The statement's own words for each right, along which way it is asked for and where to.
#[tokio::test]
async fn mo_68_cn_79_the_contact_page_says_of_each_right_how_it_is_asked_for() {
    for (statement, ways) in [(MIJNOVERHEID, "per e-mail"), (MIJNCN, "per e-mail")] {
        let product = Product::start(statement).await;
        let shown = Published::at(&product, "/contact?taal=nl").await;
        let register = product.vault().register().clone();
        assert!(!register.rights().is_empty());
        for right in register.rights() {
            let line = shown.line(&format!("recht-{}", right.name));
            let title = right.title.get("nl");
            for told in [
                title,
                "Zo vraagt u het: ",
                ways,
                "Waarheen: ",
                "helpdesk@postbus.example",
            ] {
                assert!(
                    line.contains(told),
                    "{}: {told} is not in {line}",
                    right.name
                );
            }
        }
    }
}

#[tokio::test]
async fn mo_77_the_addresses_are_printed_with_what_to_write_on_them() {
    let product = Product::mijnoverheid().await;
    let shown = Published::at(&product, "/contact?taal=nl").await;
    shown.says(&[
        ("adres-helpdesk", &["E-mail:", "helpdesk@postbus.example"]),
        (
            "adres-post",
            &[
                "Post:",
                "Postbus 999",
                "9999 ZZ Voorbeeld",
                "persoonsgegevens",
            ],
        ),
        ("verantwoordelijke-naam", &["is verantwoordelijk"]),
        ("toezichthouder-naam", &["Autoriteit Persoonsgegevens"]),
    ]);
    assert!(
        shown
            .page()
            .contains("href=\"mailto:helpdesk@postbus.example\"")
    );
    let english = Published::at(&product, "/contact?taal=en").await;
    english.says(&[("adres-post", &["Add: personal data"])]);
}

/// MO-58: who turns to the helpdesk hears beforehand who else sees their data.
#[tokio::test]
async fn the_contact_page_says_what_happens_with_what_is_told_there() {
    let product = Product::mijnoverheid().await;
    let shown = Published::at(&product, "/contact?taal=nl").await;
    let told = "Dan gebruiken ook de bedrijven die ons helpen uw gegevens.";
    assert!(shown.page().contains(told));
}

#[tokio::test]
async fn under_every_statement_the_way_to_the_contact_page_stands_below_each_page() {
    for statement in [MIJNOVERHEID, MIJNCN, TOESLAGEN, CJIB] {
        let product = Product::start(statement).await;
        let mut browser = Browser::new(&product);
        for path in ["/privacy", "/nergens"] {
            let links = browser.get(path).await.links();
            assert!(links.contains(&"/contact".to_owned()), "{path}: {links:?}");
        }
        for language in product.vault().register().languages() {
            let page = browser.get(&format!("/contact?taal={language}")).await;
            assert_eq!(page.status, 200);
            assert!(!page.text().contains("<script"));
            assert!(!page.text().contains("<ul>\n</ul>"));
        }
    }
}

/// DT-90, DT-157: the officer with an address, the supervisor, the way to complain.
#[tokio::test]
async fn who_watches_can_be_reached_and_where_to_complain_is_told() {
    let product = Product::start(TOESLAGEN).await;
    let shown = Published::at(&product, "/contact?taal=nl").await;
    shown.says(&[
        (
            "functionaris-naam",
            &[
                "controleert van binnenuit",
                "Ministerie van Financiën, Functionaris gegevensbescherming",
            ],
        ),
        ("toezichthouder-naam", &["houdt van buitenaf toezicht"]),
        (
            "klachtroute-uitleg",
            &["klagen", "autoriteitpersoonsgegevens.nl"],
        ),
    ]);
}

/// An address that nobody gave is not made up.
#[tokio::test]
async fn an_address_that_nobody_gave_is_to_be_asked_for() {
    let open = "naam = \"post\"\nsoort = \"post\"";
    assert_eq!(MIJNOVERHEID.matches(open).count(), 1);
    let statement = MIJNOVERHEID.replace(open, "naam = \"elders\"\nsoort = \"post\"");
    let statement = statement.replace("\"helpdesk\", \"post\"", "\"helpdesk\", \"elders\"");
    let product = Product::start(&statement).await;
    let shown = Published::at(&product, "/contact?taal=nl").await;
    shown.says(&[("adres-elders", &["Vraag ", " naar het adres."])]);
}
