//! The rows that a sweep removed, removed by the engine alone: in the same batches, each with the rows that the sweep left in the log.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::error::Error;
use std::time::{Duration, Instant};

use rusqlite::types::Value;

use super::super::rows::Source;
use super::super::site::Site;
use super::{Table, engine_on};

const SWEEP: &str = "gegevens-opruimen";

/// So many of one person's letters end in one batch, so many of a sender's receipts, and so many rows of the log.
const STEP: usize = 64;
const RECEIPTS: usize = 256;
const LOG_STEP: usize = 1_000;

/// What goes, what hangs on something before it; by these columns, each with its type on a server.
const GOES: [(&str, &[(&str, &str)]); 9] = [
    ("delivery_status", &[OIN, MESSAGE]),
    ("deliveries", &[OIN, MESSAGE]),
    ("claimed_blobs", &[("blob_id", "text")]),
    ("attachments", &[MESSAGE, SUBJECT]),
    ("bodies", &[MESSAGE, SUBJECT]),
    ("messages", &[SUBJECT, MESSAGE]),
    ("log_places", &[("run_no", "int8"), SUBJECT, NUMBER]),
    ("log", &[NUMBER]),
    ("audit", &[("audit_id", "text")]),
];
const OIN: (&str, &str) = ("oin", "text");
const MESSAGE: (&str, &str) = ("message_id", "text");
const SUBJECT: (&str, &str) = ("subject_id", "text");
const NUMBER: (&str, &str) = ("log_no", "int8");
/// What the product does not count among the rows it removed: nobody would miss them.
const UNCOUNTED: [&str; 2] = ["claimed_blobs", "log_places"];

/// What the engine alone makes of it.
pub struct Removed {
    pub rows: u64,
    pub batches: usize,
    pub duration: Duration,
}

impl Removed {
    pub fn per_second(&self) -> f64 {
        self.rows as f64 / self.duration.as_secs_f64()
    }
}

/// One commit.
#[derive(Default)]
struct Batch {
    keys: BTreeMap<&'static str, Vec<Vec<Value>>>,
    logged: Vec<Vec<Value>>,
    link: Vec<Vec<Value>>,
}

impl Batch {
    fn goes(&mut self, table: &'static str, key: &[&Value]) {
        let key = key.iter().map(|value| (*value).clone()).collect();
        self.keys.entry(table).or_default().push(key);
    }
}

/// Removes from `other`, which is as `swept` was before, what is there no more.
pub fn run(swept: &Site, other: &Site) -> Result<Removed, Box<dyn Error>> {
    let (mut after, mut before) = (Source::of(swept)?, Source::of(other)?);
    let marks = Marks::of(&mut after)?;
    let (logged, links) = (
        after.select(&format!(
            "SELECT * FROM log WHERE activity = '{SWEEP}' ORDER BY log_no"
        ))?,
        after.select("SELECT * FROM log_chain ORDER BY chain, first_no")?,
    );
    let log = Table::without_rows("log", logged.columns);
    let chain = Table::without_rows("log_chain", links.columns);
    let mut batches = committed(&log, logged.rows, &chain, links.rows)?;
    let receipts = receipts(&mut before, &marks, &mut batches, log.place("subject_id")?)?;
    letters(
        &mut before,
        &marks,
        &mut batches[receipts..],
        log.place("subject_id")?,
    )?;
    batches.extend(of_the_log(&mut before, &marks)?);
    drop((after, before));

    let mut engine = engine_on(other)?;
    let began = Instant::now();
    let mut rows = 0;
    for batch in &batches {
        engine.begin()?;
        for (table, by) in GOES {
            let Some(keys) = batch.keys.get(table) else {
                continue;
            };
            let removed = engine.remove(table, by, keys)?;
            if !UNCOUNTED.contains(&table) {
                rows += removed;
            }
        }
        if !batch.logged.is_empty() {
            engine.add(&log, &batch.logged)?;
            engine.add(&chain, &batch.link)?;
        }
        engine.commit()?;
    }
    Ok(Removed {
        rows,
        batches: batches.len(),
        duration: began.elapsed(),
    })
}

/// Where what is still there begins, and who acted in it.
struct Marks {
    receipt: i64,
    letter: i64,
    logged: i64,
    acts: HashSet<String>,
}

impl Marks {
    fn of(after: &mut Source) -> Result<Self, Box<dyn Error>> {
        let acts = after.select("SELECT audit_id FROM audit")?.rows;
        let acts = acts.iter().filter_map(|row| text_of(row.first()?));
        let acts = acts.map(str::to_owned).collect();
        let mut first = |text| Ok::<_, Box<dyn Error>>(after.number(text)?.unwrap_or(i64::MAX));
        Ok(Self {
            receipt: first("SELECT MIN(received_at) FROM deliveries")?,
            letter: first("SELECT MIN(received_at) FROM messages")?,
            logged: first("SELECT MIN(log_no) FROM log")?,
            acts,
        })
    }
}

/// The commits in which the sweep left rows in the log, in order. Each link of a chain is one; its rows are numbered from its first on.
fn committed(
    log: &Table,
    logged: Vec<Vec<Value>>,
    chain: &Table,
    links: Vec<Vec<Value>>,
) -> Result<Vec<Batch>, Box<dyn Error>> {
    let (link_chain, link_no) = (chain.place("chain")?, chain.place("first_no")?);
    let (row_chain, row_no) = (log.place("chain")?, log.place("log_no")?);
    let starts = links
        .iter()
        .map(|link| Ok((number(&link[link_chain])?, number(&link[link_no])?)));
    let starts = starts.collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let mut batches: BTreeMap<i64, Batch> = BTreeMap::new();
    for row in logged {
        let named = (number(&row[row_chain])?, number(&row[row_no])?);
        let at = starts.partition_point(|start| *start <= named);
        let at = at.checked_sub(1).ok_or("a log row before every link")?;
        let batch = batches.entry(starts[at].1).or_default();
        if batch.link.is_empty() {
            batch.link.push(links[at].clone());
        }
        batch.logged.push(row);
    }
    Ok(batches.into_values().collect())
}

/// Receipts go first, a step at a time; answers in how many batches.
fn receipts(
    before: &mut Source,
    marks: &Marks,
    batches: &mut [Batch],
    whose: usize,
) -> Result<usize, Box<dyn Error>> {
    let text = format!(
        "SELECT oin, message_id, subject_id FROM deliveries WHERE received_at < {} ORDER BY oin, message_id",
        marks.receipt
    );
    let found = before.select(&text)?.rows;
    let steps = found.chunks(RECEIPTS);
    let count = steps.len();
    for (at, step) in steps.enumerate() {
        let batch = batches.get_mut(at).ok_or("fewer commits than receipts")?;
        let people: BTreeSet<&str> = step.iter().filter_map(|row| text_of(&row[2])).collect();
        let logged: BTreeSet<&str> = batch
            .logged
            .iter()
            .filter_map(|row| text_of(&row[whose]))
            .collect();
        if people != logged {
            return Err(format!("the log tells of others than the receipts of commit {at}").into());
        }
        for row in step {
            batch.goes("delivery_status", &[&row[0], &row[1]]);
            batch.goes("deliveries", &[&row[0], &row[1]]);
        }
    }
    Ok(count)
}

/// Each row of the log is of one step with letters of its person, the oldest first.
fn letters(
    before: &mut Source,
    marks: &Marks,
    batches: &mut [Batch],
    whose: usize,
) -> Result<(), Box<dyn Error>> {
    let mut files: HashMap<String, Vec<Value>> = HashMap::new();
    for row in before
        .select("SELECT message_id, blob_id FROM attachments")?
        .rows
    {
        if let [Value::Text(message), blob] = row.as_slice() {
            files.entry(message.clone()).or_default().push(blob.clone());
        }
    }
    let text = format!(
        "SELECT subject_id, message_id FROM messages WHERE received_at < {} ORDER BY subject_id, message_id",
        marks.letter
    );
    let mut of_people: HashMap<String, VecDeque<Vec<Value>>> = HashMap::new();
    for row in before.select(&text)?.rows {
        let person = text_of(&row[0]).ok_or("a letter of nobody")?.to_owned();
        of_people.entry(person).or_default().push_back(row);
    }
    for batch in batches {
        for at in 0..batch.logged.len() {
            let person = text_of(&batch.logged[at][whose]).ok_or("a log row of nobody")?;
            let left = of_people
                .get_mut(person)
                .ok_or("a log row without letters")?;
            let step: Vec<_> = left.drain(..left.len().min(STEP)).collect();
            for row in step {
                let (person, message) = (&row[0], &row[1]);
                let files = text_of(message).and_then(|message| files.get(message));
                for blob in files.into_iter().flatten() {
                    batch.goes("claimed_blobs", &[blob]);
                }
                if files.is_some() {
                    batch.goes("attachments", &[message, person]);
                }
                batch.goes("bodies", &[message, person]);
                batch.goes("messages", &[person, message]);
            }
        }
    }
    match of_people.values().all(VecDeque::is_empty) {
        true => Ok(()),
        false => Err("letters are gone that the log does not tell of".into()),
    }
}

/// Rows of the log with as many of the places, step by step; then who acted.
fn of_the_log(before: &mut Source, marks: &Marks) -> Result<Vec<Batch>, Box<dyn Error>> {
    let logged = marks.logged;
    let numbers = format!("SELECT log_no FROM log WHERE log_no < {logged} ORDER BY log_no");
    let places = format!(
        "SELECT run_no, subject_id, log_no FROM log_places WHERE log_no < {logged} ORDER BY run_no, subject_id, log_no"
    );
    let (numbers, places) = (before.select(&numbers)?.rows, before.select(&places)?.rows);
    let steps = numbers.len().max(places.len()).div_ceil(LOG_STEP);
    let mut batches: Vec<Batch> = (0..steps).map(|_| Batch::default()).collect();
    for (table, rows) in [("log", numbers), ("log_places", places)] {
        for (batch, step) in batches.iter_mut().zip(rows.chunks(LOG_STEP)) {
            batch.keys.insert(table, step.to_vec());
        }
    }
    let acts = "SELECT audit_id FROM audit ORDER BY audit_id";
    let mut acts = before.select(acts)?.rows;
    // One that stands may have begun before others that went.
    acts.retain(|act| text_of(&act[0]).is_none_or(|act| !marks.acts.contains(act)));
    for step in acts.chunks(LOG_STEP) {
        let mut batch = Batch::default();
        batch.keys.insert("audit", step.to_vec());
        batches.push(batch);
    }
    Ok(batches)
}

fn number(value: &Value) -> Result<i64, Box<dyn Error>> {
    match value {
        Value::Integer(number) => Ok(*number),
        _ => Err("no number where one stands".into()),
    }
}

fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}
