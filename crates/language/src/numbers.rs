//! Numbers, money and file sizes as people read them. Papiamentu writes numbers as Dutch does.

use basics::Cents;

use crate::Language;

/// The currency of an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Currency {
    Euro,
    /// The dollar of the Caribbean Netherlands.
    UsDollar,
}

impl Currency {
    /// The ISO 4217 code, for APIs.
    pub const fn code(self) -> &'static str {
        match self {
            Currency::Euro => "EUR",
            Currency::UsDollar => "USD",
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Currency::Euro => "€",
            Currency::UsDollar => "$",
        }
    }
}

/// A space at which no line breaks.
const NO_BREAK: char = '\u{a0}';

impl Language {
    /// `€ 1.234,50` (with a no-break space), `€1,234.50`; below zero `€ -5,00`, `-€5.00`.
    pub fn money(self, amount: Cents, currency: Currency) -> String {
        let (units, cents) = (amount.0.unsigned_abs() / 100, amount.0.unsigned_abs() % 100);
        let sign = currency.sign();
        let minus = if amount.0 < 0 { "-" } else { "" };
        let figures = format!("{}{}{cents:02}", self.grouped(units), self.decimal_mark());
        match self {
            Language::En => format!("{minus}{sign}{figures}"),
            Language::Nl | Language::Pap => format!("{sign}{NO_BREAK}{minus}{figures}"),
        }
    }

    /// `1.234`, `1,234`.
    pub fn number(self, number: i64) -> String {
        let minus = if number < 0 { "-" } else { "" };
        format!("{minus}{}", self.grouped(number.unsigned_abs()))
    }

    /// `812 bytes`, `250 kB`, `1,2 MB` (decimal units, with a no-break space). Rounded up, so that it never says zero.
    pub fn file_size(self, bytes: u64) -> String {
        match bytes {
            0..1_000 => format!(
                "{bytes}{NO_BREAK}{}",
                if bytes == 1 { "byte" } else { "bytes" }
            ),
            1_000..=999_000 => format!("{}{NO_BREAK}kB", bytes.div_ceil(1_000)),
            _ => {
                let tenths = bytes.div_ceil(100_000);
                let (units, tenth) = (self.grouped(tenths / 10), tenths % 10);
                let mark = self.decimal_mark();
                if tenth == 0 {
                    format!("{units}{NO_BREAK}MB")
                } else {
                    format!("{units}{mark}{tenth}{NO_BREAK}MB")
                }
            }
        }
    }

    fn grouped(self, number: u64) -> String {
        let digits = number.to_string();
        let mark = if self == Language::En { ',' } else { '.' };
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(mark);
            }
            text.push(digit);
        }
        text
    }

    const fn decimal_mark(self) -> char {
        match self {
            Language::En => '.',
            Language::Nl | Language::Pap => ',',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Nl, Pap};

    #[test]
    fn money_reads_as_its_language_writes_it() {
        assert_eq!(Nl.money(Cents(123_450), Currency::Euro), "€\u{a0}1.234,50");
        assert_eq!(En.money(Cents(123_450), Currency::Euro), "€1,234.50");
        assert_eq!(
            Pap.money(Cents(123_450), Currency::UsDollar),
            "$\u{a0}1.234,50"
        );
        assert_eq!(Nl.money(Cents(-5), Currency::Euro), "€\u{a0}-0,05");
        assert_eq!(En.money(Cents(-500), Currency::UsDollar), "-$5.00");
        assert_eq!(
            En.money(Cents(i64::MIN), Currency::Euro),
            "-€92,233,720,368,547,758.08"
        );
    }

    #[test]
    fn thousands_are_marked() {
        assert_eq!(
            [0, 999, 1_000, -1_234_567].map(|number| Nl.number(number)),
            ["0", "999", "1.000", "-1.234.567"]
        );
    }

    #[test]
    fn a_file_size_has_the_unit_that_fits() {
        let sizes = [
            0, 1, 999, 1_000, 1_001, 250_000, 999_001, 1_150_000, 26_214_400,
        ];
        assert_eq!(
            sizes.map(|bytes| Nl.file_size(bytes).replace('\u{a0}', " ")),
            [
                "0 bytes",
                "1 byte",
                "999 bytes",
                "1 kB",
                "2 kB",
                "250 kB",
                "1 MB",
                "1,2 MB",
                "26,3 MB"
            ]
        );
        assert_eq!(En.file_size(1_150_000), "1.2\u{a0}MB");
    }
}
