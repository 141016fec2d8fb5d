//! A letter as one row of a list, on the list's own page and on the home page.

use std::collections::BTreeMap;

use basics::{Fault, Moment, Oin};
use language::Language;
use vault::ReadTx;
use web::Shell;

use crate::message::{LanguageTag, Listed, is_still_due};

pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) link: String,
    pub(crate) sender: String,
    pub(crate) title: String,
    pub(crate) written_in: WrittenIn,
    pub(crate) datetime: String,
    pub(crate) date: String,
    pub(crate) due: Option<Due>,
    pub(crate) attachments: i64,
    pub(crate) unread: bool,
}

pub(crate) struct Due {
    pub(crate) datetime: String,
    pub(crate) date: String,
}

/// The language of a letter beside that of the page around it.
pub(crate) struct WrittenIn {
    /// For `lang`, where it is another than the page's.
    pub(crate) tag: Option<String>,
    /// In words, for a language that we have words for.
    pub(crate) words: Option<&'static str>,
}

impl WrittenIn {
    pub(crate) fn of(shell: &Shell, tag: Option<&LanguageTag>) -> Self {
        let ours = shell.site.default_language().tag();
        let (tag, primary) = tag.map_or((ours, ours), |tag| (tag.as_str(), tag.primary()));
        if primary == shell.language.tag() {
            return Self {
                tag: None,
                words: None,
            };
        }
        let words = &shell.texts().letterbox;
        Self {
            tag: Some(tag.to_owned()),
            words: Language::from_tag(primary).map(|language| match language {
                Language::Nl => words.in_dutch,
                Language::En => words.in_english,
                Language::Pap => words.in_papiamentu,
            }),
        }
    }
}

/// The names of those who sent these letters.
pub(crate) fn senders(
    tx: &mut ReadTx<'_>,
    letters: &[Listed],
) -> Result<BTreeMap<Oin, String>, Fault> {
    let oins: Vec<Oin> = letters.iter().map(|letter| letter.oin.clone()).collect();
    organisations::names(tx, &oins)
}

pub(crate) fn row(
    shell: &Shell,
    letter: Listed,
    names: &BTreeMap<Oin, String>,
    now: Moment,
) -> Row {
    let (language, zone) = (shell.language, shell.site.time_zone());
    let due = letter
        .act_before
        .filter(|day| is_still_due(*day, now, zone));
    Row {
        id: letter.message.to_string(),
        link: shell.link(&format!("/berichten/{}", letter.message)),
        sender: names
            .get(&letter.oin)
            .map_or(shell.texts().letterbox.unknown_sender, String::as_str)
            .to_owned(),
        title: letter.title,
        written_in: WrittenIn::of(shell, letter.language.as_ref()),
        datetime: language.iso(letter.published_at, zone),
        date: language.date(letter.published_at, zone),
        due: due.map(|day| Due {
            datetime: day.to_string(),
            date: language.day(day),
        }),
        attachments: letter.attachment_count,
        unread: letter.read_at.is_none(),
    }
}
