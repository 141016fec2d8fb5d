//! The queue in the database: what is due, who has claimed it, when it is tried again.

use std::time::Duration;

use basics::{Fault, Moment};
use vault::{Insert, ReadTx, Sql, Tx, Value, insert, sql};

basics::id!(JobId, "a job");

const NEW: &Insert = insert!("jobs"(job_id, kind, payload, run_at, attempts));
// What is further away than an interval was put there by a clock that ran ahead and has been set back.
const EVERY: &Sql = sql!(
    "INSERT INTO jobs (job_id, kind, payload, run_at, attempts) VALUES ($1, $1, '', $2, 0)
     ON CONFLICT (job_id) DO UPDATE SET run_at = $2 WHERE jobs.run_at > $3"
);
// A claim for much longer than claims are for is of such a clock too.
const DUE: &Sql = sql!(
    "SELECT job_id, kind, payload, attempts FROM jobs
     WHERE run_at <= $1 AND (claimed_until IS NULL OR claimed_until <= $1 OR claimed_until > $2) ORDER BY run_at LIMIT 16"
);
// Another process may have done it since it was seen to be due.
const CLAIM: &Sql = sql!(
    "UPDATE jobs SET claimed_until = $3
     WHERE job_id = $1 AND run_at <= $2 AND (claimed_until IS NULL OR claimed_until <= $2 OR claimed_until > $4)"
);
// Whoever has lost a claim to another does not touch the job any more: what it claimed until is its own.
const RENEW: &Sql =
    sql!("UPDATE jobs SET claimed_until = $3 WHERE job_id = $1 AND claimed_until = $2");
const RELEASE: &Sql =
    sql!("UPDATE jobs SET claimed_until = NULL WHERE job_id = $1 AND claimed_until = $2");
const DONE: &Sql = sql!("DELETE FROM jobs WHERE job_id = $1 AND claimed_until = $2");
const AGAIN: &Sql = sql!(
    "UPDATE jobs SET run_at = $3, attempts = $4, claimed_until = NULL WHERE job_id = $1 AND claimed_until = $2"
);

/// How many jobs are taken up in one look, as `DUE` has it.
pub(crate) const AT_ONCE: usize = 16;
/// A job stays with a runner for this long after it claimed it or renewed that; then another may take it up.
pub(crate) const CLAIM_FOR: Duration = Duration::from_secs(300);
/// The clocks of processes on one queue differ less than this; what is further ahead is of a clock that was set back.
const APART_AT_MOST: Duration = Duration::from_secs(300);
/// A failed job waits a second, doubling up to an hour.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// A job that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// A random id, or for recurring work its kind.
    pub id: String,
    pub kind: String,
    pub payload: String,
    /// How often it has failed.
    pub attempts: i64,
}

/// Queues a job in this commit. The payload holds ids, never data of a person.
pub fn queue(tx: &mut Tx<'_>, kind: &str, payload: &str, run_at: Moment) -> Result<JobId, Fault> {
    let id = JobId::new(tx.ids(), tx.now());
    tx.add(
        NEW,
        id.uuid(),
        vec![
            Value::id(id),
            kind.into(),
            payload.into(),
            run_at.into(),
            0.into(),
        ],
    )?;
    Ok(id)
}

/// Sees to it that recurring work is in the queue, once, and due within its interval (or the wait after a failure).
pub(crate) fn keep_recurring(tx: &mut Tx<'_>, kind: &str, interval: Duration) -> Result<(), Fault> {
    let now = tx.now();
    let latest = now.plus(interval.max(LONGEST_WAIT) + APART_AT_MOST);
    tx.run(EVERY, &[kind.into(), now.into(), latest.into()])
        .map(drop)
}

pub(crate) fn due(tx: &mut ReadTx<'_>) -> Result<Vec<Job>, Fault> {
    let now = tx.now();
    let too_long = now.plus(CLAIM_FOR + APART_AT_MOST);
    tx.query(DUE, &[now.into(), too_long.into()], |row| {
        Ok(Job {
            id: row.text(0)?.to_owned(),
            kind: row.text(1)?.to_owned(),
            payload: row.text(2)?.to_owned(),
            attempts: row.int(3)?,
        })
    })
}

/// A job that is this runner's, until then.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) job: Job,
    pub(crate) until: Moment,
}

/// None: it is another's, or done.
pub(crate) fn claim(tx: &mut Tx<'_>, job: &Job) -> Result<Option<Claim>, Fault> {
    let now = tx.now();
    let until = now.plus(CLAIM_FOR);
    let claimed = tx.run(
        CLAIM,
        &[
            job.id.as_str().into(),
            now.into(),
            until.into(),
            now.plus(CLAIM_FOR + APART_AT_MOST).into(),
        ],
    )?;
    let job = job.clone();
    Ok((claimed == 1).then_some(Claim { job, until }))
}

impl Claim {
    /// None: somebody else has it.
    pub(crate) fn renew(&self, tx: &mut Tx<'_>) -> Result<Option<Self>, Fault> {
        let until = tx.now().plus(CLAIM_FOR);
        let renewed = self.run(tx, RENEW, &[until.into()])?;
        let job = self.job.clone();
        Ok(renewed.then_some(Self { job, until }))
    }

    /// Lets another have the job at once.
    pub(crate) fn release(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        self.run(tx, RELEASE, &[]).map(drop)
    }

    pub(crate) fn done(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        self.run(tx, DONE, &[]).map(drop)
    }

    pub(crate) fn again(
        &self,
        tx: &mut Tx<'_>,
        run_at: Moment,
        attempts: i64,
    ) -> Result<(), Fault> {
        self.run(tx, AGAIN, &[run_at.into(), attempts.into()])
            .map(drop)
    }

    fn run(&self, tx: &mut Tx<'_>, sql: &'static Sql, more: &[Value]) -> Result<bool, Fault> {
        let mut params = vec![self.job.id.as_str().into(), self.until.into()];
        params.extend_from_slice(more);
        tx.run(sql, &params).map(|changed| changed == 1)
    }
}

/// How long a job that has failed this often waits.
pub(crate) fn wait_after(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 13) - 1).unwrap_or(0);
    Duration::from_secs(1 << doublings).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_an_hour() {
        let waits: Vec<u64> = [1, 2, 3, 12, 13, 1000]
            .map(|attempts| wait_after(attempts).as_secs())
            .to_vec();
        assert_eq!(waits, [1, 2, 4, 2048, 3600, 3600]);
    }
}
