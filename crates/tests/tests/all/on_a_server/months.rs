//! Months of the log that a sweep drops whole: `log verify` and a person's history stand it.

use std::time::Duration;

use basics::Clock;
use testkit::{ANNA, BORIS, Browser, MIJNOVERHEID, Product, Start};
use vault::SweepOrder;

use crate::copy::{move_to, server};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_month_of_the_log_goes_at_once_and_everything_stands_it() {
    let (_server, databases) = server();
    // Which month has ended says the server, and that has no other clock than ours.
    let now = Clock::system().now();
    let long_ago = now.minus(DAY * (5 * 366 + 70));
    let product = Product::start_as(Start {
        clock: Some(Clock::fixed(long_ago)),
        is_in_files: true,
        ..Start::under(MIJNOVERHEID)
    })
    .await;
    let owner = databases[0][1].clone();
    move_to(&product, databases).await;
    let ask = |what: &str| cluster::ask(&owner, what).unwrap();
    let number = |what: &str| ask(what).parse::<u64>().unwrap();
    let month = format!(
        "(date_trunc('month', to_timestamp({}) AT TIME ZONE 'UTC')::date)",
        long_ago.seconds()
    );
    for table in ["log", "log_places"] {
        assert_eq!(
            ask(&format!("SELECT store_make_month('{table}', {month})")),
            "1"
        );
    }
    let of_month = |table: &str| {
        format!(
            "SELECT COUNT(*) FROM pg_class WHERE relname = '{table}' || to_char({month}, '_YYYY_MM')"
        )
    };

    let mut anna = Browser::new(&product);
    anna.log_in(&ANNA).await;
    for _ in 0..10 {
        anna.get("/berichten").await;
    }
    let old = number("SELECT COUNT(*) FROM log");
    assert!(old > 10);
    product.clock().advance(2 * DAY);
    product.vault().place_log_rows().await.unwrap();
    assert_eq!(number("SELECT COUNT(*) FROM log_places"), old);
    product.clock().set(now.minus(2 * DAY));
    for person in [&ANNA, &BORIS] {
        Browser::new(&product).log_in(person).await;
    }
    product.vault().note_log_head().await.unwrap();
    let young = number("SELECT COUNT(*) FROM log") - old;
    product.clock().set(now);
    product.vault().place_log_rows().await.unwrap();

    let vault = product.vault();
    let trial = vault.sweep(SweepOrder::trial(), &mut |_| {}).await.unwrap();
    let order = SweepOrder::confirming(vault.today());
    let swept = vault.sweep(order, &mut |_| {}).await.unwrap();
    assert_eq!(trial, swept);
    assert_eq!(swept.tables["log"], old, "those of the month are counted");
    for table in ["log", "log_places"] {
        assert_eq!(number(&of_month(table)), 0, "{table}");
    }
    assert_eq!(number("SELECT COUNT(*) FROM log_places"), young);
    let found = vault.verify_log().await.unwrap();
    assert!(found.is_whole(), "{found:?}");
    assert_eq!(found.swept, old);
    // What was done lately is told, and nothing of what is gone.
    let mut anna = Browser::new(&product);
    anna.log_in(&ANNA).await;
    let page = anna.get("/geschiedenis").await;
    assert_eq!(page.status, 200);
    let told = page.text().matches("class=\"postbus-deed\"").count();
    assert!((1..old as usize).contains(&told), "{told}");
    let told = anna.get("/geschiedenis.json").await;
    let then = long_ago.to_string();
    assert!(!told.text().contains(&then[..10]), "{}", told.text());
    vault
        .sweep(SweepOrder::default(), &mut |_| {})
        .await
        .unwrap();
    assert!(vault.verify_log().await.unwrap().is_whole());
}
