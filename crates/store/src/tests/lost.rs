//! A reader whose connection is lost: made again while nothing depends on it, never within what was read already.

use std::time::{Duration, Instant};

use super::server::Database;
use crate::{Cell, Query, RoomSchema, Row, Sql, Store, StoreSettings};

const ROOM: RoomSchema = RoomSchema {
    room: "probe",
    changes: &[],
    sql: "-- lies by subject_id
CREATE TABLE letters (
  subject_id TEXT NOT NULL, -- subject
  letter_id TEXT NOT NULL,
  CONSTRAINT letters_pk PRIMARY KEY (subject_id, letter_id)
) WITHOUT ROWID;",
};
static LETTERS: Sql = Sql::new("SELECT letter_id FROM letters WHERE subject_id = $1");

fn letters(query: &mut dyn Query) -> Result<usize, basics::Fault> {
    let mut count = 0;
    query.about(Some("anna"));
    query.query(&LETTERS, &["anna".into()], &mut |row: &Row<'_>| {
        count += usize::from(matches!(row.cell(0)?, Cell::Text(_)));
        Ok(())
    })?;
    Ok(count)
}

#[test]
fn a_reader_that_is_lost_reads_on_with_the_next_snapshot_and_not_within_one() {
    let database = Database::of("lost_readers");
    database
        .prepared_with(&[ROOM])
        .asked("INSERT INTO letters VALUES ('anna', '1'), ('boris', '2')");
    let store = Store::open(StoreSettings::on(database.unowned()), &[ROOM], || ()).unwrap();
    let mut reader = store.reader().unwrap();
    let lose = || {
        let connections = "FROM pg_stat_activity WHERE usename = 'lost_readers'";
        let ended = database.asked(&format!(
            "SELECT COUNT(pg_terminate_backend(pid)) {connections}"
        ));
        assert_ne!(ended, "0");
        let began = Instant::now();
        while database.asked(&format!("SELECT COUNT(*) {connections}")) != "0" {
            assert!(began.elapsed() < Duration::from_secs(30), "they do not end");
        }
    };
    assert_eq!(reader.snapshot(letters).unwrap().unwrap(), 1);
    lose();
    assert_eq!(reader.snapshot(letters).unwrap().unwrap(), 1);
    let (before, after, after_that) = reader
        .snapshot(|query| {
            let before = letters(query);
            lose();
            (before, letters(query), letters(query))
        })
        .unwrap();
    assert_eq!(before.unwrap(), 1);
    assert!(after.is_err() && after_that.is_err());
    assert_eq!(reader.snapshot(letters).unwrap().unwrap(), 1);
}
