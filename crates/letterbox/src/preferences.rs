//! From which organisations a person does not want post. No row means wanted.

use basics::{Fault, Oin};
use vault::{ReadTx, Sql, Tx, Value, sql};

const FIND_REFUSAL: &Sql =
    sql!("SELECT refused_at FROM preferences WHERE subject_id = $1 AND oin = $2");
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
