//! Keys by which a sender may repeat a delivery without making it twice: kept seven days, bound by a 201 alone.

use std::time::Duration;

use axum::http::HeaderMap;
use basics::{Fault, Moment, Oin, Trace, uuid::Uuid};
use letterbox::MessageId;
use vault::{Insert, Processing, Sql, Tx, Value, Vault, insert, sql};
use web::FieldFault;

pub(crate) const HEADER: &str = "Idempotency-Key";
pub(crate) const LONGEST: usize = 255;
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

const FIND: &Sql = sql!(
    "SELECT body_hash, message_id, until_at FROM idempotency WHERE oin = $1 AND key_hash = $2"
);
const BIND: &Insert = insert!("idempotency"(
    oin, key_hash, body_hash, message_id, until_at
));
const FORGET: &Sql = sql!("DELETE FROM idempotency WHERE oin = $1 AND key_hash = $2");
// In steps of a bounded size, so that deliveries wait for none.
const SWEEP: &Sql = sql!(
    "DELETE FROM idempotency WHERE (oin, key_hash) IN
     (SELECT oin, key_hash FROM idempotency WHERE until_at <= $1 ORDER BY until_at LIMIT 500)"
);

/// A sender's key and what it came with, as hashes under a key of the installation.
#[derive(Clone, Copy)]
pub(crate) struct Repeatable {
    key: [u8; 32],
    body: [u8; 32],
}

/// What the key was bound to before.
pub(crate) enum Bound {
    /// The same request.
    Same(MessageId),
    /// Another one.
    Other,
}

/// The key that the request came with, if any.
pub(crate) fn header(headers: &HeaderMap) -> Result<Option<String>, FieldFault> {
    let wrong = |detail: &str| FieldFault::header(HEADER, detail);
    let mut sent = headers.get_all(HEADER).iter();
    let Some(key) = sent.next() else {
        return Ok(None);
    };
    if sent.next().is_some() {
        return Err(wrong("Mag maar een keer worden gestuurd."));
    }
    match key.to_str() {
        Ok(key)
            if (1..=LONGEST).contains(&key.len())
                && key.bytes().all(|byte| byte.is_ascii_graphic()) =>
        {
            Ok(Some(key.to_owned()))
        }
        _ => Err(wrong(
            "Moet 1 tot en met 255 zichtbare ASCII-tekens lang zijn, zonder spaties.",
        )),
    }
}

impl Repeatable {
    /// `body` is the raw bytes: the same request is the same to the byte.
    pub(crate) fn of(vault: &Vault, key: &str, body: &[u8]) -> Self {
        Self {
            key: vault.keyed_hash("idempotency-key", key.as_bytes()),
            body: vault.keyed_hash("idempotency-body", body),
        }
    }
}

/// What the key is bound to. One that is over is forgotten on the way.
pub(crate) fn find(
    tx: &mut Tx<'_>,
    sender: &Oin,
    repeatable: &Repeatable,
) -> Result<Option<Bound>, Fault> {
    let place = [Value::id(sender), Value::blob(repeatable.key)];
    let found = tx.query_opt(FIND, &place, |row| {
        let bound = if row.blob(0)? == repeatable.body {
            Bound::Same(row.id(1)?)
        } else {
            Bound::Other
        };
        Ok((bound, row.moment(2)?))
    })?;
    match found {
        Some((_, until)) if until <= tx.now() => {
            tx.run(FORGET, &place)?;
            Ok(None)
        }
        found => Ok(found.map(|(bound, _)| bound)),
    }
}

/// Binds the key. Of two that do so at once, one fails on the constraint, is run again and finds the other.
pub(crate) fn bind(
    tx: &mut Tx<'_>,
    sender: &Oin,
    repeatable: &Repeatable,
    message: MessageId,
) -> Result<(), Fault> {
    let until: Moment = tx.now().plus(KEPT);
    let row = vec![
        Value::id(sender),
        Value::blob(repeatable.key),
        Value::blob(repeatable.body),
        Value::id(message),
        until.into(),
    ];
    tx.add(BIND, Uuid::nil(), row)
}

/// Forgets keys of more than seven days ago; answers how many. For a job, about every hour.
pub async fn sweep(vault: &Vault) -> Result<u64, Fault> {
    let trace = Trace::new(vault.ids());
    let mut forgotten = 0;
    loop {
        let step = vault.write(
            Processing::upkeep(crate::FORGET_KEYS, trace),
            |tx: &mut Tx<'_>| {
                let now = tx.now();
                tx.run(SWEEP, &[now.into()])
            },
        );
        let step: u64 = step.await?;
        forgotten += step;
        if step == 0 {
            return Ok(forgotten);
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_key_is_visible_ascii_sent_once() {
        let sent = |keys: &[&str]| {
            let mut headers = HeaderMap::new();
            for key in keys {
                headers.append(
                    HeaderName::from_static("idempotency-key"),
                    HeaderValue::from_str(key).unwrap(),
                );
            }
            header(&headers)
        };
        assert_eq!(sent(&[]), Ok(None));
        assert_eq!(sent(&["a-1"]), Ok(Some("a-1".to_owned())));
        assert!(sent(&[&"x".repeat(255)]).is_ok());
        for wrong in [
            &["a", "a"][..],
            &[""],
            &["a b"],
            &["é"],
            &[&"x".repeat(256)],
        ] {
            assert!(sent(wrong).is_err(), "{wrong:?}");
        }
    }
}
