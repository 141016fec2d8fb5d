//! A clock that leapt ahead, as the program sees it that is started then: no sweep until the day is said.

use std::time::{Duration, Instant};

use basics::Clock;
use rusqlite::Connection;

use super::trial::{PATIENCE, Trial};
use crate::data_folder::files_of;

/// Ten years.
const AGO: i64 = 3_650 * 86_400 * 1_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_leap_nothing_is_swept_until_the_day_is_said() {
    let mut trial = Trial::begin("").await;
    trial.deliver_next().await;
    let server = &mut trial.server;
    let waits = Instant::now();
    while server.told_of("swept, all together").is_empty() {
        assert!(waits.elapsed() < PATIENCE, "the first sweep");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.end().await;
    // All that was done was done ten years ago.
    let data = server.path().join("gegevens");
    let rows = Connection::open(data.join("postbus.db")).unwrap();
    for change in [
        format!("UPDATE sweeps SET began_at = began_at - {AGO}"),
        format!("UPDATE log_chain SET first_no = first_no - {AGO} * 1024"),
        format!(
            "UPDATE messages SET received_at = received_at - {AGO}, published_at = published_at - {AGO}"
        ),
        "UPDATE jobs SET run_at = 0 WHERE kind = 'bewaartermijnen'".to_owned(),
    ] {
        assert!(rows.execute(&change, []).unwrap() > 0, "{change}");
    }
    drop(rows);
    for (path, _) in files_of(std::slice::from_ref(&data)) {
        server.give(&path);
    }
    let letters = || {
        let rows = Connection::open(data.join("postbus.db")).unwrap();
        let count = rows.query_row("SELECT COUNT(*) FROM messages", [], |row| row.get(0));
        count.unwrap()
    };
    let before: i64 = letters();
    server.start().await;
    let waits = Instant::now();
    while server.told_of("nothing is swept").is_empty() {
        assert!(waits.elapsed() < PATIENCE, "it says so");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let told = server.told_of("nothing is swept");
    assert!(told.len() == 1 && told[0].contains("ERROR"), "{told:?}");
    assert!(
        told[0].contains("postbus sweep --confirm-clock"),
        "{told:?}"
    );
    server.end().await;

    let said = server.refused(&["sweep"]);
    assert!(said.contains("nothing is swept"), "{said}");
    let said = server.refused(&["sweep", "--confirm-clock", "2016-05-01"]);
    assert!(said.contains("not 2016-05-01"), "{said}");
    let said = server.run(&["sweep", "--dry-run"]);
    assert!(said.contains("nothing is swept"), "{said}");
    assert_eq!(letters(), before);
    let zoned = Clock::system().now().timestamp().in_tz("Europe/Amsterdam");
    let today = zoned.unwrap().date().to_string();
    let said = server.run(&["sweep", "--confirm-clock", &today]);
    assert!(said.contains("rows and"), "{said}");
    assert_eq!(letters(), 0);
    let said = server.run(&["sweep"]);
    assert!(said.contains("0 rows and 0 files removed"), "{said}");
    let listed = server.run(&["sweep", "--list"]);
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines.len() >= 2, "{listed}");
    assert!(
        lines[0].contains(": 0 rows and 0 files removed"),
        "{listed}"
    );
    let word = format!("with the word that it was {today}");
    assert!(
        lines[1].contains(&word) && lines[1].contains("bericht "),
        "{listed}"
    );
}
