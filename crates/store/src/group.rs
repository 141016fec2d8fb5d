//! What one commit holds: the inserts of many closures, flushed together, and the statements that ran at once.

use basics::Fault;

use crate::engine::{Batch, Command, Connection, LogRows};
use crate::rounds::{Halt, ROUNDS, Rounds};
use crate::sql::{Insert, Sql};
use crate::trouble::AGAIN;
use crate::value::{Row, Value};

/// Anything that can be asked a query.
pub trait Query {
    /// From here on what is asked is about this person, or about nobody: another's rows are not seen, where the engine knows
    /// how to hide them.
    fn about(&mut self, subject: Option<&str>);

    /// Calls `each` for every row in order; stops at its first error.
    fn query(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault>;

    /// Asks something under a condition that hangs on the answer to another question: on a server both in one journey. `each`
    /// hears nothing before the condition has decided for it, and nothing where it is against it.
    fn query_if(
        &mut self,
        condition: &mut dyn Condition,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (first, values) = condition.question();
        self.query(first, &values, &mut |row| condition.hear(row))?;
        condition.decide()?;
        self.query(sql, params, each)
    }

    /// Whether each question takes a journey.
    fn is_away(&self) -> bool {
        false
    }

    /// Whether what is asked is answered later, together with what others ask, and whoever asks runs again.
    fn asks_in_rounds(&self) -> bool {
        false
    }
}

/// What hangs on the answer to a question.
pub trait Condition {
    fn question(&self) -> (&'static Sql, Vec<Value>);
    /// Every row of the answer, in order.
    fn hear(&mut self, row: &Row<'_>) -> Result<(), Fault>;
    /// An error is against it.
    fn decide(&mut self) -> Result<(), Fault>;
}

/// One commit under way. Inserts wait until the flush; other statements run at once under a savepoint of the closure.
pub struct Group<'a> {
    connection: &'a mut dyn Connection,
    pending: Vec<(&'static Insert, Vec<Value>)>,
    closure: Option<Closure>,
    /// How many closures ran statements at once.
    ran: usize,
    /// What some of them did stands in the transaction, or may.
    has_statements: bool,
    has_changed_rows: bool,
    /// The first trouble that a statement of the group met: why the engine rolls a group back by itself, or it runs again.
    trouble: Option<Fault>,
    /// There while its works ask in rounds.
    rounds: Option<Rounds>,
}

struct Closure {
    pending_before: usize,
    began: Began,
}

/// Where the statements of a closure begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Began {
    /// It ran none.
    Nowhere,
    /// With the transaction: nobody's stand in it before.
    WithAll,
    AtSavepoint,
}

impl<'a> Group<'a> {
    /// On a connection that has begun one.
    pub(crate) fn on(connection: &'a mut dyn Connection) -> Self {
        Self {
            connection,
            pending: Vec::new(),
            closure: None,
            ran: 0,
            has_statements: false,
            has_changed_rows: false,
            trouble: None,
            rounds: None,
        }
    }

    /// From here on closures run until they ask something: it is answered by [`answer_round`](Self::answer_round).
    pub(crate) fn ask_in_rounds(&mut self) {
        self.rounds = Some(Rounds::default());
    }

    pub(crate) fn is_away(&self) -> bool {
        self.connection.is_away()
    }

    /// Answers what was asked since the last time, in one journey.
    pub(crate) fn answer_round(&mut self) -> Result<(), Fault> {
        let Some(rounds) = &mut self.rounds else {
            return Ok(());
        };
        let questions = rounds.take_asked();
        let answers = self.connection.query_all(&questions)?;
        rounds.learn(questions, answers);
        Ok(())
    }

    /// From here on closures ask at once.
    pub(crate) fn ask_at_once(&mut self) {
        self.rounds = None;
    }

    /// Whether the closure is to run again, whatever it answered: its effects are to be undone.
    pub fn is_halted(&self) -> bool {
        self.halt().is_some()
    }

    pub(crate) fn halt(&self) -> Option<Halt> {
        self.rounds.as_ref().and_then(Rounds::halt)
    }

    /// Marks where a closure starts, so that it can be undone alone.
    pub fn enter(&mut self) {
        match &mut self.rounds {
            Some(rounds) => rounds.next_closure(),
            None => self.connection.about(None),
        }
        self.closure = Some(Closure {
            pending_before: self.pending.len(),
            began: Began::Nowhere,
        });
    }

    /// Keeps the closure's effects.
    pub fn keep(&mut self) -> Result<(), Fault> {
        self.still_open()?;
        match self.closure.take().map(|closure| closure.began) {
            Some(Began::AtSavepoint) => self.connection.keep(),
            _ => Ok(()),
        }
    }

    /// Undoes the closure's effects, and nobody else's.
    pub fn undo(&mut self) -> Result<(), Fault> {
        let Some(closure) = self.closure.take() else {
            return Ok(());
        };
        self.still_open()?;
        // What somebody else's commit caused is run again, alone, seeing that commit.
        if self.connection.met_another()
            && let Some(fault) = &self.trouble
        {
            return Err(fault.clone());
        }
        self.pending.truncate(closure.pending_before);
        match closure.began {
            // Only its questions failed, and they would be everybody's.
            Began::Nowhere if self.connection.is_spoilt() && self.has_statements => {
                Err(Fault::broken("a question failed, and the group with it"))
            }
            Began::Nowhere if !self.connection.is_spoilt() => Ok(()),
            Began::AtSavepoint => self.connection.undo(),
            Began::Nowhere | Began::WithAll => {
                self.connection.roll_back()?;
                self.has_statements = false;
                self.connection.begin()
            }
        }
    }

    /// Adds a row at the flush of this group. It cannot be read back before the commit.
    pub fn add(&mut self, insert: &'static Insert, row: Vec<Value>) {
        self.pending.push((insert, row));
    }

    /// Runs an UPDATE, DELETE or upsert now; answers how many rows it changed.
    pub fn run(&mut self, sql: &Sql, params: &[Value]) -> Result<u64, Fault> {
        self.save()?;
        let changed = self.connection.run(sql, params);
        self.noted(changed)
    }

    /// Runs these in order, on a server in one journey; answers how many rows each changed.
    pub fn run_all(&mut self, commands: &[Command]) -> Result<Vec<u64>, Fault> {
        if commands.is_empty() {
            return Ok(Vec::new());
        }
        self.save()?;
        let changed = self.connection.run_all(commands);
        self.noted(
            changed
                .as_ref()
                .map(|all| all.iter().sum())
                .map_err(Fault::clone),
        )?;
        changed
    }

    /// What `ask` finds for each of these. On a server what it asks for all of them travels together, and it runs again for each
    /// answer that it waited for: it only asks, and keeps nothing from one time to the next.
    pub fn ask_for_each<I, T>(
        &mut self,
        items: &[I],
        mut ask: impl FnMut(&I, &mut dyn Query) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        self.still_open()?;
        if self.rounds.is_some() || !self.connection.is_away() || items.len() < 2 {
            return items.iter().map(|item| ask(item, self)).collect();
        }
        let mut found: Vec<Option<T>> = items.iter().map(|_| None).collect();
        self.ask_in_rounds();
        let mut asked = Ok(());
        for _ in 0..ROUNDS {
            asked = self.ask_round(items, &mut found, &mut ask);
            if asked.is_err() || found.iter().all(Option::is_some) {
                break;
            }
        }
        self.ask_at_once();
        asked?;
        let known = items.iter().zip(found);
        let known = known.map(|(item, found)| found.map_or_else(|| ask(item, self), Ok));
        known.collect()
    }

    fn ask_round<I, T>(
        &mut self,
        items: &[I],
        found: &mut [Option<T>],
        ask: &mut impl FnMut(&I, &mut dyn Query) -> Result<T, Fault>,
    ) -> Result<(), Fault> {
        let waiting = items.iter().zip(found).filter(|(_, found)| found.is_none());
        for (item, found) in waiting {
            if let Some(rounds) = &mut self.rounds {
                rounds.next_closure();
            }
            let asked = ask(item, self);
            if !self.is_halted() {
                *found = Some(asked?);
            }
        }
        self.answer_round()
    }

    /// Those of these people of whom one of these tables has a row, asked at once: of most there is none, and whoever looks
    /// at many need not ask about each.
    pub fn those_in(&mut self, tables: &[&str], people: &[String]) -> Result<Vec<String>, Fault> {
        self.still_open()?;
        match &mut self.rounds {
            Some(rounds) => Err(rounds.halted(Halt::Changes)),
            None => self.connection.those_in(tables, people),
        }
    }

    /// Removes rows of the log, which is otherwise only added to; answers how many there were.
    pub fn remove_from_log(&mut self, rows: LogRows<'_>) -> Result<u64, Fault> {
        self.save()?;
        let removed = self.connection.remove_from_log(rows);
        self.noted(removed)
    }

    /// Marks where the statements of the closure begin, at its first.
    fn save(&mut self) -> Result<(), Fault> {
        self.still_open()?;
        if let Some(rounds) = &mut self.rounds {
            return Err(rounds.halted(Halt::Changes));
        }
        if let Some(closure) = &mut self.closure
            && closure.began == Began::Nowhere
        {
            // A savepoint costs a copy of each page that changes; who is the first to change any needs none.
            closure.began = match self.has_statements {
                true => Began::AtSavepoint,
                false => Began::WithAll,
            };
            if closure.began == Began::AtSavepoint {
                self.connection.save()?;
            }
            self.ran += 1;
        }
        self.has_statements = true;
        Ok(())
    }

    fn noted(&mut self, changed: Result<u64, Fault>) -> Result<u64, Fault> {
        match &changed {
            Ok(count) => self.has_changed_rows |= *count > 0,
            Err(fault) => drop(self.trouble.get_or_insert_with(|| fault.clone())),
        }
        changed
    }

    /// How many closures of this group ran statements at once.
    pub(crate) const fn ran(&self) -> usize {
        self.ran
    }

    /// Whether any row was added or changed so far.
    pub(crate) fn has_changes(&self) -> bool {
        self.has_changed_rows || !self.pending.is_empty()
    }

    /// Writes the waiting rows, table by table, and commits: one fsync for all. Answers whether any row changed.
    pub(crate) fn commit(mut self) -> Result<bool, Fault> {
        self.still_open()?;
        let mut rows = std::mem::take(&mut self.pending);
        if rows.is_empty() {
            self.connection.commit()?;
            return Ok(self.has_changed_rows);
        }
        rows.sort_by_key(|(insert, _)| std::ptr::from_ref(*insert).addr());
        let of_a_table =
            rows.chunk_by(|(insert, _), (other, _)| std::ptr::eq::<Insert>(*insert, *other));
        let batches: Vec<Batch<'_>> = of_a_table
            .map(|rows| Batch {
                insert: rows[0].0,
                rows: rows.iter().map(|(_, row)| row.as_slice()).collect(),
            })
            .collect();
        self.connection.add_and_commit(&batches)?;
        Ok(true)
    }

    /// On some troubles (a full disk, no memory) the engine rolls the whole transaction back by itself, and every further
    /// statement would be a commit of its own.
    fn still_open(&self) -> Result<(), Fault> {
        if self.connection.is_open() {
            return Ok(());
        }
        let rolled_back = || Fault::unavailable("the engine rolled a group back by itself", AGAIN);
        Err(self.trouble.clone().unwrap_or_else(rolled_back))
    }
}

impl Query for Group<'_> {
    fn about(&mut self, subject: Option<&str>) {
        match &mut self.rounds {
            Some(rounds) => rounds.about(subject),
            None => self.connection.about(subject),
        }
    }

    fn query(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        match &mut self.rounds {
            Some(rounds) => rounds.answer(sql, params, each),
            None => self.connection.query(sql, params, each),
        }
    }

    fn asks_in_rounds(&self) -> bool {
        self.rounds.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::Embedded;

    static ADD: Insert = Insert::new("t", &["a"]);
    static MARK: Sql = Sql::new("UPDATE t SET a = $1");

    #[test]
    fn a_group_that_the_engine_rolled_back_takes_nothing_more() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("t.db");
        let mut connection = Embedded::writer(&file).unwrap();
        connection.execute_batch("CREATE TABLE t (a TEXT)").unwrap();
        connection.begin().unwrap();
        let mut group = Group::on(&mut connection);
        group.enter();
        group.add(&ADD, vec!["x".into()]);
        // As the engine does by itself at a full disk.
        group.connection.roll_back().unwrap();
        assert!(group.run(&MARK, &["y".into()]).is_err());
        assert!(group.undo().is_err());
        assert!(group.commit().is_err());
        let rows: i64 = connection
            .query_row("SELECT COUNT(*) FROM t", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 0);
    }

    #[test]
    fn a_query_does_not_change_anything() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = Embedded::writer(&folder.path().join("t.db")).unwrap();
        connection
            .execute_batch("CREATE TABLE t (a TEXT); INSERT INTO t (a) VALUES ('x')")
            .unwrap();
        static SLY: Sql = Sql::new("UPDATE t SET a = 'y' RETURNING a");
        assert!(connection.query(&SLY, &[], &mut |_| Ok(())).is_err());
    }

    /// The first to change rows has no savepoint of its own, and is undone alone all the same.
    #[test]
    fn whoever_is_undone_takes_nobody_along() {
        static PUT: Sql = Sql::new("INSERT INTO t (a) VALUES ($1)");
        let folder = tempfile::tempdir().unwrap();
        let mut connection = Embedded::writer(&folder.path().join("t.db")).unwrap();
        connection.execute_batch("CREATE TABLE t (a TEXT)").unwrap();
        connection.begin().unwrap();
        let mut group = Group::on(&mut connection);
        for (name, is_undone) in [
            ("first", true),
            ("second", false),
            ("third", true),
            ("fourth", false),
        ] {
            group.enter();
            group.add(&ADD, vec![format!("added by the {name}").into()]);
            let put = |name: &str| Command {
                about: None,
                sql: &PUT,
                params: vec![name.into()],
            };
            let put = group.run_all(&[put(name), put(name)]).unwrap();
            assert_eq!(put, [1, 1]);
            match is_undone {
                true => group.undo().unwrap(),
                false => group.keep().unwrap(),
            }
        }
        assert!(group.commit().unwrap());
        static ALL: Sql = Sql::new("SELECT a FROM t ORDER BY a");
        let mut found = Vec::new();
        let each = &mut |row: &Row<'_>| {
            if let crate::Cell::Text(name) = row.cell(0)? {
                found.push(name.to_owned());
            }
            Ok(())
        };
        Connection::query(&mut connection, &ALL, &[], each).unwrap();
        assert_eq!(
            found,
            [
                "added by the fourth",
                "added by the second",
                "fourth",
                "fourth",
                "second",
                "second"
            ]
        );
    }
}
