//! What a single value of a body must be; the words of a refusal are Dutch and never repeat the value.

use std::ops::RangeInclusive;

use basics::Moment;
use serde_json::Value;

pub(crate) fn one_line(value: &Value, length: RangeInclusive<usize>) -> Result<&str, String> {
    let text = value
        .as_str()
        .ok_or_else(|| "Moet tekst zijn.".to_owned())?;
    if text.chars().any(char::is_control) {
        return Err("Mag geen stuurtekens of regeleinden bevatten.".to_owned());
    }
    let least = *length.start();
    if !length.contains(&text.chars().count()) {
        return Err(format!(
            "Moet {least} tot en met {} tekens lang zijn.",
            length.end()
        ));
    }
    if least > 0 && text.trim().is_empty() {
        return Err("Mag niet leeg zijn.".to_owned());
    }
    Ok(text)
}

pub(crate) fn lines(value: &Value, max_bytes: usize) -> Result<&str, String> {
    let text = value
        .as_str()
        .ok_or_else(|| "Moet tekst zijn.".to_owned())?;
    if text
        .chars()
        .any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t'))
    {
        return Err("Mag behalve regeleinden en tabs geen stuurtekens bevatten.".to_owned());
    }
    if text.len() > max_bytes {
        return Err(format!("Mag ten hoogste {max_bytes} bytes groot zijn."));
    }
    if text.trim().is_empty() {
        return Err("Mag niet leeg zijn.".to_owned());
    }
    Ok(text)
}

pub(crate) fn moment(value: &Value) -> Result<Moment, String> {
    // jiff also reads zone names and a space for the T, which RFC 3339 does not have.
    let plain = |text: &&str| {
        text.is_ascii()
            && text
                .as_bytes()
                .get(10)
                .is_some_and(|mark| mark.eq_ignore_ascii_case(&b'T'))
            && !text.contains('[')
    };
    let parsed = value
        .as_str()
        .filter(plain)
        .and_then(|text| text.parse::<jiff::Timestamp>().ok());
    parsed.map(Moment::from_timestamp).ok_or_else(|| {
        "Moet een tijdstip zijn zoals 2026-11-20T14:30:00+01:00 (RFC 3339).".to_owned()
    })
}

pub(crate) fn date(value: &Value) -> Result<jiff::civil::Date, String> {
    let parsed = value
        .as_str()
        .filter(|text| text.len() == 10)
        .and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| "Moet een datum zijn zoals 2026-11-20.".to_owned())
}
