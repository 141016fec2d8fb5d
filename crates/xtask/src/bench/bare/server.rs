//! The server alone: one prepared INSERT a table and group, an array a column, as the product has it there, or DELETE.

use std::collections::HashMap;
use std::error::Error;

use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Statement};
use rusqlite::types::Value;

use super::{Engine, Table};

pub struct Server {
    client: Client,
    inserts: HashMap<&'static str, Statement>,
    removals: HashMap<&'static str, Statement>,
}

impl Server {
    pub fn on(client: Client) -> Self {
        Self {
            client,
            inserts: HashMap::new(),
            removals: HashMap::new(),
        }
    }

    fn insert(&mut self, table: &Table) -> Result<Statement, postgres::Error> {
        if let Some(known) = self.inserts.get(table.name) {
            return Ok(known.clone());
        }
        let arrays: Vec<String> = (1..)
            .zip(&table.columns)
            .map(|(at, (_, kind))| format!("${at}::{kind}[]"))
            .collect();
        let insert = self.client.prepare(&format!(
            "INSERT INTO {} ({}) SELECT * FROM UNNEST({})",
            table.name,
            table.column_names(),
            arrays.join(", ")
        ))?;
        self.inserts.insert(table.name, insert.clone());
        Ok(insert)
    }

    fn removal(
        &mut self,
        table: &'static str,
        by: &[(&str, &str)],
    ) -> Result<Statement, postgres::Error> {
        if let Some(known) = self.removals.get(table) {
            return Ok(known.clone());
        }
        let names: Vec<&str> = by.iter().map(|(name, _)| *name).collect();
        let arrays: Vec<String> = (1..)
            .zip(by)
            .map(|(at, (_, kind))| format!("${at}::{kind}[]"))
            .collect();
        let removal = self.client.prepare(&format!(
            "DELETE FROM {table} WHERE ({}) IN (SELECT * FROM UNNEST({}))",
            names.join(", "),
            arrays.join(", ")
        ))?;
        self.removals.insert(table, removal.clone());
        Ok(removal)
    }

    /// Runs it with an array a column.
    fn on_arrays(
        &mut self,
        statement: &Statement,
        columns: usize,
        rows: &[Vec<Value>],
    ) -> Result<u64, postgres::Error> {
        let columns: Vec<Vec<Cell<'_>>> = (0..columns)
            .map(|at| rows.iter().map(|row| Cell(&row[at])).collect())
            .collect();
        let arrays: Vec<&(dyn ToSql + Sync)> = columns
            .iter()
            .map(|column| column as &(dyn ToSql + Sync))
            .collect();
        self.client.execute(statement, &arrays)
    }
}

impl Engine for Server {
    fn begin(&mut self) -> Result<(), Box<dyn Error>> {
        Ok(self.client.batch_execute("BEGIN")?)
    }

    fn add(&mut self, table: &Table, rows: &[Vec<Value>]) -> Result<(), Box<dyn Error>> {
        let insert = self.insert(table)?;
        self.on_arrays(&insert, table.columns.len(), rows)?;
        Ok(())
    }

    fn remove(
        &mut self,
        table: &'static str,
        by: &[(&str, &str)],
        keys: &[Vec<Value>],
    ) -> Result<u64, Box<dyn Error>> {
        let removal = self.removal(table, by)?;
        Ok(self.on_arrays(&removal, by.len(), keys)?)
    }

    fn commit(&mut self) -> Result<(), Box<dyn Error>> {
        Ok(self.client.batch_execute("COMMIT")?)
    }
}

#[derive(Debug)]
struct Cell<'a>(&'a Value);

impl ToSql for Cell<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(number) => number.to_sql(kind, out),
            Value::Text(text) => text.to_sql(kind, out),
            Value::Blob(bytes) => bytes.to_sql(kind, out),
            Value::Real(_) => Err("no table holds such a number".into()),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(kind)
    }

    to_sql_checked!();
}
