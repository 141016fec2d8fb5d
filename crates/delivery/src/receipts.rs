//! A sender's receipts in the database: added with the message, found by the sender that holds them.

use basics::{Fault, Moment, Oin, Recipient, Refusal, SubjectId};
use letterbox::MessageId;
use organisations::Organisation;
use serde::Serialize;
use vault::{Disclosure, Insert, ReadTx, Row, Sql, Tx, Value, insert, sql};

const NEW: &Insert = insert!("deliveries"(
    oin,
    message_id,
    subject_id,
    received_at,
    published_at,
    attachment_count
));
const NEW_STATUS: &Insert = insert!("delivery_status"(oin, message_id, at, status));
const FIND: &Sql = sql!(
    "SELECT subject_id, received_at, published_at FROM deliveries WHERE oin = $1 AND message_id = $2"
);
const HISTORY: &Sql = sql!(
    "SELECT status, at FROM delivery_status WHERE oin = $1 AND message_id = $2 ORDER BY at, status"
);

/// Who gets receipts, as the statement names them, and what a receipt is.
const SENDERS: Recipient = Recipient("aangesloten-organisaties");
const RECEIPT: &[&str] = &["aflevering"];

/// What is known of a receipt leaves for its sender.
pub(crate) fn disclose<T>(
    tx: &ReadTx<'_>,
    sender: &Organisation,
    known: T,
) -> Result<Disclosure<T>, Fault> {
    tx.disclose(SENDERS, RECEIPT, sender.is_mandatory(tx.now()), known)
}

/// The life of a delivery as its sender sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// Taken in, and hidden from the person until its moment.
    Gepland,
    /// In the person's letterbox.
    Afgeleverd,
}

impl Status {
    pub(crate) const ALL: [Status; 2] = [Status::Gepland, Status::Afgeleverd];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Status::Gepland => "gepland",
            Status::Afgeleverd => "afgeleverd",
        }
    }
}

/// A receipt, new or kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) message: MessageId,
    /// None after an erasure.
    pub(crate) subject: Option<SubjectId>,
    pub(crate) received_at: Moment,
    pub(crate) published_at: Moment,
}

pub(crate) fn add(
    tx: &mut Tx<'_>,
    sender: &Oin,
    receipt: &Receipt,
    attachments: usize,
) -> Result<(), Fault> {
    let (oin, message) = (Value::id(sender), Value::id(receipt.message));
    let count = i64::try_from(attachments).map_err(|_| Fault::broken("a count beyond 64 bits"))?;
    let status = if receipt.published_at > receipt.received_at {
        Status::Gepland
    } else {
        Status::Afgeleverd
    };
    let row = vec![
        oin.clone(),
        message.clone(),
        receipt.subject.map(|subject| subject.to_string()).into(),
        receipt.received_at.into(),
        receipt.published_at.into(),
        count.into(),
    ];
    tx.add(NEW, receipt.message.uuid(), row)?;
    let row = vec![
        oin,
        message,
        receipt.received_at.into(),
        status.name().into(),
    ];
    tx.add(NEW_STATUS, receipt.message.uuid(), row)
}

/// None when this sender holds no such receipt, whoever else does.
pub(crate) fn find(
    tx: &mut ReadTx<'_>,
    sender: &Oin,
    message: MessageId,
) -> Result<Option<Receipt>, Fault> {
    tx.query_opt(FIND, &[Value::id(sender), Value::id(message)], |row| {
        let subject = row.opt_text(0)?.map(|_| row.id(0)).transpose()?;
        Ok(Receipt {
            message,
            subject,
            received_at: row.moment(1)?,
            published_at: row.moment(2)?,
        })
    })
}

/// Opens the person that a receipt names, so that this look at it stands in their log. What stands on their data is not
/// for the sender to know: the receipt is its own, and is read all the same.
pub(crate) fn enter(tx: &mut ReadTx<'_>, receipt: &Receipt) -> Result<(), Fault> {
    let entered = receipt.subject.map_or(Ok(()), |subject| tx.enter(subject));
    entered.or_else(|fault| match fault.refusal() {
        Some(Refusal::Standing(_)) => Ok(()),
        _ => Err(fault),
    })
}

/// What became of it until now, oldest first; the last is how it stands. A planned message needs nobody to appear.
pub(crate) fn history(
    tx: &mut ReadTx<'_>,
    sender: &Oin,
    receipt: &Receipt,
) -> Result<Vec<(Status, Moment)>, Fault> {
    let kept = tx.query(
        HISTORY,
        &[Value::id(sender), Value::id(receipt.message)],
        status,
    )?;
    Ok(as_time_goes(kept, receipt.published_at, tx.now()))
}

fn status(row: &Row<'_>) -> Result<(Status, Moment), Fault> {
    let name = row.text(0)?;
    let status = Status::ALL.into_iter().find(|status| status.name() == name);
    Ok((
        status.ok_or_else(|| Fault::broken("a status of an unknown name"))?,
        row.moment(1)?,
    ))
}

fn as_time_goes(
    mut history: Vec<(Status, Moment)>,
    published_at: Moment,
    now: Moment,
) -> Vec<(Status, Moment)> {
    if matches!(history.last(), Some((Status::Gepland, _))) && published_at <= now {
        history.push((Status::Afgeleverd, published_at));
    }
    history
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planned_message_is_delivered_when_its_moment_comes() {
        let [received, published] = [1, 9].map(Moment::from_micros);
        let planned = vec![(Status::Gepland, received)];
        let at = |now| as_time_goes(planned.clone(), published, Moment::from_micros(now));
        assert_eq!(at(8), planned);
        assert_eq!(
            at(9),
            [(Status::Gepland, received), (Status::Afgeleverd, published)]
        );
        let delivered = vec![(Status::Afgeleverd, received)];
        assert_eq!(
            as_time_goes(delivered.clone(), received, published),
            delivered
        );
    }
}
