//! One connection to the server: made again when it was lost, its texts prepared once.

use std::collections::HashMap;

use ::postgres::types::ToSql;
use ::postgres::{Client, Error, Statement};
use basics::Fault;

use super::{Address, Server, faults, policies};
use crate::engine::{self, Connection};
use crate::sql::{Insert, Sql};
use crate::trouble::AGAIN;
use crate::value::{Answered, Row, Value};

/// Under this and its own number each writer holds an advisory lock, for as long as it is connected.
const WRITERS: i32 = 0x0050_4f53;
/// So many may write to one database at the same time.
const MOST_WRITERS: i32 = 1_000;

/// A connection that is there when it is needed.
pub(crate) struct Session {
    address: Address,
    client: Option<Client>,
    /// Prepared texts, by where the text lies.
    prepared: HashMap<usize, Statement>,
    is_writer: bool,
    writer: i64,
    in_transaction: bool,
    met_another: bool,
    /// Whom statements are about from here on.
    wanted: Option<String>,
    /// Whom the server takes them to be about; unknown after an undoing.
    set: Setting,
}

#[derive(PartialEq)]
enum Setting {
    Unknown,
    About(Option<String>),
}

impl Session {
    pub(crate) fn writer(address: &Address) -> Result<Self, Fault> {
        Self::open(address, true)
    }

    pub(crate) fn reader(address: &Address) -> Result<Self, Fault> {
        Self::open(address, false)
    }

    /// Sees everybody's rows: as the owner of the tables.
    pub(crate) fn inspector(server: &Server) -> Result<Self, Fault> {
        let owner = server.owner.as_ref().ok_or_else(|| {
            Fault::broken(format!(
                "as {} only one person's rows are seen at a time; name the owner of the tables for this",
                server.serving.role()
            ))
        })?;
        Self::open(owner, false)
    }

    fn open(address: &Address, is_writer: bool) -> Result<Self, Fault> {
        let mut session = Self {
            address: address.clone(),
            client: None,
            prepared: HashMap::new(),
            is_writer,
            writer: 0,
            in_transaction: false,
            met_another: false,
            wanted: None,
            set: Setting::Unknown,
        };
        session.ready()?;
        Ok(session)
    }

    /// The first number that no other writer holds. The server lets go of it when this connection ends.
    fn take_number(client: &mut Client) -> Result<i64, Fault> {
        for number in 0..MOST_WRITERS {
            let taken = client
                .query_one("SELECT pg_try_advisory_lock($1, $2)", &[&WRITERS, &number])
                .and_then(|row| row.try_get(0))
                .map_err(|error| faults::named(&error))?;
            if taken {
                return Ok(number.into());
            }
        }
        Err(Fault::unavailable("too many write to this database", AGAIN))
    }

    fn client(&mut self) -> Result<&mut Client, Fault> {
        self.client
            .as_mut()
            .filter(|client| !client.is_closed())
            .ok_or_else(|| {
                Fault::unavailable("the connection to the database server is lost", AGAIN)
            })
    }

    fn step(&mut self, statement: &str) -> Result<(), Fault> {
        let stepped = self.client()?.batch_execute(statement);
        stepped.map_err(|error| self.noted(&error))
    }

    /// The fault of an error, with what it tells of the connection remembered.
    fn noted(&mut self, error: &Error) -> Fault {
        self.met_another |= faults::met_another(error);
        if faults::ends_connection(error) {
            self.client = None;
        }
        faults::named(error)
    }

    /// The statement of a text, prepared once. `text` is the text of a constant, which stays where it is.
    fn prepared(
        &mut self,
        place: usize,
        text: impl FnOnce(&mut Client) -> Result<String, Error>,
    ) -> Result<Statement, Fault> {
        if let Some(statement) = self.prepared.get(&place) {
            return Ok(statement.clone());
        }
        let client = self.client()?;
        let statement = text(client).and_then(|text| client.prepare(&text));
        let statement = statement.map_err(|error| self.noted(&error))?;
        self.prepared.insert(place, statement.clone());
        Ok(statement)
    }

    /// Tells the server whom the next statement is about, where it does not know yet. Without a transaction there is nothing
    /// to tell: the setting would be gone before the statement.
    fn tell_about(&mut self) -> Result<(), Fault> {
        if !self.in_transaction || self.set == Setting::About(self.wanted.clone()) {
            return Ok(());
        }
        let statement = self.prepared(policies::TELL.as_ptr().addr(), |_| {
            Ok(policies::TELL.to_owned())
        })?;
        let subject = self.wanted.clone();
        let told = self
            .client()?
            .execute(&statement, &[&subject.as_deref().unwrap_or_default()]);
        told.map_err(|error| self.noted(&error))?;
        self.set = Setting::About(subject);
        Ok(())
    }

    fn begun(&mut self) {
        self.in_transaction = true;
        self.wanted = None;
        self.set = Setting::About(None);
    }

    fn of_sql(&mut self, sql: &Sql) -> Result<Statement, Fault> {
        let text = sql.text();
        self.prepared(text.as_ptr().addr(), |_| Ok(text.to_owned()))
            .map_err(|fault| fault.while_doing(format!("preparing {sql:?}")))
    }
}

/// One INSERT for any number of rows: an array a column.
fn insert_text(insert: &Insert, client: &mut Client) -> Result<String, Error> {
    let kinds = client.query(
        "SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0",
        &[&insert.table()],
    )?;
    let kinds: HashMap<String, String> = kinds
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<_, Error>>()?;
    let arrays: Vec<String> = (1..)
        .zip(insert.columns())
        .map(|(at, column)| {
            let kind = kinds.get(*column).map_or("text", String::as_str);
            format!("${at}::{kind}[]")
        })
        .collect();
    Ok(format!(
        "INSERT INTO {} ({}) SELECT * FROM UNNEST({})",
        insert.table(),
        insert.columns().join(", "),
        arrays.join(", ")
    ))
}

fn bound(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

impl Connection for Session {
    fn ready(&mut self) -> Result<bool, Fault> {
        self.met_another = false;
        if self.client().is_ok() {
            return Ok(false);
        }
        self.client = None;
        self.prepared.clear();
        self.in_transaction = false;
        let mut client = self.address.connect()?;
        if self.is_writer {
            self.writer = Self::take_number(&mut client)?;
        }
        self.client = Some(client);
        Ok(true)
    }

    fn writer(&self) -> i64 {
        self.writer
    }

    fn begin(&mut self) -> Result<(), Fault> {
        self.met_another = false;
        self.step("BEGIN ISOLATION LEVEL READ COMMITTED")?;
        self.begun();
        Ok(())
    }

    fn begin_reading(&mut self) -> Result<(), Fault> {
        self.step("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        self.begun();
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Fault> {
        self.in_transaction = false;
        let committed = self.client()?.batch_execute("COMMIT");
        committed.map_err(|error| {
            // What the server itself refused has left nothing; a silence may mean anything.
            let refused = error.as_db_error().is_some();
            let fault = self.noted(&error);
            if refused { fault } else { fault.uncertain() }
        })
    }

    fn roll_back(&mut self) -> Result<(), Fault> {
        self.in_transaction = false;
        self.step("ROLLBACK")
    }

    fn is_open(&self) -> bool {
        self.in_transaction
            && self
                .client
                .as_ref()
                .is_some_and(|client| !client.is_closed())
    }

    fn save(&mut self) -> Result<(), Fault> {
        self.step("SAVEPOINT closure")
    }

    fn keep(&mut self) -> Result<(), Fault> {
        self.step("RELEASE closure")
    }

    fn undo(&mut self) -> Result<(), Fault> {
        self.set = Setting::Unknown;
        self.step("ROLLBACK TO closure; RELEASE closure")
    }

    fn about(&mut self, subject: Option<&str>) {
        self.wanted = subject.map(str::to_owned);
    }

    fn only_adds(&mut self) -> Result<(), Fault> {
        let become_role = format!(
            "SET LOCAL ROLE {}",
            policies::adding_role(self.address.role())
        );
        self.step(&become_role)
    }

    fn met_another(&self) -> bool {
        self.met_another
    }

    fn prepare(&mut self, sql: &Sql) -> Result<(), Fault> {
        self.of_sql(sql).map(drop)
    }

    fn add(&mut self, insert: &'static Insert, rows: &[&[Value]]) -> Result<(), Fault> {
        let place = std::ptr::from_ref(insert).addr();
        let statement = self.prepared(place, |client| insert_text(insert, client))?;
        let columns: Vec<Vec<&Value>> = (0..insert.columns().len())
            .map(|at| rows.iter().filter_map(|row| row.get(at)).collect())
            .collect();
        let params: Vec<&(dyn ToSql + Sync)> = columns
            .iter()
            .map(|column| column as &(dyn ToSql + Sync))
            .collect();
        let added = self.client()?.execute(&statement, &params);
        added.map(drop).map_err(|error| self.noted(&error))
    }

    fn run(&mut self, sql: &Sql, params: &[Value]) -> Result<u64, Fault> {
        self.tell_about()?;
        let statement = self.of_sql(sql)?;
        let changed = self.client()?.execute(&statement, &bound(params));
        changed.map_err(|error| self.noted(&error))
    }

    fn query(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if !sql.text().trim_start().starts_with("SELECT")
            && !sql.text().trim_start().starts_with("WITH")
        {
            return Err(Fault::broken(format!(
                "a query that changes rows; use `run`: {sql:?}"
            )));
        }
        self.tell_about()?;
        let statement = self.of_sql(sql)?;
        let rows = self.client()?.query(&statement, &bound(params));
        for row in rows.map_err(|error| self.noted(&error))? {
            each(&Row(Answered::Server(&row)))?;
        }
        Ok(())
    }
}

/// The client drives futures of its own, which may not end on a thread that drives others.
impl Drop for Session {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            engine::aside(move || drop(client));
        }
    }
}
