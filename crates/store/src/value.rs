//! Cells: what goes into a row and what comes out, the same on every engine.

use basics::{Fault, Moment};

/// A value to bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}
impl From<Moment> for Value {
    fn from(moment: Moment) -> Self {
        Self::Int(moment.micros())
    }
}
impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A value that was read; borrowed from its row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// One row of an answer. Columns count from 0.
pub struct Row<'a> {
    pub(crate) inner: &'a rusqlite::Row<'a>,
}

impl Row<'_> {
    /// The cell at `column`. A column that is not there, or holds a type we never write, is a Fault.
    pub fn cell(&self, column: usize) -> Result<Cell<'_>, Fault> {
        use rusqlite::types::ValueRef;
        let value = self
            .inner
            .get_ref(column)
            .map_err(|fault| Fault::broken(format!("reading column {column}: {fault}")))?;
        match value {
            ValueRef::Null => Ok(Cell::Null),
            ValueRef::Integer(int) => Ok(Cell::Int(int)),
            ValueRef::Text(bytes) => std::str::from_utf8(bytes)
                .map(Cell::Text)
                .map_err(|_| Fault::broken(format!("column {column} is not UTF-8"))),
            ValueRef::Blob(bytes) => Ok(Cell::Blob(bytes)),
            ValueRef::Real(_) => Err(Fault::broken(format!("column {column} holds a float"))),
        }
    }
}
