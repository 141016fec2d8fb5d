//! A text that readers see, in every language the statement is offered in.

/// A text per language. In a register in force it holds every language offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// In the order of the statement's languages: the first is the default.
    versions: Vec<(String, String)>,
}

impl Text {
    pub(crate) fn new(versions: Vec<(String, String)>) -> Self {
        Self { versions }
    }

    /// The text in this language, or in the default one where it is not offered.
    pub fn get(&self, language: &str) -> &str {
        self.versions
            .iter()
            .find(|(offered, _)| offered == language)
            .or(self.versions.first())
            .map_or("", |(_, text)| text)
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn a_language_not_offered_gives_the_default() {
        let text = Text::new(vec![
            ("nl".into(), "Bericht".into()),
            ("en".into(), "Message".into()),
        ]);
        assert_eq!(text.get("en"), "Message");
        assert_eq!(text.get("pap"), "Bericht");
    }
}
