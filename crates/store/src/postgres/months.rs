//! Tables whose rows lie by month: this month and the next two are there before they are needed, one that has ended can go.

use ::postgres::{Client, Error, Transaction};
use basics::{Fault, Moment};

use super::{Address, faults, policies};

/// What they are made and dropped with; each runs as the owner of the tables.
const FUNCTIONS: &str = include_str!("months.sql");

/// Brings the functions in, as the owner: the role that serves may have months made, the one that only adds may have them
/// dropped, since the store becomes it for that alone.
pub(super) fn bring_in(tx: &mut Transaction<'_>, serving: &str) -> Result<(), Fault> {
    let (serves, adds) = (policies::quoted(serving), policies::adding_role(serving));
    let granted = format!(
        "GRANT EXECUTE ON FUNCTION store_make_months TO {serves}; GRANT EXECUTE ON FUNCTION store_drop_month TO {adds}"
    );
    // What a function names is looked for in its own schema, whoever calls it.
    let path: String = tx
        .query_one("SELECT quote_ident(current_schema()) || ', pg_temp'", &[])
        .and_then(|row| row.try_get(0))
        .map_err(said)?;
    tx.batch_execute(&format!("SET LOCAL search_path TO {path}"))
        .and_then(|()| tx.batch_execute(FUNCTIONS))
        .and_then(|()| tx.batch_execute(&granted))
        .map_err(said)
}

/// Makes what is missing of this month and the next two; answers how many pieces that were.
pub(super) fn make_within(tx: &mut Transaction<'_>) -> Result<u64, Fault> {
    tx.query_one("SELECT store_make_months()", &[])
        .and_then(|row| row.try_get::<_, i64>(0))
        .map(i64::unsigned_abs)
        .map_err(said)
}

pub(crate) fn make_months(serving: &Address) -> Result<u64, Fault> {
    in_transaction(serving, make_within)
}

pub(crate) fn drop_month(serving: &Address, table: &str, month: Moment) -> Result<bool, Fault> {
    in_transaction(serving, |tx| {
        let role = policies::adding_role(serving.role());
        tx.batch_execute(&format!("SET LOCAL ROLE {role}"))
            .and_then(|()| {
                tx.query_one(
                    "SELECT store_drop_month($1::text::name, $2)",
                    &[&table, &month.micros()],
                )
            })
            .and_then(|row| row.try_get(0))
            .map_err(|error| match error.code().map(|code| code.code()) {
                Some("PB001") => Fault::broken(format!("the month of {month} has not ended")),
                Some("PB002") => Fault::broken(format!("{table} does not lie by month")),
                _ => said(error),
            })
    })
}

fn in_transaction<T>(
    serving: &Address,
    work: impl FnOnce(&mut Transaction<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let mut client: Client = serving.connect()?;
    let mut tx = client.transaction().map_err(said)?;
    let done = work(&mut tx)?;
    tx.commit().map_err(said)?;
    Ok(done)
}

fn said(error: Error) -> Fault {
    faults::named(&error)
}
