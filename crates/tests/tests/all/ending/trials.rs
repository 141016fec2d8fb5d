//! A trial of the sweep: the figures of the sweep itself, without a word to whoever writes.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use testkit::{ANNA, BORIS, Browser, NOW, Organisation, Person, Product, attachment, pdf};
use vault::SweepOrder;

use super::holds;
use super::sweep::{count, months_after, restrict, sweep, with_states_of_eighteen_months_in};
use crate::database;

const DAY: Duration = Duration::from_secs(86_400);

/// Letters of somebody who has read some of them and left, and what is around them.
async fn lived(product: &Product, sender: &Organisation, person: &Person, letters: usize) {
    let mut browser = Browser::new(product);
    browser.log_in(person).await;
    product.set_preference(person, &sender.oin, true).await;
    for at in 0..letters {
        let mut letter = sender.letter_to(person);
        if at % 3 == 0 {
            letter["bijlagen"] = json!([
                attachment("a.pdf", &pdf("a")),
                attachment("b.pdf", &pdf("b"))
            ]);
        }
        let id = sender.delivered(&letter).await;
        if at % 2 == 0 {
            browser.get(&format!("/berichten/{id}")).await;
        }
    }
    browser.log_out().await;
}

#[tokio::test]
async fn a_trial_counts_what_the_sweep_removes_and_writes_nothing() {
    let product = Product::start(&with_states_of_eighteen_months_in(&holds::statement())).await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    lived(&product, &sender, &ANNA, 70).await;
    lived(&product, &sender, &BORIS, 5).await;
    let people = database::rows(
        &product,
        "SELECT DISTINCT subject_id FROM messages ORDER BY 1",
    );
    let held = database::rows(
        &product,
        "SELECT subject_id FROM messages GROUP BY subject_id HAVING COUNT(*) = 5",
    );
    assert_eq!((people.len(), held.len()), (2, 1));
    database::change(
        &product,
        &format!("UPDATE accounts SET ended_at = {}", NOW.micros()),
    );
    // A letter that is held by itself, and all of somebody's letters that a restriction holds.
    let kept =
        "SELECT subject_id, MIN(message_id) FROM messages GROUP BY subject_id HAVING COUNT(*) = 70";
    let kept = database::rows(&product, kept).remove(0);
    holds::hold_letter(&product, kept[0].parse().unwrap(), &kept[1]).await;
    restrict(&product, held[0][0].parse().unwrap(), "bericht").await;
    let mut tables = BTreeSet::new();
    for months in [19, 61] {
        product.clock().set(months_after(NOW, months).plus(DAY));
        let links = count(&product, "log_chain");
        let trial = {
            let data = product.data();
            // Nobody else can write meanwhile.
            let _locked = database::locked(&data, product.owner_of_rows().as_deref());
            let vault = product.vault();
            vault.sweep(SweepOrder::trial(), &mut |_| {}).await.unwrap()
        };
        assert_eq!(count(&product, "log_chain"), links);
        assert!(trial.rows() > 0, "{trial:?}");
        if months == 61 {
            assert!(trial.people_held() > 0, "{trial:?}");
            assert!(trial.files > 40 && trial.tables["log"] > 100, "{trial:?}");
            // Whole rows go, and nothing of them goes first.
            assert!(
                trial
                    .tables
                    .keys()
                    .any(|table| table.starts_with("messages"))
            );
        }
        assert_eq!(sweep(&product).await, trial);
        tables.extend(trial.tables.into_keys());
    }
    assert!(tables.len() > 8, "{tables:?}");
}
