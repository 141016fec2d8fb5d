//! A person's logins as they look back on them: when each began, when and how it ended.

use basics::{Fault, Moment};
use statement::SessionRule;
use vault::{ReadTx, Sql, Value, sql};

use crate::sessions::{self, Ended, Liveness, Session, SessionId};

/// The ids order by time; the newest first.
const LIST: &Sql = sql!(
    "SELECT session_id, began_at, seen_at, ended_at, ended_how FROM sessions
     WHERE subject_id = $1 AND session_id < $2 ORDER BY session_id DESC LIMIT $3"
);

/// Behind every id.
const END_OF_TIME: &str = "~";

pub(crate) struct Login {
    pub(crate) session: SessionId,
    pub(crate) began_at: Moment,
    /// None while it lasts.
    pub(crate) ended: Option<(Moment, Ended)>,
}

/// The logins before that one, or the newest. One whose time is over has ended, also when nobody has looked after it yet.
pub(crate) fn list(
    tx: &mut ReadTx<'_>,
    before: Option<SessionId>,
    count: i64,
    rule: &SessionRule,
) -> Result<Vec<Login>, Fault> {
    let now = tx.now();
    let before = before.map_or(Value::from(END_OF_TIME), Value::id);
    tx.query(LIST, &[before, count.into()], |row| {
        let session = Session::found(row)?;
        let ended = match row.opt_moment(3)? {
            Some(at) => Some((at, sessions::how_ended(row.text(4)?)?)),
            None => match session.liveness(rule, now) {
                Liveness::Over(at) => Some((at, Ended::Expired)),
                Liveness::Alive | Liveness::Unseen => None,
            },
        };
        Ok(Login {
            session: session.id,
            began_at: session.began_at(),
            ended,
        })
    })
}
