//! A copy of everything that is kept of one person, opened: every personal column and file once, read in one snapshot.

use std::sync::Arc;

use basics::{Actor, Channel, Fault, SubjectId, Trace};
use statement::{Mask, Register};
use store::{Cell, Value};

use super::foreseen::categories;
use super::plan::{Blob, Column, Hanging, Plan};
use super::{EXPORT, Whose};
use crate::catalogue::Catalogue;
use crate::door::Door;
use crate::tx::ids_of;
use crate::{BlobId, BlobKey, Processing, ReadTx, Subjects, Vault};

/// Everything of one person.
#[derive(Clone, Debug)]
pub struct Export {
    pub subject: SubjectId,
    /// Each table that holds something of them, with its rows.
    pub tables: Vec<(&'static str, Vec<ExportedRow>)>,
    pub files: Vec<ExportedFile>,
    /// The columns by the category they hold: its name in the statement, then `table.column`.
    pub columns: Vec<(String, Vec<String>)>,
}

#[derive(Clone, Debug, Default)]
pub struct ExportedRow {
    pub values: Vec<(String, ExportedValue)>,
    /// The rows that hang on this one, by their table.
    pub hanging: Vec<(&'static str, Vec<ExportedRow>)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportedValue {
    Nothing,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// A file, by its place in `Export::files`.
    File(usize),
}

/// A file of the person, to be read with [`Vault::blob`].
#[derive(Clone, Debug)]
pub struct ExportedFile {
    pub blob: BlobId,
    pub key: BlobKey,
    /// As its sender named it.
    pub name: String,
}

impl Export {
    /// How many rows it has.
    pub fn rows(&self) -> usize {
        let all = |rows: &[ExportedRow]| rows.iter().map(ExportedRow::count).sum::<usize>();
        self.tables.iter().map(|(_, rows)| all(rows)).sum()
    }
}

impl ExportedRow {
    fn count(&self) -> usize {
        let hanging = self.hanging.iter().flat_map(|(_, rows)| rows);
        1 + hanging.map(Self::count).sum::<usize>()
    }
}

impl Vault {
    /// Reads everything of one person, for an operator who gives it to them. `None`: nobody like that is known here.
    ///
    /// Errors: a statement whose activity `gegevens-meegeven` leaves a category out.
    pub async fn export(&self, whose: Whose) -> Result<Option<Export>, Fault> {
        let trace = Trace::new(self.ids());
        let processing = Processing::of(
            EXPORT,
            Actor::Operator,
            Subjects::Found,
            Channel::Terminal,
            trace,
        );
        let door = Arc::clone(&self.door);
        self.read(processing.at_length(), move |tx| match whose.find(tx)? {
            Some(subject) => copy_of(
                &door,
                tx,
                subject,
                categories(&door.register, &door.plan),
                false,
            )
            .map(Some),
            None => Ok(None),
        })
        .await
    }
}

/// What is copied, and the files that were met.
struct Copying<'a> {
    register: &'a Register,
    only: Mask,
    /// For somebody outside: ids stay behind (decision 19), and so do bytes that lie open, which are hashes of our own.
    goes_outside: bool,
    files: Vec<ExportedFile>,
}

impl Copying<'_> {
    fn takes(&self, column: &Column) -> bool {
        let category = column.category();
        let category = category.and_then(|name| Catalogue::category_of(self.register, name));
        category.is_some_and(|category| self.only.has(category))
    }
}

/// What is kept of one person in these categories. What has no category names rows and joins them, and stays behind.
///
/// Errors: an activity that may not read all of these categories.
pub(crate) fn copy_of(
    door: &Door,
    tx: &mut ReadTx<'_>,
    subject: SubjectId,
    only: Mask,
    goes_outside: bool,
) -> Result<Export, Fault> {
    tx.covers(only, false)?;
    let plan = &door.plan;
    let mut export = Export {
        subject,
        tables: Vec::new(),
        files: Vec::new(),
        columns: by_category(door, plan, only),
    };
    let mut copying = Copying {
        register: &door.register,
        only,
        goes_outside,
        files: Vec::new(),
    };
    for rows in &plan.of_people {
        let read = read(
            tx,
            rows.name,
            &rows.columns,
            &[],
            &rows.blob,
            &mut copying,
            |tx, each| tx.rows_of(rows.all, &[subject.to_string().into()], each),
        )?;
        let read = hung(
            tx,
            subject,
            read,
            &rows.columns,
            &rows.hanging,
            &mut copying,
        )?;
        export.tables.push((rows.name, read));
    }
    for naming in &plan.naming {
        let read = read(
            tx,
            naming.name,
            &naming.columns,
            &[],
            &None,
            &mut copying,
            |tx, each| tx.rows_of(naming.all, &[subject.to_string().into()], each),
        )?;
        let read = hung(
            tx,
            subject,
            read,
            &naming.columns,
            &naming.hanging,
            &mut copying,
        )?;
        export.tables.push((naming.name, read));
    }
    for (_, rows) in &mut export.tables {
        rows.retain(|row| !row.values.is_empty() || !row.hanging.is_empty());
    }
    export.tables.retain(|(_, rows)| !rows.is_empty());
    export.files = copying.files;
    Ok(export)
}

fn by_category(door: &Door, plan: &Plan, only: Mask) -> Vec<(String, Vec<String>)> {
    let register = &door.register;
    let mut all: Vec<(String, Vec<String>)> = register
        .categories()
        .map(|category| (category.name.clone(), Vec::new()))
        .collect();
    for (table, column) in plan.columns() {
        let Some(name) = column.category() else {
            continue;
        };
        let id = Catalogue::category_of(register, name).filter(|id| only.has(*id));
        let at = id.map(statement::CategoryId::index);
        if let Some((_, columns)) = at.and_then(|at| all.get_mut(at)) {
            columns.push(format!("{table}.{}", column.name));
        }
    }
    all.retain(|(_, columns)| !columns.is_empty());
    all
}

/// A row with the cells that others hang on.
struct Read {
    row: ExportedRow,
    cells: Vec<Value>,
}

type Each<'e> = &'e mut dyn FnMut(&store::Row<'_>) -> Result<(), Fault>;

/// Reads rows and opens them; columns in `left_out` stand in the row that they hang on.
fn read(
    tx: &mut ReadTx<'_>,
    table: &str,
    columns: &[Column],
    left_out: &[String],
    blob: &Option<Blob>,
    copying: &mut Copying<'_>,
    ask: impl FnOnce(&mut ReadTx<'_>, Each<'_>) -> Result<(), Fault>,
) -> Result<Vec<Read>, Fault> {
    let mut rows: Vec<Vec<Value>> = Vec::new();
    ask(tx, &mut |row| {
        let cells = (0..columns.len()).map(|at| row.cell(at).map(owned));
        rows.push(cells.collect::<Result<_, _>>()?);
        Ok(())
    })?;
    let opened = rows.into_iter().map(|cells| {
        let ids = ids_of(cells.iter().map(borrowed));
        let mut values = Vec::with_capacity(columns.len());
        let (mut name, mut file, mut id) = (None, None, None);
        for (column, cell) in columns.iter().zip(&cells) {
            if !copying.takes(column) || left_out.contains(&column.name) {
                continue;
            }
            let value = match (tx.sealed(table, &column.name), cell) {
                (Some(sealed), Value::Blob(bytes)) => {
                    ExportedValue::of_bytes(tx.open_cell(sealed, &ids, bytes)?)
                }
                (_, Value::Blob(_)) if copying.goes_outside => continue,
                (_, Value::Blob(bytes)) => ExportedValue::Bytes(bytes.clone()),
                (_, Value::Null) => ExportedValue::Nothing,
                (_, Value::Int(int)) => ExportedValue::Number(*int),
                (_, Value::Text(text)) => ExportedValue::Text(text.clone()),
            };
            let mark = blob.as_ref().map(|blob| &blob.mark);
            if mark.is_some_and(|mark| mark.id == column.name) {
                id = Some(value.clone());
            }
            if copying.goes_outside && column.holds.is_id() {
                continue;
            }
            match mark {
                Some(mark) if mark.key == column.name => file = Some(value),
                Some(mark) if mark.name == column.name => {
                    name = Some(value.clone());
                    values.push((column.name.clone(), value));
                }
                _ => values.push((column.name.clone(), value)),
            }
        }
        if let (Some(blob), Some(key)) = (blob, file) {
            let (of_row, at) = (file_of(id, key, name)?, copying.files.len());
            copying.files.push(of_row);
            values.push((blob.mark.key.clone(), ExportedValue::File(at)));
        }
        let row = ExportedRow {
            values,
            hanging: Vec::new(),
        };
        Ok(Read { row, cells })
    });
    opened.collect()
}

fn file_of(
    id: Option<ExportedValue>,
    key: ExportedValue,
    name: Option<ExportedValue>,
) -> Result<ExportedFile, Fault> {
    let id = match id {
        Some(ExportedValue::Text(id)) => id.parse().ok(),
        _ => None,
    };
    let key = match key {
        ExportedValue::Bytes(key) => key,
        ExportedValue::Text(key) => key.into_bytes(),
        _ => Vec::new(),
    };
    Ok(ExportedFile {
        blob: id.ok_or_else(|| Fault::broken("a row names a file by no id"))?,
        key: BlobKey::from_bytes(&key)?,
        name: match name {
            Some(ExportedValue::Text(name)) => name,
            _ => String::new(),
        },
    })
}

/// Rows with what hangs on them.
fn hung(
    tx: &mut ReadTx<'_>,
    subject: SubjectId,
    rows: Vec<Read>,
    columns: &[Column],
    hanging: &[Hanging],
    copying: &mut Copying<'_>,
) -> Result<Vec<ExportedRow>, Fault> {
    let mut rows = rows;
    for hangs in hanging {
        let places = places(columns, &hangs.by);
        let keys: Vec<Vec<Value>> = rows
            .iter()
            .map(|read| picked(&read.cells, &places))
            .collect();
        let mut found = Vec::new();
        hangs
            .list
            .each(&subject.to_string(), &keys, |sql, params| {
                let read = read(
                    tx,
                    hangs.name,
                    &hangs.columns,
                    &hangs.by,
                    &hangs.blob,
                    copying,
                    |tx, each| tx.rows_of(sql, params, each),
                )?;
                found.extend(read);
                Ok(())
            })?;
        let own = self::places(&hangs.columns, &hangs.by);
        let mut by_key: std::collections::BTreeMap<Vec<u8>, Vec<ExportedRow>> =
            std::collections::BTreeMap::new();
        for read in found {
            if read.row.values.is_empty() {
                continue;
            }
            let key = spelt(&picked(&read.cells, &own));
            by_key.entry(key).or_default().push(read.row);
        }
        for (read, key) in rows.iter_mut().zip(&keys) {
            if let Some(hung) = by_key.remove(&spelt(key)) {
                read.row.hanging.push((hangs.name, hung));
            }
        }
    }
    Ok(rows.into_iter().map(|read| read.row).collect())
}

fn places(columns: &[Column], names: &[String]) -> Vec<usize> {
    let place = |name: &String| columns.iter().position(|column| column.name == *name);
    names.iter().filter_map(place).collect()
}

pub(crate) fn picked(cells: &[Value], places: &[usize]) -> Vec<Value> {
    let cells = places.iter().filter_map(|at| cells.get(*at));
    cells.cloned().collect()
}

/// Values as one key to look up by.
fn spelt(values: &[Value]) -> Vec<u8> {
    format!("{values:?}").into_bytes()
}

pub(crate) fn owned(cell: Cell<'_>) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Int(int) => Value::Int(int),
        Cell::Text(text) => text.into(),
        Cell::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

fn borrowed(value: &Value) -> Cell<'_> {
    match value {
        Value::Null => Cell::Null,
        Value::Int(int) => Cell::Int(*int),
        Value::Text(text) => Cell::Text(text),
        Value::Blob(bytes) => Cell::Blob(bytes),
    }
}

impl ExportedValue {
    /// Text where it reads as text.
    fn of_bytes(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(bytes) => Self::Bytes(bytes.into_bytes()),
        }
    }
}
