//! Two who write to one database at the same moment: neither is told of the other.

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

#[tokio::test]
async fn of_two_that_wait_for_each_other_one_runs_again() {
    let settings = Settings {
        durable: false,
        ..Settings::default()
    };
    let cluster = Cluster::start(settings).unwrap();
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
