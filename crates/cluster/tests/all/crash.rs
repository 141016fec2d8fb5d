//! A crash: what was committed in a durable cluster is there at the next start.

use std::process::Stdio;

use cluster::Cluster;

use crate::{hasty, lives, psql, wait_until};

#[test]
fn what_was_committed_outlives_a_kill() {
    let mut cluster = Cluster::temporary().unwrap();
    let url = cluster.url("postgres");
    cluster
        .sql("postgres", "CREATE TABLE a (b bigint)")
        .unwrap();
    for round in 1..=3 {
        let insert = format!("INSERT INTO a VALUES ({round})");
        cluster.sql("postgres", &insert).unwrap();
        cluster.kill();
        assert_eq!(cluster.pid(), None);
        cluster.start_again().unwrap();
        let count = cluster.sql("postgres", "SELECT count(*) FROM a").unwrap();
        assert_eq!(count, round.to_string());
    }
    assert_eq!(cluster.url("postgres"), url);
    let log = std::fs::read_to_string(cluster.folder().join("server.log")).unwrap();
    assert_eq!(
        log.matches("was not properly shut down").count(),
        3,
        "{log}"
    );
}

#[test]
fn a_kill_ends_a_client_in_the_middle_of_its_query() {
    let mut cluster = hasty();
    let mut busy = psql(&cluster.url("postgres"), "SELECT pg_sleep(600)")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let backends = "SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'";
    let mut backend = String::new();
    wait_until("a client that sleeps", || {
        backend = cluster.sql("postgres", backends).unwrap();
        !backend.is_empty()
    });
    cluster.kill();
    assert!(!lives(backend.parse().unwrap()));
    assert!(!busy.wait().unwrap().success());
    cluster.start_again().unwrap();
    assert_eq!(cluster.sql("postgres", "SELECT 1").unwrap(), "1");
}

#[test]
fn durable_or_not_is_what_the_server_does() {
    let settings = "SELECT string_agg(setting, ' ' ORDER BY name) FROM pg_settings \
                    WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')";
    let durable = Cluster::temporary().unwrap();
    assert_eq!(durable.sql("postgres", settings).unwrap(), "on on on");
    assert_eq!(hasty().sql("postgres", settings).unwrap(), "off off off");
}
