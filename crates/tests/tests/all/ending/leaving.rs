//! Before a letter goes its person is told, and can take it along.

use std::time::Duration;

use testkit::{ANNA, Browser, NOW, Organisation, Product};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_person_is_told_thirty_days_before_a_letter_goes_and_can_download_it() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    Browser::new(&product).log_in(&ANNA).await;
    let id = sender.delivered(&sender.letter_to(&ANNA)).await;
    let notice = "Wij verwijderen dit bericht op <time datetime=\"2031-11-20T14:30:00+01:00\">20 november 2031</time>";
    // Five years after 20 November 2026, less a day more and a day less than thirty.
    for (days, is_told) in [(5 * 365 + 1 - 31, false), (5 * 365 + 1 - 29, true)] {
        product.clock().set(NOW.plus(days * DAY));
        let mut browser = Browser::new(&product);
        browser.log_in(&ANNA).await;
        let list = browser.get("/berichten").await;
        assert_eq!(
            list.text().contains("te lezen tot <time"),
            is_told,
            "{days}"
        );
        let page = browser.get(&format!("/berichten/{id}")).await;
        assert_eq!(
            page.text().contains(notice),
            is_told,
            "{days}: {}",
            page.text()
        );
        if is_told {
            let file = browser
                .get(&page.link(&format!("/berichten/{id}/download")))
                .await;
            assert_eq!(file.status, 200);
            assert!(
                file.header("content-disposition")
                    .starts_with("attachment; ")
            );
            assert!(
                file.text().contains("Van: Waterschap Vallei\n"),
                "{}",
                file.text()
            );
        }
    }
}

#[tokio::test]
async fn the_oldest_letters_are_told_of_on_the_first_page_also_when_they_lie_on_another() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    Browser::new(&product).log_in(&ANNA).await;
    let old = sender.delivered(&sender.letter_to(&ANNA)).await;
    product.clock().set(NOW.plus(1_810 * DAY));
    for _ in 0..21 {
        sender.delivered(&sender.letter_to(&ANNA)).await;
    }
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let list = browser.get("/berichten").await;
    let notice = list
        .text()
        .split_once("id=\"binnenkort-weg\"")
        .unwrap()
        .1
        .to_owned();
    assert!(notice.contains(&old), "{notice}");
    assert_eq!(list.text().matches("te lezen tot").count(), 1);
}

#[tokio::test]
async fn a_letter_in_another_folder_is_told_of_as_well() {
    for folder in ["archief", "prullenbak"] {
        let product = Product::mijnoverheid().await;
        let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
        let mut browser = Browser::new(&product);
        browser.log_in(&ANNA).await;
        let id = sender.delivered(&sender.letter_to(&ANNA)).await;
        let letter = browser.get(&format!("/berichten/{id}")).await;
        let moved = browser
            .submit(&letter, &format!("/berichten/{id}/{folder}"), &[])
            .await;
        assert_eq!(moved.status, 303);
        product.clock().set(NOW.plus(1_800 * DAY));
        let mut browser = Browser::new(&product);
        browser.log_in(&ANNA).await;
        let list = browser.get("/berichten").await;
        let notice = list.text().split_once("id=\"binnenkort-weg\"");
        let (_, notice) = notice.unwrap_or_else(|| panic!("{folder}: {}", list.text()));
        assert!(notice.contains(&id), "{folder}: {notice}");
    }
}
