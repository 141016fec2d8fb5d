//! What lies beside the log: who acted, why something was given, what an erasure took. It ends with the log and not before.

use std::time::Duration;

use basics::{Actor, Role};
use testkit::{ANNA, BORIS, NOW, Product};
use vault::{SweepOrder, Whose};

use super::sweep::{DAY, count, months_after, sweep};
use crate::subject_disclose::demand;

const BESIDE: [&str; 3] = ["audit", "givings", "log_removals"];

fn counts(product: &Product) -> [i64; 3] {
    BESIDE.map(|table| count(product, table))
}

#[tokio::test]
async fn mo_66_who_acted_why_it_was_given_and_what_an_erasure_took_end_with_the_log() {
    let product = Product::mijnoverheid().await;
    let (anna, boris) = (
        product.activate(&ANNA).await,
        product.activate(&BORIS).await,
    );
    let giving = demand(&["account"], "besluit-gdi");
    let by = Actor::Staff {
        role: Role::named("privacymedewerker"),
        id: "m.jansen".to_owned(),
    };
    let vault = product.vault();
    let given = vault.give(Whose::Id(anna), giving, by).await.unwrap();
    assert!(given.is_some());
    let erased = vault.erase(Whose::Id(boris), &mut |_| {}).await.unwrap();
    assert!(erased.is_some());
    let begun = counts(&product);
    assert!(begun.iter().all(|rows| *rows > 0), "{begun:?}");
    assert_eq!(begun[1], 1);
    // The log of this statement is kept for five years.
    let end = months_after(NOW, 60);
    product.clock().set(end.minus(Duration::from_secs(1)));
    sweep(&product).await;
    let kept = counts(&product);
    assert_eq!(kept[1..], begun[1..]);
    assert!(kept[0] >= begun[0], "{kept:?}");
    assert!(product.vault().verify_log().await.unwrap().is_whole());
    product.clock().set(end.plus(DAY));
    let trial = product
        .vault()
        .sweep(SweepOrder::trial(), &mut |_| {})
        .await
        .unwrap();
    let swept = sweep(&product).await;
    // By month or row by row: what went is told, and what would.
    for told in [trial, swept] {
        let told = BESIDE.map(|table| told.tables.get(table).map_or(0, |rows| *rows as i64));
        assert_eq!(told, begun);
    }
    assert_eq!(counts(&product), [kept[0] - begun[0], 0, 0]);
    assert!(product.vault().verify_log().await.unwrap().is_whole());
}
