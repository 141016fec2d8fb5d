//! Whether the clock can be believed: a sweep by one that is years ahead would remove what everybody keeps.

use std::fmt;
use std::time::Duration;

use basics::{Fault, Moment};
use store::{Cell, Query, Sql, Value};

use crate::log::{last_number, moment_of};

/// An installation may have stood still for so long: a backup of thirty days ago is put back, and before and after it there
/// is a weekend. By a clock that is wrong by this much or less, what ends goes so much early and nothing else does.
const FURTHEST: Duration = Duration::from_secs(35 * 86_400);

static LAST_SWEEP: Sql = Sql::new("SELECT MAX(began_at) FROM sweeps WHERE began_at <= $1");
static ANY_SWEEP: Sql = Sql::new("SELECT MIN(began_at) FROM sweeps");
static BEGUN: Sql = Sql::new("SELECT MIN(first_no) FROM log_chain");
static LINKED: Sql = Sql::new("SELECT MAX(first_no) FROM log_chain WHERE first_no <= $1");

/// A clock that is further ahead than anything that is known here explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockLeap {
    /// The last moment of which it is known that it was one.
    pub since: Moment,
    /// What the clock says.
    pub now: Moment,
}

impl fmt::Display for ClockLeap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.now.since(self.since).as_secs() / 86_400;
        write!(
            f,
            "the clock says {}, {days} days after the last that is known here ({}): nothing is swept. Put the clock right; or, \
             when it is right, give `postbus sweep --confirm-clock` with the day that it is",
            self.now, self.since
        )
    }
}

/// What was last known to be a moment, where that is too long before `now` to believe this one; then nothing may end by it.
///
/// That is the last sweep up to now (the beginning of the data, when none ever ran), and from there on what the log holds, as
/// far as it goes without a gap as long: rows of a clock that leapt lie behind one, however often it was started since. A clock
/// that was set back has no sweep behind it and removes what had ended long ago: it is believed, and forgets none of the others.
pub(super) fn unexplained(query: &mut dyn Query, now: Moment) -> Result<Option<Moment>, Fault> {
    let known = match moment(query, &LAST_SWEEP, &[now.into()])? {
        Some(micros) => Some(Moment::from_micros(micros)),
        None if moment(query, &ANY_SWEEP, &[])?.is_some() => None,
        None => moment(query, &BEGUN, &[])?.map(moment_of),
    };
    let Some(mut known) = known.filter(|known| *known <= now) else {
        return Ok(None);
    };
    while known.plus(FURTHEST) < now {
        let until = last_number(known.plus(FURTHEST));
        let next = moment(query, &LINKED, &[until.into()])?.map(moment_of);
        match next.filter(|next| known < *next) {
            Some(next) => known = next,
            None => return Ok(Some(known)),
        }
    }
    Ok(None)
}

fn moment(query: &mut dyn Query, sql: &Sql, params: &[Value]) -> Result<Option<i64>, Fault> {
    let mut found = None;
    query.query(sql, params, &mut |row| {
        if let Cell::Int(int) = row.cell(0)? {
            found = Some(int);
        }
        Ok(())
    })?;
    Ok(found)
}
