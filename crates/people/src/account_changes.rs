//! What was changed in an account since it was made (MO-29): written when it ends and by what another room tells, shown among one's
//! own data.

use basics::{Activity, Fault, Moment};
use statement::Register;
use vault::{Insert, ReadTx, Sealed, Sql, Tx, Value, insert, sealed, sql};

basics::id!(ChangeId, "a change of an account");

const NEW: &Insert = insert!("account_changes"(
    subject_id, change_id, changed_at, what, about
));
/// The ids order by time; the newest first.
const LIST: &Sql = sql!(
    "SELECT change_id, changed_at, what, about FROM account_changes
     WHERE subject_id = $1 AND change_id < $2 ORDER BY change_id DESC LIMIT $3"
);
const ABOUT: Sealed = sealed!("account_changes.about");

/// Behind every id.
const END_OF_TIME: &str = "~";

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountChange {
    /// From now on digital post from an organisation.
    PostWanted,
    /// From now on none.
    PostRefused,
    /// The account ended, …
    Ended,
    /// … and its person logged in again.
    BegunAgain,
}

impl AccountChange {
    const ALL: [Self; 4] = [
        Self::PostWanted,
        Self::PostRefused,
        Self::Ended,
        Self::BegunAgain,
    ];

    const fn name(self) -> &'static str {
        match self {
            AccountChange::PostWanted => "post-gewenst",
            AccountChange::PostRefused => "post-geweigerd",
            AccountChange::Ended => "beeindigd",
            AccountChange::BegunAgain => "opnieuw-begonnen",
        }
    }
}

/// Whether the statement lets this activity write down what it changes in an account.
pub fn keeps_changes(register: &Register, activity: Activity) -> bool {
    let entry = register.activity(activity.0);
    entry
        .zip(register.category("account"))
        .is_some_and(|(entry, account)| entry.writes.has(account))
}

/// Writes down a change of the account of this closure's person; `about` is what it concerns, as they know it; empty
/// where that is the account itself.
pub fn record_change(tx: &mut Tx<'_>, what: AccountChange, about: &str) -> Result<(), Fault> {
    let (subject, now) = (tx.subject()?, tx.now());
    let id = ChangeId::new(tx.ids(), now);
    let row = vec![
        Value::id(subject),
        Value::id(id),
        now.into(),
        what.name().into(),
        Value::seal(about),
    ];
    tx.add(NEW, id.uuid(), row)
}

pub(crate) struct Change {
    pub(crate) id: ChangeId,
    pub(crate) at: Moment,
    pub(crate) what: AccountChange,
    pub(crate) about: String,
}

/// The changes before that one, or the newest.
pub(crate) fn list(
    tx: &mut ReadTx<'_>,
    before: Option<ChangeId>,
    count: i64,
) -> Result<Vec<Change>, Fault> {
    let before = before.map_or(Value::from(END_OF_TIME), Value::id);
    tx.query(LIST, &[before, count.into()], |row| {
        let id: ChangeId = row.id(0)?;
        let name = row.text(2)?;
        let what = AccountChange::ALL
            .into_iter()
            .find(|what| what.name() == name)
            .ok_or_else(|| Fault::broken("a change of an account that is not known"))?;
        Ok(Change {
            id,
            at: row.moment(1)?,
            what,
            about: row.open_text(3, ABOUT, id.uuid())?,
        })
    })
}
