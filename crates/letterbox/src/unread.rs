//! How many letters are unread: counted up to a hundred, shown as 99+ beyond.

use basics::Fault;
use language::Texts;
use vault::ReadTx;

use crate::messages;

const COUNTED: usize = 100;

/// Unread letters in the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unread(usize);

impl Unread {
    pub(crate) fn count(tx: &mut ReadTx<'_>) -> Result<Self, Fault> {
        messages::count_unread(tx, COUNTED as i64).map(Self)
    }

    /// As a badge: `3`, `99+`; none when there is nothing to read.
    pub(crate) fn badge(self) -> Option<String> {
        match self.0 {
            0 => None,
            COUNTED.. => Some(format!("{}+", COUNTED - 1)),
            few => Some(few.to_string()),
        }
    }

    /// As a sentence.
    pub(crate) fn sentence(self, texts: &Texts) -> String {
        let words = &texts.letterbox;
        match self.0 {
            0 => words.all_read.to_owned(),
            COUNTED.. => words.count_unread_many.to_owned(),
            few => words.count_unread(few as i64),
        }
    }
}

#[cfg(test)]
mod tests {
    use language::{Language, texts};

    use super::*;

    #[test]
    fn a_hundred_or_more_is_99_and_more() {
        let badges = [0, 1, 99, 100].map(|count| Unread(count).badge());
        assert_eq!(
            badges.map(Option::unwrap_or_default),
            ["", "1", "99", "99+"]
        );
        let english = texts(Language::En);
        assert_eq!(
            Unread(100).sentence(english),
            "You have more than 99 unread messages"
        );
        assert_eq!(Unread(1).sentence(english), "You have 1 unread message");
    }
}
