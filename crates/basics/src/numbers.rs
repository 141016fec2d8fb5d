//! Numbers of people and organisations. A person's number shows itself to nobody: no Display, a blank Debug.

use std::fmt;

use hidden::Hidden;

/// What a number is, in the words of the organisation API and of the statement file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberKind {
    Bsn,
    Crib,
}

impl NumberKind {
    pub const ALL: [NumberKind; 2] = [NumberKind::Bsn, NumberKind::Crib];

    /// `BSN` or `CRIB`, as in the organisation API.
    pub const fn name(self) -> &'static str {
        match self {
            NumberKind::Bsn => "BSN",
            NumberKind::Crib => "CRIB",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Why a text is not a number of a person. Never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonNumberFault {
    /// Not nine digits (BSN).
    NotNineDigits,
    /// Nine digits that fail the eleven-test, or 000000000.
    ElevenTest,
    /// Not 1–20 letters or digits (CRIB; no published format).
    NotCrib,
}

/// A burgerservicenummer: nine digits that pass the eleven-test (Wabb art. 1; promise MO-22).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Bsn(Hidden);

impl Bsn {
    pub fn parse(text: &str) -> Result<Self, PersonNumberFault> {
        let digits = text.as_bytes();
        if digits.len() != 9 || !digits.iter().all(u8::is_ascii_digit) {
            return Err(PersonNumberFault::NotNineDigits);
        }
        let weights = [9, 8, 7, 6, 5, 4, 3, 2, -1];
        let sum: i32 = digits
            .iter()
            .zip(weights)
            .map(|(digit, weight)| i32::from(digit - b'0') * weight)
            .sum();
        if sum % 11 != 0 || text == "000000000" {
            return Err(PersonNumberFault::ElevenTest);
        }
        Ok(Self(Hidden(text.to_owned())))
    }

    /// The digits. For sealing, keyed hashing and showing to the person only.
    pub fn reveal(&self) -> &str {
        &self.0.0
    }
}

/// A CRIB number of the Caribbean Netherlands: 1–20 letters or digits, kept in capitals (promise CN-15).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Crib(Hidden);

impl Crib {
    pub fn parse(text: &str) -> Result<Self, PersonNumberFault> {
        if text.is_empty()
            || text.len() > 20
            || !text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            return Err(PersonNumberFault::NotCrib);
        }
        Ok(Self(Hidden(text.to_ascii_uppercase())))
    }

    /// The number. For sealing, keyed hashing and showing to the person only.
    pub fn reveal(&self) -> &str {
        &self.0.0
    }
}

/// A number of a person, of either kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PersonNumber {
    Bsn(Bsn),
    Crib(Crib),
}

impl PersonNumber {
    pub fn parse(kind: NumberKind, text: &str) -> Result<Self, PersonNumberFault> {
        match kind {
            NumberKind::Bsn => Bsn::parse(text).map(Self::Bsn),
            NumberKind::Crib => Crib::parse(text).map(Self::Crib),
        }
    }

    pub const fn kind(&self) -> NumberKind {
        match self {
            Self::Bsn(_) => NumberKind::Bsn,
            Self::Crib(_) => NumberKind::Crib,
        }
    }

    /// The number. For sealing, keyed hashing and showing to the person only.
    pub fn reveal(&self) -> &str {
        match self {
            Self::Bsn(bsn) => bsn.reveal(),
            Self::Crib(crib) => crib.reveal(),
        }
    }
}

/// Why a text is not an OIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OinFault;

/// An organisatie-identificatienummer: twenty digits (Logius OIN-stelsel). Public, unlike a person's number.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oin(String);

impl Oin {
    pub fn parse(text: &str) -> Result<Self, OinFault> {
        if text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(OinFault)
        }
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Oin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for Oin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oin({})", self.0)
    }
}

impl fmt::Debug for Bsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bsn(…)")
    }
}
impl fmt::Debug for Crib {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Crib(…)")
    }
}

mod hidden {
    /// Text with no way to print it.
    #[derive(Clone, PartialEq, Eq, Hash)]
    pub(super) struct Hidden(pub(super) String);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mo_22_bsn_passes_the_eleven_test_or_is_refused() {
        assert!(Bsn::parse("999993653").is_ok());
        assert!(Bsn::parse("123456782").is_ok());
        assert_eq!(
            Bsn::parse("999993654").err(),
            Some(PersonNumberFault::ElevenTest)
        );
        assert_eq!(
            Bsn::parse("000000000").err(),
            Some(PersonNumberFault::ElevenTest)
        );
        for broken in [
            "",
            "99999365",
            "9999936530",
            "99999365a",
            "٩٩٩٩٩٣٦٥٣",
            " 99999365",
        ] {
            assert_eq!(
                Bsn::parse(broken).err(),
                Some(PersonNumberFault::NotNineDigits),
                "{broken:?}"
            );
        }
    }

    #[test]
    fn mo_22_a_number_does_not_print() {
        let bsn = PersonNumber::parse(NumberKind::Bsn, "999993653").expect("a test number");
        assert_eq!(format!("{bsn:?}"), "Bsn(Bsn(…))");
    }

    #[test]
    fn cn_15_crib_is_one_to_twenty_letters_or_digits() {
        assert_eq!(Crib::parse("ab12").expect("a CRIB").reveal(), "AB12");
        for broken in ["", "123 456", "123456789012345678901", "12-34", "é"] {
            assert!(Crib::parse(broken).is_err(), "{broken:?}");
        }
    }
}
