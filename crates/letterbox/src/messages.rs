//! Letters in the database: delivered, listed, read once, moved between folders, their attachments opened. Always one
//! person's.

use basics::{Fault, Oin, uuid::Uuid};
use vault::{BlobKey, Insert, ReadTx, Row, Sealed, Sql, Tx, Value, insert, sealed, sql};

use crate::events::{self, Arrived, Listeners, Read};
use crate::message::{
    Attached, AttachmentId, Download, Folder, LanguageTag, Letter, Listed, MessageId, NewMessage,
};

const NEW_MESSAGE: &Insert = insert!("messages"(
    subject_id,
    message_id,
    oin,
    title,
    act_before,
    language,
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

// Everywhere below: a letter that had appeared when it was taken in stays in sight, also when the clock is set back.
const LIST_INBOX: &Sql = sql!(
    "SELECT message_id, oin, title, act_before, language, published_at, attachment_count, read_at, archived_at, binned_at FROM messages
     WHERE subject_id = $1 AND message_id < $2 AND published_at <= CASE WHEN received_at > $3 THEN received_at ELSE $3 END AND archived_at IS NULL AND binned_at IS NULL
     ORDER BY message_id DESC LIMIT $4"
);
const LIST_ARCHIVE: &Sql = sql!(
    "SELECT message_id, oin, title, act_before, language, published_at, attachment_count, read_at, archived_at, binned_at FROM messages
     WHERE subject_id = $1 AND message_id < $2 AND published_at <= CASE WHEN received_at > $3 THEN received_at ELSE $3 END AND archived_at IS NOT NULL AND binned_at IS NULL
     ORDER BY message_id DESC LIMIT $4"
);
const LIST_BIN: &Sql = sql!(
    "SELECT message_id, oin, title, act_before, language, published_at, attachment_count, read_at, archived_at, binned_at FROM messages
     WHERE subject_id = $1 AND message_id < $2 AND published_at <= CASE WHEN received_at > $3 THEN received_at ELSE $3 END AND binned_at IS NOT NULL
     ORDER BY message_id DESC LIMIT $4"
);
const LIST_UNREAD: &Sql = sql!(
    "SELECT message_id FROM messages
     WHERE subject_id = $1 AND published_at <= CASE WHEN received_at > $2 THEN received_at ELSE $2 END AND read_at IS NULL AND archived_at IS NULL AND binned_at IS NULL LIMIT $3"
);
const LIST_OLDEST: &Sql = sql!(
    "SELECT message_id, oin, title, act_before, language, published_at, attachment_count, read_at, archived_at, binned_at FROM messages
     WHERE subject_id = $1 AND message_id > $2 AND message_id < $3 AND published_at <= CASE WHEN received_at > $4 THEN received_at ELSE $4 END
     ORDER BY message_id LIMIT $5"
);
const FIND_MESSAGE: &Sql = sql!(
    "SELECT message_id, oin, title, act_before, language, published_at, attachment_count, read_at, archived_at, binned_at FROM messages
     WHERE subject_id = $1 AND message_id = $2 AND published_at <= CASE WHEN received_at > $3 THEN received_at ELSE $3 END"
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
     WHERE m.subject_id = $1 AND a.subject_id = $1 AND a.message_id = $2 AND a.attachment_id = $3 AND m.published_at <= CASE WHEN m.received_at > $4 THEN m.received_at ELSE $4 END"
);

const ARCHIVE: &Sql = sql!(
    "UPDATE messages SET archived_at = $3 WHERE subject_id = $1 AND message_id = $2
     AND published_at <= CASE WHEN received_at > $3 THEN received_at ELSE $3 END AND archived_at IS NULL AND binned_at IS NULL"
);
const UNARCHIVE: &Sql = sql!(
    "UPDATE messages SET archived_at = NULL WHERE subject_id = $1 AND message_id = $2 AND archived_at IS NOT NULL AND binned_at IS NULL"
);
const BIN: &Sql = sql!(
    "UPDATE messages SET binned_at = $3 WHERE subject_id = $1 AND message_id = $2 AND published_at <= CASE WHEN received_at > $3 THEN received_at ELSE $3 END AND binned_at IS NULL"
);
const RESTORE: &Sql = sql!(
    "UPDATE messages SET binned_at = NULL WHERE subject_id = $1 AND message_id = $2 AND binned_at IS NOT NULL"
);

const TITLE: Sealed = sealed!("messages.title");
const ACT_BEFORE: Sealed = sealed!("messages.act_before");
const LANGUAGE: Sealed = sealed!("messages.language");
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
        seal_opt(new.language.as_ref().map(LanguageTag::as_str)),
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

/// Letters in a folder that have appeared, newest first, older than `before`.
pub(crate) fn list(
    tx: &mut ReadTx<'_>,
    folder: Folder,
    before: Option<MessageId>,
    limit: i64,
) -> Result<Vec<Listed>, Fault> {
    let list = match folder {
        Folder::Inbox => LIST_INBOX,
        Folder::Archive => LIST_ARCHIVE,
        Folder::Bin => LIST_BIN,
    };
    // Above every id that a letter can have.
    let before = before.unwrap_or(MessageId::from_uuid(Uuid::max()));
    let now = tx.now();
    tx.query(list, &[Value::id(before), now.into(), limit.into()], listed)
}

/// The oldest letters above one id and below another, in whatever folder.
pub(crate) fn list_oldest(
    tx: &mut ReadTx<'_>,
    above: MessageId,
    below: MessageId,
    limit: i64,
) -> Result<Vec<Listed>, Fault> {
    let now = tx.now();
    let params = [Value::id(above), Value::id(below), now.into(), limit.into()];
    tx.query(LIST_OLDEST, &params, listed)
}

/// Unread letters in the inbox, counted up to `most`.
pub(crate) fn count_unread(tx: &mut ReadTx<'_>, most: i64) -> Result<usize, Fault> {
    let now = tx.now();
    let unread = tx.query(LIST_UNREAD, &[now.into(), most.into()], |_| Ok(()))?;
    Ok(unread.len())
}

/// Opens a letter of the person of this closure that has appeared, and records the first time that this happens.
/// `None`: there is no such letter.
pub fn read(
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

/// Moves letters of the person of this closure from the inbox to the archive; answers which were moved.
/// The others lay elsewhere or are not there.
pub fn archive(tx: &mut Tx<'_>, letters: &[MessageId]) -> Result<Vec<MessageId>, Fault> {
    let now = tx.now();
    each(letters, |letter| tx.run(ARCHIVE, &[letter, now.into()]))
}

/// From the archive back to the inbox; as [`archive`].
pub fn unarchive(tx: &mut Tx<'_>, letters: &[MessageId]) -> Result<Vec<MessageId>, Fault> {
    each(letters, |letter| tx.run(UNARCHIVE, &[letter]))
}

/// From the inbox or the archive to the bin; as [`archive`].
pub fn bin(tx: &mut Tx<'_>, letters: &[MessageId]) -> Result<Vec<MessageId>, Fault> {
    let now = tx.now();
    each(letters, |letter| tx.run(BIN, &[letter, now.into()]))
}

/// From the bin to where they lay before; as [`archive`].
pub fn restore(tx: &mut Tx<'_>, letters: &[MessageId]) -> Result<Vec<MessageId>, Fault> {
    each(letters, |letter| tx.run(RESTORE, &[letter]))
}

fn each(
    letters: &[MessageId],
    mut change: impl FnMut(Value) -> Result<u64, Fault>,
) -> Result<Vec<MessageId>, Fault> {
    let mut changed = Vec::new();
    for letter in letters {
        if change(Value::id(*letter))? > 0 {
            changed.push(*letter);
        }
    }
    Ok(changed)
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
    let language = row.opt_open_text(4, LANGUAGE, message.uuid())?;
    let language = language.map(|tag| {
        LanguageTag::parse(&tag).ok_or_else(|| Fault::broken("a language that is no tag"))
    });
    let folder = match (row.opt_moment(8)?, row.opt_moment(9)?) {
        (_, Some(_)) => Folder::Bin,
        (Some(_), None) => Folder::Archive,
        (None, None) => Folder::Inbox,
    };
    Ok(Listed {
        message,
        oin: Oin::parse(row.text(1)?).map_err(|_| Fault::broken("a sender that is no OIN"))?,
        title: row.open_text(2, TITLE, message.uuid())?,
        act_before: act_before.transpose()?,
        language: language.transpose()?,
        published_at: row.moment(5)?,
        attachment_count: row.int(6)?,
        read_at: row.opt_moment(7)?,
        folder,
    })
}

fn size(row: &Row<'_>, column: usize) -> Result<u64, Fault> {
    u64::try_from(row.int(column)?).map_err(|_| Fault::broken("a size below zero"))
}
