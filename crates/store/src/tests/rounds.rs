//! Works of a group on a server: what they ask is answered together, and they end as if each had run alone.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use basics::Fault;

use super::server::Database;
use crate::{
    Cell, Command, Group, Insert, Query, RoomSchema, Row, Sql, Store, StoreSettings, Value, Work,
};

const ROOM: RoomSchema = RoomSchema {
    room: "probe",
    changes: &[],
    sql: "-- lies everywhere
CREATE TABLE stones (
  name TEXT NOT NULL,
  next TEXT NOT NULL,
  CONSTRAINT stones_pk PRIMARY KEY (name)
) WITHOUT ROWID;
-- lies everywhere
CREATE TABLE walks (
  walker TEXT NOT NULL,
  ended_at TEXT NOT NULL,
  CONSTRAINT walks_pk PRIMARY KEY (walker)
) WITHOUT ROWID;",
};
const STONES: &str = "INSERT INTO stones VALUES ('a', 'b'), ('b', 'c'), ('c', 'd')";
static STEP: Sql = Sql::new("SELECT next FROM stones WHERE name = $1");
static MOVE: Sql = Sql::new("UPDATE stones SET next = $2 WHERE name = $1");
static END: Insert = Insert::new("walks", &["walker", "ended_at"]);
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks for a stone, then for the one that it names, and adds where it ended.
struct Walk {
    walker: &'static str,
    steps: usize,
    /// Moves the first stone when it has gone that far.
    moves: Option<&'static str>,
    runs: Arc<AtomicI64>,
    /// Asks something else each time it runs.
    is_restless: bool,
    told: Sender<Result<(), Fault>>,
}

impl Walk {
    fn walk(&self, group: &mut Group<'_>) -> Result<String, Fault> {
        let run = self.runs.fetch_add(1, SeqCst);
        if self.is_restless {
            next(group, &format!("nowhere {run}"))?;
        }
        let mut at = "a".to_owned();
        for _ in 0..self.steps {
            at = next(group, &at)?.ok_or_else(|| Fault::broken("no such stone"))?;
        }
        if let Some(to) = self.moves {
            group.run(&MOVE, &["a".into(), to.into()])?;
        }
        Ok(at)
    }
}

fn next(group: &mut Group<'_>, name: &str) -> Result<Option<String>, Fault> {
    step_from(group, name)
}

fn step_from(query: &mut dyn Query, name: &str) -> Result<Option<String>, Fault> {
    let mut found = None;
    let each = &mut |row: &Row<'_>| {
        if let Cell::Text(name) = row.cell(0)? {
            found = Some(name.to_owned());
        }
        Ok(())
    };
    query.query(&STEP, &[Value::from(name)], each)?;
    Ok(found)
}

impl Work<()> for Walk {
    fn run(&mut self, group: &mut Group<'_>, (): &mut ()) -> Result<(), Fault> {
        group.enter();
        let ended = self.walk(group);
        if group.is_halted() {
            return group.undo();
        }
        group.add(&END, vec![self.walker.into(), ended?.into()]);
        group.keep()
    }
    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        self.told.send(outcome).unwrap();
    }
}

/// Adds a row without a mark where it begins, and asks nothing; or moves a stone, and asks nothing either.
struct Plain {
    walker: &'static str,
    moves: bool,
    runs: Arc<AtomicI64>,
    told: Sender<Result<(), Fault>>,
}

impl Work<()> for Plain {
    fn run(&mut self, group: &mut Group<'_>, (): &mut ()) -> Result<(), Fault> {
        self.runs.fetch_add(1, SeqCst);
        if self.moves {
            group.run(&MOVE, &["c".into(), "z".into()])?;
        }
        group.add(&END, vec![self.walker.into(), "here".into()]);
        Ok(())
    }
    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        self.told.send(outcome).unwrap();
    }
}

/// Holds the writer up until the others wait.
struct Gate {
    held_up: Sender<()>,
    opened: Receiver<()>,
}

impl Work<()> for Gate {
    fn run(&mut self, _: &mut Group<'_>, (): &mut ()) -> Result<(), Fault> {
        self.held_up.send(()).unwrap();
        self.opened.recv_timeout(PATIENCE).unwrap();
        Ok(())
    }
    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        outcome.unwrap();
    }
}

/// Has these walk in one group; answers how often each ran.
fn walked(
    database: &Database,
    walks: Vec<Walk>,
    outcomes: &Receiver<Result<(), Fault>>,
) -> Vec<i64> {
    let works = walks.into_iter().map(|walk| {
        let runs = Arc::clone(&walk.runs);
        (Box::new(walk) as Box<dyn Work<()>>, runs)
    });
    worked(database, works.collect(), outcomes, Result::unwrap)
}

/// Each with how often it ran.
fn worked(
    database: &Database,
    works: Vec<(Box<dyn Work<()>>, Arc<AtomicI64>)>,
    outcomes: &Receiver<Result<(), Fault>>,
    mut told: impl FnMut(Result<(), Fault>),
) -> Vec<i64> {
    let settings = StoreSettings {
        writers: 1,
        ..StoreSettings::on(database.unowned())
    };
    let store = Store::open(settings, &[ROOM], || ()).unwrap();
    let (held_up, is_held_up) = channel();
    let (open, opened) = channel();
    store.write(Box::new(Gate { held_up, opened })).unwrap();
    is_held_up.recv_timeout(PATIENCE).unwrap();
    let mut runs = Vec::new();
    for (work, counted) in works {
        store.write(work).unwrap();
        runs.push(counted);
    }
    open.send(()).unwrap();
    for _ in &runs {
        told(outcomes.recv_timeout(PATIENCE).unwrap());
    }
    runs.iter().map(|runs| runs.load(SeqCst)).collect()
}

fn plain(
    walker: &'static str,
    moves: bool,
    told: &Sender<Result<(), Fault>>,
) -> (Box<dyn Work<()>>, Arc<AtomicI64>) {
    let runs = Arc::<AtomicI64>::default();
    let counted = Arc::clone(&runs);
    let told = told.clone();
    let work = Plain {
        walker,
        moves,
        runs,
        told,
    };
    (Box::new(work), counted)
}

fn walk(walker: &'static str, steps: usize, told: &Sender<Result<(), Fault>>) -> Walk {
    Walk {
        walker,
        steps,
        moves: None,
        runs: Arc::default(),
        is_restless: false,
        told: told.clone(),
    }
}

#[test]
fn a_work_runs_once_for_each_answer_it_waits_for() {
    let database = Database::of("rounds_of_walks");
    database.prepared_with(&[ROOM]).asked(STONES);
    let (told, outcomes) = channel();
    let walks = vec![
        walk("one", 1, &told),
        walk("three", 3, &told),
        walk("none", 0, &told),
    ];
    assert_eq!(walked(&database, walks, &outcomes), [2, 4, 1]);
    let ends = database.asked("SELECT walker, ended_at FROM walks ORDER BY walker");
    assert_eq!(ends, "none|a\none|b\nthree|d");
}

#[test]
fn who_changes_rows_does_so_after_those_that_only_ask() {
    let database = Database::of("rounds_and_changes");
    database.prepared_with(&[ROOM]).asked(STONES);
    let (told, outcomes) = channel();
    let mover = |walker, to| Walk {
        moves: Some(to),
        ..walk(walker, 1, &told)
    };
    let walks = vec![
        mover("first", "c"),
        walk("asks", 1, &told),
        mover("second", "d"),
    ];
    // Halted at the question and at the change; the last time it asks at once.
    assert_eq!(walked(&database, walks, &outcomes), [3, 2, 3]);
    let ends = database.asked("SELECT walker, ended_at FROM walks ORDER BY walker");
    assert_eq!(
        ends, "asks|b\nfirst|b\nsecond|c",
        "each sees what came before it"
    );
    assert_eq!(
        database.asked("SELECT next FROM stones WHERE name = 'a'"),
        "d"
    );
}

#[test]
fn who_never_asks_the_same_comes_to_an_end_too() {
    let database = Database::of("rounds_without_rest");
    database.prepared_with(&[ROOM]).asked(STONES);
    let (told, outcomes) = channel();
    let restless = Walk {
        is_restless: true,
        ..walk("restless", 2, &told)
    };
    let walks = vec![restless, walk("other", 2, &told)];
    let runs = walked(&database, walks, &outcomes);
    assert_eq!(runs[1], 3);
    let ends = database.asked("SELECT walker, ended_at FROM walks ORDER BY walker");
    assert_eq!(ends, "other|c\nrestless|c");
}

#[test]
fn a_work_that_marks_no_beginning_runs_once_or_waits_and_fails_nobody() {
    let database = Database::of("rounds_of_plain_works");
    database.prepared_with(&[ROOM]).asked(STONES);
    let (told, outcomes) = channel();
    let asks = walk("asks", 2, &told);
    let counted = Arc::clone(&asks.runs);
    let works = vec![
        (Box::new(asks) as Box<dyn Work<()>>, counted),
        plain("adds", false, &told),
        plain("moves", true, &told),
    ];
    // Whoever comes after one that was halted is not halted by it.
    assert_eq!(
        worked(&database, works, &outcomes, Result::unwrap),
        [3, 1, 2]
    );
    let ends = database.asked("SELECT walker, ended_at FROM walks ORDER BY walker");
    assert_eq!(ends, "adds|here\nasks|c\nmoves|here");
    assert_eq!(
        database.asked("SELECT next FROM stones WHERE name = 'c'"),
        "z"
    );
}

/// Goes so many steps from each of some stones, and moves them to where that was, all in a few journeys.
struct Movers {
    walker: &'static str,
    from: &'static [&'static str],
    steps: usize,
    /// Its last statement is one that the server refuses.
    fails: bool,
    runs: Arc<AtomicI64>,
    told: Sender<Result<(), Fault>>,
    moved: Vec<u64>,
}

static BREAK: Sql = Sql::new("UPDATE stones SET next = NULL WHERE name = $1");

impl Work<()> for Movers {
    fn run(&mut self, group: &mut Group<'_>, (): &mut ()) -> Result<(), Fault> {
        group.enter();
        self.runs.fetch_add(1, SeqCst);
        let moved = self.move_all(group);
        match (group.is_halted(), moved) {
            (true, _) => group.undo(),
            (false, Ok(())) => {
                let moved = format!("{:?}", self.moved);
                group.add(&END, vec![self.walker.into(), moved.into()]);
                group.keep()
            }
            (false, Err(_)) => group.undo(),
        }
    }
    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        self.told.send(outcome).unwrap();
    }
}

impl Movers {
    fn move_all(&mut self, group: &mut Group<'_>) -> Result<(), Fault> {
        let steps = self.steps;
        let ends = group.ask_for_each(self.from, |from, query| {
            let mut at = (*from).to_owned();
            for _ in 0..steps {
                at = step_from(query, &at)?.unwrap_or(at);
            }
            Ok(at)
        })?;
        let moves = self.from.iter().zip(ends).map(|(from, to)| Command {
            about: None,
            sql: &MOVE,
            params: vec![(*from).into(), to.into()],
        });
        let breaks = self.fails.then(|| Command {
            about: None,
            sql: &BREAK,
            params: vec!["a".into()],
        });
        let all: Vec<Command> = moves.chain(breaks).collect();
        self.moved = group.run_all(&all)?;
        Ok(())
    }
}

#[test]
fn what_is_asked_and_run_for_many_goes_as_if_for_each_alone() {
    let database = Database::of("rounds_of_movers");
    database.prepared_with(&[ROOM]).asked(STONES);
    let (told, outcomes) = channel();
    let movers = |walker, from, fails| {
        let work = Movers {
            walker,
            from,
            steps: 2,
            fails,
            runs: Arc::default(),
            told: told.clone(),
            moved: Vec::new(),
        };
        let runs = Arc::clone(&work.runs);
        (Box::new(work) as Box<dyn Work<()>>, runs)
    };
    let works = vec![
        movers("broken", &["a", "b", "c"], true),
        movers("moves", &["a", "b", "nowhere"], false),
        movers("late", &["a", "c"], true),
    ];
    worked(&database, works, &outcomes, Result::unwrap);
    let ends = database.asked("SELECT walker, ended_at FROM walks ORDER BY walker");
    assert_eq!(ends, "moves|[1, 1, 0]");
    let stones = database.asked("SELECT name, next FROM stones ORDER BY name");
    assert_eq!(stones, "a|c\nb|d\nc|d", "what failed moved nothing");
}

/// What other programs hold locked keeps only who needs it from writing, and nobody for long.
#[test]
fn a_lock_takes_nobody_else_of_the_group_along() {
    let database = Database::of("rounds_and_locks");
    database.prepared_with(&[ROOM]).asked(STONES);
    let held = |walkers: &[&str]| {
        let mut other = database.connected();
        other.batch_execute("BEGIN").unwrap();
        for walker in walkers {
            let row = format!("INSERT INTO walks VALUES ('{walker}', 'elsewhere')");
            other.batch_execute(&row).unwrap();
        }
        other
    };
    let (told, outcomes) = channel();
    let other = held(&["b"]);
    let works = ["a", "b", "c"].map(|walker| plain(walker, false, &told));
    let mut refused = Vec::new();
    let mut count = |outcome: Result<(), Fault>| refused.extend(outcome.err());
    assert_eq!(
        worked(&database, works.into(), &outcomes, &mut count),
        [2; 3]
    );
    drop(other);
    let [fault] = refused.as_slice() else {
        panic!("one of them: {refused:?}");
    };
    assert!(fault.to_string().contains("SQLSTATE 55P03"), "{fault}");
    let ends = || database.asked("SELECT walker FROM walks ORDER BY walker");
    assert_eq!(ends(), "a\nc");

    // Of many that need what is locked only a few are waited for.
    let other = held(&["d", "e", "f", "g", "h"]);
    let works = ["d", "e", "f", "g", "h"].map(|walker| plain(walker, false, &told));
    let mut refused = 0;
    let mut count = |outcome: Result<(), Fault>| refused += usize::from(outcome.is_err());
    let runs = worked(&database, works.into(), &outcomes, &mut count);
    drop(other);
    assert_eq!((runs, refused), (vec![2, 2, 2, 1, 1], 5));
    assert_eq!(ends(), "a\nc");
}
