//! Accounts: active from a person's first login on; only then may post come (house rule for MO-51, CN-58).

use basics::{Fault, Moment};
use vault::{Insert, ReadTx, Sql, Tx, Value, insert, sql};

use crate::{Activated, ActivatedListener};

const FIND: &Sql = sql!("SELECT activated_at FROM accounts WHERE subject_id = $1");
const NEW: &Insert = insert!("accounts"(subject_id, activated_at));

/// Whether the person of this closure has ever logged in.
pub fn is_activated(tx: &mut ReadTx<'_>) -> Result<bool, Fault> {
    Ok(activated_at(tx)?.is_some())
}

/// When the person of this closure logged in for the first time, or was brought in.
pub(crate) fn activated_at(tx: &mut ReadTx<'_>) -> Result<Option<Moment>, Fault> {
    tx.query_opt(FIND, &[], |row| row.moment(0))
}

/// Activates the account at a first login and tells so; later logins change nothing.
pub(crate) fn activate(tx: &mut Tx<'_>, listeners: &[ActivatedListener]) -> Result<(), Fault> {
    if is_activated(tx)? {
        return Ok(());
    }
    let activated = Activated {
        subject: tx.subject()?,
        at: tx.now(),
    };
    tx.add(
        NEW,
        activated.subject.uuid(),
        vec![Value::id(activated.subject), activated.at.into()],
    )?;
    listeners.iter().try_for_each(|hear| hear(tx, &activated))
}
