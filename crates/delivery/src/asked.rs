//! What a sender asks: the body of a delivery, read with every fault at once.

#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use basics::{Moment, NumberKind, Oin, PersonNumber, PersonNumberFault};
use bytes::Bytes;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use letterbox::LanguageTag;
use web::{FieldFault, Fields, Problem, fields};

pub(crate) const TITLE_CHARACTERS: RangeInclusive<usize> = 1..=255;
pub(crate) const TEXT_BYTES: usize = 1 << 20;
pub(crate) const REFERENCE_CHARACTERS: RangeInclusive<usize> = 1..=255;
pub(crate) const TYPE_CHARACTERS: RangeInclusive<usize> = 1..=64;
pub(crate) const LANGUAGE_CHARACTERS: RangeInclusive<usize> = 2..=35;
pub(crate) const ATTACHMENTS: RangeInclusive<usize> = 0..=10;
pub(crate) const NAME_CHARACTERS: RangeInclusive<usize> = 1..=255;
pub(crate) const ATTACHMENT_BYTES: usize = 25 << 20;
pub(crate) const PDF: &str = "application/pdf";

/// A moment of publication that is past counts as now, up to here.
pub(crate) const LATE_AT_MOST: Duration = Duration::from_secs(5 * 60);

const PUBLICATION: &str = "publicatietijdstip";

/// A delivery as it was asked. Its fields have been checked; what `out_of_time` says is for later.
pub(crate) struct Asked {
    pub(crate) sender: Oin,
    pub(crate) recipient: PersonNumber,
    pub(crate) title: String,
    pub(crate) text: String,
    /// From when the person sees the message; never before now.
    pub(crate) published_at: Moment,
    /// Too late or too far ahead by now. A repeated request may have been in time when it was first sent.
    pub(crate) out_of_time: Option<FieldFault>,
    pub(crate) reference: Option<String>,
    pub(crate) message_type: Option<String>,
    pub(crate) act_before: Option<Date>,
    pub(crate) language: Option<LanguageTag>,
    pub(crate) files: Vec<File>,
}

pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Bytes,
}

impl Asked {
    /// `more` are faults found elsewhere in the request; they are told along with those of the body.
    pub(crate) fn read(
        body: &[u8],
        kind: NumberKind,
        now: Moment,
        mut more: Vec<FieldFault>,
    ) -> Result<Self, Problem> {
        let mut out_of_time = None;
        let read = fields::read(body, |fields| asked(fields, kind, now, &mut out_of_time));
        match read {
            Ok(asked) if more.is_empty() => Ok(asked),
            Err(problem) if problem.errors.is_empty() => Err(problem),
            read => {
                let faults = read.map_or_else(|problem| problem.errors, |_| Vec::new());
                more.splice(0..0, faults.into_iter().chain(out_of_time));
                Err(Problem::bad_input(more))
            }
        }
    }
}

/// A fault of time goes into `out_of_time`: on its own it is for later.
fn asked(
    fields: &mut Fields<'_, '_>,
    kind: NumberKind,
    now: Moment,
    out_of_time: &mut Option<FieldFault>,
) -> Option<Asked> {
    let sender = fields.parsed("afzender", 1..=255, |text| {
        Oin::parse(text).map_err(|_| "Moet een OIN van 20 cijfers zijn.")
    });
    let recipient = fields.object("ontvanger", |fields| recipient(fields, kind));
    let title = fields.text("onderwerp", TITLE_CHARACTERS);
    let text = fields.long_text("inhoud", TEXT_BYTES);
    let published_at = fields
        .opt_moment(PUBLICATION)
        .map_or(Ok(now), |at| publication(at, now))
        .unwrap_or_else(|fault| {
            *out_of_time = Some(fault);
            now
        });
    let reference = fields.opt_text("referentie", REFERENCE_CHARACTERS);
    let message_type = fields.opt_text("berichttype", TYPE_CHARACTERS);
    let act_before = fields.opt_date("actieVoorDatum");
    let language = fields.opt_parsed("taal", LANGUAGE_CHARACTERS, |text| {
        LanguageTag::parse(text).ok_or("Moet een taal zijn zoals nl, en of pap (BCP 47).")
    });
    let files = fields.list("bijlagen", ATTACHMENTS, file);

    Some(Asked {
        sender: sender?,
        recipient: recipient?,
        title: title?.to_owned(),
        text: text?.to_owned(),
        published_at,
        out_of_time: out_of_time.clone(),
        reference: reference.map(str::to_owned),
        message_type: message_type.map(str::to_owned),
        act_before,
        language,
        files: files?,
    })
}

fn recipient(fields: &mut Fields<'_, '_>, kind: NumberKind) -> Option<PersonNumber> {
    let of_kind = fields.parsed("type", 1..=20, |text| match (text == kind.name(), kind) {
        (true, _) => Ok(()),
        (false, NumberKind::Bsn) => {
            Err("Moet BSN zijn: een ander nummer wordt hier niet gebruikt.")
        }
        (false, NumberKind::Crib) => {
            Err("Moet CRIB zijn: een ander nummer wordt hier niet gebruikt.")
        }
    });
    // The rule of one kind says nothing about a number of another.
    if of_kind.is_none() {
        fields.text("waarde", 1..=20);
        return None;
    }
    fields.parsed("waarde", 1..=20, |text| {
        PersonNumber::parse(kind, text).map_err(|fault| match fault {
            PersonNumberFault::NotNineDigits => "Moet uit negen cijfers bestaan.",
            PersonNumberFault::ElevenTest => "Voldoet niet aan de elfproef.",
            PersonNumberFault::NotCrib => "Moet uit 1 tot en met 20 letters of cijfers bestaan.",
        })
    })
}

fn file(fields: &mut Fields<'_, '_>) -> Option<File> {
    if fields.has("bijlageId") {
        fields.fault(
            "bijlageId",
            "Wordt nog niet ondersteund: stuur de bijlage mee met naam, mimeType en inhoud.",
        );
        return None;
    }
    let name = fields.text("naam", NAME_CHARACTERS);
    let of_kind = fields.parsed("mimeType", 1..=127, |text| match text {
        PDF => Ok(()),
        _ => Err("Moet application/pdf zijn."),
    });
    let bytes = fields.parsed("inhoud", 1..=usize::MAX, pdf);
    of_kind?;
    Some(File {
        name: name?.to_owned(),
        bytes: bytes?,
    })
}

fn pdf(encoded: &str) -> Result<Bytes, &'static str> {
    if encoded.len() > ATTACHMENT_BYTES.div_ceil(3) * 4 {
        return Err("Mag ten hoogste 25 MiB groot zijn.");
    }
    let bytes = STANDARD
        .decode(encoded)
        .map_err(|_| "Moet base64 zijn (RFC 4648, paragraaf 4).")?;
    if bytes.len() > ATTACHMENT_BYTES {
        return Err("Mag ten hoogste 25 MiB groot zijn.");
    }
    if bytes.starts_with(b"%PDF-") {
        Ok(bytes.into())
    } else {
        Err("Is geen PDF.")
    }
}

fn publication(at: Moment, now: Moment) -> Result<Moment, FieldFault> {
    let out_of_time = |detail| Err(FieldFault::body(format!("/{PUBLICATION}"), detail));
    if at < now.minus(LATE_AT_MOST) {
        out_of_time("Mag niet meer dan 5 minuten voorbij zijn.")
    } else if at > a_year_after(now) {
        out_of_time("Mag ten hoogste een jaar vooruit liggen.")
    } else {
        Ok(at.max(now))
    }
}

/// A message is planned at most a year ahead.
fn a_year_after(now: Moment) -> Moment {
    let ahead = now
        .timestamp()
        .to_zoned(TimeZone::UTC)
        .checked_add(1.year());
    ahead.map_or(now, |ahead| Moment::from_timestamp(ahead.timestamp()))
}
