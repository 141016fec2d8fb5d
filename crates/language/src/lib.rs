//! What a person reads, in three languages: the words, which language, days and times, numbers and money.

mod choice;
mod dates;
mod numbers;
mod texts;

pub use dates::is_time_zone;
pub use numbers::Currency;
pub use texts::*;

// The build's own modules, here for their tests.
#[cfg(test)]
#[path = "../build/reading.rs"]
mod reading;
#[cfg(test)]
#[path = "../build/wording.rs"]
mod wording;
#[cfg(test)]
#[path = "../build/writing.rs"]
mod writing;

/// A language that Postbus speaks. `Pap` is Papiamentu in the spelling of Bonaire and Curaçao.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    Nl,
    En,
    Pap,
}

impl Language {
    pub const ALL: [Language; 3] = [Language::Nl, Language::En, Language::Pap];

    /// The language tag (BCP 47), as in `<html lang>`, statement files and the folders of texts/.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::Nl => "nl",
            Language::En => "en",
            Language::Pap => "pap",
        }
    }

    /// The language of exactly this tag; for what a browser sends there is [`Language::accept`].
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The name in the language itself, for the language switch.
    pub const fn name(self) -> &'static str {
        match self {
            Language::Nl => "Nederlands",
            Language::En => "English",
            Language::Pap => "Papiamentu",
        }
    }
}
