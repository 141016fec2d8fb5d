//! From which organisations a person does not want post. No row means wanted.

use std::collections::BTreeSet;

use basics::{Fault, Oin};
use organisations::Organisation;
use vault::{ReadTx, Sql, Tx, Value, sql};

use crate::events::{Listeners, Preferred, tell};

const FIND_REFUSAL: &Sql =
    sql!("SELECT refused_at FROM preferences WHERE subject_id = $1 AND oin = $2");
const REFUSED: &Sql = sql!("SELECT oin FROM preferences WHERE subject_id = $1");
/// A second refusal keeps the moment of the first.
const REFUSE: &Sql = sql!(
    "INSERT INTO preferences (subject_id, oin, refused_at) VALUES ($1, $2, $3) ON CONFLICT (subject_id, oin) DO NOTHING"
);
const ACCEPT: &Sql = sql!("DELETE FROM preferences WHERE subject_id = $1 AND oin = $2");

/// Whether the person of this closure wants digital post from this organisation (MO-30). Delivery asks it.
pub fn wants_post_from(tx: &mut ReadTx<'_>, oin: &Oin) -> Result<bool, Fault> {
    let refusal = tx.query_opt(FIND_REFUSAL, &[oin.as_str().into()], |row| row.moment(0))?;
    Ok(refusal.is_none())
}

/// Of whom the person wants none.
pub(crate) fn refused(tx: &mut ReadTx<'_>) -> Result<BTreeSet<Oin>, Fault> {
    let refused = tx.query(REFUSED, &[], |row| {
        Oin::parse(row.text(0)?).map_err(|_| Fault::broken("a kept OIN does not parse"))
    })?;
    Ok(refused.into_iter().collect())
}

/// Keeps what the person chose, under the activity [`crate::CHANGE_PREFERENCE`].
pub fn set_preference(tx: &mut Tx<'_>, oin: &Oin, wanted: bool) -> Result<(), Fault> {
    if wanted {
        tx.run(ACCEPT, &[oin.as_str().into()]).map(drop)
    } else {
        let now = tx.now();
        tx.run(REFUSE, &[oin.as_str().into(), Value::from(now)])
            .map(drop)
    }
}

/// Of these organisations, keeps that post is wanted from those and no others; tells of each change and answers them. Whose
/// channel is mandatory is passed over.
pub(crate) fn choose(
    tx: &mut Tx<'_>,
    listeners: &Listeners,
    among: &BTreeSet<Oin>,
    wanted: &BTreeSet<Oin>,
) -> Result<Vec<Preferred>, Fault> {
    let (refused, subject, at) = (refused(tx)?, tx.subject()?, tx.now());
    let of_the_person = |each: &Organisation| among.contains(&each.oin) && !each.is_mandatory(at);
    let mut changed = Vec::new();
    for Organisation { oin, name, .. } in organisations::list(tx)?.into_iter().filter(of_the_person)
    {
        let wanted = wanted.contains(&oin);
        if wanted != refused.contains(&oin) {
            continue;
        }
        set_preference(tx, &oin, wanted)?;
        let preferred = Preferred {
            subject,
            oin,
            name,
            wanted,
            at,
        };
        tell(&listeners.preferred, tx, &preferred)?;
        changed.push(preferred);
    }
    Ok(changed)
}
