//! Tables that lie by month: months are there beforehand, nothing is refused for its moment, an ended month can be dropped.

use basics::Moment;

use super::server::Database;
use crate::engine::Place;
use crate::{RoomSchema, postgres};

const ROOM: RoomSchema = RoomSchema {
    room: "probe",
    changes: &[],
    sql: "-- lies by subject_id, by month of letter_id
CREATE TABLE letters (
  letter_id TEXT NOT NULL,
  subject_id TEXT NOT NULL, -- subject
  CONSTRAINT letters_pk PRIMARY KEY (letter_id, subject_id)
);
-- lies by month of no
CREATE TABLE counted (
  no INTEGER PRIMARY KEY,
  chain BIGINT NOT NULL
);",
};

/// 2024-02-29T23:59:59.999Z, and the first millisecond after it.
const LEAP_DAY: i64 = 1_709_251_199_999;
const MARCH: i64 = LEAP_DAY + 1;

fn id(millis: i64) -> String {
    let ids = basics::Ids::system();
    ids.ordered(Moment::from_micros(millis * 1000)).to_string()
}

fn address(place: &Place) -> &postgres::Address {
    match place {
        Place::Server(server) => server.address(),
        Place::File(_) => panic!("a server"),
    }
}

fn pieces(database: &Database, table: &str) -> Vec<String> {
    let pieces = format!(
        "SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = '{table}'::regclass ORDER BY inhrelid::regclass::text"
    );
    database.asked(&pieces).lines().map(str::to_owned).collect()
}

#[test]
fn this_month_and_the_next_two_are_there_and_are_made_once() {
    let database = Database::of("months_ahead");
    database.prepared_with(&[ROOM]);
    let expected = database.asked(
        "SELECT 'letters_' || to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month', 'YYYY_MM')
         FROM generate_series(0, 2) AS n",
    );
    let mut expected: Vec<&str> = expected.lines().collect();
    expected.push("letters_rest");
    assert_eq!(pieces(&database, "letters"), expected);
    assert_eq!(pieces(&database, "counted").len(), 4);

    // As a month later, as the role that serves: one is missing.
    database.asked(&format!("DROP TABLE {}", expected[2]));
    let place = database.unowned();
    assert_eq!(postgres::make_months(address(&place)).unwrap(), 1);
    assert_eq!(postgres::make_months(address(&place)).unwrap(), 0);
    assert_eq!(pieces(&database, "letters"), expected);
}

#[test]
fn a_row_of_any_moment_is_taken_and_lies_in_its_month_once_that_is_made() {
    let database = Database::of("months_of_rows");
    database.prepared_with(&[ROOM]);
    let rows = [id(LEAP_DAY), id(MARCH), id(0), id(253_402_300_799_000)];
    for row in &rows {
        database.asked(&format!("INSERT INTO letters VALUES ('{row}', 'a')"));
    }
    let now = id(basics::Clock::system().now().millis());
    database.asked(&format!("INSERT INTO letters VALUES ('{now}', 'a')"));
    assert_eq!(database.asked("SELECT COUNT(*) FROM letters_rest"), "4");
    for (month, row) in [("2024-02-01", &rows[0]), ("2024-03-01", &rows[1])] {
        let made = format!("SELECT store_make_month('letters', '{month}')");
        assert_eq!(database.asked(&made), "1");
        let piece = month[..7].replace('-', "_");
        let found = format!("SELECT letter_id FROM letters_{piece}");
        assert_eq!(database.asked(&found), **row);
    }
    assert_eq!(database.asked("SELECT COUNT(*) FROM letters_rest"), "2");
    assert_eq!(database.asked("SELECT COUNT(*) FROM letters"), "5");
    // A number stands in the month of its microseconds, of which each has 1024.
    let last = (LEAP_DAY * 1000 + 999) * 1024 + 1023;
    for no in [last, MARCH * 1000 * 1024] {
        database.asked(&format!("INSERT INTO counted VALUES ({no}, 0)"));
    }
    database.asked("SELECT store_make_month('counted', '2024-02-01')");
    let in_february = database.asked("SELECT no FROM counted_2024_02");
    assert_eq!(in_february, last.to_string());
}

#[test]
fn a_month_that_has_ended_is_dropped_and_no_other() {
    let database = Database::of("months_dropped");
    database.prepared_with(&[ROOM]);
    let place = database.unowned();
    let drop = |table: &str, millis: i64| {
        postgres::drop_month(address(&place), table, Moment::from_micros(millis * 1000))
    };
    let february = [id(LEAP_DAY), id(LEAP_DAY - 1000)];
    let march = id(MARCH);
    let now = basics::Clock::system().now();
    database.asked("SELECT store_make_month('letters', '2024-02-01')");
    for row in february.iter().chain([&march, &id(now.millis())]) {
        database.asked(&format!("INSERT INTO letters VALUES ('{row}', 'a')"));
    }
    let of_this_month = drop("letters", now.millis()).unwrap_err().to_string();
    assert!(of_this_month.contains("has not ended"), "{of_this_month}");
    let later = now.millis() + 40 * 24 * 3_600_000;
    assert!(drop("letters", later).is_err());
    assert_eq!(database.asked("SELECT COUNT(*) FROM letters"), "4");
    assert!(drop("letters", LEAP_DAY).unwrap());
    assert!(!pieces(&database, "letters").contains(&"letters_2024_02".to_owned()));
    assert_eq!(database.asked("SELECT COUNT(*) FROM letters"), "2");
    assert!(!drop("letters", LEAP_DAY).unwrap());
    // Also where the month was never made.
    assert!(drop("letters", MARCH).unwrap());
    assert_eq!(database.asked("SELECT COUNT(*) FROM letters"), "1");
    assert!(drop("store_rooms", LEAP_DAY).is_err());
}

#[test]
fn who_serves_has_months_made_and_drops_none_itself() {
    let database = Database::of("months_of_others");
    database.prepared_with(&[ROOM]);
    database.asked("SELECT store_make_month('letters', '2024-02-01')");
    let refused = |sql: &str| {
        let said = database.asked_serving(sql).unwrap_err();
        assert!(
            said.contains("permission denied") || said.contains("must be owner"),
            "{sql}: {said}"
        );
    };
    let made = database.asked_serving("SELECT store_make_months()");
    assert_eq!(made.unwrap(), "0");
    refused("SELECT store_drop_month('letters', 0)");
    refused("SELECT store_make_month('letters', '2024-02-01')");
    refused("DROP TABLE letters_2024_02");
    refused("ALTER TABLE letters DETACH PARTITION letters_2024_02");
    // Its own tables of the same name do not lead a function astray.
    let astray = "CREATE TEMPORARY TABLE pg_class (oid int); SET search_path = pg_temp, public; SELECT public.store_make_months()";
    let told = database.asked_serving(astray).unwrap();
    assert!(told.ends_with('0'), "{told}");
}
