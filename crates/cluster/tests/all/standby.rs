//! A standby has what the primary has, and takes its place.

use cluster::Cluster;

use crate::{hasty, wait_until};

const COUNT: &str = "SELECT count(*) FROM a";

#[test]
fn a_standby_follows_and_takes_no_changes() {
    let primary = hasty();
    primary
        .sql("postgres", "CREATE TABLE a (b bigint)")
        .unwrap();
    let standby = Cluster::standby_of(&primary).unwrap();
    assert_ne!(standby.port(), primary.port());
    primary.sql("postgres", "INSERT INTO a VALUES (1)").unwrap();
    wait_until("the row on the standby", || {
        standby
            .sql("postgres", COUNT)
            .is_ok_and(|count| count == "1")
    });
    let said = standby
        .sql("postgres", "INSERT INTO a VALUES (2)")
        .unwrap_err();
    assert!(said.to_string().contains("read-only"), "{said}");
}

#[test]
fn nothing_answered_is_lost_when_the_primary_dies_and_the_standby_takes_its_place() {
    let mut primary = Cluster::temporary().unwrap();
    primary
        .sql("postgres", "CREATE TABLE a (b bigint)")
        .unwrap();
    let standby = Cluster::standby_of(&primary).unwrap();
    primary.require_standby().unwrap();
    for number in 1..=20 {
        let insert = format!("INSERT INTO a VALUES ({number})");
        primary.sql("postgres", &insert).unwrap();
    }
    primary.kill();
    standby.promote().unwrap();
    assert_eq!(standby.sql("postgres", COUNT).unwrap(), "20");
    // Alone, and no commit waits for another standby.
    standby
        .sql("postgres", "INSERT INTO a VALUES (21)")
        .unwrap();
    let second = Cluster::standby_of(&standby).unwrap();
    assert_eq!(second.sql("postgres", COUNT).unwrap(), "21");
}

#[test]
fn a_standby_made_of_a_primary_that_waits_does_not_wait_itself() {
    let primary = Cluster::temporary().unwrap();
    let first = Cluster::standby_of(&primary).unwrap();
    primary.require_standby().unwrap();
    let second = Cluster::standby_of(&primary).unwrap();
    drop(first);
    second.promote().unwrap();
    second.sql("postgres", "CREATE TABLE a (b bigint)").unwrap();
}

#[test]
fn a_cluster_that_waits_for_nothing_does_not_say_that_it_waits_for_a_standby() {
    let said = hasty().require_standby().unwrap_err().to_string();
    assert!(said.contains("not durable"), "{said}");
}
