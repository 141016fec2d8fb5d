//! The processing log after the road: whole, and a change or a gap in it is found.

use std::time::Duration;

use testkit::{ANNA, Browser, Organisation, Product};

use crate::database::{change, number, rows};

async fn travelled() -> Product {
    let product = Product::mijnoverheid().await;
    travel(&product).await;
    product
}

async fn travel(product: &Product) {
    let sender = Organisation::connect(product, 1, "Waterschap Vallei").await;
    let mut browser = Browser::new(product);
    browser.log_in(&ANNA).await;
    product.clock().advance(Duration::from_secs(1));
    let id = sender.delivered(&sender.letter_to(&ANNA)).await;
    for path in ["/berichten", &format!("/berichten/{id}")] {
        product.clock().advance(Duration::from_secs(1));
        browser.get(path).await;
    }
    product.clock().advance(Duration::from_secs(1));
    browser.log_out().await;
}

/// MO-34 and CN-19: what a person looked at and did. MO-35 and CN-20: each request, showing and change, here those that went well.
#[tokio::test]
async fn the_log_tells_every_processing_and_is_whole() {
    for product in [Product::mijnoverheid().await, Product::mijncn().await] {
        travel(&product).await;
        assert_told_whole(&product).await;
    }
}

async fn assert_told_whole(product: &Product) {
    let verified = product.vault().verify_log().await.unwrap();
    assert!(verified.is_whole(), "{verified:?}");
    let named = rows(
        product,
        "SELECT activity FROM log ORDER BY start_time, activity DESC",
    );
    let named: Vec<&str> = named.iter().map(|row| row[0].as_str()).collect();
    let expected = [
        "inloggen",
        "berichten-bekijken",
        "bericht-aanleveren",
        "berichten-bekijken",
        "bericht-lezen",
        "uitloggen",
        "berichten-bekijken",
    ];
    assert_eq!(named, expected);
    assert_eq!(verified.whole, 7);
    // Who delivered stands beside it, under the same trace.
    let deliverer = "SELECT COUNT(*) FROM audit JOIN log ON log.trace_id = audit.trace_id
        WHERE log.activity = 'bericht-aanleveren' AND audit.actor = '00000099000000001000'";
    assert_eq!(number(product, deliverer), 1);
    assert_eq!(
        number(product, "SELECT COUNT(DISTINCT subject_id) FROM log"),
        1
    );
}

#[tokio::test]
async fn the_log_stays_whole_over_a_restart() {
    let product = travelled().await;
    let before = product.vault().verify_log().await.unwrap();
    product.restart();
    Browser::new(&product).log_in(&ANNA).await;
    let after = product.vault().verify_log().await.unwrap();
    assert!(after.is_whole(), "{after:?}");
    assert_eq!(after.whole, before.whole + 2);
}

#[tokio::test]
async fn an_altered_row_of_the_log_is_found() {
    let product = travelled().await;
    let altered = "UPDATE log SET activity = 'berichten-bekijken' WHERE activity = 'bericht-lezen'";
    assert_eq!(change(&product, altered), 1);
    let verified = product.vault().verify_log().await.unwrap();
    assert_eq!((verified.altered.len(), verified.missing.len()), (1, 0));
    assert!(!verified.is_whole());
}

#[tokio::test]
async fn a_missing_row_of_the_log_is_found() {
    let product = travelled().await;
    let removed = "DELETE FROM log WHERE activity = 'bericht-lezen'";
    assert_eq!(change(&product, removed), 1);
    let verified = product.vault().verify_log().await.unwrap();
    assert_eq!((verified.altered.len(), verified.missing.len()), (0, 1));
    assert!(!verified.is_whole());
}

#[tokio::test]
async fn a_row_that_was_slipped_into_the_log_is_found() {
    let product = travelled().await;
    let slipped = "INSERT INTO log SELECT log_no + 1024000000, chain, subject_id, trace_id, span_id, parent_span_id, foreign_trace_id, foreign_oin, status,
        activity, statement_version, start_time, end_time, salt FROM log WHERE activity = 'uitloggen'";
    assert_eq!(change(&product, slipped), 1);
    let verified = product.vault().verify_log().await.unwrap();
    assert!(!verified.is_whole(), "{verified:?}");
}

#[tokio::test]
async fn a_link_whose_rows_were_renumbered_is_found() {
    let product = travelled().await;
    let last = "(SELECT MAX(first_no) FROM log_chain)";
    let rows = format!("UPDATE log SET log_no = log_no + 1024000000 WHERE log_no >= {last}");
    assert!(change(&product, &rows) >= 1);
    let verified = product.vault().verify_log().await.unwrap();
    assert!(!verified.missing.is_empty(), "{verified:?}");
    let link =
        format!("UPDATE log_chain SET first_no = first_no + 1024000000 WHERE first_no = {last}");
    assert_eq!(change(&product, &link), 1);
    let verified = product.vault().verify_log().await.unwrap();
    assert!(verified.missing.is_empty(), "{verified:?}");
    assert!(verified.broken_link.is_some(), "{verified:?}");
}

#[tokio::test]
async fn a_log_whose_links_were_cut_off_goes_on_and_tells() {
    let product = travelled().await;
    let cut = "DELETE FROM log_chain WHERE seq > 1";
    assert!(change(&product, cut) >= 1);
    product.clock().advance(Duration::from_secs(1));
    product.restart();
    Browser::new(&product).log_in(&ANNA).await;
    let verified = product.vault().verify_log().await.unwrap();
    assert!(verified.unlinked > 0, "{verified:?}");
}
