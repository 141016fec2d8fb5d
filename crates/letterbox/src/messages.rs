//! Letters in the database: delivered, listed, read once, their attachments opened. Always one person's.

use basics::{Fault, Oin, uuid::Uuid};
use vault::{BlobKey, Insert, ReadTx, Row, Sealed, Sql, Tx, Value, insert, sealed, sql};

use crate::events::{self, Arrived, Listeners, Read};
use crate::message::{Attached, AttachmentId, Download, Letter, Listed, MessageId, NewMessage};

const NEW_MESSAGE: &Insert = insert!("messages"(
    subject_id,
    message_id,
    oin,
    title,
    act_before,
    published_at,
    received_at,
    attachment_count
));
const NEW_BODY: &Insert = insert!("bodies"(
    message_id,
    subject_id,
    text,
    reference,
    message_type
));
const NEW_ATTACHMENT: &Insert = insert!("attachments"(
    message_id,
    attachment_id,
    subject_id,
    position,
    name,
    mime_type,
    size_bytes,
    sha256,
    blob_id,
    blob_key
));
const NEW_CLAIM: &Insert = insert!("claimed_blobs"(blob_id));

const LIST: &Sql = sql!(
    "SELECT message_id, oin, title, act_before, published_at, attachment_count, read_at FROM messages
     WHERE subject_id = $1 AND message_id < $2 AND published_at <= $3 ORDER BY message_id DESC LIMIT $4"
);
const COUNT_UNREAD: &Sql = sql!(
    "SELECT COUNT(*) FROM messages WHERE subject_id = $1 AND published_at <= $2 AND read_at IS NULL"
);
const FIND_MESSAGE: &Sql = sql!(
    "SELECT message_id, oin, title, act_before, published_at, attachment_count, read_at FROM messages
     WHERE subject_id = $1 AND message_id = $2 AND published_at <= $3"
);
const GET_BODY: &Sql =
    sql!("SELECT text, reference FROM bodies WHERE message_id = $2 AND subject_id = $1");
const LIST_ATTACHMENTS: &Sql = sql!(
    "SELECT attachment_id, name, mime_type, size_bytes FROM attachments WHERE message_id = $2 AND subject_id = $1 ORDER BY position"
);
const MARK_READ: &Sql = sql!(
    "UPDATE messages SET read_at = $3 WHERE subject_id = $1 AND message_id = $2 AND read_at IS NULL"
);
const FIND_ATTACHMENT: &Sql = sql!(
    "SELECT a.name, a.mime_type, a.size_bytes, a.blob_id, a.blob_key
     FROM messages AS m JOIN attachments AS a ON a.message_id = m.message_id
     WHERE m.subject_id = $1 AND a.subject_id = $1 AND a.message_id = $2 AND a.attachment_id = $3 AND m.published_at <= $4"
);

const TITLE: Sealed = sealed!("messages.title");
const ACT_BEFORE: Sealed = sealed!("messages.act_before");
const TEXT: Sealed = sealed!("bodies.text");
const REFERENCE: Sealed = sealed!("bodies.reference");
const NAME: Sealed = sealed!("attachments.name");
const BLOB_KEY: Sealed = sealed!("attachments.blob_key");

/// Puts a letter into the box of the person of this closure, claims its blobs and tells [`Arrived`], all in this commit.
/// Whether the person wants it is asked beforehand, with [`crate::wants_post_from`].
pub fn deliver(tx: &mut Tx<'_>, listeners: &Listeners, new: &NewMessage) -> Result<(), Fault> {
    let (subject, now) = (tx.subject()?, tx.now());
    let row_id = new.message.uuid();
    let message = vec![
        Value::id(subject),
        Value::id(new.message),
        new.oin.as_str().into(),
        Value::seal(new.title.as_str()),
        seal_opt(new.act_before.map(|day| day.to_string())),
        new.published_at.into(),
        now.into(),
        count(new.attachments.len())?.into(),
    ];
    tx.add(NEW_MESSAGE, row_id, message)?;
    let body = vec![
        Value::id(new.message),
        Value::id(subject),
        Value::seal(new.text.as_str()),
        seal_opt(new.reference.as_deref()),
        seal_opt(new.message_type.as_deref()),
    ];
    tx.add(NEW_BODY, row_id, body)?;
    for (position, file) in new.attachments.iter().enumerate() {
        let blob = &file.blob;
        let attachment = vec![
            Value::id(new.message),
            Value::id(file.attachment),
            Value::id(subject),
            count(position)?.into(),
            Value::seal(file.name.as_str()),
            file.mime_type.as_str().into(),
            count(blob.size)?.into(),
            Value::seal(blob.sha256),
            Value::id(blob.blob),
            Value::seal(blob.key.bytes()),
        ];
        tx.add(NEW_ATTACHMENT, file.attachment.uuid(), attachment)?;
        tx.add(NEW_CLAIM, blob.blob.uuid(), vec![Value::id(blob.blob)])?;
    }
    let event = Arrived {
        message: new.message,
        subject,
        oin: new.oin.clone(),
        published_at: new.published_at,
    };
    events::tell(&listeners.arrived, tx, &event)
}

/// Letters that have appeared, newest first, older than `before`.
pub(crate) fn list(
    tx: &mut ReadTx<'_>,
    before: Option<MessageId>,
    limit: i64,
) -> Result<Vec<Listed>, Fault> {
    // Above every id that a letter can have.
    let before = before.unwrap_or(MessageId::from_uuid(Uuid::max()));
    let now = tx.now();
    tx.query(LIST, &[Value::id(before), now.into(), limit.into()], listed)
}

pub(crate) fn count_unread(tx: &mut ReadTx<'_>) -> Result<i64, Fault> {
    let now = tx.now();
    let unread = tx.query_opt(COUNT_UNREAD, &[now.into()], |row| row.int(0))?;
    Ok(unread.unwrap_or(0))
}

/// Opens a letter that has appeared, and records the first time that this happens.
pub(crate) fn read(
    tx: &mut Tx<'_>,
    listeners: &Listeners,
    message: MessageId,
) -> Result<Option<Letter>, Fault> {
    let Some(letter) = find_letter(tx, message)? else {
        return Ok(None);
    };
    let (subject, now) = (tx.subject()?, tx.now());
    if letter.listed.read_at.is_none() && tx.run(MARK_READ, &[Value::id(message), now.into()])? == 1
    {
        events::tell(
            &listeners.read,
            tx,
            &Read {
                message,
                subject,
                oin: letter.listed.oin.clone(),
                read_at: now,
            },
        )?;
    }
    Ok(Some(letter))
}

fn find_letter(tx: &mut ReadTx<'_>, message: MessageId) -> Result<Option<Letter>, Fault> {
    let (id, row_id, now) = (Value::id(message), message.uuid(), tx.now());
    let Some(listed) = tx.query_opt(FIND_MESSAGE, &[id.clone(), now.into()], listed)? else {
        return Ok(None);
    };
    let body = tx.query_opt(GET_BODY, std::slice::from_ref(&id), |row| {
        Ok((
            row.open_text(0, TEXT, row_id)?,
            row.opt_open_text(1, REFERENCE, row_id)?,
        ))
    })?;
    let (text, reference) = body.ok_or_else(|| Fault::broken("a letter has no body"))?;
    let attachments = tx.query(LIST_ATTACHMENTS, &[id], |row| {
        let attachment: AttachmentId = row.id(0)?;
        Ok(Attached {
            attachment,
            name: row.open_text(1, NAME, attachment.uuid())?,
            mime_type: row.text(2)?.to_owned(),
            size: size(row, 3)?,
        })
    })?;
    Ok(Some(Letter {
        listed,
        text,
        reference,
        attachments,
    }))
}

/// An attachment of a letter that has appeared.
pub(crate) fn find_attachment(
    tx: &mut ReadTx<'_>,
    message: MessageId,
    attachment: AttachmentId,
) -> Result<Option<Download>, Fault> {
    let (row_id, now) = (attachment.uuid(), tx.now());
    tx.query_opt(
        FIND_ATTACHMENT,
        &[Value::id(message), Value::id(attachment), now.into()],
        |row| {
            Ok(Download {
                name: row.open_text(0, NAME, row_id)?,
                mime_type: row.text(1)?.to_owned(),
                size: size(row, 2)?,
                blob: row.id(3)?,
                key: BlobKey::from_bytes(&row.open_bytes(4, BLOB_KEY, row_id)?)?,
            })
        },
    )
}

fn seal_opt<T: Into<Vec<u8>>>(value: Option<T>) -> Value {
    value.map_or(Value::Null, Value::seal)
}

fn count<T: TryInto<i64>>(number: T) -> Result<i64, Fault> {
    number
        .try_into()
        .map_err(|_| Fault::broken("a count beyond 64 bits"))
}

fn listed(row: &Row<'_>) -> Result<Listed, Fault> {
    let message: MessageId = row.id(0)?;
    let act_before = row.opt_open_text(3, ACT_BEFORE, message.uuid())?;
    let act_before = act_before.map(|day| {
        day.parse()
            .map_err(|_| Fault::broken("a last day that is no date"))
    });
    Ok(Listed {
        message,
        oin: Oin::parse(row.text(1)?).map_err(|_| Fault::broken("a sender that is no OIN"))?,
        title: row.open_text(2, TITLE, message.uuid())?,
        act_before: act_before.transpose()?,
        published_at: row.moment(4)?,
        attachment_count: row.int(5)?,
        read_at: row.opt_moment(6)?,
    })
}

fn size(row: &Row<'_>, column: usize) -> Result<u64, Fault> {
    u64::try_from(row.int(column)?).map_err(|_| Fault::broken("a size below zero"))
}
