//! Functions of the tables' owner, by their version.

use super::server::Database;
use crate::{RoomSchema, rooms};

const LETTERS: RoomSchema = RoomSchema {
    room: "letters",
    sql: "CREATE TABLE letters (
  subject_id TEXT NOT NULL, -- subject
  CONSTRAINT letters_pk PRIMARY KEY (subject_id)
) WITHOUT ROWID;
",
    changes: &[],
};

#[test]
fn functions_of_an_older_version_are_refused_and_those_of_a_later_one_stay() {
    let database = Database::of("of_versions");
    database.prepared_with(&[LETTERS]);
    let opened = || rooms::bring_in(&database.unowned(), &[LETTERS]);
    let noted = |version: &str| {
        database.asked(&format!(
            "UPDATE store_rooms SET sql = '{version}' WHERE room = 'functions'"
        ));
    };
    let has_them = || {
        let those_in = "SELECT COUNT(*) FROM pg_proc WHERE proname = 'store_those_in'";
        database.asked(those_in) == "1"
    };
    let version = database.asked("SELECT sql FROM store_rooms WHERE room = 'functions'");
    opened().expect("they were just made");

    // A server that an older program prepared: with another version, and with none.
    for older in ["1", ""] {
        noted(older);
        let why = opened().expect_err("it is older").to_string();
        assert!(why.contains("run `postbus store prepare`"), "{why}");
    }
    database.asked("DELETE FROM store_rooms WHERE room = 'functions'");
    assert!(opened().is_err());
    database.asked("DROP FUNCTION store_those_in");
    database.prepared_with(&[LETTERS]);
    assert!(has_them());
    opened().expect("they were made again");

    // One that a later program prepared: an older one uses what is there, and makes nothing of its own.
    let later = version.parse::<u32>().expect("a number") + 1;
    noted(&later.to_string());
    database.asked("DROP FUNCTION store_those_in");
    database.prepared_with(&[LETTERS]);
    assert!(!has_them());
    opened().expect("a later version serves");
}

/// Whoever changes a function raises its version, so that servers get it: then this sum is another.
#[test]
fn the_version_of_functions_is_raised_with_their_texts() {
    let texts = [
        include_str!("../postgres/months.sql"),
        include_str!("../postgres/ending.sql"),
    ];
    // FNV-1a.
    let sum = texts
        .concat()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |sum: u64, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    assert_eq!(
        (crate::postgres::VERSION_OF_FUNCTIONS, sum),
        (2, 5_891_593_982_464_739_337)
    );
}
