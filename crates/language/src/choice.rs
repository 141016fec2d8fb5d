//! Which language a browser asks for: Accept-Language with its weights (RFC 9110 §12.5.4, RFC 4647 §3.4).

use crate::Language;

impl Language {
    /// The offered language that the header likes best; `None` when it names none of them. Between equals the one
    /// named first wins. `nl-BE` asks for `nl`; `*` is the first offered language that the header does not name.
    pub fn accept(header: &str, offered: &[Language]) -> Option<Language> {
        let ranges: Vec<(&str, u16)> = header.split(',').filter_map(range).collect();
        let named = |language: Language| ranges.iter().any(|(range, _)| asks_for(range, language));
        let mut best: Option<(Language, u16)> = None;
        for (range, weight) in &ranges {
            let wanted = offered.iter().copied().find(|language| match *range {
                "*" => !named(*language),
                range => asks_for(range, *language),
            });
            if let Some(language) = wanted
                && *weight > best.map_or(0, |(_, weight)| weight)
            {
                best = Some((language, *weight));
            }
        }
        best.map(|(language, _)| language)
    }
}

fn asks_for(range: &str, language: Language) -> bool {
    range
        .split('-')
        .next()
        .is_some_and(|primary| primary.eq_ignore_ascii_case(language.tag()))
}

/// A range and its weight in thousandths; a broken one is passed over.
fn range(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?;
    match parts.next() {
        None => Some((range, 1000)),
        Some(part) => {
            let (name, weight) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then_some(())?;
            Some((range, thousandths(weight.trim())?))
        }
    }
}

fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    if !matches!(whole, "0" | "1")
        || decimals.len() > 3
        || !decimals.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    format!("{whole}{decimals:0<3}")
        .parse()
        .ok()
        .filter(|weight| *weight <= 1000)
}

#[cfg(test)]
mod tests {
    use super::Language::{self, En, Nl, Pap};

    #[test]
    fn the_best_liked_language_wins() {
        for (header, expected) in [
            ("nl", Some(Nl)),
            ("nl-NL,nl;q=0.9,en;q=0.8", Some(Nl)),
            ("en;q=0.8, nl;q=0.9", Some(Nl)),
            ("EN-gb ; Q=0.5", Some(En)),
            ("fr, en;q=0.1", Some(En)),
            ("nl;q=0.7, en;q=0.7", Some(Nl)),
            ("en;q=0.7, nl;q=0.7", Some(En)),
            ("nl;q=0.001, en;q=0", Some(Nl)),
            ("*", Some(Nl)),
            ("nl;q=0, *;q=0.5", Some(En)),
            ("nl;q=0.2, *;q=0.5", Some(En)),
            ("pap-BQ, nl;q=0.5", Some(Nl)),
            ("fr", None),
            ("nl;q=0", None),
            ("", None),
            ("nld, papx", None),
        ] {
            assert_eq!(Language::accept(header, &[Nl, En]), expected, "{header}");
        }
        assert_eq!(Language::accept("pap-BQ, nl;q=0.5", &[Nl, Pap]), Some(Pap));
    }

    #[test]
    fn broken_ranges_are_passed_over() {
        for header in [
            "nl;q=2, en;q=0.1",
            "nl;q=0.1234, en",
            "nl;q=1.001, en",
            "nl;q=-1, en",
            "nl;q, en",
            ",;,en",
        ] {
            assert_eq!(Language::accept(header, &[Nl, En]), Some(En), "{header}");
        }
    }
}
