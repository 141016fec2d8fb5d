//! Cells: what goes into a row and what comes out, the same on every engine.

use basics::{Fault, Moment};

/// A value to bind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
pub struct Row<'a>(pub(crate) Answered<'a>);

/// Rows that an engine gave to be kept for a while.
pub(crate) struct Answers(pub(crate) Vec<::postgres::Row>);

impl Answers {
    /// Calls `each` for every row in order; stops at its first error.
    pub(crate) fn tell(
        &self,
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut rows = self.0.iter();
        rows.try_for_each(|row| each(&Row(Answered::Server(row))))
    }
}

/// A row as its engine gave it.
pub(crate) enum Answered<'a> {
    Embedded(&'a rusqlite::Row<'a>),
    Server(&'a ::postgres::Row),
}

impl Row<'_> {
    /// How many columns it has.
    pub(crate) fn width(&self) -> usize {
        match self.0 {
            Answered::Embedded(row) => row.as_ref().column_count(),
            Answered::Server(row) => row.len(),
        }
    }

    /// The cell at `column`. A column that is not there, or holds a type we never write, is a Fault.
    pub fn cell(&self, column: usize) -> Result<Cell<'_>, Fault> {
        match self.0 {
            Answered::Embedded(row) => crate::sqlite::cell(row, column),
            Answered::Server(row) => crate::postgres::cell(row, column),
        }
    }
}
