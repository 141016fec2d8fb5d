//! The embedded engine alone: a prepared INSERT a row, as the product has it there, or DELETE.

use std::error::Error;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::{Engine, Table};

pub struct Embedded(Connection);

impl Embedded {
    pub fn on(file: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(file)?;
        connection.execute_batch(
            "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA secure_delete = ON; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 2000;",
        )?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self(connection))
    }

    fn step(&self, text: &str) -> Result<(), Box<dyn Error>> {
        self.0.prepare_cached(text)?.execute([])?;
        Ok(())
    }
}

impl Engine for Embedded {
    fn begin(&mut self) -> Result<(), Box<dyn Error>> {
        self.step("BEGIN IMMEDIATE")
    }

    fn add(&mut self, table: &Table, rows: &[Vec<Value>]) -> Result<(), Box<dyn Error>> {
        let places: Vec<String> = (1..=table.columns.len())
            .map(|at| format!("?{at}"))
            .collect();
        let mut insert = self.0.prepare_cached(&format!(
            "INSERT INTO {} ({}) VALUES ({})",
            table.name,
            table.column_names(),
            places.join(", ")
        ))?;
        for row in rows {
            insert.execute(params_from_iter(row))?;
        }
        Ok(())
    }

    fn remove(
        &mut self,
        table: &'static str,
        by: &[(&str, &str)],
        keys: &[Vec<Value>],
    ) -> Result<u64, Box<dyn Error>> {
        let named: Vec<String> = (1..)
            .zip(by)
            .map(|(at, (name, _))| format!("{name} = ?{at}"))
            .collect();
        let text = format!("DELETE FROM {table} WHERE {}", named.join(" AND "));
        let mut remove = self.0.prepare_cached(&text)?;
        let mut removed = 0;
        for key in keys {
            removed += remove.execute(params_from_iter(key))? as u64;
        }
        Ok(removed)
    }

    fn commit(&mut self) -> Result<(), Box<dyn Error>> {
        self.step("COMMIT")
    }
}
