//! What a sweep noted of the log is what `log verify` judges by: neither the term of today nor who alters the database says what
//! is gone by right.

use std::time::Duration;

use testkit::{ANNA, BORIS, Browser, MIJNOVERHEID, NOW, Product};
use vault::Verification;

use super::sweep::{count, months_after, restrict, sweep};
use crate::database;

const DAY: Duration = Duration::from_secs(86_400);

async fn verified(product: &Product) -> Verification {
    product.vault().verify_log().await.unwrap()
}

fn with_log_of(term: &str) -> String {
    let kept = "naam = \"verwerkingslog\"";
    let (before, after) = MIJNOVERHEID.split_once(kept).unwrap();
    let term = format!("\"{term}\"");
    format!("{before}{kept}{}", after.replacen("\"P5Y\"", &term, 1))
}

/// Anna's rows of the log are held by a restriction, Boris's are not, and their time is over; it is swept.
async fn with_held_rows() -> Product {
    let product = Product::mijnoverheid().await;
    for person in [&ANNA, &BORIS] {
        let mut browser = Browser::new(&product);
        browser.log_in(person).await;
        browser.get("/berichten").await;
        product.clock().advance(Duration::from_secs(1));
    }
    let anna = "SELECT subject_id FROM log ORDER BY log_no LIMIT 1";
    let anna = database::rows(&product, anna)[0][0].parse().unwrap();
    restrict(&product, anna, "*").await;
    product.clock().set(months_after(NOW, 60).plus(DAY));
    sweep(&product).await;
    let found = verified(&product).await;
    assert!(found.is_whole() && found.swept > 0, "{found:?}");
    product
}

#[tokio::test]
async fn a_longer_term_makes_no_row_missing_that_was_swept_under_the_shorter() {
    let product = Product::start(&with_log_of("P18M")).await;
    Browser::new(&product).log_in(&ANNA).await;
    product.clock().set(months_after(NOW, 18).plus(DAY));
    Browser::new(&product).log_in(&ANNA).await;
    sweep(&product).await;
    let before = verified(&product).await;
    assert!(before.is_whole() && before.swept > 0, "{before:?}");
    let changed = with_log_of("P5Y").replacen("versie = \"2.2\"", "versie = \"2.3\"", 1);
    product.restart_under(&changed).unwrap();
    for _ in 0..2 {
        let after = verified(&product).await;
        assert!(after.is_whole(), "{after:?}");
        assert_eq!(after.swept, before.swept);
        product.clock().advance(DAY);
        sweep(&product).await;
    }
    let youngest = "DELETE FROM log WHERE log_no = (SELECT MIN(log_no) FROM log)";
    assert_eq!(database::change(&product, youngest), 1);
    assert_eq!(verified(&product).await.missing.len(), 1);
}

#[tokio::test]
async fn a_row_of_somebody_held_that_is_removed_by_hand_is_missing_and_stays_so() {
    let product = with_held_rows().await;
    let oldest = "DELETE FROM log WHERE log_no = (SELECT MIN(log_no) FROM log)";
    assert_eq!(database::change(&product, oldest), 1);
    assert_eq!(verified(&product).await.missing.len(), 1);
    product.clock().advance(DAY);
    sweep(&product).await;
    assert_eq!(verified(&product).await.missing.len(), 1);
    // Let go, the others go with the next sweep, and that one was not its work.
    database::change(&product, "DELETE FROM standing");
    let held = count(&product, "log");
    sweep(&product).await;
    assert!(count(&product, "log") < held);
    let found = verified(&product).await;
    assert_eq!(found.missing.len(), 1, "{found:?}");
}

#[tokio::test]
async fn a_note_that_somebody_made_up_or_took_away_is_told() {
    let product = with_held_rows().await;
    let whole = verified(&product).await;
    let number = database::number(&product, "SELECT MAX(sweep_no) FROM sweeps");
    let said = "SELECT log_to FROM sweeps WHERE seal IS NOT NULL";
    let log_to = database::number(&product, said);
    let further = format!(
        "UPDATE sweeps SET log_to = {} WHERE seal IS NOT NULL",
        i64::MAX
    );
    assert_eq!(database::change(&product, &further), 1);
    let found = verified(&product).await;
    assert_eq!(found.forged_notes, [number]);
    assert!(!found.is_whole() && found.missing.len() as u64 == whole.swept);
    // It is not made good by the next sweep.
    product.clock().advance(DAY);
    sweep(&product).await;
    assert_eq!(verified(&product).await.forged_notes, [number]);
    let back = format!("UPDATE sweeps SET log_to = {log_to} WHERE sweep_no = {number}");
    assert_eq!(database::change(&product, &back), 1);
    assert!(verified(&product).await.is_whole());

    let nothing_left =
        "UPDATE sweeps SET left_rows = NULL WHERE sweep_no = (SELECT MAX(sweep_no) FROM sweeps)";
    assert_eq!(database::change(&product, nothing_left), 1);
    assert_eq!(verified(&product).await.forged_notes, [number + 1]);
    let taken = "DELETE FROM sweeps";
    assert_eq!(database::change(&product, taken), 2);
    let found = verified(&product).await;
    assert_eq!(found.lost_note, Some(number + 1), "{found:?}");
    assert_eq!(found.missing.len() as u64, whole.swept);
}
