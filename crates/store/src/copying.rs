//! Copying a store from one place to another, on the same engine or another: table by table in the order of their keys, so
//! that one that was broken off goes on where it was.

use basics::Fault;

use crate::RoomSchema;
use crate::analysis::Analyst;
use crate::engine::{self, Batch, Connection, Place};
use crate::layout;
use crate::rooms;
use crate::sql::{Insert, Sql};
use crate::sqlite::FileLock;
use crate::value::{Cell, Value};

/// Rows of one commit.
const BATCH: usize = 500;

/// How far the copying of a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    pub table: &'a str,
    /// Rows that are over there now.
    pub rows: u64,
    /// Rows of the table, as counted when it began.
    pub of: u64,
}

/// Copies every row of these rooms and counts them afterwards on both sides; answers how many there are. Neither store may
/// be in use meanwhile. Blocks.
///
/// Errors: a place that is in use, cannot be reached or written; one to copy to that holds rows of another origin; tables of
/// another version; counts that differ afterwards. What was copied stays, and the same call goes on from there.
pub fn copy(
    from: &Place,
    to: &Place,
    rooms: &[RoomSchema],
    told: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<u64, Fault> {
    copied(from, to, rooms, false, told)
}

/// The same from a store that may be in use, as it is at one moment; to a place that nobody uses.
///
/// Errors: as [`copy`]; a copy that was broken off is of no use, since what it is of has gone on.
pub fn copy_as_it_is(
    from: &Place,
    to: &Place,
    rooms: &[RoomSchema],
    told: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<u64, Fault> {
    copied(from, to, rooms, true, told)
}

/// How many rows of these rooms there are when all of them have been copied already; nothing is, that is to be copied yet.
/// Neither store may be in use meanwhile. Blocks.
pub fn copied_before(from: &Place, to: &Place, rooms: &[RoomSchema]) -> Result<Option<u64>, Fault> {
    engine::aside(|| {
        let _locks = [lock(from)?, lock(to)?];
        if rooms::check(to, rooms).is_err() {
            return Ok(None);
        }
        let mut here = engine::open_inspector(from)?;
        let mut there = engine::open_inspector(to)?;
        let mut all = 0;
        for table in tables(rooms)? {
            let of = count(&mut *here, &table)?;
            if count(&mut *there, &table)? != of {
                return Ok(None);
            }
            all += of;
        }
        Ok((all > 0).then_some(all))
    })
}

fn copied(
    from: &Place,
    to: &Place,
    rooms: &[RoomSchema],
    is_in_use: bool,
    told: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<u64, Fault> {
    engine::aside(|| {
        let _locks = [if is_in_use { None } else { lock(from)? }, lock(to)?];
        rooms::check(from, rooms)?;
        let tables = tables(rooms)?;
        let mut source = engine::open_inspector(from)?;
        if is_in_use {
            source.begin_reading()?;
        }
        rooms::begin_copy(to, rooms, &from.to_string(), || {
            let mut there = engine::open_inspector(to)?;
            let mut counts = tables.iter().map(|table| count(&mut *there, table));
            Ok(counts.try_fold(0, |all, count| Ok::<_, Fault>(all + count?))? > 0)
        })?;
        let mut there = engine::open_inspector(to)?;
        let mut writer = engine::open_writer(to)?;
        let mut all = 0;
        for table in &tables {
            let of = count(&mut *source, table)?;
            table.copy(&mut *source, &mut *there, &mut *writer, of, told)?;
        }
        for table in &tables {
            let (here, over_there) = (count(&mut *source, table)?, count(&mut *there, table)?);
            if here != over_there {
                return Err(Fault::broken(format!(
                    "{} has {here} rows at {from} and {over_there} at {to}: was one of them in use?",
                    table.name
                )));
            }
            all += here;
        }
        rooms::end_copy(to)?;
        Ok(all)
    })
}

fn lock(place: &Place) -> Result<Option<FileLock>, Fault> {
    match place {
        Place::File(file) => FileLock::take(file).map(Some),
        Place::Server(_) => Ok(None),
    }
}

/// A table with the texts that copy it.
struct Table {
    name: String,
    /// Where its key stands among its columns.
    key: Vec<usize>,
    count: &'static Sql,
    first: &'static Sql,
    next: &'static Sql,
    last_key: &'static Sql,
    insert: &'static Insert,
}

/// A handful of texts that live as long as the program does.
fn kept(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn sql(text: String) -> &'static Sql {
    Box::leak(Box::new(Sql::new(kept(text))))
}

/// The tables of the rooms in the order in which they are made.
fn tables(rooms: &[RoomSchema]) -> Result<Vec<Table>, Fault> {
    let analyst = Analyst::of(rooms)?;
    let mut tables = Vec::new();
    for room in rooms {
        for (name, _) in layout::of_room(room)? {
            tables.push(Table::of(&analyst, name)?);
        }
    }
    Ok(tables)
}

impl Table {
    fn of(analyst: &Analyst, name: &str) -> Result<Self, Fault> {
        let (columns, keys) = (analyst.columns(name)?, analyst.key(name)?);
        let key = keys
            .iter()
            .filter_map(|key| columns.iter().position(|column| column == key))
            .collect();
        let listed = columns.join(", ");
        let by = keys.join(", ");
        let down = keys.join(" DESC, ");
        let places: Vec<String> = (1..=keys.len()).map(|at| format!("${at}")).collect();
        let places = places.join(", ");
        let columns: Vec<&'static str> = columns.into_iter().map(kept).collect();
        Ok(Self {
            name: name.to_owned(),
            key,
            count: sql(format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {name}")),
            first: sql(format!(
                "SELECT {listed} FROM {name} ORDER BY {by} LIMIT {BATCH}"
            )),
            next: sql(format!(
                "SELECT {listed} FROM {name} WHERE ({by}) > ({places}) ORDER BY {by} LIMIT {BATCH}"
            )),
            last_key: sql(format!(
                "SELECT {by} FROM {name} ORDER BY {down} DESC LIMIT 1"
            )),
            insert: Box::leak(Box::new(Insert::new(
                kept(name.to_owned()),
                Box::leak(columns.into_boxed_slice()),
            ))),
        })
    }

    /// Copies what is not over there yet.
    fn copy(
        &self,
        source: &mut dyn Connection,
        there: &mut dyn Connection,
        writer: &mut dyn Connection,
        of: u64,
        told: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), Fault> {
        let mut last = rows(there, self.last_key, &[])?.pop();
        let mut copied = count(there, self)?;
        loop {
            told(Progress {
                table: &self.name,
                rows: copied,
                of,
            });
            let batch = match &last {
                None => rows(source, self.first, &[])?,
                Some(key) => rows(source, self.next, key)?,
            };
            let Some(end) = batch.last() else {
                return Ok(());
            };
            last = Some(self.key.iter().map(|at| end[*at].clone()).collect());
            let batch = Batch {
                insert: self.insert,
                rows: batch.iter().map(Vec::as_slice).collect(),
            };
            writer.ready()?;
            writer.begin()?;
            writer.add_and_commit(std::slice::from_ref(&batch))?;
            copied += batch.rows.len() as u64;
        }
    }
}

fn count(connection: &mut dyn Connection, table: &Table) -> Result<u64, Fault> {
    let counted = rows(connection, table.count, &[])?;
    match counted.first().and_then(|row| row.first()) {
        Some(Value::Int(count)) => Ok(count.unsigned_abs()),
        _ => Err(Fault::broken("a count is not a number")),
    }
}

fn rows(
    connection: &mut dyn Connection,
    sql: &Sql,
    params: &[Value],
) -> Result<Vec<Vec<Value>>, Fault> {
    let mut found = Vec::new();
    connection.query(sql, params, &mut |row| {
        let cells = (0..row.width()).map(|at| {
            Ok(match row.cell(at)? {
                Cell::Null => Value::Null,
                Cell::Int(int) => Value::Int(int),
                Cell::Text(text) => text.into(),
                Cell::Blob(bytes) => Value::Blob(bytes.to_vec()),
            })
        });
        found.push(cells.collect::<Result<_, Fault>>()?);
        Ok(())
    })?;
    Ok(found)
}
