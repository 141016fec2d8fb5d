//! The end of a session by time, also when its browser never comes back: a job a session, queued at its login (MO-33, CN-52).

use basics::{Channel, Fault, Moment, SubjectId, Trace};
use jobs::Job;
use vault::{SessionHash, Tx, Vault};

use crate::sessions::{self, Ended, Liveness};

/// The kind of these jobs. Their payload is the session's hash, which opens nothing.
pub const EXPIRE_SESSION: &str = "sessie-verlopen";

/// Looks after this session at `when`.
pub(crate) fn queue(tx: &mut Tx<'_>, hash: &SessionHash, when: Moment) -> Result<(), Fault> {
    jobs::queue(tx, EXPIRE_SESSION, &hex::encode(hash.0), when).map(drop)
}

/// Does such a job: ends the session at the moment it was over, or looks again when it will be.
pub async fn expire_session(vault: &Vault, job: Job) -> Result<(), Fault> {
    let mut hash = SessionHash([0; 32]);
    hex::decode_to_slice(&job.payload, &mut hash.0)
        .map_err(|_| Fault::broken("a job on a session names none"))?;
    let rule = *vault.register().session();
    let expire = move |tx: &mut Tx<'_>, _: SubjectId| {
        let Some(session) = sessions::find(tx, &hash)? else {
            return Ok(());
        };
        match session.liveness(&rule, tx.now()) {
            Liveness::Over(at) => sessions::end(tx, session.id, &hash, at, Ended::Expired),
            Liveness::Alive | Liveness::Unseen => queue(tx, &hash, session.end(&rule)),
        }
    };
    vault
        .touch_session(hash, Channel::Internal, Trace::new(vault.ids()), expire)
        .await
        .map(drop)
}
