//! Sessions: an opaque secret in a cookie, its hash in the store, an idle and an absolute end.

use std::time::Duration;

use basics::{Fault, Moment};
use ring::rand::{SecureRandom, SystemRandom};
use statement::SessionRule;
use vault::{Insert, ReadTx, Row, Sealed, SessionHash, Sql, Tx, Value, insert, sealed, sql};
use web::SessionEnd;

basics::id!(SessionId, "a session");

const NEW: &Insert = insert!("sessions"(
    subject_id,
    session_id,
    session_hash,
    began_at,
    seen_at,
    provider_session,
    provider_session_hash,
    provider_subject_hash
));
const FIND: &Sql = sql!(
    "SELECT session_id, began_at, seen_at FROM sessions
     WHERE subject_id = $1 AND session_hash = $2 AND ended_at IS NULL"
);
const SEE: &Sql = sql!(
    "UPDATE sessions SET seen_at = $3 WHERE subject_id = $1 AND session_id = $2 AND seen_at < $3"
);
const END: &Sql = sql!(
    "UPDATE sessions SET ended_at = $3, ended_how = $4
     WHERE subject_id = $1 AND session_id = $2 AND ended_at IS NULL"
);
const AT_PROVIDER: &Sql =
    sql!("SELECT provider_session FROM sessions WHERE subject_id = $1 AND session_id = $2");
const OPEN: &Sql = sql!(
    "SELECT session_id, began_at, seen_at, session_hash, provider_session_hash, provider_subject_hash
     FROM sessions WHERE subject_id = $1 AND ended_at IS NULL"
);
const PROVIDER_SESSION: Sealed = sealed!("sessions.provider_session");

/// How long after it was last written a session's last use is written again.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// A session that began later than this from now was opened by a clock that has been set back; nobody knows how long ago.
const AHEAD_AT_MOST: Duration = Duration::from_secs(300);

/// The secret that a session's cookie holds: 256 random bits, as 64 hex digits.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SessionSecret(String);

impl SessionSecret {
    pub(crate) fn new() -> Self {
        let mut bytes = [0; 32];
        SystemRandom::new()
            .fill(&mut bytes)
            .expect("the operating system gives random bytes");
        Self(hex::encode(bytes))
    }
    /// From a cookie; `None` for what we never gave out.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        (text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .then(|| Self(text.to_owned()))
    }
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
    pub(crate) fn hash(&self) -> SessionHash {
        SessionHash::of(self.0.as_bytes())
    }
}

/// An open session as it was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    began_at: Moment,
    seen_at: Moment,
}

/// What a session is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Liveness {
    Alive,
    /// Alive, and long enough unseen to be written.
    Unseen,
    /// Over since this moment.
    Over(Moment),
}

impl Session {
    /// From the first three columns of a row: id, began, seen.
    pub(crate) fn found(row: &Row<'_>) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id(0)?,
            began_at: row.moment(1)?,
            seen_at: row.moment(2)?,
        })
    }

    pub(crate) const fn began_at(&self) -> Moment {
        self.began_at
    }

    /// When it ends unless it is used (CN-52): the idle end, or the absolute one whatever happens.
    pub(crate) fn end(&self, rule: &SessionRule) -> Moment {
        self.seen_at
            .plus(rule.idle)
            .min(self.began_at.plus(rule.absolute))
    }

    /// The same, for who looks at a page that was answered at `now`.
    pub(crate) fn ending(&self, rule: &SessionRule, now: Moment) -> SessionEnd {
        let at = self.end(rule);
        SessionEnd {
            at,
            left: at.since(now),
            can_be_put_off: at < self.began_at.plus(rule.absolute),
        }
    }

    pub(crate) fn see(&mut self, now: Moment) {
        self.seen_at = now;
    }

    pub(crate) fn liveness(&self, rule: &SessionRule, now: Moment) -> Liveness {
        let end = self.end(rule);
        if now >= end {
            Liveness::Over(end)
        } else if self.began_at > now.plus(AHEAD_AT_MOST) {
            Liveness::Over(now)
        } else if now.since(self.seen_at) >= SEEN_EVERY {
            Liveness::Unseen
        } else {
            Liveness::Alive
        }
    }
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    LoggedOut,
    Expired,
    /// Another login in the same browser took its place.
    Replaced,
    /// The login provider said that it is over.
    AtProvider,
    WithAccount,
}

impl Ended {
    const ALL: [Self; 5] = [
        Self::LoggedOut,
        Self::Expired,
        Self::Replaced,
        Self::AtProvider,
        Self::WithAccount,
    ];

    const fn name(self) -> &'static str {
        match self {
            Ended::LoggedOut => "uitgelogd",
            Ended::Expired => "verlopen",
            Ended::Replaced => "vervangen",
            Ended::AtProvider => "uitgelogd-bij-inlogdienst",
            Ended::WithAccount => "met-account-beeindigd",
        }
    }
}

pub(crate) fn how_ended(name: &str) -> Result<Ended, Fault> {
    Ended::ALL
        .into_iter()
        .find(|how| how.name() == name)
        .ok_or_else(|| Fault::broken("a session ended in a way that is not known"))
}

/// What the login provider calls a session and its person, hashed with a key, so that it can end them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProviderNames {
    pub(crate) session: Option<SessionHash>,
    pub(crate) subject: Option<SessionHash>,
}

impl ProviderNames {
    fn all(self) -> impl Iterator<Item = SessionHash> {
        self.session.into_iter().chain(self.subject)
    }

    /// Whether there are any, and each is also the other's.
    fn within(self, other: Self) -> bool {
        self.all().next().is_some()
            && self.session.is_none_or(|_| self.session == other.session)
            && self.subject.is_none_or(|_| self.subject == other.subject)
    }
}

/// A session that has not ended, with every name it has.
struct Open {
    session: Session,
    hash: SessionHash,
    names: ProviderNames,
}

pub(crate) fn open(
    tx: &mut Tx<'_>,
    hash: &SessionHash,
    at_provider: Option<&str>,
    names: ProviderNames,
) -> Result<SessionId, Fault> {
    let (subject, now) = (tx.subject()?, tx.now());
    let id = SessionId::new(tx.ids(), now);
    let at_provider = at_provider.map_or(Value::Null, Value::seal);
    let name = |name: Option<SessionHash>| name.map_or(Value::Null, |hash| Value::blob(hash.0));
    let row = vec![
        Value::id(subject),
        Value::id(id),
        Value::blob(hash.0),
        now.into(),
        now.into(),
        at_provider,
        name(names.session),
        name(names.subject),
    ];
    tx.add(NEW, id.uuid(), row)?;
    tx.open_session(hash)?;
    names.all().try_for_each(|name| tx.name_session(&name))?;
    Ok(id)
}

pub(crate) fn find(tx: &mut ReadTx<'_>, hash: &SessionHash) -> Result<Option<Session>, Fault> {
    tx.query_opt(FIND, &[Value::blob(hash.0)], Session::found)
}

pub(crate) fn see(tx: &mut Tx<'_>, id: SessionId) -> Result<(), Fault> {
    let now = tx.now();
    tx.run(SEE, &[Value::id(id), now.into()]).map(drop)
}

pub(crate) fn end(
    tx: &mut Tx<'_>,
    id: SessionId,
    hash: &SessionHash,
    at: Moment,
    how: Ended,
) -> Result<(), Fault> {
    let (ending, others): (Vec<Open>, Vec<Open>) = list_open(tx)?
        .into_iter()
        .partition(|open| open.session.id == id);
    tx.run(END, &[Value::id(id), at.into(), how.name().into()])?;
    tx.close_session(hash)?;
    for name in ending.iter().flat_map(|open| open.names.all()) {
        // A provider's session can stand behind several of ours.
        if !others
            .iter()
            .any(|other| other.names.all().any(|theirs| theirs == name))
        {
            tx.close_session(&name)?;
        }
    }
    Ok(())
}

/// Ends what the login provider names: one session, or all of the person's.
pub(crate) fn end_named(
    tx: &mut Tx<'_>,
    named: ProviderNames,
    rule: &SessionRule,
) -> Result<(), Fault> {
    end_each(tx, rule, Ended::AtProvider, |names| named.within(names))
}

/// Ends all of the person's, with their account.
pub(crate) fn end_all(tx: &mut Tx<'_>, rule: &SessionRule) -> Result<(), Fault> {
    end_each(tx, rule, Ended::WithAccount, |_| true)
}

fn end_each(
    tx: &mut Tx<'_>,
    rule: &SessionRule,
    how: Ended,
    is_meant: impl Fn(ProviderNames) -> bool,
) -> Result<(), Fault> {
    let now = tx.now();
    for Open {
        session,
        hash,
        names,
    } in list_open(tx)?
    {
        if !is_meant(names) {
            continue;
        }
        match session.liveness(rule, now) {
            Liveness::Over(at) => end(tx, session.id, &hash, at, Ended::Expired)?,
            Liveness::Alive | Liveness::Unseen => {
                end(tx, session.id, &hash, now, how)?;
            }
        }
    }
    Ok(())
}

fn list_open(tx: &mut ReadTx<'_>) -> Result<Vec<Open>, Fault> {
    tx.query(OPEN, &[], |row| {
        Ok(Open {
            session: Session::found(row)?,
            hash: kept_hash(row, 3)?.ok_or_else(|| Fault::broken("a session without its hash"))?,
            names: ProviderNames {
                session: kept_hash(row, 4)?,
                subject: kept_hash(row, 5)?,
            },
        })
    })
}

fn kept_hash(row: &Row<'_>, column: usize) -> Result<Option<SessionHash>, Fault> {
    let bytes = row.opt_blob(column)?.map(<[u8; 32]>::try_from).transpose();
    let bytes = bytes.map_err(|_| Fault::broken("a kept hash has another length"))?;
    Ok(bytes.map(SessionHash))
}

/// The provider's own session behind this one, by which it is ended there as well.
pub(crate) fn at_provider(tx: &mut ReadTx<'_>, id: SessionId) -> Result<Option<String>, Fault> {
    let found = tx.query_opt(AT_PROVIDER, &[Value::id(id)], |row| {
        row.opt_open_text(0, PROVIDER_SESSION, id.uuid())
    })?;
    Ok(found.flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(60 * minutes)
    }

    #[test]
    fn cn_52_a_session_ends_by_idleness_and_at_last_whatever_happens() {
        let rule = SessionRule {
            idle: minutes(15),
            absolute: minutes(120),
        };
        let began = Moment::from_micros(1_795_181_400_000_000);
        let session = |seen: u64| Session {
            id: SessionId::from_uuid(basics::uuid::Uuid::nil()),
            began_at: began,
            seen_at: began.plus(minutes(seen)),
        };
        let at = |seen, now| session(seen).liveness(&rule, began.plus(minutes(now)));
        assert_eq!(at(0, 0), Liveness::Alive);
        assert_eq!(at(0, 1), Liveness::Unseen);
        assert_eq!(at(0, 14), Liveness::Unseen);
        assert_eq!(at(0, 15), Liveness::Over(began.plus(minutes(15))));
        assert_eq!(at(119, 120), Liveness::Over(began.plus(minutes(120))));
    }

    #[test]
    fn cn_52_a_session_of_a_clock_that_was_set_back_does_not_live_on() {
        let rule = SessionRule {
            idle: minutes(15),
            absolute: minutes(120),
        };
        let began = Moment::from_micros(1_795_181_400_000_000);
        let session = Session {
            id: SessionId::from_uuid(basics::uuid::Uuid::nil()),
            began_at: began,
            seen_at: began,
        };
        let at = |back| session.liveness(&rule, began.minus(minutes(back)));
        assert_eq!(at(5), Liveness::Alive);
        assert_eq!(at(6), Liveness::Over(began.minus(minutes(6))));
    }

    #[test]
    fn mo_46_the_cookie_is_random_and_only_its_hash_is_kept() {
        let (a, b) = (SessionSecret::new(), SessionSecret::new());
        assert!(a != b);
        assert_eq!(
            SessionSecret::parse(a.reveal()).map(|parsed| parsed == a),
            Some(true)
        );
        assert!(SessionSecret::parse("zz").is_none());
        assert!(a.hash() != b.hash());
    }
}
