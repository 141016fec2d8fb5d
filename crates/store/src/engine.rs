//! What the store asks of an engine: one connection that reads, or that commits groups.

use std::fmt;
use std::path::PathBuf;

use basics::Fault;

use crate::group::Condition;
use crate::rounds::Question;
use crate::sql::{Insert, Sql};
use crate::value::{Answers, Row, Value};
use crate::{postgres, sqlite};

/// A statement that changes rows of one person, or nobody's.
#[derive(Clone, Debug)]
pub struct Command {
    pub about: Option<String>,
    pub sql: &'static Sql,
    pub params: Vec<Value>,
}

/// Where the rows of a store lie.
#[derive(Clone, Debug)]
pub enum Place {
    /// A file of the embedded engine; its folder must exist. One process at a time.
    File(PathBuf),
    /// A database of a server, which several processes may share.
    Server(postgres::Server),
}

impl Place {
    /// From `postgres://user:password@host:port/database?sslmode=require`, or the same as `host=… dbname=…`.
    ///
    /// Errors: not an address of a database server; the text is not repeated, since it may hold a password.
    pub fn server(address: &str) -> Result<Self, Fault> {
        postgres::Server::at(address).map(Self::Server)
    }

    /// From `sqlite:PATH` for a file, or the address of a server.
    ///
    /// Errors: neither of these.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        match text.strip_prefix("sqlite:") {
            Some(file) if !file.is_empty() => Ok(Self::File(PathBuf::from(file))),
            _ => Self::server(text).map_err(|fault| {
                Fault::broken(format!("neither sqlite:PATH nor a server: {fault}"))
            }),
        }
    }

    /// Whether other processes may be at work in it.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Server(_))
    }

    /// The same database, whose tables are made and changed at start as another role: their owner.
    ///
    /// Errors: as [`server`](Self::server); a file needs no owner.
    pub fn owned_by(self, owner: &str) -> Result<Self, Fault> {
        match self {
            Self::Server(server) => server.owned_by(owner).map(Self::Server),
            Self::File(_) => Err(Fault::broken("a file has no owner among roles")),
        }
    }
}

/// Without a password.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File(file) => file.display().fmt(f),
            Place::Server(address) => address.fmt(f),
        }
    }
}

/// Rows of the log that end.
#[derive(Clone, Copy, Debug)]
pub enum LogRows<'a> {
    /// Where those of a person lie.
    PlacesOf(&'a str),
    /// Those of a person with these numbers; who acted in them stays known, and not in which.
    Of { person: &'a str, numbers: &'a [i64] },
    /// So many with a number up to this one, but those of these people, with where they lie.
    Oldest(Oldest<'a>),
    /// Where so many of those lay that are gone.
    OldestPlaces(Oldest<'a>),
    /// Who acted in something, by these ids of `audit`, each before another.
    Acts { ids: &'a [String], before: &'a str },
    /// Why something was given, by the same.
    Givings { ids: &'a [String], before: &'a str },
    /// The notes with these numbers of what an erasure took.
    Removals(&'a [i64]),
}

/// What of the log has a number up to this one, but of these people.
#[derive(Clone, Copy, Debug)]
pub struct Oldest<'a> {
    pub until: i64,
    pub most: i64,
    pub but_of: &'a [String],
}

/// Rows for one table.
pub(crate) struct Batch<'a> {
    pub(crate) insert: &'static Insert,
    pub(crate) rows: Vec<&'a [Value]>,
}

impl Batch<'_> {
    pub(crate) fn failed(&self, fault: Fault) -> Fault {
        fault.while_doing(format!("adding to {}", self.insert.table()))
    }
}

/// One connection. At most one transaction is open on it at a time.
pub(crate) trait Connection: Send {
    /// Sees to it that the engine can be reached. Whether this is a connection that was not there before: what was known of
    /// the rows may be outdated.
    fn ready(&mut self) -> Result<bool, Fault>;
    /// The number of this writer among those that write to the same database at the same time, from 0.
    fn writer(&self) -> i64;

    /// Begins a group.
    fn begin(&mut self) -> Result<(), Fault>;
    /// Begins a snapshot: what others commit meanwhile is not seen.
    fn begin_reading(&mut self) -> Result<(), Fault>;
    /// Nothing is asked for a while.
    fn rest(&mut self) -> Result<(), Fault>;
    /// An uncertain Fault when the rows may be durable all the same.
    fn commit(&mut self) -> Result<(), Fault>;
    /// Adds rows to each of some tables, anybody's, and commits. Faults as [`commit`](Self::commit) has them.
    fn add_and_commit(&mut self, batches: &[Batch<'_>]) -> Result<(), Fault>;
    fn roll_back(&mut self) -> Result<(), Fault>;
    /// Whether a transaction is open, and able to go on.
    fn is_open(&self) -> bool;
    /// Whether a statement of the transaction failed and was not undone, so that the engine takes no other.
    fn is_spoilt(&self) -> bool {
        false
    }
    /// From here on in this transaction statements are about this person, or about nobody.
    fn about(&mut self, subject: Option<&str>);
    /// Those of these people of whom one of these tables has a row. Tells ids alone.
    fn those_in(&mut self, tables: &[&str], people: &[String]) -> Result<Vec<String>, Fault>;
    /// Removes rows of the log, which is otherwise only added to; answers how many there were.
    fn remove_from_log(&mut self, rows: LogRows<'_>) -> Result<u64, Fault>;

    /// Marks where the statements of a closure begin, …
    fn save(&mut self) -> Result<(), Fault>;
    /// … keeps them, …
    fn keep(&mut self) -> Result<(), Fault>;
    /// … or undoes them.
    fn undo(&mut self) -> Result<(), Fault>;

    /// Whether the last fault came from what another process committed at the same moment: running it again is right.
    fn met_another(&self) -> bool;
    /// Whether the last fault came from rows that somebody else holds locked: who needs others is not in their way.
    fn met_a_lock(&self) -> bool {
        false
    }

    /// Sees whether the engine takes this text.
    fn prepare(&mut self, sql: &Sql) -> Result<(), Fault>;
    /// How many rows it changed.
    fn run(&mut self, sql: &Sql, params: &[Value]) -> Result<u64, Fault>;
    /// Runs these in order; how many rows each changed. Where one fails, what those behind it did is to be undone.
    fn run_all(&mut self, commands: &[Command]) -> Result<Vec<u64>, Fault> {
        let changed = commands.iter().map(|command| {
            self.about(command.about.as_deref());
            self.run(command.sql, &command.params)
        });
        changed.collect()
    }
    /// Asks. A reader's connection that was lost before anything was answered in its snapshot is made again for it.
    fn query(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault>;

    /// Whether a reader may keep its snapshot from one read to the next: now it is in nobody's way.
    fn lets_snapshots_stand(&self) -> bool {
        false
    }

    /// Whether a question takes a journey, so that several had better travel together.
    fn is_away(&self) -> bool {
        false
    }
    /// As [`Query::query_if`](crate::Query::query_if) says. Only for an engine that is away.
    fn query_if(
        &mut self,
        condition: &mut dyn Condition,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let _ = (condition, sql, params, each);
        Err(Fault::broken(
            "an engine that is here is asked one thing at a time",
        ))
    }
    /// Answers these in order. Only for an engine that is away.
    fn query_all(&mut self, questions: &[Question]) -> Result<Vec<Answers>, Fault> {
        let _ = questions;
        Err(Fault::broken(
            "an engine that is here is asked one thing at a time",
        ))
    }
}

/// A connection for the writer.
pub(crate) fn open_writer(place: &Place) -> Result<Box<dyn Connection>, Fault> {
    Ok(match place {
        Place::File(file) => Box::new(sqlite::Embedded::writer(file)?),
        Place::Server(server) => Box::new(postgres::Session::writer(server.address())?),
    })
}

pub(crate) fn open_reader(place: &Place) -> Result<Box<dyn Connection>, Fault> {
    Ok(match place {
        Place::File(file) => Box::new(sqlite::Embedded::reader(file)?),
        Place::Server(server) => Box::new(postgres::Session::reader(server.address())?),
    })
}

/// A connection that sees everybody's rows, for looking at the store itself.
pub(crate) fn open_inspector(place: &Place) -> Result<Box<dyn Connection>, Fault> {
    Ok(match place {
        Place::File(file) => Box::new(sqlite::Embedded::reader(file)?),
        Place::Server(server) => Box::new(postgres::Session::inspector(server)?),
    })
}

/// Runs `open` on a thread of its own: a client of a server may not be made or ended on a thread that drives futures.
pub(crate) fn aside<T: Send>(open: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| match scope.spawn(open).join() {
        Ok(opened) => opened,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}
