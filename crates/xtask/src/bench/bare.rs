//! The bare engine: the rows and bytes that the road left, in the groups it committed them in, with nothing else around.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

const DELIVERY: &str = "bericht-aanleveren";

/// One row a delivery in each of these, beside its log row.
const TABLES: [&str; 4] = ["messages", "bodies", "deliveries", "delivery_status"];

struct Table {
    insert: String,
    rows: std::vec::IntoIter<Vec<Value>>,
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
    pub fn of(database: &Path) -> rusqlite::Result<Self> {
        let database = Connection::open(database)?;
        let last = |sql| database.query_row(sql, [], |row| row.get::<_, Option<String>>(0));
        Ok(Self {
            logged: database.query_row("SELECT IFNULL(MAX(log_no), 0) FROM log", [], |row| {
                row.get(0)
            })?,
            message: last("SELECT MAX(message_id) FROM bodies")?.unwrap_or_default(),
            audit: last("SELECT MAX(audit_id) FROM audit")?.unwrap_or_default(),
        })
    }
}

/// Adds what `written` holds beyond `mark` to `engine`, which is as `written` was there.
pub fn run(written: &Path, mark: &Mark, engine: &Path) -> Result<Bare, Box<dyn Error>> {
    let source = Connection::open(written)?;
    let commits = commits(&source, mark)?;
    let groups: Vec<usize> = commits.iter().map(|commit| commit.deliveries).collect();
    let deliveries: usize = groups.iter().sum();
    let since = format!("WHERE message_id > '{}'", mark.message);
    let delivered = format!("WHERE activity = '{DELIVERY}'");
    let logged = format!("{delivered} AND log_no > {}", mark.logged);
    let mut tables = Vec::new();
    for name in TABLES {
        tables.push(table(&source, name, &since, deliveries)?);
    }
    tables.push(table(&source, "log", &logged, deliveries)?);
    let audited = format!("{delivered} AND audit_id > '{}'", mark.audit);
    tables.push(table(&source, "audit", &audited, deliveries)?);
    let links: Vec<String> = commits
        .iter()
        .map(|commit| commit.link.to_string())
        .collect();
    let links = format!("WHERE seq IN ({})", links.join(", "));
    let mut links = table(&source, "log_chain", &links, groups.len())?;

    let engine = Connection::open(engine)?;
    engine.execute_batch(
        "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 2000;",
    )?;
    engine.set_prepared_statement_cache_capacity(64);
    let began = Instant::now();
    for deliveries in &groups {
        engine.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for table in &mut tables {
            table.add(&engine, *deliveries * table.each)?;
        }
        links.add(&engine, 1)?;
        engine.prepare_cached("COMMIT")?.execute([])?;
    }
    Ok(Bare {
        deliveries,
        groups: groups.len(),
        duration: began.elapsed(),
    })
}

impl Table {
    fn add(&mut self, engine: &Connection, count: usize) -> rusqlite::Result<()> {
        let mut insert = engine.prepare_cached(&self.insert)?;
        for row in self.rows.by_ref().take(count) {
            insert.execute(params_from_iter(row))?;
        }
        Ok(())
    }
}

/// One commit of the road.
struct Commit {
    link: i64,
    deliveries: usize,
}

/// The commits that held deliveries, in order. Each link of the log is one; its rows are numbered from its first on.
fn commits(source: &Connection, mark: &Mark) -> Result<Vec<Commit>, Box<dyn Error>> {
    let mut links =
        source.prepare("SELECT seq, first_no FROM log_chain WHERE first_no > ?1 ORDER BY seq")?;
    let links = links.query_map([mark.logged], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let links: Vec<(i64, i64)> = links.collect::<rusqlite::Result<_>>()?;
    let mut rows = source
        .prepare("SELECT log_no FROM log WHERE activity = ?1 AND log_no > ?2 ORDER BY log_no")?;
    let rows = rows.query_map((DELIVERY, mark.logged), |row| row.get::<_, i64>(0))?;
    let mut commits: Vec<Commit> = Vec::new();
    for no in rows {
        let no = no?;
        let at = links.partition_point(|(_, first_no)| *first_no <= no);
        let (link, _) = *links[..at].last().ok_or("a log row before every link")?;
        match commits.last_mut() {
            Some(commit) if commit.link == link => commit.deliveries += 1,
            _ => commits.push(Commit {
                link,
                deliveries: 1,
            }),
        }
    }
    Ok(commits)
}

fn table(
    source: &Connection,
    name: &str,
    which: &str,
    deliveries: usize,
) -> Result<Table, Box<dyn Error>> {
    // By the id that leads in time, so that rows go in as they came.
    let order = match name {
        "messages" => "message_id",
        "log_chain" => "seq",
        _ => "1",
    };
    let order = if matches!(name, "deliveries" | "delivery_status") {
        "message_id"
    } else {
        order
    };
    let mut select = source.prepare(&format!("SELECT * FROM {name} {which} ORDER BY {order}"))?;
    let columns = select.column_names().collect::<Vec<_>>().join(", ");
    let width = select.column_count();
    let rows = select.query_map([], |row| {
        (0..width)
            .map(|at| row.get(at))
            .collect::<rusqlite::Result<Vec<Value>>>()
    })?;
    let rows: Vec<Vec<Value>> = rows.collect::<rusqlite::Result<_>>()?;
    if !rows.len().is_multiple_of(deliveries.max(1)) {
        return Err(format!(
            "{name} holds {} rows for {deliveries} deliveries",
            rows.len()
        )
        .into());
    }
    let places: Vec<String> = (1..=width).map(|at| format!("?{at}")).collect();
    let insert = format!(
        "INSERT INTO {name} ({columns}) VALUES ({})",
        places.join(", ")
    );
    Ok(Table {
        insert,
        each: rows.len() / deliveries.max(1),
        rows: rows.into_iter(),
    })
}
