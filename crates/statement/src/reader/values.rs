//! Lengths of time, days, numbers, and the few values that are written in more than one way.

use std::time::Duration;

use basics::Channel;
use serde_json::{Value, json};

use super::{Node, Reader, Schemas, Shape, Spec, Table};
use crate::model::{CookieLife, LegalSource, TermSource};
use crate::{BadTerm, Date, Term};

/// Never zero.
const ISO_8601: &str = "^P(?=.*[1-9])([0-9]{1,6}Y)?([0-9]{1,6}M)?([0-9]{1,6}W)?([0-9]{1,6}D)?\
    (T(?=.)([0-9]{1,6}H)?([0-9]{1,6}M)?([0-9]{1,6}S)?)?$";
/// Without years and months.
const OF_FIXED_LENGTH: &str = "^P(?=.*[1-9])([0-9]{1,6}W)?([0-9]{1,6}D)?\
    (T(?=.)([0-9]{1,6}H)?([0-9]{1,6}M)?([0-9]{1,6}S)?)?$";

fn term(node: &Node<'_>, text: &str, reader: &mut Reader<'_>) -> Option<Term> {
    let (fault, hint) = match text.parse() {
        Ok(term) => return Some(term),
        Err(BadTerm::Shape) => (
            "is not a length of time",
            "use ISO 8601 in whole numbers, such as P18M, P5Y, P90D or PT15M",
        ),
        Err(BadTerm::Length) => (
            "is longer than a thousand years",
            "no calendar of the program reaches that far: choose a shorter term",
        ),
    };
    reader.error("S-302", node, format!("{text:?} {fault}"), hint);
    None
}

fn fixed(node: &Node<'_>, text: &str, reader: &mut Reader<'_>) -> Option<Duration> {
    let term = term(node, text, reader)?;
    let fixed = term.fixed();
    if fixed.is_none() {
        reader.error(
            "S-302",
            node,
            format!("{term} has no fixed length"),
            "use weeks, days, hours, minutes or seconds",
        );
    }
    fixed
}

/// A length of time as the law writes it.
pub(crate) struct Length;

impl Spec for Length {
    type Value = Term;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Term> {
        let text = reader.string(node)?;
        term(node, text, reader)
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "pattern": ISO_8601 })
    }
}

/// A length of time that is the same from any day: no months or years.
pub(crate) struct Fixed;

impl Spec for Fixed {
    type Value = Duration;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Duration> {
        let text = reader.string(node)?;
        fixed(node, text, reader)
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "pattern": OF_FIXED_LENGTH })
    }
}

/// How long a cookie lives.
pub(crate) struct Life;

impl Spec for Life {
    type Value = CookieLife;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<CookieLife> {
        match reader.string(node)? {
            "sessie" => Some(CookieLife::Session),
            text => fixed(node, text, reader).map(CookieLife::For),
        }
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "anyOf": [{ "const": "sessie" }, { "type": "string", "pattern": OF_FIXED_LENGTH }] })
    }
}

/// Where a term comes from.
pub(crate) struct TermOrigin;

impl Spec for TermOrigin {
    type Value = TermSource;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<TermSource> {
        match reader.string(node)? {
            "bandbreedte" => Some(TermSource::Band),
            "verklaring" => Some(TermSource::Published),
            "eigen-keuze" => Some(TermSource::Own),
            _ => {
                let (name, _) = reader.known(LegalSource::KIND, node)?;
                Some(TermSource::Law(name))
            }
        }
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string" })
    }
}

/// A day, unquoted.
pub(crate) struct Day;

impl Spec for Day {
    type Value = Date;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Date> {
        let Some(moment) = node.value.get_ref().as_datetime() else {
            reader.mistaken(node, "a day, unquoted");
            return None;
        };
        match (moment.date, moment.time, moment.offset) {
            (Some(date), None, None) => Some(Date {
                year: date.year,
                month: date.month,
                day: date.day,
            }),
            _ => {
                let text = format!("{moment} is not a day");
                reader.error("S-107", node, text, "write 2022-02-10, unquoted");
                None
            }
        }
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "format": "date" })
    }
}

/// A whole number.
pub(crate) struct Count;

impl Spec for Count {
    type Value = u32;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<u32> {
        let number = node.value.get_ref().as_integer();
        let number =
            number.and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
        if number.is_none() {
            reader.mistaken(node, "a whole number that is not negative");
        }
        number
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "integer", "minimum": 0 })
    }
}

/// A whole number of something of which there are so many. The reader takes any: a rule says what is wrong with it.
pub(crate) struct OutOf<const ALL: u32>;

impl<const ALL: u32> Spec for OutOf<ALL> {
    type Value = u32;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<u32> {
        Count::read(node, reader)
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "integer", "minimum": 1, "maximum": ALL })
    }
}

/// `true` or `false`.
pub(crate) struct YesNo;

impl Spec for YesNo {
    type Value = bool;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<bool> {
        let found = node.value.get_ref().as_bool();
        if found.is_none() {
            reader.mistaken(node, "true or false");
        }
        found
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "boolean" })
    }
}

/// The same; absent is `false`.
pub(crate) struct Flag;

impl Spec for Flag {
    type Value = bool;
    const REQUIRED: bool = false;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<bool> {
        YesNo::read(node, reader)
    }
    fn absent(_: &Table<'_>, _: &str, _: &mut Reader<'_>) -> Option<bool> {
        Some(false)
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "boolean", "default": false })
    }
}

/// A way along which an access comes in.
pub(crate) struct ChannelName;

impl Spec for ChannelName {
    type Value = Channel;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Channel> {
        let name = reader.string(node)?;
        let found = Channel::ALL
            .into_iter()
            .find(|channel| channel.name() == name);
        if found.is_none() {
            let hint = format!("choose from {}", Channel::ALL.map(Channel::name).join(", "));
            reader.error("S-205", node, format!("{name:?} is no channel"), hint);
        }
        found
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "enum": Channel::ALL.map(Channel::name) })
    }
}
