//! Fills in what stands between braces in a letter: values, days and numbers, as its language writes them.
//!
//! `{naam}` words · `{geld totaal}` `€ 1.234,50` · `{rond totaal}` `€ 1.234` · `{getal uren}` `1.234` · `{dag}` `{dag+42}` days
//! · `{maand}` `{maand-1}` `november 2026` · `{maandnummer}` `11` · `{jaar}` `{jaar+1}` · `{cijfers 4}` digits drawn.

use basics::{Cents, Fault};
use jiff::ToSpan;
use jiff::civil::Date;
use language::{Currency, Language};

use crate::draw::Draw;
use crate::values::{Value, Values};

pub struct Wording<'a> {
    pub language: Language,
    pub currency: Currency,
    pub date: Date,
    pub values: &'a Values,
    /// For what is drawn while writing.
    pub draw: Draw,
}

impl Wording<'_> {
    pub fn fill(&mut self, text: &str) -> Result<String, Fault> {
        let mut filled = String::with_capacity(text.len() + 64);
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (asked, after) = after
                .split_once('}')
                .ok_or_else(|| Fault::broken("a brace is open in a sample letter"))?;
            filled.push_str(before);
            let words = self.words(asked);
            filled.push_str(
                &words.ok_or_else(|| {
                    Fault::broken(format!("a sample letter asks for {{{asked}}}"))
                })?,
            );
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn words(&mut self, asked: &str) -> Option<String> {
        if let Some((how, what)) = asked.split_once(' ') {
            return self.figures(how, what);
        }
        if let Some(Value::Words(words)) = self.values.find(asked) {
            return Some(words.clone());
        }
        let (what, shift) = match asked.find(['+', '-']) {
            Some(at) => (&asked[..at], asked[at..].parse::<i32>().ok()?),
            None => (asked, 0),
        };
        match what {
            "dag" => Some(self.language.day(self.date.checked_add(shift.days()).ok()?)),
            "maand" => {
                let first = self
                    .date
                    .first_of_month()
                    .checked_add(shift.months())
                    .ok()?;
                // The day and what joins it stand before the month: `1 november 2026`, `1 di novèmber 2026`.
                let day = self.language.day(first);
                let month = day.trim_start_matches("1 ");
                Some(month.trim_start_matches("di ").to_owned())
            }
            "maandnummer" => Some(format!("{:02}", self.date.month())),
            "jaar" => Some((i32::from(self.date.year()) + shift).to_string()),
            _ => None,
        }
    }

    fn figures(&mut self, how: &str, what: &str) -> Option<String> {
        if how == "cijfers" {
            let many: usize = what.parse().ok()?;
            return Some((0..many).map(|_| self.draw.below(10).to_string()).collect());
        }
        let number = self.values.find_number(what)?;
        let money = |amount| self.language.money(Cents(amount), self.currency);
        match how {
            "geld" => Some(money(number)),
            "rond" => {
                let whole = money(number / 100 * 100);
                Some(whole[..whole.len() - 3].to_owned())
            }
            "getal" => Some(self.language.number(number / 100)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::values::Drawn;

    #[test]
    fn braces_are_filled_as_the_language_writes() {
        let drawn = Drawn {
            person: "a",
            letter: "1",
            year: 2026,
        };
        let mut values = Values::default();
        values
            .add(&["bedrag = 1234.50".to_owned()], &drawn)
            .unwrap();
        values.put("naam", "Amina".to_owned());
        let said = |language, currency, text: &str| {
            let wording = Wording {
                language,
                currency,
                date: date(2026, 1, 30),
                values: &values,
                draw: Draw::of(&["x"]),
            };
            { wording }.fill(text).map_err(|fault| fault.to_string())
        };
        assert_eq!(
            said(
                Language::Nl,
                Currency::Euro,
                "{naam}: {geld bedrag}, {rond bedrag}, {dag+2}, {maand-1}, {maandnummer}, {jaar+1}, {getal bedrag}"
            )
            .as_deref(),
            Ok("Amina: €\u{a0}1.234,50, €\u{a0}1.234, 1 februari 2026, december 2025, 01, 2027, 1.234")
        );
        assert_eq!(
            said(Language::Pap, Currency::UsDollar, "{geld bedrag} {maand}").as_deref(),
            Ok("$\u{a0}1.234,50 yanüari 2026")
        );
        assert_eq!(
            said(Language::Nl, Currency::Euro, "{cijfers 4}").map(|digits| digits.len()),
            Ok(4)
        );
        assert!(said(Language::Nl, Currency::Euro, "{onbekend}").is_err());
    }
}
