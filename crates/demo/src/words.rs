//! The fixed words of a letter in each language, from `samples/letter.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use language::Language;
use serde::Deserialize;

use crate::sample::Form;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    pub date: String,
    pub reference: String,
    page: String,
    pub made_up: String,
    mevrouw: String,
    meneer: String,
    iedereen: String,
    /// What stands for the values of a person in a letter to everyone.
    pub nobody: BTreeMap<String, String>,
    pub closing: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AllWords {
    nl: Words,
    en: Words,
    pap: Words,
}

static ALL: LazyLock<AllWords> = LazyLock::new(|| {
    toml::from_str(include_str!("../samples/letter.toml")).expect("a test reads the same file")
});

pub fn words(language: Language) -> &'static Words {
    match language {
        Language::Nl => &ALL.nl,
        Language::En => &ALL.en,
        Language::Pap => &ALL.pap,
    }
}

impl Words {
    pub fn page(&self, page: usize, of: usize) -> String {
        let page = self.page.replace("{page}", &page.to_string());
        page.replace("{pages}", &of.to_string())
    }

    /// Without anybody in particular, everyone is addressed.
    pub fn salutation(&self, whom: Option<(Form, &str)>) -> String {
        let Some((form, surname)) = whom else {
            return self.iedereen.clone();
        };
        let words = match form {
            Form::Mevrouw => &self.mevrouw,
            Form::Meneer => &self.meneer,
        };
        // After a form of address the surname begins with a capital: de heer De Groot.
        let mut letters = surname.chars();
        let first: String = letters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .collect();
        words.replace("{naam}", &(first + letters.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_addressed_in_their_language() {
        let to = |language, whom| words(language).salutation(whom);
        assert_eq!(
            to(Language::Nl, Some((Form::Meneer, "de Groot"))),
            "Geachte heer De Groot,"
        );
        assert_eq!(
            to(Language::En, Some((Form::Mevrouw, "Johnson"))),
            "Dear Ms Johnson,"
        );
        assert_eq!(to(Language::Nl, None), "Geachte heer, mevrouw,");
        assert_eq!(words(Language::Pap).page(1, 2), "Página 1 di 2");
    }
}
