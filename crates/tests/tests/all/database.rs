//! Past the door on purpose: the database, opened beside the running product, to see and to spoil what lies there.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use testkit::Product;

use crate::ending::canary;

fn open_in(data: &Path) -> Connection {
    let connection = Connection::open(data.join("postbus.db")).unwrap();
    let patience = std::time::Duration::from_secs(5);
    connection.busy_timeout(patience).unwrap();
    connection
}

/// Every row of a query, its values as text.
pub fn rows(product: &Product, sql: &str) -> Vec<Vec<String>> {
    if let Some(owner) = product.owner_of_rows() {
        let told = cluster::ask(&owner, sql).unwrap();
        let values = |line: &str| line.split('|').map(str::to_owned).collect();
        return told.lines().map(values).collect();
    }
    let connection = open_in(&product.data());
    let mut query = connection.prepare(sql).unwrap();
    let columns = query.column_count();
    let text = |value: ValueRef<'_>| match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(int) => int.to_string(),
        ValueRef::Text(text) => String::from_utf8(text.to_owned()).unwrap(),
        ValueRef::Blob(bytes) => canary::hex(bytes),
        other => panic!("{other:?} is neither text nor a number"),
    };
    let read = query.query_map([], |row| {
        (0..columns).map(|at| Ok(text(row.get_ref(at)?))).collect()
    });
    read.unwrap().collect::<Result<_, _>>().unwrap()
}

/// The only value of a query that answers a number.
pub fn number(product: &Product, sql: &str) -> i64 {
    let rows = rows(product, sql);
    let number = rows[0][0].parse();
    number.unwrap_or_else(|_| panic!("{rows:?} is no number"))
}

/// Changes rows; answers how many.
pub fn change(product: &Product, sql: &str) -> usize {
    if let Some(owner) = product.owner_of_rows() {
        // `UPDATE 3`, `INSERT 0 3`
        let told = cluster::ask(&owner, sql).unwrap();
        return told.rsplit(' ').next().unwrap().parse().unwrap();
    }
    open_in(&product.data()).execute(sql, []).unwrap()
}

/// Every table of a product on a server, as `pg_dump` writes it; nothing for one in files.
pub fn dumped(product: &Product) -> Vec<(PathBuf, Vec<u8>)> {
    let Some(lent) = product.lent() else {
        return Vec::new();
    };
    let dump = |[_, owner]: [String; 2]| {
        let tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()";
        let tables = cluster::ask(&owner, tables).unwrap();
        let dumped = tables.lines().map(|table| {
            let rows = cluster::ask(&owner, &format!("SELECT t::text FROM {table} AS t")).unwrap();
            (PathBuf::from(table), rows.into_bytes())
        });
        dumped.collect::<Vec<_>>()
    };
    lent.into_iter().flat_map(dump).collect()
}

/// The files in which a server keeps the tables of an address, as they lie on its disk.
pub fn files_of_tables(owner: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let files = "CHECKPOINT; SELECT current_setting('data_directory') || '/' || pg_relation_filepath(oid)
                 FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace";
    let files = cluster::ask(owner, files).unwrap();
    let files = files.lines().filter(|line| line.starts_with('/'));
    let files = files.map(|file| (PathBuf::from(file), std::fs::read(file).unwrap()));
    files.collect()
}

/// What keeps a session from being written, for as long as it is kept.
pub enum Locked {
    File(#[expect(dead_code, reason = "dropping it lets go")] Connection),
    Table(Child),
}

impl Drop for Locked {
    fn drop(&mut self) {
        if let Self::Table(psql) = self {
            psql.kill().unwrap();
            psql.wait().unwrap();
        }
    }
}

/// Holds the sessions of a product locked, as another program would: they can be read, not written.
pub fn locked(data: &Path, owner: Option<&str>) -> Locked {
    match owner {
        None => Locked::File(locked_file(data)),
        Some(owner) => {
            let mut psql = cluster::asking(owner).unwrap();
            let mut psql = psql
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let lock = "BEGIN; LOCK TABLE sessions IN EXCLUSIVE MODE; SELECT 'held';\n";
            psql.stdin
                .as_mut()
                .unwrap()
                .write_all(lock.as_bytes())
                .unwrap();
            let told = BufReader::new(psql.stdout.as_mut().unwrap()).lines();
            assert!(told.map_while(Result::ok).any(|line| line == "held"));
            Locked::Table(psql)
        }
    }
}

/// Holds a file locked for as long as this is kept, as another program would.
pub fn locked_file(data: &Path) -> Connection {
    let connection = open_in(data);
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}
