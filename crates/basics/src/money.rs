//! Money: whole cents; the currency belongs to the installation.

use std::fmt;

/// An amount in cents of the installation's currency (euro; US dollar in the Caribbean Netherlands).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cents(pub i64);

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(
            f,
            "{sign}{}.{:02}",
            self.0.unsigned_abs() / 100,
            self.0.unsigned_abs() % 100
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Cents;

    #[test]
    fn small_negative_amounts_keep_their_sign() {
        assert_eq!(Cents(-5).to_string(), "-0.05");
        assert_eq!(Cents(123_456).to_string(), "1234.56");
    }
}
