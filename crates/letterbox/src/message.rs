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
    /// `taal`; none is the first language of the installation.
    pub language: Option<LanguageTag>,
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
pub struct Listed {
    pub message: MessageId,
    pub oin: Oin,
    pub title: String,
    pub act_before: Option<Date>,
    pub language: Option<LanguageTag>,
    pub published_at: Moment,
    pub attachment_count: i64,
    pub read_at: Option<Moment>,
    pub folder: Folder,
}

/// The language that a letter is written in: a well-formed tag of BCP 47, such as `nl`, `pap` or `pt-BR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguageTag(String);

impl LanguageTag {
    /// A language of two or three letters, with subtags behind it if need be; 35 characters at most (RFC 5646, §4.4.1).
    pub fn parse(text: &str) -> Option<Self> {
        let mut subtags = text.split('-');
        let letters = |tag: &str| tag.bytes().all(|byte| byte.is_ascii_lowercase());
        let language = subtags.next()?;
        let well_formed = (2..=3).contains(&language.len())
            && letters(language)
            && subtags.all(|tag| {
                (2..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
        (well_formed && text.len() <= 35).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without its subtags.
    pub(crate) fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

/// Where a letter lies. The bin goes before the archive: what is taken out of the bin lies where it lay before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    Inbox,
    Archive,
    Bin,
}

impl Folder {
    pub(crate) const ALL: [Folder; 3] = [Folder::Inbox, Folder::Archive, Folder::Bin];

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Folder::Inbox => "/berichten",
            Folder::Archive => "/berichten/archief",
            Folder::Bin => "/berichten/prullenbak",
        }
    }

    /// As a form's field says it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Folder::Inbox => "postvak",
            Folder::Archive => "archief",
            Folder::Bin => "prullenbak",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|folder| folder.name() == name)
    }
}

/// A letter as it is read.
pub struct Letter {
    /// As it was before this reading.
    pub listed: Listed,
    pub text: String,
    pub reference: Option<String>,
    pub attachments: Vec<Attached>,
}

/// An attachment as its letter shows it.
pub struct Attached {
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
    fn a_language_is_a_well_formed_tag() {
        for tag in ["nl", "pap", "pt-BR", "zh-Hant-TW", "sl-rozaj-biske-1994"] {
            assert!(LanguageTag::parse(tag).is_some(), "{tag}");
        }
        let endless = format!("nl{}", "-abcdefgh".repeat(4));
        for tag in [
            "",
            "n",
            "NL",
            "nld1",
            "nl-",
            "nl_NL",
            "nl\" onload",
            "nl-a",
            "engels",
            &endless,
        ] {
            assert!(LanguageTag::parse(tag).is_none(), "{tag}");
        }
        assert_eq!(LanguageTag::parse("pt-BR").unwrap().primary(), "pt");
    }

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
