//! The bare engine: the rows and bytes that the road left, in the groups it committed them in, with nothing else around; and
//! (`removing`) what a sweep removed.

mod embedded;
pub mod removing;
mod server;

use std::error::Error;
use std::time::{Duration, Instant};

use rusqlite::types::Value;

use super::rows::Source;
use super::site::Site;

const DELIVERY: &str = "bericht-aanleveren";

/// One row a delivery in each of these, beside its log row; by what they are put in the order in which they came.
const TABLES: [(&str, &str); 4] = [
    ("messages", "message_id"),
    ("bodies", "message_id"),
    ("deliveries", "message_id"),
    ("delivery_status", "message_id"),
];

/// What an engine does by itself, on one connection.
trait Engine {
    fn begin(&mut self) -> Result<(), Box<dyn Error>>;
    fn add(&mut self, table: &Table, rows: &[Vec<Value>]) -> Result<(), Box<dyn Error>>;
    /// Rows with these keys; answers how many there were. Each column has its type.
    fn remove(
        &mut self,
        table: &'static str,
        by: &[(&str, &str)],
        keys: &[Vec<Value>],
    ) -> Result<u64, Box<dyn Error>>;
    fn commit(&mut self) -> Result<(), Box<dyn Error>>;
}

struct Table {
    name: &'static str,
    /// Each with its type, where the engine has one.
    columns: Vec<(String, String)>,
    rows: Vec<Vec<Value>>,
    /// Rows for each delivery.
    each: usize,
}

/// What the engine alone makes of it.
pub struct Bare {
    pub deliveries: usize,
    pub groups: usize,
    pub duration: Duration,
}

impl Bare {
    pub fn per_second(&self) -> f64 {
        self.deliveries as f64 / self.duration.as_secs_f64()
    }
}

/// Where a database ends before deliveries are added to it.
pub struct Mark {
    /// The last number of a log row.
    logged: i64,
    /// The last in time.
    message: String,
    audit: String,
}

impl Mark {
    pub fn of(site: &Site) -> Result<Self, Box<dyn Error>> {
        let mut source = Source::of(site)?;
        let last = |found: Option<String>| found.unwrap_or_default();
        Ok(Self {
            logged: source
                .number("SELECT MAX(log_no) FROM log")?
                .unwrap_or_default(),
            message: last(source.text("SELECT MAX(message_id) FROM bodies")?),
            audit: last(source.text("SELECT MAX(audit_id) FROM audit")?),
        })
    }
}

/// Adds what `written` holds beyond `mark` to `other`, which is as `written` was there.
pub fn run(written: &Site, mark: &Mark, other: &Site) -> Result<Bare, Box<dyn Error>> {
    let mut source = Source::of(written)?;
    let commits = commits(&mut source, mark)?;
    let groups: Vec<usize> = commits.iter().map(|commit| commit.deliveries).collect();
    let deliveries: usize = groups.iter().sum();
    let since = format!("message_id > '{}'", mark.message);
    let delivered = format!("activity = '{DELIVERY}'");
    let mut tables = Vec::new();
    for (name, order) in TABLES {
        tables.push(table(&mut source, name, &since, order, deliveries)?);
    }
    let logged = format!("{delivered} AND log_no > {}", mark.logged);
    let order = "chain, log_no";
    tables.push(table(&mut source, "log", &logged, order, deliveries)?);
    let audited = format!("{delivered} AND audit_id > '{}'", mark.audit);
    let order = "audit_id";
    tables.push(table(&mut source, "audit", &audited, order, deliveries)?);
    let links: Vec<String> = commits
        .iter()
        .map(|commit| commit.first_no.to_string())
        .collect();
    let links = format!("first_no IN ({})", links.join(", "));
    let order = "chain, first_no";
    let links = table(&mut source, "log_chain", &links, order, groups.len())?;
    drop(source);

    let mut engine = engine_on(other)?;
    let began = Instant::now();
    let mut done = 0;
    for (at, deliveries) in groups.iter().enumerate() {
        engine.begin()?;
        for table in &tables {
            engine.add(table, table.of(done, *deliveries))?;
        }
        engine.add(&links, links.of(at, 1))?;
        engine.commit()?;
        done += deliveries;
    }
    Ok(Bare {
        deliveries,
        groups: groups.len(),
        duration: began.elapsed(),
    })
}

fn engine_on(site: &Site) -> Result<Box<dyn Engine>, Box<dyn Error>> {
    Ok(match site.client() {
        Some(client) => Box::new(server::Server::on(client?)),
        None => Box::new(embedded::Embedded::on(&site.file())?),
    })
}

impl Table {
    fn without_rows(name: &'static str, columns: Vec<(String, String)>) -> Self {
        Self {
            name,
            columns,
            rows: Vec::new(),
            each: 0,
        }
    }

    fn place(&self, column: &str) -> Result<usize, String> {
        let found = self.columns.iter().position(|(name, _)| name == column);
        found.ok_or_else(|| format!("{} has no {column}", self.name))
    }

    /// The rows of so many deliveries after the first ones.
    fn of(&self, first: usize, deliveries: usize) -> &[Vec<Value>] {
        &self.rows[first * self.each..(first + deliveries) * self.each]
    }

    fn column_names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    }
}

/// One commit of the road.
struct Commit {
    first_no: i64,
    deliveries: usize,
}

/// The commits that held deliveries, in order. Each link of a chain is one; its rows are numbered from its first on.
fn commits(source: &mut Source, mark: &Mark) -> Result<Vec<Commit>, Box<dyn Error>> {
    let since = mark.logged;
    let links = format!(
        "SELECT chain, first_no FROM log_chain WHERE first_no > {since} ORDER BY chain, first_no"
    );
    let links = pairs(source, &links)?;
    let rows = format!(
        "SELECT chain, log_no FROM log WHERE activity = '{DELIVERY}' AND log_no > {since} ORDER BY chain, log_no"
    );
    let mut commits: Vec<Commit> = Vec::new();
    for row in pairs(source, &rows)? {
        let at = links.partition_point(|link| *link <= row);
        let (_, first_no) = *links[..at].last().ok_or("a log row before every link")?;
        match commits.last_mut() {
            Some(commit) if commit.first_no == first_no => commit.deliveries += 1,
            _ => commits.push(Commit {
                first_no,
                deliveries: 1,
            }),
        }
    }
    Ok(commits)
}

fn pairs(source: &mut Source, text: &str) -> Result<Vec<(i64, i64)>, Box<dyn Error>> {
    let rows = source.select(text)?.rows.into_iter();
    let pair = |row: Vec<Value>| match row.as_slice() {
        [Value::Integer(one), Value::Integer(other)] => Ok((*one, *other)),
        _ => Err(format!("no two numbers: {text}").into()),
    };
    rows.map(pair).collect()
}

fn table(
    source: &mut Source,
    name: &'static str,
    which: &str,
    order: &str,
    deliveries: usize,
) -> Result<Table, Box<dyn Error>> {
    let found = source.select(&format!(
        "SELECT * FROM {name} WHERE {which} ORDER BY {order}"
    ))?;
    let count = found.rows.len();
    if !count.is_multiple_of(deliveries.max(1)) {
        return Err(format!("{name} holds {count} rows for {deliveries} deliveries").into());
    }
    Ok(Table {
        name,
        columns: found.columns,
        rows: found.rows,
        each: count / deliveries.max(1),
    })
}
