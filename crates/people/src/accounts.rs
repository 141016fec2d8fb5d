//! Accounts: active from a person's first login on, until they end; only meanwhile may post come (house rule for MO-51, CN-58).

use std::time::Duration;

use basics::{Fault, Moment, PersonNumber, SubjectId};
use statement::SessionRule;
use vault::{Insert, ReadTx, Sql, Tx, Value, insert, sql};

use crate::account_changes::{AccountChange, record_change};
use crate::{Activated, ActivatedListener, sessions};

/// Another process is soon done with what it changes.
const AGAIN: Duration = Duration::from_secs(1);

const FIND: &Sql = sql!("SELECT activated_at, ended_at FROM accounts WHERE subject_id = $1");
const REOPEN: &Sql =
    sql!("UPDATE accounts SET activated_at = $2, ended_at = NULL WHERE subject_id = $1");
const END: &Sql =
    sql!("UPDATE accounts SET ended_at = $2 WHERE subject_id = $1 AND ended_at IS NULL");
const NEW: &Insert = insert!("accounts"(subject_id, activated_at));

/// An account as it is kept.
struct Account {
    activated_at: Moment,
    has_ended: bool,
}

fn find(tx: &mut ReadTx<'_>) -> Result<Option<Account>, Fault> {
    tx.query_opt(FIND, &[], |row| {
        Ok(Account {
            activated_at: row.moment(0)?,
            has_ended: row.opt_moment(1)?.is_some(),
        })
    })
}

/// Whether the person of this closure has logged in, and their account has not ended since.
pub fn is_activated(tx: &mut ReadTx<'_>) -> Result<bool, Fault> {
    Ok(find(tx)?.is_some_and(|account| !account.has_ended))
}

/// When the person of this closure logged in for the first time, or was brought in.
pub(crate) fn activated_at(tx: &mut ReadTx<'_>) -> Result<Option<Moment>, Fault> {
    Ok(find(tx)?.map(|account| account.activated_at))
}

/// Finds the person with this number, or enrols them, and activates their account.
///
/// Errors: one that a sweep in another process is just taking away; they are somebody new the next time.
pub(crate) fn enrol(
    tx: &mut Tx<'_>,
    number: &PersonNumber,
    listeners: &[ActivatedListener],
) -> Result<SubjectId, Fault> {
    let known = tx.find(number)?;
    let subject = known.map_or_else(|| tx.enrol(number), Ok)?;
    activate(tx, known.is_some(), listeners)?;
    Ok(subject)
}

fn just_gone() -> Fault {
    Fault::unavailable("the account has just gone", AGAIN)
}

/// Activates the account at a first login, or the first after it had ended, and tells so; later logins change nothing.
fn activate(tx: &mut Tx<'_>, is_known: bool, listeners: &[ActivatedListener]) -> Result<(), Fault> {
    let activated = Activated {
        subject: tx.subject()?,
        at: tx.now(),
    };
    match find(tx)? {
        Some(account) if !account.has_ended => return Ok(()),
        Some(_) => {
            // A sweep in another process may take it, with the number by which they came, at this very moment.
            if tx.run(REOPEN, &[activated.at.into()])? == 0 {
                return Err(just_gone());
            }
            record_change(tx, AccountChange::BegunAgain, "")?;
        }
        // Numbers last as long as accounts.
        None if is_known => return Err(just_gone()),
        None => tx.add(
            NEW,
            activated.subject.uuid(),
            vec![Value::id(activated.subject), activated.at.into()],
        )?,
    }
    listeners.iter().try_for_each(|hear| hear(tx, &activated))
}

/// Ends the account of this closure's person, and every session of theirs; no when there is none, or none any more. What hangs
/// on it goes when its term is over, unless they log in again before that.
pub(crate) fn end(tx: &mut Tx<'_>, rule: &SessionRule) -> Result<bool, Fault> {
    let now = tx.now();
    if tx.run(END, &[now.into()])? == 0 {
        return Ok(false);
    }
    sessions::end_all(tx, rule)?;
    record_change(tx, AccountChange::Ended, "")?;
    Ok(true)
}
