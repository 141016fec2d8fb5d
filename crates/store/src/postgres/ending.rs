//! What ends, on a server: functions of the tables' owner find it among everybody's rows and remove it from the log.

use std::time::Duration;

use ::postgres::{Client, Error, Transaction};
use basics::Fault;

use super::{Address, faults, policies};
use crate::Ended;

/// What it is found and removed with; each runs as the owner of the tables.
const FUNCTIONS: &str = include_str!("ending.sql");

/// A part of a table that has more bytes is not written anew while others want to read it: it would take seconds.
const MOST_ANEW: i64 = 64 << 20;

/// Brings the functions in, as the owner, after those of `months`, whose search path they take over: the role that serves may
/// learn of whom something ends, the one that only adds may remove from the log.
pub(super) fn bring_in(tx: &mut Transaction<'_>, serving: &str) -> Result<(), Fault> {
    let (serves, adds) = (policies::quoted(serving), policies::adding_role(serving));
    let granted = format!(
        "GRANT EXECUTE ON FUNCTION store_people_with, store_those_in, store_write_anew TO {serves};
         GRANT EXECUTE ON FUNCTION store_remove_places, store_remove_log, store_sweep_places, store_sweep_log, store_remove_acts, store_remove_givings, store_sweep_removals TO {adds}"
    );
    tx.batch_execute(FUNCTIONS)
        .and_then(|()| tx.batch_execute(&granted))
        .map_err(said)
}

/// As `Search::people_with` says.
pub(crate) fn people_with(
    client: &mut Client,
    ended: &Ended<'_>,
    after: &str,
    most: i64,
) -> Result<Vec<String>, Fault> {
    let find = "SELECT * FROM store_people_with($1::text::name, $2::text[]::name[], $3::text[]::name[], $4, $5, $6)";
    let columns: Vec<&str> = ended.columns.iter().map(String::as_str).collect();
    let holding: Vec<&str> = ended.holding.iter().map(String::as_str).collect();
    let rows = client.query(
        find,
        &[
            &ended.table,
            &columns,
            &holding,
            &ended.until,
            &after,
            &most,
        ],
    );
    let people = rows.map_err(said)?;
    people
        .iter()
        .map(|row| row.try_get(0).map_err(said))
        .collect()
}

/// As `Store::forget_removed_of` says.
pub(crate) fn write_anew(serving: &Address, table: &str, people: &[String]) -> Result<bool, Fault> {
    let mut client = serving.connect()?;
    wait_for_those_at_work(&mut client)?;
    let write = "SELECT store_write_anew($1::text::name, $2, $3)";
    let row = client.query_one(write, &[&table, &people, &MOST_ANEW]);
    let too_large: i64 = row.and_then(|row| row.try_get(0)).map_err(said)?;
    Ok(too_large == 0)
}

/// Until every transaction that changes something now has ended, for two seconds at most: what was removed is carried along as long
/// as one of them goes on, be it in another database.
fn wait_for_those_at_work(client: &mut Client) -> Result<(), Fault> {
    let next = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
    let next = client.query_one(next, &[]).and_then(|row| row.try_get(0));
    let next: i64 = next.map_err(said)?;
    let ended = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= $1";
    for _ in 0..200 {
        let ended = client
            .query_one(ended, &[&next])
            .and_then(|row| row.try_get(0));
        if ended.map_err(said)? {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn said(error: Error) -> Fault {
    faults::named(&error)
}
