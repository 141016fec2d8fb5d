//! What a sender asks: the body of a delivery, read with every fault at once.

use std::ops::RangeInclusive;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use basics::{Moment, NumberKind, Oin, PersonNumber, PersonNumberFault};
use bytes::Bytes;
use jiff::civil::Date;
use web::{FieldFault, Fields, Problem, fields};

pub(crate) const TITLE_CHARACTERS: RangeInclusive<usize> = 1..=255;
pub(crate) const TEXT_BYTES: usize = 1 << 20;
pub(crate) const REFERENCE_CHARACTERS: RangeInclusive<usize> = 1..=255;
pub(crate) const TYPE_CHARACTERS: RangeInclusive<usize> = 1..=64;
pub(crate) const ATTACHMENTS: RangeInclusive<usize> = 0..=10;
pub(crate) const NAME_CHARACTERS: RangeInclusive<usize> = 1..=255;
pub(crate) const ATTACHMENT_BYTES: usize = 25 << 20;
pub(crate) const PDF: &str = "application/pdf";

/// A moment of publication that is past counts as now, up to here.
pub(crate) const LATE_AT_MOST: Duration = Duration::from_secs(5 * 60);
/// A message is planned at most a year ahead.
pub(crate) const AHEAD_AT_MOST: Duration = Duration::from_secs(366 * 24 * 3600);

const PUBLICATION: &str = "publicatietijdstip";

/// A delivery as it was asked. Its fields have been checked, but for what [`Publication`] leaves.
pub(crate) struct Asked {
    pub(crate) sender: Oin,
    pub(crate) recipient: PersonNumber,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) publication: Publication,
    pub(crate) reference: Option<String>,
    pub(crate) message_type: Option<String>,
    pub(crate) act_before: Option<Date>,
    pub(crate) files: Vec<File>,
}

pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Bytes,
}

/// When the person may see the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Publication {
    Now,
    At(Moment),
    /// Too late or too far ahead by now. A repeated request may have been in time when it was first sent.
    OutOfTime(FieldFault),
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
    let sender = fields.parsed("afzender", 20..=20, |text| {
        Oin::parse(text).map_err(|_| "Moet een OIN van 20 cijfers zijn.")
    });
    let recipient = fields.object("ontvanger", |fields| recipient(fields, kind));
    let title = fields.text("onderwerp", TITLE_CHARACTERS);
    let text = fields.long_text("inhoud", TEXT_BYTES);
    let publication = fields
        .opt_moment(PUBLICATION)
        .map_or(Publication::Now, |at| Publication::of(at, now));
    let reference = fields.opt_text("referentie", REFERENCE_CHARACTERS);
    let message_type = fields.opt_text("berichttype", TYPE_CHARACTERS);
    let act_before = fields.opt_date("actieVoorDatum");
    let files = fields.list("bijlagen", ATTACHMENTS, file);

    if let Publication::OutOfTime(fault) = &publication {
        *out_of_time = Some(fault.clone());
    }
    Some(Asked {
        sender: sender?,
        recipient: recipient?,
        title: title?.to_owned(),
        text: text?.to_owned(),
        publication,
        reference: reference.map(str::to_owned),
        message_type: message_type.map(str::to_owned),
        act_before,
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

impl Publication {
    fn of(at: Moment, now: Moment) -> Self {
        let out_of_time =
            |detail| Self::OutOfTime(FieldFault::body(format!("/{PUBLICATION}"), detail));
        if at < now.minus(LATE_AT_MOST) {
            out_of_time("Mag niet meer dan 5 minuten voorbij zijn.")
        } else if at > now.plus(AHEAD_AT_MOST) {
            out_of_time("Mag ten hoogste een jaar vooruit liggen.")
        } else if at <= now {
            Self::Now
        } else {
            Self::At(at)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const NOW: Moment = Moment::from_micros(1_795_181_400_000_000);

    fn good() -> Value {
        json!({"afzender": "00000099000000001000", "ontvanger": {"type": "BSN", "waarde": "999993653"},
            "onderwerp": "Uw aanvraag", "inhoud": "Beste meneer,\nEen brief."})
    }

    fn read(body: &Value) -> Result<Asked, Problem> {
        Asked::read(
            body.to_string().as_bytes(),
            NumberKind::Bsn,
            NOW,
            Vec::new(),
        )
    }

    fn pointers(body: &Value) -> Vec<String> {
        let faults = read(body).err().expect("a refusal").errors;
        let faults = serde_json::to_value(faults).unwrap();
        let pointer = |fault: &Value| fault["pointer"].as_str().unwrap_or("header").to_owned();
        faults.as_array().unwrap().iter().map(pointer).collect()
    }

    fn with(name: &str, value: Value) -> Value {
        let mut body = good();
        body[name] = value;
        body
    }

    #[test]
    fn a_delivery_in_the_form_of_fbs_is_read_whole() {
        let mut body = with(
            "bijlagen",
            json!([{"naam": "a.pdf", "mimeType": "application/pdf", "inhoud": STANDARD.encode("%PDF-1.7\n")}]),
        );
        body["publicatietijdstip"] = json!("2026-11-20T15:30:00+01:00");
        body["referentie"] = json!("Z-1");
        body["actieVoorDatum"] = json!("2026-12-01");
        let asked = read(&body).ok().unwrap();
        assert_eq!(
            asked.publication,
            Publication::At(NOW.plus(Duration::from_secs(3600)))
        );
        assert_eq!(
            (asked.recipient.reveal(), asked.files.len()),
            ("999993653", 1)
        );
        assert_eq!(
            (asked.reference.as_deref(), asked.message_type),
            (Some("Z-1"), None)
        );
        assert_eq!(&asked.files[0].bytes[..], b"%PDF-1.7\n");
    }

    #[test]
    fn mo_22_mo_51_every_fault_is_told_at_once_and_no_number_with_it() {
        let body = json!({"afzender": "1", "ontvanger": {"type": "BSN", "waarde": "999993654"}, "onderwerp": "x".repeat(256),
            "inhoud": "", "publicatietijdstip": "2020-01-01T00:00:00Z", "actieVoorDatum": "1-12-2026",
            "bijlagen": [{"bijlageId": "x"}, {"naam": "a", "mimeType": "image/png", "inhoud": "eHg="}]});
        let expected = [
            "/afzender",
            "/ontvanger/waarde",
            "/onderwerp",
            "/inhoud",
            "/actieVoorDatum",
            "/bijlagen/0/bijlageId",
            "/bijlagen/1/mimeType",
            "/bijlagen/1/inhoud",
            "/publicatietijdstip",
        ];
        assert_eq!(pointers(&body), expected);
        let problem = serde_json::to_string(&read(&body).err().unwrap()).unwrap();
        assert!(!problem.contains("999993654"), "{problem}");
    }

    #[test]
    fn cn_58_a_number_of_another_kind_is_refused() {
        let crib = with("ontvanger", json!({"type": "CRIB", "waarde": "AB12"}));
        assert_eq!(pointers(&crib), ["/ontvanger/type"]);
        let body = |body: &Value| {
            Asked::read(
                body.to_string().as_bytes(),
                NumberKind::Crib,
                NOW,
                Vec::new(),
            )
        };
        assert!(body(&crib).is_ok());
        assert!(body(&good()).is_err());
    }

    #[test]
    fn a_text_is_measured_in_bytes_and_a_title_in_characters() {
        assert!(read(&with("onderwerp", json!("é".repeat(255)))).is_ok());
        assert!(read(&with("inhoud", json!("é".repeat(TEXT_BYTES / 2)))).is_ok());
        assert_eq!(
            pointers(&with("inhoud", json!("é".repeat(TEXT_BYTES / 2) + "x"))),
            ["/inhoud"]
        );
    }

    #[test]
    fn publication_is_now_within_five_minutes_and_planned_within_a_year() {
        let of = |micros: i64| Publication::of(Moment::from_micros(NOW.micros() + micros), NOW);
        let (late, ahead) = (
            LATE_AT_MOST.as_micros() as i64,
            AHEAD_AT_MOST.as_micros() as i64,
        );
        assert_eq!((of(-late), of(0)), (Publication::Now, Publication::Now));
        assert!(matches!(
            (of(1), of(ahead)),
            (Publication::At(_), Publication::At(_))
        ));
        assert!(matches!(
            (of(-late - 1), of(ahead + 1)),
            (Publication::OutOfTime(_), Publication::OutOfTime(_))
        ));
    }

    #[test]
    fn an_attachment_is_a_pdf_in_base64_of_a_bounded_size() {
        let edge = |size: usize| STANDARD.encode([&b"%PDF-"[..], &vec![0; size - 5]].concat());
        assert!(pdf(&edge(ATTACHMENT_BYTES)).is_ok());
        assert!(pdf(&edge(ATTACHMENT_BYTES + 1)).is_err());
        assert!(
            pdf("JVBERi0").is_err()
                && pdf("JVBE-i0=").is_err()
                && pdf(&STANDARD.encode("x%PDF-")).is_err()
        );
        let eleven = vec![json!({"naam": "a", "mimeType": PDF, "inhoud": edge(9)}); 11];
        assert_eq!(pointers(&with("bijlagen", json!(eleven))), ["/bijlagen"]);
        assert!(read(&with("bijlagen", json!(eleven[..10]))).is_ok());
    }

    #[test]
    fn a_fault_of_a_header_is_told_with_those_of_the_body() {
        let more = || vec![FieldFault::header("Idempotency-Key", "x")];
        let read = |body: Value| {
            Asked::read(body.to_string().as_bytes(), NumberKind::Bsn, NOW, more())
                .err()
                .unwrap()
        };
        assert_eq!(read(json!({})).errors.len(), 5);
        assert_eq!(read(good()).errors, more());
        assert_eq!(
            read(with(PUBLICATION, json!("2020-01-01T00:00:00Z")))
                .errors
                .len(),
            2
        );
    }

    fn any_change() -> impl Strategy<Value = (String, Value)> {
        let name = prop_oneof![
            Just("afzender"),
            Just("ontvanger"),
            Just("onderwerp"),
            Just("inhoud"),
            Just(PUBLICATION),
            Just("referentie"),
            Just("berichttype"),
            Just("actieVoorDatum"),
            Just("bijlagen")
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            ".{0,300}".prop_map(Value::from)
        ];
        let value = leaf.prop_recursive(3, 12, 4, |inner| {
            let name = prop_oneof!["type", "waarde", "naam", "mimeType", "inhoud", "bijlageId"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..12).prop_map(Value::from),
                prop::collection::vec((name, inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        });
        (name.prop_map(str::to_owned), value)
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused_with_its_faults(changes in prop::collection::vec(any_change(), 0..4)) {
            let mut body = good();
            for (name, value) in changes {
                body[name] = value;
            }
            match read(&body) {
                Ok(asked) => prop_assert!(TITLE_CHARACTERS.contains(&asked.title.chars().count())),
                Err(problem) => prop_assert!(problem.status == 400 && !problem.errors.is_empty()),
            }
        }

        #[test]
        fn any_bytes_are_refused_with_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let problem = Asked::read(&bytes, NumberKind::Bsn, NOW, Vec::new()).err().unwrap();
            prop_assert!(problem.status == 400 && !problem.errors.is_empty());
        }
    }
}
