//! On a server: two who write to one database at the same moment, and months of the log that go at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cluster::{Cluster, Settings};

use super::house::*;
use crate::{Tx, Value};

/// Waits until both are here; who comes again goes on.
fn meet(here: &AtomicUsize) {
    let began = Instant::now();
    here.fetch_add(1, Ordering::SeqCst);
    while here.load(Ordering::SeqCst) < 2 && began.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A server of the test's own.
fn started() -> Cluster {
    let settings = Settings {
        durable: false,
        ..Settings::default()
    };
    Cluster::start(settings).unwrap()
}

#[tokio::test]
async fn of_two_that_wait_for_each_other_one_runs_again() {
    let cluster = started();
    let folder = tempfile::tempdir().unwrap();
    let lent = cluster::lent_by(&cluster.lends().unwrap(), folder.path()).unwrap();
    let house = || House::with_rows(Some(lent.clone()), folder.path(), STATEMENT);
    let (one, two) = (house(), house());
    let anna = one.enrol(ANNA).await.unwrap();
    let mut notes = Vec::new();
    for title in ["eerste", "tweede"] {
        notes.push(one.deliver(ANNA, title).await.unwrap().expect("found"));
    }
    let here = Arc::new(AtomicUsize::new(0));
    let mark = |house: &House, first, last| {
        let here = Arc::clone(&here);
        let (vault, processing) = (house.vault.clone(), house.of_person(READ, anna));
        let closure = move |tx: &mut Tx<'_>| {
            let now = Value::from(tx.now());
            tx.run(MARK, &[Value::id(first), now.clone()])?;
            meet(&here);
            tx.run(MARK, &[Value::id(last), now])
        };
        async move { vault.write(processing, closure).await }
    };
    let (first, second) = tokio::join!(
        mark(&one, notes[0], notes[1]),
        mark(&two, notes[1], notes[0])
    );
    // Whoever came last found both marked.
    let mut marked = [first.unwrap(), second.unwrap()];
    marked.sort_unstable();
    assert_eq!(marked, [0, 1]);
    assert!(here.load(Ordering::SeqCst) > 2, "one ran again");
    assert!(two.vault.verify_log().await.unwrap().is_whole());
}

/// Also where a month of the log went at once, so that none of its rows are left to be removed one by one.
#[tokio::test]
async fn a_place_goes_with_its_row_when_a_whole_month_goes() {
    let cluster = started();
    let folder = tempfile::tempdir().unwrap();
    let lent = cluster::lent_by(&cluster.lends().unwrap(), folder.path()).unwrap();
    let house = House::with_rows(Some(lent.clone()), folder.path(), STATEMENT);
    let count = |what: &str| -> i64 {
        let [rows, _] = &lent;
        cluster::ask(&rows[1], what).unwrap().parse().unwrap()
    };
    let clock = house.vault.clock().clone();
    let now = basics::Clock::system().now();
    let day = Duration::from_secs(24 * 3600);
    clock.set(now.minus(day * (5 * 366 + 40)));
    let anna = house.enrol(ANNA).await.unwrap();
    for _ in 0..24 {
        let looks = (0..50).map(|_| house.titles(anna));
        for titles in futures_util::future::join_all(looks).await {
            titles.unwrap();
        }
    }
    clock.set(now.minus(day * 3));
    house.titles(anna).await.unwrap();
    clock.set(now.minus(day));
    house.vault.place_log_rows().await.unwrap();
    assert_eq!(count("SELECT COUNT(*) FROM log_places"), 1202);
    clock.set(now);
    house.vault.sweep(false, &mut |_| {}).await.unwrap();
    assert_eq!(count("SELECT COUNT(*) FROM log"), 1);
    assert_eq!(count("SELECT COUNT(*) FROM log_places"), 1);
    let found = house.vault.verify_log().await.unwrap();
    assert!(found.is_whole(), "{found:?}");
}
