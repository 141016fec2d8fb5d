//! Writes down where each person's rows of the log lie: afterwards, sorted, a run at a time. The log itself stays without an
//! index by person, so that a commit adds to its last page and rewrites no other.

use std::time::Duration;

use basics::{Fault, Moment};
use store::{Cell, Group, Insert, Query, Sql, Value, Work};
use tokio::sync::oneshot;

use crate::log::{self, Ledger};

/// So many rows make a run; what waits for one is read through for each history that somebody asks for.
pub(crate) const RUN: usize = 32_768;
/// Or fewer, when the first of them has waited this long, or a run of every other chain waits behind where this one is.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);
/// No two clocks of a house are further apart, and no commit takes longer: before this nothing comes any more.
const SETTLED: Duration = Duration::from_secs(3600);
/// A chain to which nothing is added is not moved on for less.
const A_STRETCH: Duration = Duration::from_secs(300);
/// Places written in one commit: few enough that nobody notices.
const SLICE: usize = 512;

/// Sees everybody's rows of the log and of its places; no text of a room does.
pub(crate) const EVERYBODY: &str = "*";

static CHAINS: Sql = Sql::new("SELECT DISTINCT chain FROM log_runs ORDER BY chain");
static LAST_RUN: Sql = Sql::new(
    "SELECT run_no, from_no, placed_to FROM log_runs WHERE chain = $1 ORDER BY run_no DESC LIMIT 1",
);
static LOGGED: Sql = Sql::new(
    "SELECT log_no, subject_id, start_time FROM log WHERE chain = $1 AND log_no > $2 AND log_no <= $3 ORDER BY log_no LIMIT 32768",
);
static BEHIND: Sql = Sql::new(
    "SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT log_no FROM log WHERE log_no > $1 LIMIT $2) AS behind",
);
static LAST_PLACE: Sql = Sql::new(
    "SELECT subject_id, log_no FROM log_places WHERE run_no = $1 ORDER BY subject_id DESC, log_no DESC LIMIT 1",
);
static BEGUN: Sql = Sql::new(
    "INSERT INTO log_runs (run_no, chain, from_no) VALUES ($1, $2, $3) ON CONFLICT (run_no) DO NOTHING",
);
static PLACED_TO: Sql = Sql::new("UPDATE log_runs SET placed_to = $2 WHERE run_no = $1");
static ADD_PLACE: Insert = Insert::new("log_places", &["run_no", "subject_id", "log_no"]);

/// A run to be written, or what is missing of one that was broken off.
#[derive(Debug)]
pub(crate) struct Run {
    number: i64,
    chain: i64,
    from: i64,
    placed_to: i64,
    /// Person and row, sorted.
    places: Vec<(String, i64)>,
}

/// The last run of a chain as it was found.
struct Last {
    number: i64,
    from: i64,
    placed_to: Option<i64>,
}

/// What is to be written next, of some chain; `run` rows make a run.
pub(crate) fn next_run(
    query: &mut dyn Query,
    now: Moment,
    run: usize,
) -> Result<Option<Run>, Fault> {
    let mut chains = Vec::new();
    query.query(&CHAINS, &[], &mut |row| {
        chains.extend(int(row.cell(0)?));
        Ok(())
    })?;
    let order = Order {
        now,
        run,
        most_behind: run * chains.len(),
    };
    for chain in chains {
        query.about(Some(EVERYBODY));
        let run = next_run_of(query, chain, order);
        query.about(None);
        if let Some(run) = run? {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

/// When a run is due.
#[derive(Clone, Copy)]
struct Order {
    now: Moment,
    run: usize,
    /// A history reads through what lies behind the chain that is furthest behind: no more than so many rows of all chains.
    most_behind: usize,
}

fn next_run_of(query: &mut dyn Query, chain: i64, order: Order) -> Result<Option<Run>, Fault> {
    let Some(last) = last_run(query, chain)? else {
        return Ok(None);
    };
    let Some(from) = last.placed_to else {
        return rest_of(query, chain, &last).map(Some);
    };
    let (places, oldest) = waiting(query, chain, from, i64::MAX)?;
    let Order { now, run, .. } = order;
    let Some(number) = places.iter().map(|(_, number)| *number).max() else {
        let holds_up = is_far_behind(query, from, order.most_behind)?;
        return Ok(moved_on(chain, &last, from, now, holds_up));
    };
    let is_due = places.len() >= run
        || now >= oldest.plus(PATIENCE)
        || is_far_behind(query, from, order.most_behind)?;
    Ok(is_due.then_some(Run {
        number,
        chain,
        from,
        placed_to: number,
        places,
    }))
}

fn last_run(query: &mut dyn Query, chain: i64) -> Result<Option<Last>, Fault> {
    let mut last = None;
    query.query(&LAST_RUN, &[chain.into()], &mut |row| {
        let placed_to = int(row.cell(2)?);
        let ends = int(row.cell(0)?).zip(int(row.cell(1)?));
        last = ends.map(|(number, from)| Last {
            number,
            from,
            placed_to,
        });
        Ok(())
    })?;
    Ok(last)
}

/// What is missing of a run that was broken off: it is written in order, so that is what comes behind its last place.
fn rest_of(query: &mut dyn Query, chain: i64, broken_off: &Last) -> Result<Run, Fault> {
    let Last { number, from, .. } = *broken_off;
    let (mut places, _) = waiting(query, chain, from, number)?;
    query.query(&LAST_PLACE, &[number.into()], &mut |row| {
        if let (Cell::Text(subject), Cell::Int(row)) = (row.cell(0)?, row.cell(1)?) {
            places.retain(|place| (place.0.as_str(), place.1) > (subject, row));
        }
        Ok(())
    })?;
    Ok(Run {
        number,
        chain,
        from,
        placed_to: number,
        places,
    })
}

/// Whether so many rows of all chains lie behind a number.
fn is_far_behind(query: &mut dyn Query, from: i64, most: usize) -> Result<bool, Fault> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut count = 0;
    query.query(&BEHIND, &[from.into(), most.into()], &mut |row| {
        count = int(row.cell(0)?).unwrap_or(0);
        Ok(())
    })?;
    Ok(count >= most)
}

/// A chain to which nothing is added any more keeps up all the same, or ever more of the others' rows would be read through.
/// Whoever takes it up goes on behind that.
fn moved_on(chain: i64, last: &Last, from: i64, now: Moment, holds_up: bool) -> Option<Run> {
    let (up_to, stretch) = if holds_up {
        (now.minus(SETTLED), A_STRETCH)
    } else {
        (now.minus(PATIENCE), PATIENCE)
    };
    let placed_to = log::number(up_to, chain);
    let is_due = from < log::number(up_to.minus(stretch), chain);
    is_due.then_some(Run {
        number: last.number,
        chain,
        from,
        placed_to,
        places: Vec::new(),
    })
}

/// The places of a chain's rows behind `from`, up to `until`, sorted by person; and when the first of them began.
fn waiting(
    query: &mut dyn Query,
    chain: i64,
    from: i64,
    until: i64,
) -> Result<(Vec<(String, i64)>, Moment), Fault> {
    let mut places = Vec::new();
    let mut oldest = Moment::from_micros(i64::MAX);
    let range = [chain.into(), from.into(), until.into()];
    query.query(&LOGGED, &range, &mut |row| {
        if let (Cell::Int(number), Cell::Text(subject), Cell::Int(at)) =
            (row.cell(0)?, row.cell(1)?, row.cell(2)?)
        {
            places.push((subject.to_owned(), number));
            oldest = oldest.min(Moment::from_micros(at));
        }
        Ok(())
    })?;
    places.sort_unstable();
    Ok((places, oldest))
}

fn int(cell: Cell<'_>) -> Option<i64> {
    match cell {
        Cell::Int(int) => Some(int),
        _ => None,
    }
}

impl Run {
    /// What is to be committed for it, one after the other. It counts once the last of it is there.
    pub(crate) fn into_slices(self) -> Vec<Slice> {
        let row = [self.number.into(), self.chain.into(), self.from.into()];
        let mut slices = vec![Slice::Begun(row)];
        let parts = self.places.chunks(SLICE);
        slices.extend(parts.map(|part| Slice::Places(self.number, part.to_vec())));
        slices.push(Slice::PlacedTo([self.number.into(), self.placed_to.into()]));
        slices
    }
}

pub(crate) enum Slice {
    Begun([Value; 3]),
    Places(i64, Vec<(String, i64)>),
    PlacedTo([Value; 2]),
}

/// A slice on its way to the writer.
pub(crate) struct WriteSlice {
    pub(crate) slice: Slice,
    pub(crate) reply: oneshot::Sender<Result<(), Fault>>,
}

impl Work<Ledger> for WriteSlice {
    fn run(&mut self, group: &mut Group<'_>, _ledger: &mut Ledger) -> Result<(), Fault> {
        group.enter();
        match &self.slice {
            Slice::Begun(row) => drop(group.run(&BEGUN, row)?),
            Slice::PlacedTo(row) => drop(group.run(&PLACED_TO, row)?),
            Slice::Places(run, places) => {
                for (subject, number) in places {
                    let row = vec![(*run).into(), subject.as_str().into(), (*number).into()];
                    group.add(&ADD_PLACE, row);
                }
            }
        }
        group.keep()
    }

    fn finish(self: Box<Self>, outcome: Result<(), Fault>) {
        let _ = self.reply.send(outcome);
    }
}
