//! The server alone: one prepared INSERT a table and group, an array a column, as the product has it there.

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
}

impl Server {
    pub fn on(client: Client) -> Self {
        Self {
            client,
            inserts: HashMap::new(),
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
}

impl Engine for Server {
    fn begin(&mut self) -> Result<(), Box<dyn Error>> {
        Ok(self.client.batch_execute("BEGIN")?)
    }

    fn add(&mut self, table: &Table, rows: &[Vec<Value>]) -> Result<(), Box<dyn Error>> {
        let insert = self.insert(table)?;
        let columns: Vec<Vec<Cell<'_>>> = (0..table.columns.len())
            .map(|at| rows.iter().map(|row| Cell(&row[at])).collect())
            .collect();
        let arrays: Vec<&(dyn ToSql + Sync)> = columns
            .iter()
            .map(|column| column as &(dyn ToSql + Sync))
            .collect();
        self.client.execute(&insert, &arrays)?;
        Ok(())
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
