//! `/privacy`: the statement in force and its versions, and what each of the four shipped statements promises on it.

mod cjib;
mod decisions;
mod mijncn;
mod mijnoverheid;
pub mod published;
mod rights;
mod toeslagen;
mod told;

use testkit::{ANNA, Browser, CJIB, MIJNCN, MIJNOVERHEID, Organisation, Product, TOESLAGEN};

use crate::database::rows;
use published::Published;

const SHIPPED: [&str; 4] = [MIJNOVERHEID, MIJNCN, TOESLAGEN, CJIB];

#[tokio::test]
async fn every_shipped_statement_is_published_whole_and_without_script() {
    for statement in SHIPPED {
        let product = Product::start(statement).await;
        let mut browser = Browser::new(&product);
        let languages = product.vault().register().languages().to_vec();
        for language in languages {
            let page = browser.get(&format!("/privacy?taal={language}")).await;
            assert_eq!(page.status, 200);
            assert!(!page.text().contains("<script"));
            // Every entry of the statement has its own place, and nothing that is listed lists nothing (L-13).
            assert!(!page.text().contains("<ul>\n</ul>"));
            assert!(!page.text().contains(": </li>") && !page.text().contains(":<br>"));
        }
        let published = Published::of(&product).await;
        let register = product.vault().register().clone();
        for entry in register.activities() {
            let line = published.line(&format!("activiteit-{}", entry.name));
            assert!(line.contains(entry.title.get("nl")), "{line}");
        }
        for category in register.categories() {
            published.line(&format!("gegeven-{}", category.name));
            published.line(&format!("bewaartermijn-{}", category.name));
        }
    }
}

#[tokio::test]
async fn a_link_in_the_foot_of_every_page_leads_to_the_statement() {
    let product = Product::mijnoverheid().await;
    for path in ["/", "/inloggen", "/nergens"] {
        let page = Browser::new(&product).get(path).await;
        assert!(page.links().contains(&"/privacy".to_owned()), "{path}");
    }
}

/// MO-1, MO-84 and CN-95: a change is a new version, in force from the moment it is published; those before it stay.
#[tokio::test]
async fn each_version_that_was_in_force_can_be_read() {
    for statement in [MIJNOVERHEID, MIJNCN] {
        let product = Product::start(statement).await;
        let register = product.vault().register().clone();
        let first = register.version().number.clone();
        let mut browser = Browser::new(&product);
        let old = browser.get("/privacy").await.text().to_owned();
        let shown = format!("Versie {first}, ");
        assert!(old.contains(&shown), "{shown}");

        product
            .clock()
            .advance(std::time::Duration::from_secs(3600));
        let title = register.activity("bericht-lezen").unwrap().title.get("nl");
        let changed = statement
            .replacen(&format!("versie = \"{first}\""), "versie = \"99.1\"", 1)
            .replace(
                &format!("nl = \"{title}\""),
                "nl = \"U leest een heel ander bericht\"",
            );
        product.restart_under(&changed).unwrap();
        let new = browser.get("/privacy").await.text().to_owned();
        assert!(new.contains("Versie 99.1, ") && new.contains("U leest een heel ander bericht"));

        let versions = browser.get("/privacy/versies").await;
        let links = versions.links();
        let of_versions: Vec<&str> = links
            .iter()
            .map(String::as_str)
            .filter(|link| link.starts_with("/privacy/versies/") && !link.contains('?'))
            .collect();
        let older = format!("/privacy/versies/{first}");
        assert_eq!(of_versions, ["/privacy/versies/99.1", older.as_str()]);
        let before = browser.get(&older).await;
        assert!(before.text().contains(&shown));
        assert!(!before.text().contains("heel ander bericht"));
        assert!(before.text().contains("Deze versie geldt niet meer"));
        let now = browser.get("/privacy/versies/99.1").await;
        assert!(now.text().contains("heel ander bericht"));
        assert!(!now.text().contains("Deze versie geldt niet meer"));
        assert_eq!(browser.get("/privacy/versies/3").await.status, 404);

        // The same again is no new version; something else under the same number, or an old one, is no statement.
        product
            .restart_under(&format!("# Een opmerking.\n{changed}"))
            .unwrap();
        let in_all = "SELECT version FROM statement_versions";
        assert_eq!(rows(&product, in_all).len(), 2);
        for (refused, why) in [
            (
                changed.replace("heel ander", "nog anders"),
                "give it a new `versie`",
            ),
            (statement.to_owned(), "was followed by 99.1"),
        ] {
            let fault = product.restart_under(&refused).unwrap_err().to_string();
            assert!(fault.contains(why), "{fault}");
        }
    }
}

/// What an installation does not open with is not published either: it may be put right under its own number.
#[tokio::test]
async fn a_version_that_no_installation_opens_with_is_not_published() {
    let product = Product::mijnoverheid().await;
    let next = MIJNOVERHEID.replacen("versie = \"2.2\"", "versie = \"2.3\"", 1);
    let untrue = next.replace("Europe/Amsterdam", "Europe/Atlantis");
    let refused = product.restart_under(&untrue).unwrap_err().to_string();
    assert!(refused.contains("Europe/Atlantis"), "{refused}");
    let french = next
        .replace("talen = [\"nl\", \"en\"]", "talen = [\"nl\", \"fr\"]")
        .replace(" en = \"", " fr = \"");
    let refused = product.restart_under(&french).unwrap_err().to_string();
    assert!(refused.contains("without texts: fr"), "{refused}");
    product.restart_under(&next).unwrap();
}

/// CJ-38: an opinion is at most 250 characters, and nothing is kept but its words.
#[tokio::test]
async fn whether_it_is_clear_can_be_said_in_250_characters_and_by_nobody_in_particular() {
    let product = Product::start(CJIB).await;
    let mut browser = Browser::new(&product);
    let page = browser.open("/privacy").await;
    assert!(page.text().contains("Vindt u deze informatie duidelijk?"));
    let long = "é".repeat(251);
    for (words, status) in [("", 400), ("  \r\n ", 400), (long.as_str(), 400)] {
        let refused = browser
            .submit(&page, "/privacy/reactie", &[("reactie", words)])
            .await;
        assert_eq!(refused.status, status, "{words}");
        assert!(refused.text().contains("aria-invalid=\"true\""));
    }
    assert_eq!(rows(&product, "SELECT words FROM opinions").len(), 0);
    let most = "é".repeat(250);
    let sent = browser
        .submit(&page, "/privacy/reactie", &[("reactie", &most)])
        .await;
    assert_eq!(
        (sent.status, sent.header("location")),
        (303, "/privacy/reactie")
    );
    assert_eq!(sent.cookies(), Vec::<&str>::new());
    assert!(
        browser
            .follow(sent)
            .await
            .text()
            .contains("Bedankt voor uw reactie.")
    );
    let kept = rows(&product, "SELECT version, words FROM opinions");
    assert_eq!(kept, [["1.0".to_owned(), most]]);
    let nobody = rows(&product, "SELECT subject_id FROM log");
    assert_eq!(nobody.len(), 0);

    let elsewhere = Product::mijnoverheid().await;
    let mut browser = Browser::new(&elsewhere);
    browser.get("/").await;
    let asked = browser
        .post("/privacy/reactie", &[("reactie".into(), "Ja".into())])
        .await;
    assert_eq!(asked.status, 404, "a statement that does not ask");
}

/// Declared and not built: nothing offers it.
#[tokio::test]
async fn what_the_program_cannot_do_is_declared_and_not_offered() {
    for statement in [TOESLAGEN, CJIB] {
        let product = Product::start(statement).await;
        let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
        let mut browser = Browser::new(&product);
        assert_eq!(browser.log_in(&ANNA).await.status, 200);
        assert_eq!(browser.get("/berichten").await.status, 404);
        assert_eq!(sender.deliver(&sender.letter_to(&ANNA)).await.status, 404);
        assert_eq!(browser.get("/gegevens").await.status, 200);
    }
}

/// DT-91 and CJ-20: by which list data are kept and destroyed stands at each term that it is for, and in the record.
#[tokio::test]
async fn by_which_selection_list_data_are_kept_is_told() {
    for (statement, list) in [
        (
            TOESLAGEN,
            "Selectielijsten van het ministerie van Financiën",
        ),
        (CJIB, "Basisselectiedocument CJIB"),
    ] {
        let product = Product::start(statement).await;
        let published = Published::of(&product).await;
        let register = product.vault().register().clone();
        let mut told = 0;
        for category in register.categories() {
            let line = published.line(&format!("bewaartermijn-{}", category.name));
            let words = format!("Wij bewaren en vernietigen dit volgens: {list}");
            let is_by_list = category.retention.selection_list.is_some();
            assert_eq!(line.contains(&words), is_by_list, "{line}");
            told += usize::from(is_by_list);
        }
        assert!(told > 5, "{told}");
    }
}
