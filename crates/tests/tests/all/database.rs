//! Past the door on purpose: the database file, opened beside the running product, to see and to spoil what lies there.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, Params};
use testkit::Product;

fn open(product: &Product) -> Connection {
    open_in(&product.data())
}

fn open_in(data: &Path) -> Connection {
    let connection = Connection::open(data.join("postbus.db")).unwrap();
    let patience = std::time::Duration::from_secs(5);
    connection.busy_timeout(patience).unwrap();
    connection
}

/// Every row of a query.
pub fn rows(product: &Product, sql: &str, params: impl Params) -> Vec<Vec<Value>> {
    let connection = open(product);
    let mut query = connection.prepare(sql).unwrap();
    let columns = query.column_count();
    let read = query.query_map(params, |row| (0..columns).map(|at| row.get(at)).collect());
    read.unwrap().collect::<Result<_, _>>().unwrap()
}

/// The only value of a query that answers a number.
pub fn number(product: &Product, sql: &str) -> i64 {
    match rows(product, sql, [])[0][0] {
        Value::Integer(number) => number,
        ref other => panic!("{other:?} is no number"),
    }
}

/// Changes rows; answers how many.
pub fn change(product: &Product, sql: &str, params: impl Params) -> usize {
    open(product).execute(sql, params).unwrap()
}

/// Holds the database locked for as long as this is kept, as another program would.
pub fn locked(data: &Path) -> Connection {
    let connection = open_in(data);
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}
