//! What a transaction stands on. The gate's own question travels with the first that a closure asks, where each takes a journey:
//! what that one tells is heard by nobody before the gate has decided.

use std::mem::replace;

use basics::Fault;
use store::{Condition, Group, Insert, Query, Row, Sql, Value};

use crate::gate::Reaching;
use crate::gauge::checking;

pub(super) struct Ground<'a> {
    on: On<'a>,
    gate: Gate<'a>,
}

enum On<'a> {
    Reading(&'a mut dyn Query),
    Writing(&'a mut (dyn Writing + 'a)),
}

pub(super) trait Writing: Query {
    fn add(&mut self, insert: &'static Insert, row: Vec<Value>);
    fn run(&mut self, sql: &Sql, params: &[Value]) -> Result<u64, Fault>;
}

impl Writing for Group<'_> {
    fn add(&mut self, insert: &'static Insert, row: Vec<Value>) {
        Group::add(self, insert, row);
    }
    fn run(&mut self, sql: &Sql, params: &[Value]) -> Result<u64, Fault> {
        Group::run(self, sql, params)
    }
}

enum Gate<'a> {
    /// It has decided, or nobody is reached yet.
    Open,
    Asks(Reaching<'a>),
    /// It refused, or could not be asked: nothing more is told.
    Shut(Fault),
}

impl<'a> Ground<'a> {
    pub(super) fn reading(query: &'a mut dyn Query) -> Self {
        Self {
            on: On::Reading(query),
            gate: Gate::Open,
        }
    }

    pub(super) fn writing(group: &'a mut (dyn Writing + 'a)) -> Self {
        Self {
            on: On::Writing(group),
            gate: Gate::Open,
        }
    }

    /// Lets the gate decide before the closure goes on.
    pub(super) fn ask_gate(&mut self, reaching: Reaching<'a>) -> Result<(), Fault> {
        let query = self.query_of();
        checking(|| reaching.ask(query))
    }

    /// Lets the gate decide before the closure hears anything: with its first question, where each takes a journey. For who was
    /// reached before the closure begins, so that it cannot make anything of a refusal.
    pub(super) fn ask_gate_with_next(&mut self, reaching: Reaching<'a>) -> Result<(), Fault> {
        match &self.on {
            On::Reading(query) if query.is_away() => {
                self.gate = Gate::Asks(reaching);
                Ok(())
            }
            _ => self.ask_gate(reaching),
        }
    }

    /// The gate's last word, where no question came.
    pub(super) fn settle(&mut self) -> Result<(), Fault> {
        match replace(&mut self.gate, Gate::Open) {
            Gate::Open => Ok(()),
            Gate::Asks(reaching) => {
                let query = self.query_of();
                let decided = checking(|| reaching.ask(query));
                self.shut_unless(decided)
            }
            Gate::Shut(fault) => self.shut_unless(Err(fault)),
        }
    }

    /// What changes rows; none for a reader.
    pub(super) fn changes(&mut self) -> Option<&mut (dyn Writing + 'a)> {
        match &mut self.on {
            On::Writing(group) => Some(&mut **group),
            On::Reading(_) => None,
        }
    }

    fn shut_unless(&mut self, decided: Result<(), Fault>) -> Result<(), Fault> {
        if let Err(fault) = &decided {
            self.gate = Gate::Shut(fault.clone());
        }
        decided
    }

    fn query_of(&mut self) -> &mut dyn Query {
        match &mut self.on {
            On::Reading(query) => *query,
            On::Writing(group) => &mut **group,
        }
    }
}

impl Query for Ground<'_> {
    fn about(&mut self, subject: Option<&str>) {
        self.query_of().about(subject);
    }

    fn query(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        match replace(&mut self.gate, Gate::Open) {
            Gate::Open => self.query_of().query(sql, params, each),
            Gate::Shut(fault) => self.shut_unless(Err(fault)),
            Gate::Asks(reaching) => {
                let mut deciding = Deciding {
                    reaching,
                    decided: Err(Fault::broken("the gate was not asked")),
                };
                let query = self.query_of();
                let asked = query.query_if(&mut deciding, sql, params, each);
                match (deciding.decided, &asked) {
                    (Err(_), Err(fault)) => self.shut_unless(Err(fault.clone())),
                    (decided, _) => self.shut_unless(decided).and(asked),
                }
            }
        }
    }

    fn asks_in_rounds(&self) -> bool {
        match &self.on {
            On::Reading(query) => query.asks_in_rounds(),
            On::Writing(group) => group.asks_in_rounds(),
        }
    }
}

/// What the gate decided in the end.
struct Deciding<'a> {
    reaching: Reaching<'a>,
    decided: Result<(), Fault>,
}

impl Condition for Deciding<'_> {
    fn question(&self) -> (&'static Sql, Vec<Value>) {
        checking(|| self.reaching.question())
    }

    fn hear(&mut self, row: &Row<'_>) -> Result<(), Fault> {
        checking(|| self.reaching.hear(row))
    }

    fn decide(&mut self) -> Result<(), Fault> {
        self.decided = checking(|| self.reaching.decide());
        self.decided.clone()
    }
}
