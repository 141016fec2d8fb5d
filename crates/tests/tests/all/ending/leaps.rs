//! A clock that leaps: by one that is years ahead nothing ends until somebody names the day; one that is set back stops nothing.

use std::time::Duration;

use basics::Fault;
use statement::Date;
use testkit::{ANNA, Browser, NOW, Organisation, Product};
use vault::{SweepOrder, Swept};

use super::sweep::{count, months_after, with_letter};
use crate::database;

const DAY: Duration = Duration::from_secs(86_400);
const QUARTER: Duration = Duration::from_secs(6 * 3600);

/// As it goes by itself.
async fn nightly(product: &Product) -> Result<Swept, Fault> {
    let vault = product.vault();
    vault.sweep(SweepOrder::default(), &mut |_| {}).await
}

async fn refused(product: &Product) {
    let rows = || ["messages", "bodies", "deliveries", "log"].map(|table| count(product, table));
    let before = (rows(), count(product, "sweeps"));
    let why = nightly(product).await.unwrap_err().to_string();
    assert!(why.contains("postbus sweep --confirm-clock"), "{why}");
    assert_eq!((rows(), count(product, "sweeps")), before);
}

/// DT-84: what ends by a wrong clock ends before its time.
#[tokio::test]
async fn dt_84_by_a_clock_ten_years_ahead_nothing_goes_until_somebody_names_the_day() {
    let product = Product::mijnoverheid().await;
    let (_sender, _browser, _) = with_letter(&product).await;
    product.run_jobs().await;
    assert_eq!(count(&product, "sweeps"), 1);
    product.clock().set(months_after(NOW, 120));
    refused(&product).await;
    // By itself, and after a start in which things were written by this clock.
    product.run_jobs().await;
    product.restart();
    Browser::new(&product).log_in(&ANNA).await;
    product.restart();
    product.clock().advance(QUARTER);
    product.run_jobs().await;
    refused(&product).await;
    assert_eq!(count(&product, "messages"), 1);
    let trial = product
        .vault()
        .sweep(SweepOrder::trial(), &mut |_| {})
        .await;
    assert!(trial.unwrap().rows() > 0, "it would be much");

    let (today, vault) = (product.vault().today(), product.vault());
    let another = Date {
        year: today.year - 10,
        ..today
    };
    let why = vault
        .sweep(SweepOrder::confirming(another), &mut |_| ())
        .await
        .unwrap_err();
    assert!(why.to_string().contains("not 2026"), "{why}");
    assert_eq!(count(&product, "messages"), 1);
    let swept = vault
        .sweep(SweepOrder::confirming(today), &mut |_| ())
        .await;
    assert!(swept.unwrap().rows() > 0);
    assert_eq!(count(&product, "messages"), 0);
    product.clock().advance(QUARTER);
    nightly(&product).await.unwrap();
    let records = vault.sweeps(10).await.unwrap();
    let confirmed: Vec<_> = records.iter().map(|one| one.confirmed.clone()).collect();
    assert_eq!(confirmed[..2], [None, Some(today.to_string())]);
}

#[tokio::test]
async fn an_installation_that_stood_still_for_a_month_needs_no_word() {
    let product = Product::mijnoverheid().await;
    let (_sender, _browser, _) = with_letter(&product).await;
    nightly(&product).await.unwrap();
    // A backup of thirty days ago, put back after a weekend.
    product.clock().advance(33 * DAY);
    nightly(&product).await.unwrap();
    product.clock().advance(36 * DAY);
    refused(&product).await;
}

/// Whoever adds the sweep to a statement later, or whose sweeps failed for months, has a log that tells of every day between.
#[tokio::test]
async fn what_the_log_tells_of_without_a_gap_is_believed() {
    let product = Product::mijnoverheid().await;
    let (_sender, mut browser, _) = with_letter(&product).await;
    for _ in 0..4 {
        product.clock().advance(30 * DAY);
        browser.log_in(&ANNA).await;
    }
    nightly(&product).await.unwrap();
    for _ in 0..3 {
        product.clock().advance(30 * DAY);
        browser.log_in(&ANNA).await;
    }
    nightly(&product).await.unwrap();
    product.clock().advance(60 * DAY);
    browser.log_in(&ANNA).await;
    refused(&product).await;
}

#[tokio::test]
async fn a_clock_set_back_and_right_again_stops_no_sweep() {
    let product = Product::mijnoverheid().await;
    let (_sender, _browser, _) = with_letter(&product).await;
    nightly(&product).await.unwrap();
    product.clock().set(NOW.minus(9 * 365 * DAY));
    nightly(&product).await.unwrap();
    product.clock().set(NOW.plus(DAY));
    nightly(&product).await.unwrap();
    // Confirmed by mistake, and put right: the next leap to somewhere between is none that was confirmed.
    product.clock().set(months_after(NOW, 36));
    let order = SweepOrder::confirming(product.vault().today());
    product.vault().sweep(order, &mut |_| {}).await.unwrap();
    product.clock().set(NOW.plus(2 * DAY));
    nightly(&product).await.unwrap();
    product.clock().set(months_after(NOW, 24));
    refused(&product).await;
}

/// The record of a sweep is there for as long as the log that it tells of, and names nobody.
#[tokio::test]
async fn every_sweep_is_recorded_with_what_went_for_as_long_as_the_log_is_kept() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    sender.delivered(&sender.letter_to(&ANNA)).await;
    nightly(&product).await.unwrap();
    product.clock().set(months_after(NOW, 60).plus(DAY));
    let order = SweepOrder::confirming(product.vault().today());
    let swept = product.vault().sweep(order, &mut |_| {}).await.unwrap();
    let records = product.vault().sweeps(10).await.unwrap();
    let [last] = records.as_slice() else {
        panic!("the first is as old as the log: {records:?}")
    };
    let whole = last.whole.as_ref().expect("it came to its end");
    let told: Vec<_> = swept
        .categories
        .iter()
        .map(|(name, rows)| (name.clone(), *rows as i64))
        .collect();
    assert_eq!(
        whole.categories.clone().into_iter().collect::<Vec<_>>(),
        told
    );
    assert_eq!(
        (whole.rows as u64, whole.files as u64),
        (swept.rows(), swept.files)
    );
    let orphans = "SELECT COUNT(*) FROM swept WHERE sweep_no NOT IN (SELECT sweep_no FROM sweeps)";
    assert_eq!(database::number(&product, orphans), 0);
}
