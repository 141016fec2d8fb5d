//! Values as this engine binds and answers them.

use ::postgres::Row;
use ::postgres::types::private::BytesMut;
use ::postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use basics::Fault;

use crate::value::{Cell, Value};

type Refused = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Refused> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(int) if *kind == Type::INT8 => int.to_sql(kind, out),
            Value::Int(int) if *kind == Type::INT4 => i32::try_from(*int)?.to_sql(kind, out),
            Value::Text(text) if *kind == Type::TEXT => text.to_sql(kind, out),
            Value::Blob(bytes) if *kind == Type::BYTEA => bytes.as_slice().to_sql(kind, out),
            Value::Int(_) | Value::Text(_) | Value::Blob(_) => {
                Err(format!("a value of another kind where {kind} is wanted").into())
            }
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::TEXT, Type::BYTEA].contains(kind)
    }

    to_sql_checked!();
}

/// The cell of a row as this engine gave it.
pub(crate) fn cell(row: &Row, column: usize) -> Result<Cell<'_>, Fault> {
    let kind = row.columns().get(column).map(|column| column.type_());
    let cell = match kind {
        None => {
            return Err(Fault::broken(format!(
                "reading column {column}: no such column"
            )));
        }
        Some(&Type::INT8) => got::<i64>(row, column)?.map(Cell::Int),
        Some(&Type::INT4) => got::<i32>(row, column)?.map(|int| Cell::Int(int.into())),
        Some(&Type::TEXT) => got(row, column)?.map(Cell::Text),
        Some(&Type::BYTEA) => got(row, column)?.map(Cell::Blob),
        Some(kind) => {
            return Err(Fault::broken(format!("column {column} holds a {kind}")));
        }
    };
    Ok(cell.unwrap_or(Cell::Null))
}

fn got<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<Option<T>, Fault> {
    row.try_get(column)
        .map_err(|_| Fault::broken(format!("column {column} does not read")))
}
