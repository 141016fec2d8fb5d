//! A letter: what it is made of, and the rules that need nothing but it.

use basics::{Moment, Oin};
use jiff::civil::Date;
use vault::{BlobId, BlobKey, NewBlob};

basics::id!(MessageId, "a letter");
basics::id!(AttachmentId, "an attachment of a letter");

/// A letter to deliver. Its fields have been checked.
pub struct NewMessage {
    /// Made with `MessageId::new(ids, published_at)`: the list is ordered by it, so that a planned letter comes in
    /// where it appears.
    pub message: MessageId,
    pub oin: Oin,
    pub title: String,
    /// Markdown.
    pub text: String,
    /// Hidden from the person until then.
    pub published_at: Moment,
    /// The sender's own (`referentie`).
    pub reference: Option<String>,
    /// `berichttype`.
    pub message_type: Option<String>,
    /// `actieVoorDatum`.
    pub act_before: Option<Date>,
    /// In the sender's order.
    pub attachments: Vec<NewAttachment>,
}

/// An attachment to deliver; its bytes are stored already.
pub struct NewAttachment {
    pub attachment: AttachmentId,
    pub name: String,
    pub mime_type: String,
    pub blob: NewBlob,
}

/// A letter as the list shows it.
pub(crate) struct Listed {
    pub message: MessageId,
    pub oin: Oin,
    pub title: String,
    pub act_before: Option<Date>,
    pub published_at: Moment,
    pub attachment_count: i64,
    pub read_at: Option<Moment>,
}

/// A letter as it is read.
pub(crate) struct Letter {
    /// As it was before this reading.
    pub listed: Listed,
    pub text: String,
    pub reference: Option<String>,
    pub attachments: Vec<Attached>,
}

/// An attachment as its letter shows it.
pub(crate) struct Attached {
    pub attachment: AttachmentId,
    pub name: String,
    pub mime_type: String,
    pub size: u64,
}

/// An attachment to download.
pub(crate) struct Download {
    pub name: String,
    pub mime_type: String,
    pub size: u64,
    pub blob: BlobId,
    pub key: BlobKey,
}

pub(crate) fn is_pdf(mime_type: &str) -> bool {
    mime_type == "application/pdf"
}

/// The list tells a last day only while something can still be done; the letter itself always tells it.
pub(crate) fn is_still_due(act_before: Date, now: Moment, time_zone: &str) -> bool {
    let zone = jiff::tz::TimeZone::get(time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    now.timestamp().to_zoned(zone).date() < act_before
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_last_day_passes_at_midnight_where_the_reader_is() {
        // 23.30 in Amsterdam, 18.30 on Bonaire.
        let now = Moment::from_timestamp("2026-11-20T22:30:00Z".parse().unwrap());
        assert!(is_still_due(date(2026, 11, 21), now, "Europe/Amsterdam"));
        assert!(!is_still_due(date(2026, 11, 20), now, "Europe/Amsterdam"));
        let later = Moment::from_timestamp("2026-11-20T23:30:00Z".parse().unwrap());
        assert!(!is_still_due(date(2026, 11, 21), later, "Europe/Amsterdam"));
        assert!(is_still_due(
            date(2026, 11, 21),
            later,
            "America/Kralendijk"
        ));
    }
}
