//! What a single value of a body must be; the words of a refusal are Dutch and never repeat the value.

use std::ops::RangeInclusive;

use basics::Moment;
use serde_json::Value;

pub(crate) fn one_line(value: &Value, length: RangeInclusive<usize>) -> Result<&str, String> {
    let text = value
        .as_str()
        .ok_or_else(|| "Moet tekst zijn.".to_owned())?;
    if text
        .chars()
        .any(|letter| letter.is_control() || turns(letter) || marks_direction(letter))
    {
        return Err("Mag geen stuurtekens of regeleinden bevatten.".to_owned());
    }
    let least = *length.start();
    if !length.contains(&text.chars().count()) {
        return Err(format!(
            "Moet {least} tot en met {} tekens lang zijn.",
            length.end()
        ));
    }
    if least > 0 && is_blank(text) {
        return Err("Mag niet leeg zijn.".to_owned());
    }
    Ok(text)
}

pub(crate) fn lines(value: &Value, max_bytes: usize) -> Result<&str, String> {
    let text = value
        .as_str()
        .ok_or_else(|| "Moet tekst zijn.".to_owned())?;
    let is_refused = |letter: char| {
        turns(letter) || letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')
    };
    if text.chars().any(is_refused) {
        return Err("Mag behalve regeleinden en tabs geen stuurtekens bevatten.".to_owned());
    }
    if text.len() > max_bytes {
        return Err(format!("Mag ten hoogste {max_bytes} bytes groot zijn."));
    }
    if is_blank(text) {
        return Err("Mag niet leeg zijn.".to_owned());
    }
    Ok(text)
}

/// Turns the order in which the text after it is shown: `gpj.exe` then reads as `exe.jpg`.
const fn turns(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Of use in a longer text with Arabic or Hebrew in it; in a line only to mislead.
const fn marks_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// Nothing of it is seen.
fn is_blank(text: &str) -> bool {
    let has_no_width = |letter| matches!(letter, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
    text.chars()
        .all(|letter| letter.is_whitespace() || has_no_width(letter) || marks_direction(letter))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fits_line(text: &str) -> bool {
        one_line(&json!(text), 1..=9).is_ok()
    }

    fn fits_lines(text: &str) -> bool {
        lines(&json!(text), 99).is_ok()
    }

    #[test]
    fn what_turns_a_text_around_is_refused() {
        for letter in ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}') {
            let text = format!("a{letter}b");
            assert!(!fits_line(&text) && !fits_lines(&text), "{text:?}");
        }
        for letter in ['\u{200e}', '\u{200f}', '\u{61c}'] {
            let text = format!("a{letter}b");
            assert!(!fits_line(&text) && fits_lines(&text), "{text:?}");
        }
    }

    #[test]
    fn a_text_of_which_nothing_is_seen_is_empty() {
        for letter in "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{a0}".chars() {
            let text = format!(" {letter}");
            assert!(!fits_line(&text) && !fits_lines(&text), "{text:?}");
            // Beside what is seen they have their use.
            let text = format!("a{letter}b");
            assert!(fits_line(&text) && fits_lines(&text), "{text:?}");
        }
        assert!(one_line(&json!("\u{200b}"), 0..=9).is_ok());
    }
}
