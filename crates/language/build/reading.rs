//! Reads the text files and holds the languages against each other: same rooms, same keys, same placeholders.

use std::collections::{BTreeMap, BTreeSet};

use crate::wording::{Wording, arguments, is_name, pieces, plain};

/// The languages, in the order of every array of wordings below; the first is the one others are held against.
pub const TAGS: [&str; 3] = ["nl", "en", "pap"];

/// One file as found.
pub struct File {
    pub tag: &'static str,
    pub room: String,
    pub content: String,
}

/// All texts of a room.
pub struct Room {
    pub name: String,
    pub texts: Vec<Text>,
}

/// One text in all languages.
pub struct Text {
    pub name: String,
    pub form: Form,
}

pub enum Form {
    Plain([String; 3]),
    /// Arguments in alphabetical order.
    Filled {
        arguments: Vec<String>,
        wordings: [Wording; 3],
    },
    /// `name_one` and `name_other`. Arguments in alphabetical order, without the count.
    Counted {
        arguments: Vec<String>,
        one: [Wording; 3],
        other: [Wording; 3],
    },
}

/// What a plural form calls its number.
pub const COUNT: &str = "count";

type Wordings = BTreeMap<String, Wording>;

/// Every fault at once, or the rooms by name.
pub fn rooms(files: &[File]) -> Result<Vec<Room>, Vec<String>> {
    let names: BTreeSet<&str> = files.iter().map(|file| file.room.as_str()).collect();
    let mut faults = Vec::new();
    let mut rooms = Vec::new();
    for name in names {
        match room(name, files) {
            Ok(room) => rooms.push(room),
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() {
        Ok(rooms)
    } else {
        Err(faults)
    }
}

fn room(name: &str, files: &[File]) -> Result<Room, Vec<String>> {
    let module = name.replace('-', "_");
    let mut faults = Vec::new();
    if !is_name(&module) {
        faults.push(format!(
            "texts/*/{name}.toml: the file name does not make a Rust module"
        ));
    }
    let languages = TAGS.map(|tag| {
        match files
            .iter()
            .find(|file| file.tag == tag && file.room == name)
        {
            Some(file) => wordings(file, &mut faults),
            None => {
                faults.push(format!(
                    "texts/{tag}/{name}.toml is missing, and another language has it"
                ));
                Wordings::new()
            }
        }
    });
    if !faults.is_empty() {
        return Err(faults);
    }
    compare(name, &languages, &mut faults);
    let texts = texts(name, &languages, &mut faults);
    if faults.is_empty() {
        Ok(Room {
            name: module,
            texts,
        })
    } else {
        Err(faults)
    }
}

fn wordings(file: &File, faults: &mut Vec<String>) -> Wordings {
    let at = format!("texts/{}/{}.toml", file.tag, file.room);
    let table: toml::Table = match file.content.parse() {
        Ok(table) => table,
        Err(fault) => {
            let line = fault.span().map_or(0, |span| {
                file.content[..span.start].matches('\n').count() + 1
            });
            faults.push(format!("{at} line {line}: {}", fault.message()));
            return Wordings::new();
        }
    };
    let mut wordings = Wordings::new();
    for (key, value) in table {
        if !is_name(&key) {
            faults.push(format!("{at}: key `{key}` must be a-z, 0-9 and _, begin with a letter, and be no Rust keyword"));
        }
        match value.as_str().map(str::trim) {
            None => faults.push(format!(
                "{at}: key `{key}` must hold a text; files are flat, without [tables]"
            )),
            Some("") => faults.push(format!("{at}: key `{key}` is empty")),
            Some(text) => match pieces(text) {
                Ok(pieces) => drop(wordings.insert(key, pieces)),
                Err(fault) => faults.push(format!("{at}: key `{key}`: {fault}")),
            },
        }
    }
    wordings
}

fn compare(room: &str, languages: &[Wordings; 3], faults: &mut Vec<String>) {
    let keys: BTreeSet<&String> = languages.iter().flat_map(BTreeMap::keys).collect();
    for key in keys {
        let Some(first) = languages
            .iter()
            .position(|wordings| wordings.contains_key(key))
        else {
            continue;
        };
        let expected = placeholders(key, &languages[first]);
        for (tag, wordings) in TAGS.iter().zip(languages) {
            let at = format!("texts/{tag}/{room}.toml");
            if !wordings.contains_key(key) {
                faults.push(format!(
                    "{at}: key `{key}` is missing; texts/{}/{room}.toml has it",
                    TAGS[first]
                ));
            } else if placeholders(key, wordings) != expected {
                faults.push(format!(
                    "{at}: key `{key}` has placeholders {:?}; texts/{}/{room}.toml has {expected:?}",
                    placeholders(key, wordings),
                    TAGS[first]
                ));
            }
        }
    }
}

/// The placeholders of a key; a plural form may say its count in words, so there it does not matter.
fn placeholders<'w>(key: &str, wordings: &'w Wordings) -> BTreeSet<&'w str> {
    let mut names: BTreeSet<&str> = wordings.get(key).into_iter().flat_map(arguments).collect();
    if plural_of(key, wordings).is_some() {
        names.remove(COUNT);
    }
    names
}

fn texts(room: &str, languages: &[Wordings; 3], faults: &mut Vec<String>) -> Vec<Text> {
    let mut texts = Vec::new();
    for key in languages[0].keys() {
        let all = |key: &str| {
            languages
                .each_ref()
                .map(|wordings| wordings.get(key).cloned().unwrap_or_default())
        };
        let Some(name) = plural_of(key, &languages[0]) else {
            texts.push(Text {
                name: key.clone(),
                form: single(all(key)),
            });
            continue;
        };
        if languages[0].contains_key(name) {
            faults.push(format!("texts/*/{room}.toml: key `{name}` stands beside its plural `{name}_one`, `{name}_other`"));
        }
        if key.ends_with("_one") {
            let (one, other) = (all(key), all(&format!("{name}_other")));
            let mut arguments = sorted(one.iter().chain(&other));
            arguments.retain(|argument| argument != COUNT);
            texts.push(Text {
                name: name.to_owned(),
                form: Form::Counted {
                    arguments,
                    one,
                    other,
                },
            });
        }
    }
    texts
}

fn single(wordings: [Wording; 3]) -> Form {
    let arguments = sorted(wordings.iter());
    if arguments.is_empty() {
        Form::Plain(wordings.map(|wording| plain(&wording)))
    } else {
        Form::Filled {
            arguments,
            wordings,
        }
    }
}

/// `unread` of `unread_one` or `unread_other`, when both are there.
fn plural_of<'k>(key: &'k str, wordings: &Wordings) -> Option<&'k str> {
    let name = key
        .strip_suffix("_one")
        .or_else(|| key.strip_suffix("_other"))?;
    let both = ["one", "other"]
        .iter()
        .all(|form| wordings.contains_key(&format!("{name}_{form}")));
    both.then_some(name)
}

fn sorted<'w>(wordings: impl Iterator<Item = &'w Wording>) -> Vec<String> {
    let names: BTreeSet<&str> = wordings.flat_map(arguments).collect();
    names.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three(nl: &str, en: &str, pap: &str) -> Result<Vec<Room>, Vec<String>> {
        let file = |(tag, content): (&'static str, &str)| File {
            tag,
            room: "hal".into(),
            content: content.into(),
        };
        rooms(&[("nl", nl), ("en", en), ("pap", pap)].map(file))
    }

    fn faults(nl: &str, en: &str, pap: &str) -> Vec<String> {
        three(nl, en, pap).err().expect("a fault")
    }

    #[test]
    fn a_missing_key_names_its_file() {
        let found = faults("a = 'x'\nb = 'x'", "a = 'x'", "a = 'x'\nb = 'x'");
        assert_eq!(
            found,
            ["texts/en/hal.toml: key `b` is missing; texts/nl/hal.toml has it"]
        );
    }

    #[test]
    fn a_missing_file_is_named() {
        let file = File {
            tag: "nl",
            room: "hal".into(),
            content: "a = 'x'".into(),
        };
        let found = rooms(&[file]).err().expect("a fault");
        assert_eq!(found.len(), 2);
        assert!(
            found[0].starts_with("texts/en/hal.toml is missing"),
            "{found:?}"
        );
    }

    #[test]
    fn placeholders_must_be_the_same() {
        let found = faults(
            "a = '{van} {tot}'",
            "a = '{tot} {van}'",
            "a = '{van} {fin}'",
        );
        assert_eq!(
            found,
            [
                r#"texts/pap/hal.toml: key `a` has placeholders {"fin", "van"}; texts/nl/hal.toml has {"tot", "van"}"#
            ]
        );
    }

    #[test]
    fn broken_files_say_where() {
        for (text, part) in [
            ("a = 'x'\nb = ", "line 2"),
            ("a = 3", "must hold a text"),
            ("a = '  '", "is empty"),
            ("type = 'x'", "keyword"),
            ("a = 'x {b'", "a lone `{`"),
            ("a = 'x } y'", "a lone `}`"),
            ("a = '{B b}'", "no name for a placeholder"),
            ("a = 'x'\na_one = 'x'\na_other = 'x'", "beside its plural"),
        ] {
            let found = faults(text, text, text);
            assert!(
                found[0].contains("texts/") && found[0].contains(part),
                "{text}: {found:?}"
            );
        }
    }

    #[test]
    fn a_plural_may_say_its_count_in_words() {
        let texts = "a_one = 'één {ding}'\na_other = '{count} keer {ding}'";
        let rooms = three(texts, texts, &texts.replace("één", "{count}")).expect("sound");
        let Form::Counted { arguments, .. } = &rooms[0].texts[0].form else {
            panic!("no plural")
        };
        assert_eq!(
            (rooms[0].texts.len(), rooms[0].texts[0].name.as_str()),
            (1, "a")
        );
        assert_eq!(arguments, &["ding"]);
    }
}
