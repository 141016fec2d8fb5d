//! The values of a letter: amounts drawn and worked out, words chosen.
//!
//! One a line. `bedrag = 40..90` draws a whole amount, `tarief = 8.25..9.75` one with cents; `inkomen ~ 20000..30000` draws
//! once for a person and a year. `totaal = boete + kosten * 2 whole` works from left to right, and `whole` rounds.
//! Anything else is words, of which `maandag | dinsdag` chooses one.

use std::collections::BTreeMap;

use basics::Fault;

use crate::draw::Draw;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An amount, or another number in hundredths.
    Cents(i64),
    Words(String),
}

#[derive(Clone, Debug, Default)]
pub struct Values(BTreeMap<String, Value>);

/// What the draws of one letter depend on.
pub struct Drawn<'a> {
    pub person: &'a str,
    /// The letter among those of the person.
    pub letter: &'a str,
    pub year: i16,
}

impl Values {
    /// Adds lines; a name that is there already stays as it is.
    pub fn add(&mut self, lines: &[String], drawn: &Drawn<'_>) -> Result<(), Fault> {
        for line in lines {
            let (name, what, of_the_year) = parts(line)?;
            if self.0.contains_key(name) {
                continue;
            }
            let year = drawn.year.to_string();
            let mut draw = if of_the_year {
                Draw::of(&[drawn.person, name, &year])
            } else {
                Draw::of(&[drawn.person, name, drawn.letter])
            };
            let value = match self.worked_out(what, &mut draw) {
                Some(number) => Value::Cents((number + FINE / 2).div_euclid(FINE)),
                None => {
                    let choices: Vec<&str> = what.split('|').map(str::trim).collect();
                    Value::Words(choices[draw.below(choices.len())].to_owned())
                }
            };
            self.0.insert(name.to_owned(), value);
        }
        Ok(())
    }

    pub fn put(&mut self, name: &str, words: String) {
        self.0.insert(name.to_owned(), Value::Words(words));
    }

    pub fn find(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A name or a number, in hundredths.
    pub fn find_number(&self, what: &str) -> Option<i64> {
        match self.0.get(what) {
            Some(Value::Cents(number)) => Some(*number),
            Some(Value::Words(_)) => None,
            None => fine(what).map(|number| number / FINE),
        }
    }

    fn worked_out(&self, what: &str, draw: &mut Draw) -> Option<i64> {
        let mut words = what.split_whitespace();
        let mut number = self.operand(words.next()?, draw)?;
        while let Some(operator) = words.next() {
            if operator == "whole" {
                number = (number + ONE / 2).div_euclid(ONE) * ONE;
                continue;
            }
            let other = self.operand(words.next()?, draw)?;
            number = match operator {
                "+" => number + other,
                "-" => number - other,
                "*" => number * other / ONE,
                "/" if other != 0 => number * ONE / other,
                _ => return None,
            };
        }
        Some(number)
    }

    fn operand(&self, word: &str, draw: &mut Draw) -> Option<i64> {
        if let Some((first, last)) = word.split_once("..") {
            let step = if word.replace("..", "").contains('.') {
                FINE
            } else {
                ONE
            };
            return Some(draw.between(fine(first)? / step, fine(last)? / step) * step);
        }
        match self.0.get(word) {
            Some(Value::Cents(number)) => Some(number * FINE),
            Some(Value::Words(_)) => None,
            None => fine(word),
        }
    }
}

/// Working out goes in ten-thousandths, so that rates can have four decimals.
const ONE: i64 = 10_000;
/// A hundredth.
const FINE: i64 = 100;

fn parts(line: &str) -> Result<(&str, &str, bool), Fault> {
    let at = line.find(['=', '~']);
    let at = at.ok_or_else(|| Fault::broken(format!("no value: {line}")))?;
    Ok((
        line[..at].trim(),
        line[at + 1..].trim(),
        line[at..].starts_with('~'),
    ))
}

fn fine(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part = format!("{part:0<4}");
    let is_number = !whole.is_empty()
        && [whole, &part]
            .iter()
            .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_number || part.len() > 4 {
        return None;
    }
    Some(whole.parse::<i64>().ok()? * ONE + part.parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(lines: &[&str], letter: &str) -> Values {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let drawn = Drawn {
            person: "amina",
            letter,
            year: 2026,
        };
        let mut values = Values::default();
        values.add(&lines, &drawn).unwrap();
        values
    }

    #[test]
    fn amounts_are_drawn_and_worked_out_from_left_to_right() {
        let values = values(
            &[
                "boete = 74..390",
                "kosten = 9",
                "dubbel = boete + kosten * 2",
                "deel = dubbel / 3 whole",
                "belasting = 10000 * 0.3582",
            ],
            "1",
        );
        let number = |name| values.find_number(name).unwrap();
        assert!((7_400..=39_000).contains(&number("boete")) && number("boete") % 100 == 0);
        assert_eq!(number("dubbel"), (number("boete") + 900) * 2);
        assert_eq!(number("deel") % 100, 0);
        assert_eq!(number("12.50"), 1_250);
        assert_eq!(number("belasting"), 358_200);
    }

    #[test]
    fn a_value_of_the_year_is_the_same_in_every_letter_and_what_is_known_stays() {
        let of = |letter| values(&["inkomen ~ 20000..90000", "bedrag = 1..100000"], letter);
        assert_eq!(of("1").find("inkomen"), of("2").find("inkomen"));
        assert_ne!(of("1").find("bedrag"), of("2").find("bedrag"));
        let known = values(&["dag = maandag", "dag = dinsdag | woensdag"], "1");
        assert_eq!(known.find("dag"), Some(&Value::Words("maandag".to_owned())));
    }
}
