//! A person with a value of their own in every column that the schema has, planted past the door. It reads the catalogue, so
//! a new column is planted without a change here; one that cannot be planted fails by its name.

use std::collections::BTreeMap;

use basics::{Activity, Actor, Channel, Fault, SubjectId};
use rusqlite::Connection;
use testkit::{CARLA, Product};
use vault::{Catalogue, Holds, Kept, KeptFrom, Processing, RoomSchema, Sealed, Subjects, Table};

use crate::database;

/// What a column of the person holds, as it is told on the way out.
#[derive(Clone, Debug)]
pub struct Canary {
    pub column: String,
    pub is_sealed: bool,
    /// What is looked for in a copy of the data, …
    pub told: String,
    /// … and in the files, in each form in which it may lie.
    pub lies: Vec<Vec<u8>>,
}

/// What may still be found of an erased person, column by column, each with its reason.
pub const STAYS: [(&str, &str); 8] = [
    ("deliveries.oin", RECEIPT),
    ("deliveries.message_id", RECEIPT),
    ("deliveries.received_at", RECEIPT),
    ("deliveries.published_at", RECEIPT),
    ("deliveries.attachment_count", RECEIPT),
    ("delivery_status.at", RECEIPT),
    ("delivery_status.status", RECEIPT),
    (
        "log.log_no",
        "the log's chain keeps that a row with this number was removed",
    ),
];
const RECEIPT: &str = "a sender keeps its receipt, without the person";

/// The planted person.
pub struct Planted {
    pub subject: SubjectId,
    pub canaries: Vec<Canary>,
    /// What the file of each row that names one holds.
    pub files: Vec<Vec<u8>>,
}

pub fn schemas() -> Vec<RoomSchema> {
    let mut all = vec![vault::SCHEMA];
    all.extend(postbus::rooms());
    all
}

pub fn catalogue() -> Catalogue {
    Catalogue::of(&schemas()).unwrap()
}

/// The columns of a table in their order, each with its type, as the engine reads them.
fn columns(schema: &Connection, table: &str) -> Vec<(String, String)> {
    let mut query = schema
        .prepare("SELECT name, type FROM pragma_table_info(?1)")
        .unwrap();
    let read = query.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)));
    read.unwrap().collect::<Result<_, _>>().unwrap()
}

/// The tables of people, what hangs on others behind them.
fn in_order(catalogue: &Catalogue) -> Vec<(&str, &Table)> {
    let mut tables: Vec<_> = catalogue
        .tables()
        .filter(|(_, table)| {
            let holds = |column: &String| table.category(column).is_some();
            table.columns.keys().any(holds)
        })
        .collect();
    let hangs = |table: &Table| matches!(table.marks.kept, Some(KeptFrom::With { .. }));
    tables.sort_by_key(|(name, table)| (hangs(table), *name));
    tables
}

/// Whether its rows are found through those that they hang on alone: what lies by time, and what names nobody.
fn is_reached_through(name: &str, table: &Table) -> bool {
    let made = format!("CREATE TABLE {name} (");
    let mut texts = schemas().into_iter().flat_map(|room| {
        let texts: Vec<&str> = room.texts().map(|(_, text)| text).collect();
        texts
    });
    let before = texts.find_map(|text| text.split_once(&made)).unwrap().0;
    let lies = before.lines().last().unwrap_or_default();
    lies.contains("by month of") || !table.columns.contains_key("subject_id")
}

/// Brings somebody in and gives them a row in every table, with a value of its own in every column.
pub async fn plant(product: &Product) -> Planted {
    let subject = product.activate(&CARLA).await;
    let (catalogue, schema) = (catalogue(), Connection::open_in_memory().unwrap());
    for room in schemas() {
        for (_, text) in room.texts() {
            schema.execute_batch(text).unwrap();
        }
    }
    let mut planted = Planted {
        subject,
        canaries: Vec::new(),
        files: Vec::new(),
    };
    // By column: what a row that hangs on another has in common with it.
    let mut rows: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    let mut number = 0;
    for (name, table) in in_order(&catalogue) {
        let mut row = BTreeMap::new();
        let shared = match &table.marks.kept {
            Some(KeptFrom::With { table: on, by }) if is_reached_through(name, table) => by
                .iter()
                .filter_map(|column| {
                    let value = rows.get(on.as_str())?.get(column)?;
                    Some((column.clone(), value.clone()))
                })
                .collect(),
            _ => BTreeMap::new(),
        };
        let blob = match &table.marks.blob {
            Some(mark) => {
                let bytes = format!("%PDF-1.7 canary-file-{name}")
                    .repeat(9)
                    .into_bytes();
                let blob = product
                    .vault()
                    .put_blob(bytes.clone().into())
                    .await
                    .unwrap();
                planted.files.push(bytes);
                let claimed = format!("'{}'", blob.blob);
                let claim = format!(
                    "INSERT INTO {} ({}) VALUES ({claimed})",
                    mark.claimed_in, mark.id
                );
                database::change(product, &claim);
                Some((mark, blob))
            }
            None => None,
        };
        for (column, kind) in columns(&schema, name) {
            number += 1;
            let holds = &table.columns[&column];
            if *holds == Holds::Subject || column == "subject_id" {
                row.insert(column, format!("'{subject}'"));
                continue;
            }
            if let Some(value) = shared.get(&column) {
                row.insert(column, value.clone());
                continue;
            }
            if let Some((mark, blob)) = &blob {
                if mark.key == column {
                    let key = sealed(product, subject, name, &column, blob.key.bytes()).await;
                    row.insert(column, literal(product, &key));
                    continue;
                }
                if mark.id == column {
                    row.insert(column.clone(), format!("'{}'", blob.blob));
                    let told = blob.blob.to_string();
                    planted.note(name, &column, false, told.clone(), vec![told.into_bytes()]);
                    continue;
                }
            }
            let text = format!("canary-{number:03}-{name}.{column}");
            let is_sealed = matches!(holds, Holds::Category(_, Kept::Sealed));
            let value = match (kind.as_str(), is_sealed) {
                ("BLOB", true) => {
                    planted.note(
                        name,
                        &column,
                        true,
                        text.clone(),
                        vec![text.clone().into_bytes()],
                    );
                    let bytes = sealed(product, subject, name, &column, text.into_bytes()).await;
                    literal(product, &bytes)
                }
                ("BLOB", false) => {
                    let told = hex(text.as_bytes());
                    planted.note(name, &column, false, told, vec![text.clone().into_bytes()]);
                    literal(product, text.as_bytes())
                }
                ("TEXT", false) => {
                    planted.note(
                        name,
                        &column,
                        false,
                        text.clone(),
                        vec![text.clone().into_bytes()],
                    );
                    format!("'{text}'")
                }
                ("BIGINT" | "INTEGER", false) => {
                    let int = 5_000_000_000_000_000_i64 + number * 1_000_003;
                    planted.note(
                        name,
                        &column,
                        false,
                        int.to_string(),
                        vec![int.to_be_bytes().to_vec(), int.to_string().into_bytes()],
                    );
                    int.to_string()
                }
                _ => panic!(
                    "the canary cannot plant {name}.{column}: a {kind} that is {holds:?}; teach it how"
                ),
            };
            row.insert(column, value);
        }
        plant_row(product, name, &row, &subject.to_string());
        rows.insert(name, row);
    }
    planted
}

/// In the place of what the person's own coming in left there.
fn plant_row(product: &Product, table: &str, row: &BTreeMap<String, String>, subject: &str) {
    if row.contains_key("subject_id") {
        database::change(
            product,
            &format!("DELETE FROM {table} WHERE subject_id = '{subject}'"),
        );
    }
    let columns: Vec<&str> = row.keys().map(String::as_str).collect();
    let values: Vec<&str> = row.values().map(String::as_str).collect();
    let (columns, values) = (columns.join(", "), values.join(", "));
    let added = database::change(
        product,
        &format!("INSERT INTO {table} ({columns}) VALUES ({values})"),
    );
    assert_eq!(added, 1, "{table}");
}

impl Canary {
    pub fn stays(&self) -> bool {
        STAYS.iter().any(|(column, _)| *column == self.column)
    }
}

impl Planted {
    fn note(
        &mut self,
        table: &str,
        column: &str,
        is_sealed: bool,
        told: String,
        lies: Vec<Vec<u8>>,
    ) {
        self.canaries.push(Canary {
            column: format!("{table}.{column}"),
            is_sealed,
            told,
            lies,
        });
    }
}

/// A value sealed for the person, to their own id.
async fn sealed(
    product: &Product,
    subject: SubjectId,
    table: &str,
    column: &str,
    value: Vec<u8>,
) -> Vec<u8> {
    let name: &'static str = format!("{table}.{column}").leak();
    let processing = Processing::of(
        Activity("account-overbrengen"),
        Actor::Operator,
        Subjects::One(subject),
        Channel::Terminal,
        product.trace(),
    );
    let vault = product.vault();
    let sealed = vault.write(processing, move |tx| {
        let sealed = tx.seal(Sealed::new(name), subject.uuid(), &value)?;
        Ok::<_, Fault>(sealed.sealed_bytes().unwrap().to_vec())
    });
    sealed.await.unwrap()
}

fn literal(product: &Product, bytes: &[u8]) -> String {
    match product.owner_of_rows() {
        Some(_) => format!("'\\x{}'", hex(bytes)),
        None => format!("X'{}'", hex(bytes)),
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex(text: &str) -> Vec<u8> {
    let pairs = (0..text.len()).step_by(2).map(|at| &text[at..at + 2]);
    let bytes = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap());
    bytes.collect()
}
