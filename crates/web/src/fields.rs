//! Reads JSON field by field and collects every fault with its JSON pointer; serde's derive would stop at the first.
//!
//! A reader gives None exactly when it noted a fault or, for an `opt_` reader, when the field is absent or null. So
//! a room reads all its fields first and only then takes them apart with `?`:
//!
//! ```
//! let body = br#"{"onderwerp": "Uw aanvraag"}"#;
//! let subject = web::fields::read(body, |fields| {
//!     let subject = fields.text("onderwerp", 1..=255);
//!     let at = fields.opt_moment("publicatietijdstip");
//!     Some((subject?.to_owned(), at))
//! });
//! assert!(subject.is_ok());
//! ```

use std::ops::RangeInclusive;

use basics::Moment;
use serde_json::Value;

use crate::field_rules::{date, lines, moment, one_line};
use crate::{FieldFault, Problem};

/// Parsed, a value of one byte takes sixteen times its place in the body or more: this bounds what that comes to.
const MOST_PARTS: usize = 10_000;

/// Reads a body that is one JSON object. Broken UTF-8 or JSON, or more than 10,000 fields and values, is one fault with
/// an empty pointer.
pub fn read<T>(
    bytes: &[u8],
    reader: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>,
) -> Result<T, Problem> {
    if has_too_many_parts(bytes) {
        let detail =
            format!("Mag niet meer dan {MOST_PARTS} onderdelen hebben: velden en waarden samen.");
        return Err(Problem::bad_input(vec![FieldFault::body("", detail)]));
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|why| {
        let detail = format!(
            "De inhoud is geen geldige JSON (regel {}, positie {}).",
            why.line(),
            why.column()
        );
        Problem::bad_input(vec![FieldFault::body("", detail)])
    })?;
    read_value(&value, reader)
}

/// Reads a value that is one JSON object, with pointers from its root: an item of a bulk request is such a one.
pub fn read_value<T>(
    value: &Value,
    reader: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>,
) -> Result<T, Problem> {
    let mut faults = Vec::new();
    let read = object_at(value, String::new(), &mut faults, reader);
    match read {
        Some(read) if faults.is_empty() => Ok(read),
        None if faults.is_empty() => {
            tracing::error!("a reader of fields gave nothing and no fault");
            Err(Problem::broken())
        }
        _ => Err(Problem::bad_input(faults)),
    }
}

/// The fields of one JSON object. Fields that nobody asks for are passed over.
pub struct Fields<'v, 'f> {
    members: &'v serde_json::Map<String, Value>,
    pointer: String,
    faults: &'f mut Vec<FieldFault>,
}

impl<'v> Fields<'v, '_> {
    /// One line of text, of this many characters. More than white space unless it may be empty.
    pub fn text(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<&'v str> {
        let value = self.required(name)?;
        let checked = one_line(value, length);
        self.noted(name, checked)
    }

    /// As [`Self::text`], but may be absent.
    pub fn opt_text(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<&'v str> {
        let checked = one_line(self.present(name)?, length);
        self.noted(name, checked)
    }

    /// A text that a rule of the room's own turns into something, such as a number that must pass a test. The rule's
    /// detail is Dutch and does not repeat the text.
    pub fn parsed<T>(
        &mut self,
        name: &str,
        length: RangeInclusive<usize>,
        rule: impl FnOnce(&'v str) -> Result<T, &'static str>,
    ) -> Option<T> {
        let text = self.text(name, length)?;
        self.noted(name, rule(text).map_err(str::to_owned))
    }

    /// As [`Self::parsed`], but may be absent.
    pub fn opt_parsed<T>(
        &mut self,
        name: &str,
        length: RangeInclusive<usize>,
        rule: impl FnOnce(&'v str) -> Result<T, &'static str>,
    ) -> Option<T> {
        let text = self.opt_text(name, length)?;
        self.noted(name, rule(text).map_err(str::to_owned))
    }

    /// Text of more than one line, of one byte up to this many as UTF-8.
    pub fn long_text(&mut self, name: &str, max_bytes: usize) -> Option<&'v str> {
        let value = self.required(name)?;
        let checked = lines(value, max_bytes);
        self.noted(name, checked)
    }

    /// A moment in RFC 3339, with any offset.
    pub fn opt_moment(&mut self, name: &str) -> Option<Moment> {
        let checked = moment(self.present(name)?);
        self.noted(name, checked)
    }

    /// A whole number within these bounds.
    pub fn opt_number(&mut self, name: &str, bounds: RangeInclusive<i64>) -> Option<i64> {
        let number = self.present(name)?.as_i64();
        let checked = number.filter(|number| bounds.contains(number));
        let (least, most) = (bounds.start(), bounds.end());
        let checked = checked
            .ok_or_else(|| format!("Moet een geheel getal van {least} tot en met {most} zijn."));
        self.noted(name, checked)
    }

    /// A day: `2026-11-20`.
    pub fn opt_date(&mut self, name: &str) -> Option<jiff::civil::Date> {
        let checked = date(self.present(name)?);
        self.noted(name, checked)
    }

    /// An object inside this one.
    pub fn object<T>(
        &mut self,
        name: &str,
        reader: impl FnOnce(&mut Fields<'v, '_>) -> Option<T>,
    ) -> Option<T> {
        let value = self.required(name)?;
        object_at(value, self.at(name), self.faults, reader)
    }

    /// A list of objects. Absent is empty where zero is allowed. None as soon as one item has a fault.
    pub fn list<T>(
        &mut self,
        name: &str,
        count: RangeInclusive<usize>,
        mut reader: impl FnMut(&mut Fields<'v, '_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.values(name, count)?;
        let pointer = self.at(name);
        let read: Vec<Option<T>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                object_at(item, format!("{pointer}/{index}"), self.faults, &mut reader)
            })
            .collect();
        read.into_iter().collect()
    }

    /// A list of one-line texts.
    pub fn texts(
        &mut self,
        name: &str,
        count: RangeInclusive<usize>,
        length: RangeInclusive<usize>,
    ) -> Option<Vec<&'v str>> {
        let items = self.values(name, count)?;
        let read: Vec<Option<&str>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                self.noted(&format!("{name}/{index}"), one_line(item, length.clone()))
            })
            .collect();
        read.into_iter().collect()
    }

    /// A list whose items are read one by one with [`read_value`], so that a bad one spoils no other.
    pub fn values(&mut self, name: &str, count: RangeInclusive<usize>) -> Option<&'v [Value]> {
        if *count.start() == 0 && self.present(name).is_none() {
            return Some(&[]);
        }
        let checked = match self.required(name)? {
            Value::Array(items) if count.contains(&items.len()) => Ok(items.as_slice()),
            Value::Array(_) => Err(format!(
                "Moet {} tot en met {} onderdelen hebben.",
                count.start(),
                count.end()
            )),
            _ => Err("Moet een lijst zijn.".to_owned()),
        };
        self.noted(name, checked)
    }

    /// Notes a fault that a rule of the room's own found. Dutch; does not repeat what was sent.
    pub fn fault(&mut self, name: &str, detail: impl Into<String>) {
        let pointer = self.at(name);
        self.faults.push(FieldFault::body(pointer, detail));
    }

    /// Whether the field is there, null not counting.
    pub fn has(&self, name: &str) -> bool {
        self.present(name).is_some()
    }

    fn at(&self, name: &str) -> String {
        format!("{}/{name}", self.pointer)
    }

    fn present(&self, name: &str) -> Option<&'v Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn required(&mut self, name: &str) -> Option<&'v Value> {
        let value = self.present(name).ok_or_else(|| "Is verplicht.".to_owned());
        self.noted(name, value)
    }

    fn noted<T>(&mut self, name: &str, checked: Result<T, String>) -> Option<T> {
        checked.map_err(|detail| self.fault(name, detail)).ok()
    }
}

/// Counts what begins or parts values and names, outside texts. Where that misreads broken JSON, parsing stops before.
fn has_too_many_parts(bytes: &[u8]) -> bool {
    let (mut parts, mut in_text, mut escaped) = (0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b',' | b'[' | b'{' | b':' if !in_text => parts += 1,
            _ => {}
        }
        if parts > MOST_PARTS {
            return true;
        }
    }
    false
}

fn object_at<'v, T>(
    value: &'v Value,
    pointer: String,
    faults: &mut Vec<FieldFault>,
    reader: impl FnOnce(&mut Fields<'v, '_>) -> Option<T>,
) -> Option<T> {
    match value {
        Value::Object(members) => reader(&mut Fields {
            members,
            pointer,
            faults,
        }),
        _ => {
            faults.push(FieldFault::body(pointer, "Moet een object zijn."));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::Place;

    #[derive(Debug, PartialEq)]
    struct Sent {
        subject: String,
        kind: String,
        at: Option<Moment>,
        files: Vec<String>,
    }

    fn sent(fields: &mut Fields<'_, '_>) -> Option<Sent> {
        let subject = fields.text("onderwerp", 1..=10);
        let body = fields.long_text("inhoud", 20);
        let kind = fields.object("ontvanger", |fields| {
            fields.parsed("type", 1..=4, |kind| {
                if kind == "BSN" {
                    Ok(kind)
                } else {
                    Err("Onbekend.")
                }
            })
        });
        let at = fields.opt_moment("tijdstip");
        let _ = fields.opt_date("datum");
        let files = fields.list("bijlagen", 0..=2, |file| {
            file.text("naam", 1..=9).map(str::to_owned)
        });
        let _ = fields.texts("nummers", 0..=3, 1..=3);
        body?;
        Some(Sent {
            subject: subject?.to_owned(),
            kind: kind?.to_owned(),
            at,
            files: files?,
        })
    }

    fn pointers(value: Value) -> Vec<String> {
        let problem = read_value(&value, sent).unwrap_err();
        let pointer = |fault: FieldFault| {
            if let Place::Body(pointer) = fault.place {
                pointer
            } else {
                unreachable!()
            }
        };
        problem.errors.into_iter().map(pointer).collect()
    }

    #[test]
    fn a_good_object_is_read_whole() {
        let read = read_value(
            &json!({"onderwerp": "Één", "inhoud": "a\nb", "ontvanger": {"type": "BSN"}, "tijdstip": "2026-11-20T14:30:00+01:00",
                "bijlagen": [{"naam": "x"}], "nummers": null, "onbekend": 1}),
            sent,
        );
        let at = Some(Moment::from_micros(1_795_181_400_000_000));
        assert_eq!(
            read,
            Ok(Sent {
                subject: "Één".to_owned(),
                kind: "BSN".to_owned(),
                at,
                files: vec!["x".to_owned()]
            })
        );
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let faults = pointers(
            json!({"onderwerp": "12345678901", "inhoud": "a\u{0}", "ontvanger": {"type": "KVK"}, "tijdstip": "morgen",
            "datum": "20-11-2026", "bijlagen": [{"naam": ""}, {"naam": "x"}], "nummers": ["1", 2]}),
        );
        let expected = [
            "/onderwerp",
            "/inhoud",
            "/ontvanger/type",
            "/tijdstip",
            "/datum",
            "/bijlagen/0/naam",
            "/nummers/1",
        ];
        assert_eq!(faults, expected);
        assert_eq!(pointers(json!({})), ["/onderwerp", "/inhoud", "/ontvanger"]);
        assert_eq!(
            pointers(
                json!({"onderwerp": null, "inhoud": "a", "ontvanger": [], "bijlagen": [{}, {}, {}]})
            ),
            ["/onderwerp", "/ontvanger", "/bijlagen"]
        );
        assert_eq!(pointers(json!([])), [""]);
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        let read = |text: &str| {
            read_value(&json!({"t": text}), |fields| {
                fields.text("t", 1..=3).map(str::len)
            })
        };
        assert_eq!(read("ééé"), Ok(6));
        assert!(
            read("éééé").is_err()
                && read("a\tb").is_err()
                && read(" \u{a0}").is_err()
                && read("").is_err()
        );
    }

    #[test]
    fn only_rfc_3339_is_a_moment() {
        let read = |text: &str| {
            read_value(&json!({"t": text}), |fields| {
                let at = fields.opt_moment("t");
                Some(at)
            })
            .is_ok()
        };
        for fine in [
            "2026-11-20T13:30:00Z",
            "2026-11-20t13:30:00.123456z",
            "2026-11-20T13:30:00-04:00",
        ] {
            assert!(read(fine), "{fine}");
        }
        for broken in [
            "2026-11-20 13:30:00Z",
            "2026-11-20T13:30:00",
            "2026-11-20",
            "2026-02-30T13:30:00Z",
            "2026-11-20T13:30:00+01:00[Europe/Amsterdam]",
            "20261120T133000Z",
            "",
        ] {
            assert!(!read(broken), "{broken}");
        }
    }

    #[test]
    fn broken_json_is_one_fault_of_the_whole() {
        for bytes in [
            &b"{"[..],
            b"",
            b"\xff",
            b"{\"a\": \"\xff\"}",
            b"{} {}",
            "[".repeat(100_000).as_bytes(),
        ] {
            let problem = read(bytes, sent).unwrap_err();
            assert_eq!(problem.errors.len(), 1);
            assert_eq!(problem.errors[0].place, Place::Body(String::new()));
        }
    }

    #[test]
    fn a_body_of_too_many_parts_is_one_fault_before_it_is_parsed() {
        let zeros = |count: usize| format!("{{\"x\":[{}]}}", vec!["0"; count].join(","));
        let nothing = |_: &mut Fields<'_, '_>| Some(());
        // Around the zeros: two brackets and a colon.
        assert_eq!(read(zeros(MOST_PARTS - 2).as_bytes(), nothing), Ok(()));
        for bytes in [zeros(MOST_PARTS - 1), "[".repeat(MOST_PARTS + 1)] {
            let problem = read(bytes.as_bytes(), nothing).unwrap_err();
            let [fault] = &problem.errors[..] else {
                panic!("{problem:?}")
            };
            assert_eq!(problem.status, 400);
            assert_eq!(fault.place, Place::Body(String::new()));
            assert!(fault.detail.contains("10000 onderdelen"), "{fault:?}");
        }
    }

    #[test]
    fn what_stands_in_a_text_is_no_part() {
        let many = ",[{:".repeat(MOST_PARTS);
        for text in [many.clone(), format!("\"{many}"), format!("{many}\\")] {
            let body = json!({ "x": text }).to_string();
            assert!(!has_too_many_parts(body.as_bytes()), "{}", &body[..12]);
            // Where the text ends, counting goes on.
            let body = body + &many;
            assert!(has_too_many_parts(body.as_bytes()));
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
            "[0-9T:+Z-]{0,30}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 6, |inner| {
            let name = prop_oneof![
                "onderwerp",
                "inhoud",
                "ontvanger",
                "type",
                "tijdstip",
                "datum",
                "bijlagen",
                "naam",
                "nummers",
                ".*"
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((name, inner), 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_is_read_or_refused_with_a_fault(value in any_json()) {
            match read_value(&value, sent) {
                Ok(sent) => prop_assert!((1..=10).contains(&sent.subject.chars().count())),
                Err(problem) => prop_assert!(!problem.errors.is_empty() && problem.status == 400),
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(read(&bytes, sent).is_err());
        }
    }
}
