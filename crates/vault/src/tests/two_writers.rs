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
    let order = crate::SweepOrder::confirming(house.vault.today());
    house.vault.sweep(order, &mut |_| {}).await.unwrap();
    assert_eq!(count("SELECT COUNT(*) FROM log"), 1);
    assert_eq!(count("SELECT COUNT(*) FROM log_places"), 1);
    let found = house.vault.verify_log().await.unwrap();
    assert!(found.is_whole(), "{found:?}");
}

/// A history reads through what lies behind the chain that is furthest behind: it waits for no run of its own while others fill theirs.
#[tokio::test]
async fn a_chain_to_which_little_is_added_holds_no_others_up() {
    let cluster = started();
    let folder = tempfile::tempdir().unwrap();
    let lent = cluster::lent_by(&cluster.lends().unwrap(), folder.path()).unwrap();
    let house = || House::with_rows(Some(lent.clone()), folder.path(), STATEMENT);
    let (quiet, busy) = (house(), house());
    let anna = quiet.enrol(ANNA).await.unwrap();
    let minutes = |minutes: u64| {
        for house in [&quiet, &busy] {
            let clock = house.vault.clock();
            clock.advance(Duration::from_secs(60 * minutes));
        }
    };
    let mut rows = 1;
    for turn in 0..30 {
        minutes(10);
        for _ in 0..20 {
            busy.titles(anna).await.unwrap();
        }
        rows += 20;
        if turn % 10 == 3 {
            quiet.titles(anna).await.unwrap();
            rows += 1;
        }
        busy.vault.place_runs_of(25).await.unwrap();
    }
    let [at, _] = &lent;
    let ask = |what: &str| -> i64 { cluster::ask(&at[1], what).unwrap().parse().unwrap() };
    let behind = ask(
        "SELECT MIN(placed_to) FROM (SELECT MAX(placed_to) AS placed_to FROM log_runs GROUP BY chain) AS ends",
    );
    let two_hours_ago = busy
        .vault
        .clock()
        .now()
        .minus(Duration::from_secs(2 * 3600));
    assert!(behind > crate::number_at(two_hours_ago), "{behind}");
    // Nothing is found twice, nor lost; also what the quiet ones add now.
    quiet.titles(anna).await.unwrap();
    minutes(1);
    let looked = quiet.of_person(basics::Activity("geschiedenis-inzien"), anna);
    let found = quiet.vault.read(looked, |tx| {
        let (mut history, mut numbers) = (tx.history(None)?, Vec::new());
        while let Some(row) = history.next(tx)? {
            numbers.push(row.number);
        }
        Ok::<_, basics::Fault>(numbers)
    });
    let found = found.await.unwrap();
    assert!(found.is_sorted_by(|newer, older| newer > older));
    assert_eq!(found.len(), rows + 1);
}
