//! `/berichten/binnenkort-weg`: all letters that are removed soon, and one file of them.

use std::time::Duration;

use serde_json::json;
use testkit::{ANNA, BORIS, Browser, NOW, Organisation, Product, attachment, pdf};

use crate::database::number;

const DAY: Duration = Duration::from_secs(86_400);
const PAGE: &str = "/berichten/binnenkort-weg";

/// So many letters that leave in three weeks and one that stays, in a browser that is logged in.
async fn years_later(count: usize) -> (Product, Browser) {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    for person in [ANNA, BORIS] {
        product.activate(&person).await;
    }
    for letter in 0..count {
        let mut body = sender.letter_to(&ANNA);
        body["onderwerp"] = json!(format!("Oude brief {letter}"));
        if letter == 0 {
            body["bijlagen"] = json!([attachment("a.pdf", &pdf("a"))]);
        }
        sender.delivered(&body).await;
    }
    let mut other = sender.letter_to(&BORIS);
    other["onderwerp"] = json!("Brief aan een ander");
    sender.delivered(&other).await;
    product.clock().set(NOW.plus(1_805 * DAY));
    let mut stays = sender.letter_to(&ANNA);
    stays["onderwerp"] = json!("Nieuwe brief");
    sender.delivered(&stays).await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    (product, browser)
}

#[tokio::test]
async fn a_person_sees_every_letter_that_leaves_and_takes_all_of_them_along_at_once() {
    let (product, mut browser) = years_later(7).await;
    let list = browser.get("/berichten").await;
    assert_eq!(list.text().matches("te lezen tot").count(), 5);
    let page = browser.get(&list.link(PAGE)).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.text().matches("te lezen tot").count(), 7);
    assert_eq!(page.text().matches("1 bijlage").count(), 1);
    let file = browser.get(&page.link(&format!("{PAGE}/download"))).await;
    assert_eq!(file.status, 200);
    assert!(
        file.header("content-disposition")
            .starts_with("attachment; ")
    );
    let text = file.text();
    for letter in 0..7 {
        assert!(text.contains(&format!("Oude brief {letter}\n")), "{text}");
    }
    assert_eq!(text.matches("----------").count(), 6);
    assert!(text.contains("- a.pdf"), "what hangs on a letter is named");
    for other in ["Brief aan een ander", "Nieuwe brief"] {
        assert!(!text.contains(other), "{text}");
    }
    // Each letter in it was read, and its person can see that.
    let read = "SELECT COUNT(*) FROM log WHERE activity = 'bericht-lezen' AND status = 'Ok'";
    assert_eq!(number(&product, read), 7);
}

#[tokio::test]
async fn more_letters_than_are_looked_through_at_once_come_page_by_page_and_all_in_the_file() {
    let (_product, mut browser) = years_later(70).await;
    let first = browser.get(PAGE).await;
    assert_eq!(first.text().matches("te lezen tot").count(), 64);
    let second = browser.get(&first.link(&format!("{PAGE}?na="))).await;
    assert_eq!(second.text().matches("te lezen tot").count(), 6);
    assert!(!second.text().contains("Volgende berichten"));
    let file = browser.get(&format!("{PAGE}/download")).await;
    assert_eq!(file.text().matches("Oude brief").count(), 70);
    assert_eq!(browser.get(&format!("{PAGE}?na=x")).await.status, 400);
}

#[tokio::test]
async fn who_loses_nothing_soon_is_told_so_and_a_stranger_sees_no_letters() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let page = browser.get(PAGE).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text()
            .contains("Wij verwijderen binnenkort geen berichten van u.")
    );
    for path in [PAGE.to_owned(), format!("{PAGE}/download")] {
        let stranger = Browser::new(&product).get(&path).await;
        assert_eq!(stranger.status, 303, "{path}");
    }
}
