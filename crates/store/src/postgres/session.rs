//! One connection to the server: made again when it was lost, its texts prepared once, its steps sent with what follows them.

use std::collections::HashMap;
use std::time::Duration;

use ::postgres::types::ToSql;
use ::postgres::{Error, Statement};
use basics::{Fault, FaultKind};

use super::client::Client;
use super::{Address, Server, faults, policies};
use crate::engine::{self, Batch, Command, Connection, LogRows};
use crate::group::Condition;
use crate::rounds::Question;
use crate::sql::{Insert, Sql};
use crate::trouble::AGAIN;
use crate::value::{Answered, Answers, Row, Value};

/// Under this and its own number each writer holds an advisory lock, for as long as it is connected.
const WRITERS: i32 = 0x0050_4f53;
/// How long people wait for an answer of the server, …
const PATIENCE: Duration = Duration::from_secs(10);
/// … and how long one waits who looks at a whole table.
const PATIENCE_OF_INSPECTOR: Duration = Duration::from_secs(6 * 60 * 60);
/// So many may write to one database at the same time.
const MOST_WRITERS: i32 = 1_000;

/// How a reader's transaction begins.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A connection that is there when it is needed.
pub(crate) struct Session {
    address: Address,
    patience: Duration,
    client: Option<Client>,
    /// Prepared texts, by where the text lies.
    prepared: HashMap<usize, Statement>,
    is_writer: bool,
    writer: i64,
    /// What the server is told before the next statement.
    before: Vec<String>,
    in_transaction: bool,
    /// The server has heard of the transaction.
    is_begun: bool,
    /// Something was asked in this transaction and answered.
    has_answered: bool,
    /// A statement of the transaction failed and was not undone: the server would take its COMMIT for a ROLLBACK, and say
    /// nothing.
    is_spoilt: bool,
    met_another: bool,
    met_a_lock: bool,
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
        Self::open(address, true, PATIENCE)
    }

    pub(crate) fn reader(address: &Address) -> Result<Self, Fault> {
        Self::open(address, false, PATIENCE)
    }

    /// Sees everybody's rows: as the owner of the tables.
    pub(crate) fn inspector(server: &Server) -> Result<Self, Fault> {
        let owner = server.owner.as_ref().ok_or_else(|| {
            Fault::broken(format!(
                "as {} only one person's rows are seen at a time; name the owner of the tables for this",
                server.serving.role()
            ))
        })?;
        Self::open(owner, false, PATIENCE_OF_INSPECTOR)
    }

    fn open(address: &Address, is_writer: bool, patience: Duration) -> Result<Self, Fault> {
        let mut session = Self {
            address: address.clone(),
            patience,
            client: None,
            prepared: HashMap::new(),
            is_writer,
            writer: 0,
            before: Vec::new(),
            in_transaction: false,
            is_begun: false,
            has_answered: false,
            is_spoilt: false,
            met_another: false,
            met_a_lock: false,
            wanted: None,
            set: Setting::Unknown,
        };
        session.ready()?;
        Ok(session)
    }

    /// The first number that no other writer holds. The server lets go of it when this connection ends.
    fn take_number(client: &Client) -> Result<i64, Fault> {
        for number in 0..MOST_WRITERS {
            let answer = client.ask("SELECT pg_try_advisory_lock($1, $2)", &[&WRITERS, &number]);
            let answer = answer.map_err(|error| faults::named(&error))?;
            let taken = answer.first().map(|row| row.try_get::<_, bool>(0));
            if let Some(Ok(true)) = taken {
                return Ok(number.into());
            }
        }
        Err(Fault::unavailable("too many write to this database", AGAIN))
    }

    fn client(&self) -> Result<&Client, Fault> {
        self.client
            .as_ref()
            .filter(|client| !client.is_closed())
            .ok_or_else(|| {
                Fault::unavailable("the connection to the database server is lost", AGAIN)
            })
    }

    /// Sends what waits for the next statement by itself.
    fn step(&mut self) -> Result<(), Fault> {
        let before = self.sent_before();
        if before.is_empty() {
            return Ok(());
        }
        let stepped = self.client()?.step(&before);
        stepped.map_err(|error| self.noted(&error))
    }

    /// What goes with the next statement, which is on its way from here on.
    fn sent_before(&mut self) -> String {
        self.is_begun = self.in_transaction;
        let before = self.before.join("; ");
        self.before.clear();
        before
    }

    /// What goes with the next statement, when that changes rows: it is never sent before its transaction is there.
    fn sent_before_a_change(&mut self) -> Result<String, Fault> {
        if !self.is_begun {
            self.step()?;
        }
        Ok(self.sent_before())
    }

    /// The fault of an error, with what it tells of the connection remembered.
    fn noted(&mut self, error: &Error) -> Fault {
        self.met_another |= faults::met_another(error);
        self.met_a_lock |= faults::met_a_lock(error);
        self.is_spoilt = true;
        if faults::ends_connection(error) {
            self.client = None;
        }
        faults::named(error)
    }

    /// What became of a transaction whose COMMIT was sent. What the server refused has left nothing; a silence, or a
    /// connection that the server ends, may mean anything.
    fn uncommitted(&mut self, error: &Error) -> Fault {
        let fault = self.noted(error);
        match fault.kind() {
            _ if faults::is_refused(error) => fault,
            FaultKind::Unavailable(_) => fault.uncertain(),
            // A connection that the server ended, for whatever reason.
            _ => Fault::unavailable(fault.to_string(), AGAIN).uncertain(),
        }
    }

    /// The statement of a text, prepared once. `text` is the text of a constant, which stays where it is.
    fn prepared(
        &mut self,
        place: usize,
        text: impl FnOnce(&Client) -> Result<String, Error>,
    ) -> Result<Statement, Fault> {
        if let Some(statement) = self.prepared.get(&place) {
            return Ok(statement.clone());
        }
        // A text that does not prepare breaks the transaction off: its savepoint is there before.
        self.step()?;
        let client = self.client()?;
        let statement = text(client).and_then(|text| client.prepare(&text));
        let statement = statement.map_err(|error| self.noted(&error))?;
        self.prepared.insert(place, statement.clone());
        Ok(statement)
    }

    /// Tells the server whom the next statement is about, where it does not know yet. Without a transaction there is nothing
    /// to tell: the setting would be gone before the statement.
    fn tell_about(&mut self) {
        if !self.in_transaction || self.set == Setting::About(self.wanted.clone()) {
            return;
        }
        self.before.push(policies::telling(self.wanted.as_deref()));
        self.set = Setting::About(self.wanted.clone());
    }

    fn begin_with(&mut self, statement: &str) {
        self.before.push(statement.to_owned());
        self.in_transaction = true;
        self.is_begun = false;
        self.has_answered = false;
        self.is_spoilt = false;
        self.wanted = None;
        self.set = Setting::About(None);
    }

    /// At once: a connection that broke while nobody used it is found before anything depends on it.
    fn send_begin(&mut self) -> Result<(), Fault> {
        let begun = self.step();
        if begun.is_err() {
            self.end();
        }
        begun
    }

    /// The transaction is over. Whether the server has anything to end: else it is not told that it began.
    fn end(&mut self) -> bool {
        self.in_transaction = false;
        if self.is_begun {
            self.before.clear();
        } else {
            self.before.pop();
        }
        std::mem::take(&mut self.is_begun)
    }

    fn rows(&mut self, sql: &Sql, params: &[Value]) -> Result<Vec<::postgres::Row>, Fault> {
        self.tell_about();
        let statement = self.of_query(sql.text())?;
        let before = self.sent_before();
        let rows = self.client()?.query(&before, &statement, &bound(params));
        rows.map_err(|error| self.noted(&error))
    }

    /// Asks; anew, where the connection broke while nobody used it: nothing depends on it yet.
    fn asked_again<T>(&mut self, ask: impl Fn(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let (in_snapshot, wanted) = (self.in_transaction, self.wanted.clone());
        ask(self).or_else(|fault| {
            if self.is_writer || self.has_answered || self.client().is_ok() {
                return Err(fault);
            }
            self.ready()?;
            if in_snapshot {
                self.begin_with(SNAPSHOT);
            }
            self.wanted = wanted;
            ask(self)
        })
    }

    fn of_text(&mut self, text: &'static str) -> Result<Statement, Fault> {
        self.prepared(text.as_ptr().addr(), |_| Ok(text.to_owned()))
            .map_err(|fault| fault.while_doing(format!("preparing {text}")))
    }

    /// The statement of a text that changes nothing.
    fn of_query(&mut self, text: &'static str) -> Result<Statement, Fault> {
        if !text.trim_start().starts_with("SELECT") && !text.trim_start().starts_with("WITH") {
            return Err(Fault::broken(format!(
                "a query that changes rows; use `run`: {text}"
            )));
        }
        self.of_text(text)
    }
}

/// One INSERT for any number of rows: an array a column.
fn insert_text(insert: &Insert, client: &Client) -> Result<String, Error> {
    let kinds = client.ask(
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

/// The values of its rows, column by column.
fn columns<'a>(batch: &'a Batch<'a>) -> Vec<Vec<&'a Value>> {
    (0..batch.insert.columns().len())
        .map(|at| batch.rows.iter().filter_map(|row| row.get(at)).collect())
        .collect()
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
        self.met_a_lock = false;
        if self.client().is_ok() {
            return Ok(false);
        }
        self.client = None;
        self.prepared.clear();
        self.before.clear();
        self.in_transaction = false;
        let client = Client::connect(&self.address, self.patience)?;
        if self.is_writer {
            self.writer = Self::take_number(&client)?;
        }
        self.client = Some(client);
        Ok(true)
    }

    fn writer(&self) -> i64 {
        self.writer
    }

    fn begin(&mut self) -> Result<(), Fault> {
        self.met_another = false;
        self.met_a_lock = false;
        self.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED");
        self.send_begin()
    }

    fn begin_reading(&mut self) -> Result<(), Fault> {
        self.begin_with(SNAPSHOT);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Fault> {
        if !self.end() {
            return Ok(());
        }
        if !self.is_writer {
            // Nothing hangs on it: it goes with the next snapshot, or when there is none for a while.
            self.before.push("COMMIT".to_owned());
            return Ok(());
        }
        if self.is_spoilt {
            self.before.push("ROLLBACK".to_owned());
            self.step()?;
            return Err(Fault::broken("a statement failed before the commit"));
        }
        let committed = self.client()?.step("COMMIT");
        committed.map_err(|error| self.uncommitted(&error))
    }

    fn add_and_commit(&mut self, batches: &[Batch<'_>]) -> Result<(), Fault> {
        if self.is_spoilt {
            return self.commit();
        }
        let columns: Vec<Vec<Vec<&Value>>> = batches.iter().map(columns).collect();
        let mut statements = Vec::with_capacity(batches.len());
        for (batch, columns) in batches.iter().zip(&columns) {
            let place = std::ptr::from_ref(batch.insert).addr();
            let statement = self
                .prepared(place, |client| insert_text(batch.insert, client))
                .map_err(|fault| batch.failed(fault))?;
            let arrays = columns.iter().map(|column| column as &(dyn ToSql + Sync));
            statements.push((statement, arrays.collect()));
        }
        let role = policies::adding_role(self.address.role());
        self.before.push(format!("SET LOCAL ROLE {role}"));
        let before = self.sent_before_a_change()?;
        self.end();
        let committed = self.client()?.commit_with(&before, &statements);
        committed.map_err(|error| self.uncommitted(&error))
    }

    fn roll_back(&mut self) -> Result<(), Fault> {
        if self.end() {
            self.before.push("ROLLBACK".to_owned());
            return self.step();
        }
        Ok(())
    }

    fn rest(&mut self) -> Result<(), Fault> {
        self.step()
    }

    fn is_open(&self) -> bool {
        self.in_transaction
            && self
                .client
                .as_ref()
                .is_some_and(|client| !client.is_closed())
    }

    fn is_spoilt(&self) -> bool {
        self.in_transaction && self.is_spoilt
    }

    fn save(&mut self) -> Result<(), Fault> {
        self.before.push("SAVEPOINT closure".to_owned());
        Ok(())
    }

    fn keep(&mut self) -> Result<(), Fault> {
        self.before.push("RELEASE closure".to_owned());
        Ok(())
    }

    fn undo(&mut self) -> Result<(), Fault> {
        self.set = Setting::Unknown;
        self.before
            .push("ROLLBACK TO closure; RELEASE closure".to_owned());
        self.step()?;
        self.is_spoilt = false;
        self.met_a_lock = false;
        Ok(())
    }

    fn about(&mut self, subject: Option<&str>) {
        self.wanted = subject.map(str::to_owned);
    }

    fn those_in(&mut self, tables: &[&str], people: &[String]) -> Result<Vec<String>, Fault> {
        static THOSE_IN: &str = "SELECT * FROM store_those_in($1::text[]::name[], $2)";
        let statement = self.of_query(THOSE_IN)?;
        let before = self.sent_before();
        let rows = self
            .client()?
            .query(&before, &statement, &[&tables, &people]);
        let rows = rows.map_err(|error| self.noted(&error))?;
        let found = rows.iter().map(|row| row.try_get(0));
        found
            .collect::<Result<_, _>>()
            .map_err(|error| self.noted(&error))
    }

    fn remove_from_log(&mut self, rows: LogRows<'_>) -> Result<u64, Fault> {
        static PLACES_OF: &str = "SELECT store_remove_places($1)";
        static NUMBERED: &str = "SELECT store_remove_log($1, $2)";
        static OLDEST_PLACES: &str = "SELECT store_sweep_places($1, $2, $3)";
        static OLDEST: &str = "SELECT store_sweep_log($1, $2, $3)";
        static ACTS: &str = "SELECT store_remove_acts($1, $2)";
        static GIVINGS: &str = "SELECT store_remove_givings($1, $2)";
        static REMOVALS: &str = "SELECT store_sweep_removals($1)";
        let role = policies::adding_role(self.address.role());
        self.before.push(format!("SET LOCAL ROLE {role}"));
        let (text, params): (&'static str, Vec<&(dyn ToSql + Sync)>) = match &rows {
            LogRows::PlacesOf(person) => (PLACES_OF, vec![person]),
            LogRows::Of { person, numbers } => (NUMBERED, vec![person, numbers]),
            LogRows::OldestPlaces(of) => (OLDEST_PLACES, vec![&of.until, &of.most, &of.but_of]),
            LogRows::Oldest(of) => (OLDEST, vec![&of.until, &of.most, &of.but_of]),
            LogRows::Acts { ids, before } => (ACTS, vec![ids, before]),
            LogRows::Givings { ids, before } => (GIVINGS, vec![ids, before]),
            LogRows::Removals(numbers) => (REMOVALS, vec![numbers]),
        };
        let statement = self.of_query(text)?;
        let before = self.sent_before_a_change()?;
        let rows = self.client()?.query(&before, &statement, &params);
        let rows = rows.map_err(|error| self.noted(&error))?;
        let removed = rows.first().map_or(Ok(0), |row| row.try_get::<_, i64>(0));
        let removed = removed.map_err(|error| self.noted(&error))?;
        self.before.push("SET LOCAL ROLE NONE".to_owned());
        Ok(removed.unsigned_abs())
    }

    fn met_another(&self) -> bool {
        self.met_another
    }

    fn met_a_lock(&self) -> bool {
        self.met_a_lock
    }

    fn prepare(&mut self, sql: &Sql) -> Result<(), Fault> {
        self.of_text(sql.text()).map(drop)
    }

    fn run(&mut self, sql: &Sql, params: &[Value]) -> Result<u64, Fault> {
        self.tell_about();
        let statement = self.of_text(sql.text())?;
        let before = self.sent_before_a_change()?;
        let changed = self.client()?.execute(&before, &statement, &bound(params));
        changed.map_err(|error| self.noted(&error))
    }

    fn run_all(&mut self, commands: &[Command]) -> Result<Vec<u64>, Fault> {
        let statements = commands
            .iter()
            .map(|command| self.of_text(command.sql.text()))
            .collect::<Result<Vec<_>, _>>()?;
        if !self.is_begun {
            self.step()?;
        }
        let mut run = Vec::with_capacity(commands.len());
        for (command, statement) in commands.iter().zip(statements) {
            self.about(command.about.as_deref());
            self.tell_about();
            run.push((self.sent_before(), statement, bound(&command.params)));
        }
        let changed = self.client()?.execute_all(&run);
        changed.map_err(|error| self.noted(&error))
    }

    fn query(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let rows = self.asked_again(|session| session.rows(sql, params))?;
        self.has_answered = self.in_transaction;
        let mut rows = rows.iter();
        rows.try_for_each(|row| each(&Row(Answered::Server(row))))
    }

    fn is_away(&self) -> bool {
        true
    }

    fn query_if(
        &mut self,
        condition: &mut dyn Condition,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (first, values) = condition.question();
        let question = |sql: &Sql, params: Vec<Value>, about| Question {
            about,
            text: sql.text(),
            params,
        };
        let about = self.wanted.clone();
        let both = [
            question(first, values, about.clone()),
            question(sql, params.to_vec(), about),
        ];
        let answers = self.asked_again(|session| session.query_all(&both))?;
        self.has_answered = self.in_transaction;
        let mut answers = answers.iter();
        if let Some(told) = answers.next() {
            told.tell(&mut |row| condition.hear(row))?;
        }
        condition.decide()?;
        answers.try_for_each(|told| told.tell(each))
    }

    fn query_all(&mut self, questions: &[Question]) -> Result<Vec<Answers>, Fault> {
        let statements = questions
            .iter()
            .map(|question| self.of_query(question.text))
            .collect::<Result<Vec<_>, _>>()?;
        let mut asked = Vec::with_capacity(questions.len());
        for (question, statement) in questions.iter().zip(statements) {
            self.about(question.about.as_deref());
            self.tell_about();
            asked.push((self.sent_before(), statement, bound(&question.params)));
        }
        let answered = self.client()?.query_all(&asked);
        let answered = answered.map_err(|error| self.noted(&error))?;
        Ok(answered.into_iter().map(Answers).collect())
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
