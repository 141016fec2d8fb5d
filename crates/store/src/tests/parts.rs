//! Tables in parts: a person's rows lie in one of them, and a part is no way round what holds for the table.

use super::server::Database;
use crate::{RoomSchema, Row, Sql, engine};

const ROOM: RoomSchema = RoomSchema {
    room: "probe",
    changes: &[],
    sql: "-- lies by subject_id in parts
CREATE TABLE letters (
  subject_id TEXT NOT NULL, -- subject
  letter_id TEXT NOT NULL,
  CONSTRAINT letters_pk PRIMARY KEY (subject_id, letter_id)
) WITHOUT ROWID;
-- lies by subject_id, by month of no
CREATE TABLE log (
  no INTEGER PRIMARY KEY,
  chain BIGINT NOT NULL,
  subject_id TEXT NOT NULL -- subject
);",
};

#[test]
fn the_rows_of_a_person_lie_in_one_part_and_a_text_reads_no_other() {
    let database = Database::of("parts_of_rows");
    database.prepared_with(&[ROOM]);
    database.asked(
        "INSERT INTO letters SELECT 'person ' || p, 'letter ' || l FROM generate_series(1, 64) AS p, generate_series(1, 3) AS l",
    );
    let parts = "SELECT MAX(parts), SUM(parts) FROM (SELECT COUNT(DISTINCT tableoid) AS parts FROM letters GROUP BY subject_id) AS of_each";
    assert_eq!(database.asked(parts), "1|64");
    let used = "SELECT COUNT(DISTINCT tableoid) FROM letters";
    assert_eq!(database.asked(used), "8");
    // Planned once, as the product's connections have it: the part is found when it runs.
    let read = "SET plan_cache_mode = force_generic_plan;
        PREPARE box AS SELECT letter_id FROM letters WHERE subject_id = $1;
        EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE box ('person 7')";
    let plan = database.asked(read);
    assert!(plan.contains("Subplans Removed: 7"), "{plan}");
}

#[test]
fn a_part_is_no_way_round_the_policies_of_its_table() {
    let database = Database::of("parts_guarded");
    database.prepared_with(&[ROOM]);
    database.asked("INSERT INTO letters VALUES ('anna', '1'), ('boris', '2'); INSERT INTO log VALUES (1, 0, 'anna')");
    let serving = |sql: &str| database.asked_serving(sql);
    assert_eq!(serving("SELECT COUNT(*) FROM letters").unwrap(), "0");
    let as_anna = "SET postbus.subject = 'anna'; SELECT letter_id FROM letters";
    assert!(serving(as_anna).unwrap().ends_with("\n1"));
    let pieces = database.asked(
        "SELECT c.relname FROM pg_class AS c JOIN pg_inherits AS i ON i.inhrelid = c.oid WHERE c.relkind = 'r'",
    );
    assert_eq!(pieces.lines().count(), 8 + 4);
    for piece in pieces.lines() {
        for sql in [
            format!("SELECT * FROM {piece}"),
            format!("INSERT INTO {piece} (subject_id) VALUES ('anna')"),
            format!("DELETE FROM {piece}"),
            format!(
                "SET ROLE parts_guarded_adds; INSERT INTO {piece} (subject_id) VALUES ('anna')"
            ),
        ] {
            let said = serving(&sql).unwrap_err();
            assert!(
                said.contains("permission denied for table"),
                "{sql}: {said}"
            );
        }
    }
    assert!(
        serving("DELETE FROM log")
            .unwrap_err()
            .contains("permission denied")
    );
    // The role that only adds reaches every part through the table, and reads none.
    let adds = "SET ROLE parts_guarded_adds; INSERT INTO letters SELECT 'p' || n, '1' FROM generate_series(1, 64) AS n";
    assert!(serving(adds).unwrap().ends_with("INSERT 0 64"));
    assert!(serving("SET ROLE parts_guarded_adds; SELECT * FROM letters").is_err());
}

#[test]
fn what_was_removed_is_in_no_file_of_its_part_once_that_was_written_anew() {
    let database = Database::of("parts_anew");
    database.prepared_with(&[ROOM]);
    database.asked(
        "INSERT INTO letters SELECT 'person ' || p, 'to be found ' || p || '.' FROM generate_series(1, 64) AS p",
    );
    let lies = |person: u32| {
        let files = "SELECT current_setting('data_directory') || '/' || pg_relation_filepath(relid) FROM pg_partition_tree('letters') WHERE isleaf";
        database.asked("CHECKPOINT");
        let looked_for = format!("to be found {person}.");
        database.asked(files).lines().any(|file| {
            let bytes = std::fs::read(file).unwrap();
            let mut parts = bytes.windows(looked_for.len());
            parts.any(|part| part == looked_for.as_bytes())
        })
    };
    let write_anew = |person: u32, most: u32| {
        let write = format!("SELECT store_write_anew('letters', ARRAY['person {person}'], {most})");
        database.asked_serving(&write).unwrap()
    };
    database.asked("DELETE FROM letters WHERE subject_id IN ('person 7', 'person 8')");
    assert!(lies(7) && lies(8) && lies(9));
    // One that would take too long stays.
    assert_eq!(write_anew(7, 100), "1");
    assert!(lies(7));
    let gone = || write_anew(7, 1 << 20) == "0" && !lies(7);
    assert!((0..100).any(|_| gone()));
    assert!(lies(9));
    let left = database.asked("SELECT COUNT(*), COUNT(DISTINCT letter_id) FROM letters");
    assert_eq!(left, "62|62");
    // What somebody still sees is carried along, until nobody does.
    let mut reads = database.connected();
    let mut seen = reads.build_transaction();
    seen = seen.isolation_level(::postgres::IsolationLevel::RepeatableRead);
    let mut seen = seen.start().unwrap();
    seen.query("SELECT 1 FROM log", &[]).unwrap();
    database.asked("DELETE FROM letters WHERE subject_id = 'person 9'");
    write_anew(9, 1 << 20);
    assert!(lies(9));
    let found = "SELECT 1 FROM letters WHERE subject_id = 'person 9'";
    assert_eq!(seen.query(found, &[]).unwrap().len(), 1);
    seen.commit().unwrap();
    // Other tests use this server: a transaction of theirs may still be older.
    let gone = || {
        write_anew(9, 1 << 20);
        !lies(9)
    };
    assert!((0..100).any(|_| gone()));
    // Only what lies in parts.
    let refused = database.asked_serving("SELECT store_write_anew('log', ARRAY['anna'], 0)");
    assert!(refused.is_err());
}

#[test]
fn a_text_is_planned_once_whatever_is_bound_to_it() {
    static LIST: Sql = Sql::new("SELECT letter_id FROM letters WHERE subject_id = $1 LIMIT $2");
    static PLANS: Sql = Sql::new(
        "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE 'SELECT letter_id%'",
    );
    let database = Database::of("parts_planned");
    database.prepared_with(&[ROOM]);
    let mut connection = engine::open_reader(&database.unowned()).unwrap();
    for limit in 1..=3 {
        let bound = ["anna".into(), limit.into()];
        connection.query(&LIST, &bound, &mut |_| Ok(())).unwrap();
    }
    let mut plans = Vec::new();
    let read = &mut |row: &Row<'_>| {
        plans.push(format!("{:?} {:?}", row.cell(0)?, row.cell(1)?));
        Ok(())
    };
    connection.query(&PLANS, &[], read).unwrap();
    assert_eq!(plans, ["Int(3) Int(0)"]);
}
