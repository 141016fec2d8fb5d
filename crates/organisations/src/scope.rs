//! Scopes: the parts of the API that a token opens.

use std::fmt;

/// One part of the organisation API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Delivering messages.
    Deliver,
    /// Asking what became of them.
    Status,
    /// Reading the rows of the processing log that one caused.
    Log,
}

impl Scope {
    pub const ALL: [Scope; 3] = [Scope::Deliver, Scope::Status, Scope::Log];

    /// The name in tokens and in the contract.
    pub const fn name(self) -> &'static str {
        match self {
            Scope::Deliver => "aanleveren",
            Scope::Status => "afleverstatus",
            Scope::Log => "verwerkingslog",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of scopes; in text their names with a space between (RFC 6749 §3.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    pub fn all() -> Self {
        Self(Scope::ALL.iter().fold(0, |bits, scope| bits | scope.bit()))
    }

    /// None when a name is unknown, or no name is given.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bits = 0;
        for name in text.split_ascii_whitespace() {
            bits |= Scope::ALL
                .into_iter()
                .find(|scope| scope.name() == name)?
                .bit();
        }
        (bits != 0).then_some(Self(bits))
    }

    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for scope in Scope::ALL.into_iter().filter(|scope| self.has(*scope)) {
            write!(f, "{between}{}", scope.name())?;
            between = " ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_read_back_from_their_text() {
        assert_eq!(
            Scopes::all().to_string(),
            "aanleveren afleverstatus verwerkingslog"
        );
        assert_eq!(
            Scopes::parse("verwerkingslog afleverstatus aanleveren"),
            Some(Scopes::all())
        );
        let one = Scopes::parse(" aanleveren ").unwrap();
        assert!(one.has(Scope::Deliver) && !one.has(Scope::Status));
        assert_eq!(Scopes::parse("aanleveren alles"), None);
        assert_eq!(Scopes::parse(""), None);
    }
}
