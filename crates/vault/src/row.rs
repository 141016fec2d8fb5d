//! What closures bind and read: values, sealed values, and the cells of a row.

use std::str::FromStr;

use basics::{Fault, Moment, SubjectId, uuid::Uuid};
use store::Cell;

use crate::seal::{SealingKey, open_value};
use crate::texts::Sealed;

/// A value to bind or add.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    Plain(store::Value),
    /// To be sealed under the subject's key; for sealed columns of `Tx::add` only.
    Seal(Vec<u8>),
    /// Sealed by `Tx::seal`; for `Tx::run` only.
    Sealed(Vec<u8>),
}

impl Value {
    #[expect(
        non_upper_case_globals,
        reason = "reads as a variant beside the others"
    )]
    pub const Null: Value = Value::Plain(store::Value::Null);

    pub fn id(id: impl std::fmt::Display) -> Self {
        Self::Plain(store::Value::Text(id.to_string()))
    }
    pub fn blob(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Plain(store::Value::Blob(bytes.into()))
    }
    /// What `Tx::seal` gave, as it lies in the store; for tests that plant it there.
    #[doc(hidden)]
    pub fn sealed_bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Sealed(bytes) => Some(bytes),
            Value::Plain(_) | Value::Seal(_) => None,
        }
    }
    pub fn seal(value: impl Into<Vec<u8>>) -> Self {
        Self::Seal(value.into())
    }
}

impl<T: Into<store::Value>> From<T> for Value {
    fn from(value: T) -> Self {
        Self::Plain(value.into())
    }
}

/// Names only the kind: a value may be somebody's.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Value::Plain(_) => "Value::Plain(…)",
            Value::Seal(_) => "Value::Seal(…)",
            Value::Sealed(_) => "Value::Sealed(…)",
        })
    }
}

/// One row of an answer; columns count from 0.
pub struct Row<'a> {
    pub(crate) row: &'a store::Row<'a>,
    pub(crate) key: Option<(&'a SealingKey, SubjectId)>,
}

impl Row<'_> {
    pub fn int(&self, column: usize) -> Result<i64, Fault> {
        self.opt_int(column)?.ok_or_else(|| empty(column))
    }
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, Fault> {
        match self.row.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Int(int) => Ok(Some(int)),
            _ => Err(other(column, "a number")),
        }
    }
    pub fn moment(&self, column: usize) -> Result<Moment, Fault> {
        self.int(column).map(Moment::from_micros)
    }
    pub fn opt_moment(&self, column: usize) -> Result<Option<Moment>, Fault> {
        Ok(self.opt_int(column)?.map(Moment::from_micros))
    }
    pub fn text(&self, column: usize) -> Result<&str, Fault> {
        self.opt_text(column)?.ok_or_else(|| empty(column))
    }
    pub fn opt_text(&self, column: usize) -> Result<Option<&str>, Fault> {
        match self.row.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Text(text) => Ok(Some(text)),
            _ => Err(other(column, "text")),
        }
    }
    pub fn blob(&self, column: usize) -> Result<&[u8], Fault> {
        self.opt_blob(column)?.ok_or_else(|| empty(column))
    }
    pub fn opt_blob(&self, column: usize) -> Result<Option<&[u8]>, Fault> {
        match self.row.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Blob(bytes) => Ok(Some(bytes)),
            _ => Err(other(column, "bytes")),
        }
    }
    /// Anything kept as text that reads back from it, such as an id or an OIN.
    pub fn id<T: FromStr>(&self, column: usize) -> Result<T, Fault> {
        self.text(column)?
            .parse()
            .map_err(|_| other(column, "an id"))
    }

    /// Opens a sealed value of the subject. `row_id` is what it was sealed to: the row's own id.
    ///
    /// Errors: another person's value, or one moved from another row or column, does not open (kind Breached).
    pub fn open_bytes(
        &self,
        column: usize,
        sealed: Sealed,
        row_id: Uuid,
    ) -> Result<Vec<u8>, Fault> {
        let (key, subject) = self
            .key
            .ok_or_else(|| Fault::broken("a sealed value is read before a person is found"))?;
        open_value(key, sealed, row_id, subject, self.blob(column)?)
    }
    pub fn open_text(&self, column: usize, sealed: Sealed, row_id: Uuid) -> Result<String, Fault> {
        String::from_utf8(self.open_bytes(column, sealed, row_id)?)
            .map_err(|_| other(column, "sealed UTF-8"))
    }
    pub fn opt_open_text(
        &self,
        column: usize,
        sealed: Sealed,
        row_id: Uuid,
    ) -> Result<Option<String>, Fault> {
        match self.opt_blob(column)? {
            None => Ok(None),
            Some(_) => self.open_text(column, sealed, row_id).map(Some),
        }
    }
}

fn empty(column: usize) -> Fault {
    Fault::broken(format!("column {column} is empty"))
}

fn other(column: usize, wanted: &str) -> Fault {
    Fault::broken(format!("column {column} is not {wanted}"))
}
