//! What a login keeps of where it came from (MO-31, CN-17): the network address and the make of the device, sealed.

use std::collections::BTreeMap;

use basics::{Activity, Fault};
use statement::{Access, Register};
use vault::{Insert, ReadTx, Sealed, Sql, Tx, Value, insert, sealed, sql};
use web::Client;

use crate::sessions::SessionId;

const NEW: &Insert = insert!("logins"(
    subject_id,
    session_id,
    recorded_at,
    network_address,
    device
));
/// The ids order by time.
const BETWEEN: &Sql = sql!(
    "SELECT session_id, network_address, device FROM logins
     WHERE subject_id = $1 AND session_id >= $2 AND session_id <= $3"
);
const ADDRESS: Sealed = sealed!("logins.network_address");
const DEVICE: Sealed = sealed!("logins.device");

const DATA: [&str; 2] = ["ip-adres", "apparaatkenmerken"];

/// Whether the statement lets this role keep them in this activity, or look at them: both or neither.
pub(crate) fn are_let(register: &Register, activity: Activity, role: &str, how: Access) -> bool {
    register.lets(activity.0, role, &DATA, how)
}

pub(crate) fn keep(tx: &mut Tx<'_>, session: SessionId, client: &Client) -> Result<(), Fault> {
    let (subject, now) = (tx.subject()?, tx.now());
    let sealed = |text: Option<String>| text.map_or(Value::Null, Value::seal);
    let row = vec![
        Value::id(subject),
        Value::id(session),
        now.into(),
        sealed(client.address.map(|address| address.to_string())),
        sealed(client.device.clone()),
    ];
    tx.add(NEW, session.uuid(), row)
}

/// As it was kept.
#[derive(Debug, Default)]
pub(crate) struct LoginFacts {
    pub(crate) address: Option<String>,
    pub(crate) device: Option<String>,
}

/// Of the logins from the one to the other.
pub(crate) fn between(
    tx: &mut ReadTx<'_>,
    oldest: SessionId,
    newest: SessionId,
) -> Result<BTreeMap<SessionId, LoginFacts>, Fault> {
    let found = tx.query(BETWEEN, &[Value::id(oldest), Value::id(newest)], |row| {
        let session: SessionId = row.id(0)?;
        let facts = LoginFacts {
            address: row.opt_open_text(1, ADDRESS, session.uuid())?,
            device: row.opt_open_text(2, DEVICE, session.uuid())?,
        };
        Ok((session, facts))
    })?;
    Ok(found.into_iter().collect())
}
