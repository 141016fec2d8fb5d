//! Behind the door: what the server itself refuses the role that serves, whatever the program asks.

use std::collections::BTreeSet;

use super::house::House;
use super::load::Books;
use crate::kill::sender::Outcome;

/// Tables that say whose a row is and let the role that serves see every row, each with why that gives away nothing open.
const OPEN: [(&str, &str); 3] = [
    (
        "deliveries",
        "a sender's receipts: they lead with the sender, know a person by a random id at most, and are read to find it",
    ),
    (
        "numbers",
        "finds the person of a number, so before one is known: a keyed hash, and the number itself sealed",
    ),
    (
        "session_lookup",
        "finds the person of a session, so before one is known: a hash of 256 random bits",
    ),
];

const WITH_SUBJECT: &str = "SELECT c.relname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'subject_id' AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition";
/// A table's parts are reached through the table, and through that alone.
const PARTS_WITH_RIGHTS: &str =
    "SELECT c.relname FROM pg_class c, unnest(ARRAY['postbus', 'postbus_adds']) AS role
    WHERE c.relispartition AND c.relkind = 'r'
    AND has_table_privilege(role, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')";

/// What the owner's functions let each role do all the same.
const FUNCTIONS: [(&str, &[&str]); 2] = [
    (
        "postbus",
        &[
            "store_make_months",
            "store_people_with",
            "store_those_in",
            "store_write_anew",
        ],
    ),
    (
        "postbus_adds",
        &[
            "store_drop_month",
            "store_remove_acts",
            "store_remove_givings",
            "store_remove_log",
            "store_remove_places",
            "store_sweep_log",
            "store_sweep_places",
            "store_sweep_removals",
        ],
    ),
];

fn names(told: &str) -> BTreeSet<&str> {
    told.lines().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_role_that_serves_is_held_to_one_person_by_the_server_itself() {
    let house = House::hasty();
    let (server, sender, _) = house.inhabited().await;
    let mut books = Books::default();
    for _ in 0..8 {
        assert!(matches!(books.deliver(&sender).await, Outcome::Created(_)));
    }
    every_table_of_a_person_has_its_policy(&house);
    it_sees_nobody_until_a_person_is_named(&house);
    who_walks_the_log_sees_nothing_else(&house);
    it_changes_neither_tables_nor_log(&house);
    who_only_adds_does_not_read(&house);
    each_role_has_its_functions_and_no_others(&house);
    server.verify_log();
}

fn every_table_of_a_person_has_its_policy(house: &House) {
    let all = house.owner(WITH_SUBJECT);
    let held = house.owner(&format!(
        "{WITH_SUBJECT} AND c.relrowsecurity AND EXISTS (SELECT FROM pg_policies p WHERE p.tablename = c.relname
         AND 'postbus' = ANY (p.roles) AND p.cmd = 'ALL' AND p.qual LIKE '%subject_id = current_setting(''postbus.subject''%')"
    ));
    let open: BTreeSet<&str> = names(&all).difference(&names(&held)).copied().collect();
    assert_eq!(open, OPEN.map(|(table, _)| table).into());
    assert!(names(&held).len() >= 9, "{held}");
    assert_eq!(house.owner(PARTS_WITH_RIGHTS), "");
    let parts = house.owner("SELECT COUNT(*) > 20 FROM pg_class WHERE relispartition");
    assert_eq!(parts, "t");
    // Nothing else lets a role see or change rows.
    let policies = house.owner(
        "SELECT DISTINCT cmd || ' ' || array_to_string(roles, ' ') FROM pg_policies ORDER BY 1",
    );
    assert_eq!(policies, "ALL postbus\nINSERT postbus_adds\nSELECT postbus");
    let walked =
        house.owner("SELECT DISTINCT tablename FROM pg_policies WHERE cmd = 'SELECT' ORDER BY 1");
    assert_eq!(walked, "log\nlog_places");
    // The keyring has no policy: its keys are wrapped by a key that no server holds.
    let tables = house
        .cluster
        .sql("sleutels", WITH_SUBJECT)
        .expect("an answer");
    assert_eq!(tables, "subject_keys");
}

fn it_sees_nobody_until_a_person_is_named(house: &House) {
    let person = house.owner("SELECT subject_id FROM messages ORDER BY subject_id LIMIT 1");
    let held = house.owner(&format!("{WITH_SUBJECT} AND c.relrowsecurity"));
    let mut own = 0;
    for table in names(&held) {
        let rows = |who: &str| {
            house.owners_number(&format!(
                "SELECT count(*) FROM {table} WHERE subject_id {who} '{person}'"
            ))
        };
        let seen = |first: &str| {
            let told = house
                .serving(&format!("{first} SELECT count(*) FROM {table}"))
                .expect(table);
            told.lines()
                .last()
                .and_then(|count| count.parse::<u64>().ok())
                .expect("a number")
        };
        assert_eq!(seen(""), 0_u64, "{table}, with nobody named");
        let name = format!("SELECT set_config('postbus.subject', '{person}', false);");
        assert_eq!(seen(&name), rows("="), "{table}, with a person named");
        own += rows("=");
        if rows("<>") > 0 {
            let others = format!(
                "{name} UPDATE {table} SET subject_id = subject_id WHERE subject_id <> '{person}'"
            );
            let told = house.serving(&others);
            // The log's tables take no change at all.
            let none = told.as_ref().map_or_else(
                |fault| fault.contains("permission denied"),
                |told| told.ends_with("UPDATE 0"),
            );
            assert!(none, "{table}: {told:?}");
        }
    }
    assert!(own >= 10, "the person has rows: {own}");
    assert!(house.owners_number("SELECT count(DISTINCT subject_id) FROM messages") > 1);
    let given = format!(
        "SELECT set_config('postbus.subject', '{person}', false);
         UPDATE messages SET subject_id = 'iemand anders' WHERE subject_id = '{person}'"
    );
    let told = house
        .serving(&given)
        .expect_err("a row of one's own is not given away");
    assert!(told.contains("row-level security"), "{told}");
}

/// Who says that they walk the log sees all of it, and nothing else of anybody.
fn who_walks_the_log_sees_nothing_else(house: &House) {
    let held = house.owner(&format!("{WITH_SUBJECT} AND c.relrowsecurity"));
    for table in names(&held) {
        let walks = "SELECT set_config('postbus.subject', '*', false);";
        let told = house.serving(&format!("{walks} SELECT count(*) FROM {table}"));
        let told = told.expect(table);
        let seen = told
            .lines()
            .last()
            .and_then(|count| count.parse::<u64>().ok());
        let all = house.owners_number(&format!("SELECT count(*) FROM {table}"));
        let walked = ["log", "log_places"].contains(&table);
        assert_eq!(seen, Some(if walked { all } else { 0 }), "{table}");
    }
    assert!(house.owners_number("SELECT count(*) FROM log") > 0);
}

fn it_changes_neither_tables_nor_log(house: &House) {
    for refused in [
        "ALTER TABLE messages ADD COLUMN meer TEXT",
        "ALTER TABLE messages DISABLE ROW LEVEL SECURITY",
        "DROP POLICY messages_of_one ON messages",
        "CREATE POLICY alles ON messages TO postbus USING (true)",
        "CREATE TABLE public.meer (a TEXT)",
        "DROP TABLE messages",
        "TRUNCATE messages",
        "CREATE INDEX meer ON messages (subject_id)",
        "SET ROLE postbus_owner",
        "SET ROLE postgres",
        "UPDATE store_rooms SET sql = ''",
        "SELECT * FROM pg_authid",
    ] {
        is_refused(house, refused);
    }
    for table in ["log", "log_chain", "audit"] {
        assert!(house.owners_number(&format!("SELECT count(*) FROM {table}")) > 0);
    }
    for (table, column) in [
        ("log", "start_time"),
        ("log_chain", "at"),
        ("log_places", "log_no"),
        ("log_removals", "at"),
        ("audit", "at"),
        ("givings", "reference"),
    ] {
        for refused in [
            format!("UPDATE {table} SET {column} = DEFAULT"),
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table}"),
            format!("INSERT INTO {table} SELECT * FROM {table}"),
        ] {
            is_refused(house, &refused);
            is_refused(house, &format!("SET ROLE postbus_adds; {}", &refused));
        }
    }
}

fn who_only_adds_does_not_read(house: &House) {
    let add = "INSERT INTO subjects (subject_id, enrolled_at) VALUES ('proef', 0)";
    let told = house.serving(&format!("SET ROLE postbus_adds; BEGIN; {add}; ROLLBACK"));
    assert!(
        told.as_ref().is_ok_and(|told| told.contains("INSERT 0 1")),
        "{told:?}"
    );
    assert_eq!(
        house.owners_number("SELECT count(*) FROM subjects WHERE subject_id = 'proef'"),
        0
    );
    for table in house.owner(WITH_SUBJECT).lines() {
        for what in ["SELECT * FROM", "DELETE FROM"] {
            is_refused(house, &format!("SET ROLE postbus_adds; {what} {table}"));
        }
    }
    is_refused(
        house,
        &format!("SET ROLE postbus_adds; {add} RETURNING subject_id"),
    );
    // Without becoming that role the same row is somebody else's.
    let told = house.serving(add).expect_err("nobody is named");
    assert!(told.contains("row-level security"), "{told}");
}

fn each_role_has_its_functions_and_no_others(house: &House) {
    for (role, functions) in FUNCTIONS {
        let told = house.owner(&format!(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
             AND has_function_privilege('{role}', oid, 'EXECUTE') ORDER BY proname"
        ));
        assert_eq!(told.lines().collect::<Vec<_>>(), functions, "{role}");
    }
    // Without becoming the role that adds nothing is removed from the log.
    for refused in [
        "SELECT store_remove_places('x')",
        "SELECT store_remove_log('x', ARRAY[1::bigint])",
        "SELECT store_sweep_places(1, 1, ARRAY['x'])",
        "SELECT store_sweep_log(1, 1, ARRAY['x'])",
        "SELECT store_remove_acts(ARRAY['x'], 'y')",
        "SELECT store_remove_givings(ARRAY['x'], 'y')",
        "SELECT store_sweep_removals(ARRAY[1])",
        "SELECT store_drop_month('log', 1)",
    ] {
        is_refused(house, refused);
    }
}

fn is_refused(house: &House, sql: &str) {
    let told = house.serving(sql).expect_err(sql);
    let refused = ["permission denied", "must be owner"];
    assert!(
        refused.iter().any(|words| told.contains(words)),
        "{sql}: {told}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_do_more_than_serve_is_refused_at_the_start() {
    let house = House::hasty();
    let (mut server, ..) = house.inhabited().await;
    server.end().await;
    for (more, less) in [
        ("SUPERUSER", "NOSUPERUSER"),
        ("BYPASSRLS", "NOBYPASSRLS"),
        ("CREATEROLE", "NOCREATEROLE"),
        ("INHERIT", "NOINHERIT"),
    ] {
        house.superuser(&format!("ALTER ROLE postbus {more}"));
        let said = server.refuses_to_start();
        let to_run = "ALTER ROLE \"postbus\" NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOINHERIT";
        assert!(
            said.contains("may do more than serve") && said.contains(to_run),
            "{more}: {said}"
        );
        house.superuser(&format!("ALTER ROLE postbus {less}"));
    }
    house.superuser("GRANT postbus_owner TO postbus");
    let said = server.refuses_to_start();
    assert!(
        said.contains("REVOKE \"postbus_owner\" FROM \"postbus\""),
        "{said}"
    );
    house.superuser("REVOKE postbus_owner FROM postbus");
    for who in ["postbus", "postbus_adds", "PUBLIC"] {
        let database = |text: &str| house.owner(text);
        database(&format!("GRANT CREATE ON SCHEMA public TO {who}"));
        let said = server.refuses_to_start();
        let to_run =
            "REVOKE CREATE ON SCHEMA \"public\" FROM \"postbus\", \"postbus_adds\", PUBLIC";
        assert!(said.contains(to_run), "{who}: {said}");
        database(&format!("REVOKE CREATE ON SCHEMA public FROM {who}"));
    }
    // The owner's own address in place of that of who serves.
    let owner = server.another_with(|text| {
        let (serves, owns) = (
            "postbus:wachtwoord-van-postbus",
            "postbus_owner:wachtwoord-van-de-eigenaar",
        );
        text.replace(serves, owns)
    });
    let said = owner.refuses_to_start();
    assert!(said.contains("postbus_owner owns the tables"), "{said}");
    for password in super::house::PASSWORDS {
        assert!(!said.contains(password), "{said}");
    }
    server.start().await;
}
