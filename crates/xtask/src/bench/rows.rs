//! Everybody's rows, read past the door from either engine.

use std::error::Error;

use postgres::types::Type;
use rusqlite::types::Value;

use super::site::Site;

/// Reads; never while the product holds the same file.
pub enum Source {
    File(rusqlite::Connection),
    Server(postgres::Client),
}

/// What a text that both engines understand answered.
pub struct Found {
    /// Each with its type, where the engine has one.
    pub columns: Vec<(String, String)>,
    pub rows: Vec<Vec<Value>>,
}

impl Source {
    pub fn of(site: &Site) -> Result<Self, Box<dyn Error>> {
        Ok(match site.client() {
            Some(client) => Self::Server(client?),
            None => Self::File(rusqlite::Connection::open(site.file())?),
        })
    }

    pub fn select(&mut self, text: &str) -> Result<Found, Box<dyn Error>> {
        match self {
            Self::File(file) => from_file(file, text),
            Self::Server(client) => from_server(client, text),
        }
    }

    /// The only value of the only row, when it is a text.
    pub fn text(&mut self, text: &str) -> Result<Option<String>, Box<dyn Error>> {
        let found = self.select(text)?;
        Ok(match found.rows.into_iter().flatten().next() {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        })
    }

    /// The same when it is a number.
    pub fn number(&mut self, text: &str) -> Result<Option<i64>, Box<dyn Error>> {
        let found = self.select(text)?;
        Ok(match found.rows.into_iter().flatten().next() {
            Some(Value::Integer(number)) => Some(number),
            _ => None,
        })
    }
}

fn from_file(file: &rusqlite::Connection, text: &str) -> Result<Found, Box<dyn Error>> {
    let mut select = file.prepare(text)?;
    let names = select.column_names();
    let columns: Vec<_> = names.map(|name| (name.to_owned(), String::new())).collect();
    let rows = select.query_map([], |row| {
        (0..columns.len())
            .map(|at| row.get(at))
            .collect::<rusqlite::Result<_>>()
    })?;
    Ok(Found {
        rows: rows.collect::<rusqlite::Result<_>>()?,
        columns,
    })
}

fn from_server(client: &mut postgres::Client, text: &str) -> Result<Found, Box<dyn Error>> {
    let select = client.prepare(text)?;
    let columns = select.columns().iter();
    let columns: Vec<_> = columns
        .map(|column| (column.name().to_owned(), column.type_().name().to_owned()))
        .collect();
    let mut rows = Vec::new();
    for row in client.query(&select, &[])? {
        let cells = (0..columns.len()).map(|at| cell(&row, at));
        rows.push(cells.collect::<Result<_, _>>()?);
    }
    Ok(Found { columns, rows })
}

fn cell(row: &postgres::Row, at: usize) -> Result<Value, Box<dyn Error>> {
    let value = match row.columns()[at].type_() {
        &Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map(Value::Integer),
        &Type::TEXT => row.try_get::<_, Option<String>>(at)?.map(Value::Text),
        &Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.map(Value::Blob),
        other => return Err(format!("a column of {other}").into()),
    };
    Ok(value.unwrap_or(Value::Null))
}
