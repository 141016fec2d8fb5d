//! The form a text on persons' tables must have, so that by its shape alone it reaches the rows of one person: `$1`.
//!
//! A reading of words, not of SQL: what it does not recognise it refuses. It guards against our own mistakes.

use std::collections::BTreeSet;

/// Checks a text that touches these persons' tables. `subjects` tells a table's subject column, of which there is one.
///
/// Errors: the rule that is broken, in words.
pub(crate) fn check(text: &str, tables: &BTreeSet<&str>) -> Result<(), String> {
    let words = words(text);
    if words.iter().any(|word| {
        is(word, "OR") || is(word, "UNION") || is(word, "EXCEPT") || is(word, "INTERSECT")
    }) {
        return Err("a text on a person's table has no OR and no UNION".to_owned());
    }
    let mut named = BTreeSet::new();
    for (at, word) in words.iter().enumerate() {
        let before = |word: &str| at > 0 && is(words[at - 1], word);
        let starts_update = is(word, "UPDATE") && !before("DO");
        if is(word, "INTO") {
            let table = words.get(at + 1).copied().unwrap_or_default();
            if tables.contains(table) {
                named.insert(table);
                added_for_the_person(&words[at + 2..])?;
            }
        } else if is(word, "FROM") || is(word, "JOIN") || starts_update {
            let table = words.get(at + 1).copied().unwrap_or_default();
            if table == "(" {
                continue;
            }
            let (alias, next) = match words.get(at + 2) {
                Some(as_) if is(as_, "AS") => (words.get(at + 3).copied(), at + 4),
                _ => (None, at + 2),
            };
            if words.get(next).is_some_and(|word| *word == ",") {
                return Err(
                    "tables are joined with JOIN and ON, and an alias has its AS".to_owned(),
                );
            }
            if tables.contains(table) {
                named.insert(table);
                bound_to_the_person(&words, table, alias)?;
            }
        }
    }
    match tables.difference(&named).next() {
        Some(table) => Err(format!(
            "{table} is reached in a way this check does not read"
        )),
        None => Ok(()),
    }
}

/// `subject_id = $1`, under the alias where there is one, joined by AND to the rest.
fn bound_to_the_person(words: &[&str], table: &str, alias: Option<&str>) -> Result<(), String> {
    let column = alias.map_or_else(
        || "subject_id".to_owned(),
        |alias| format!("{alias}.subject_id"),
    );
    let bound = words.windows(4).any(|four| {
        (is(four[0], "WHERE") || is(four[0], "AND") || is(four[0], "ON"))
            && four[1] == column
            && four[2] == "="
            && four[3] == "$1"
    });
    if bound {
        Ok(())
    } else {
        Err(format!(
            "a text on {table} must say `{column} = $1` behind WHERE, AND or ON"
        ))
    }
}

/// `(subject_id, …) VALUES ($1, …)`, and a conflict on keys that begin with the person.
fn added_for_the_person(words: &[&str]) -> Result<(), String> {
    let starts = |words: &[&str], with: &[&str]| {
        words.len() >= with.len() && words.iter().zip(with).all(|(a, b)| a == b || is(a, b))
    };
    if !starts(words, &["(", "subject_id"]) {
        return Err("a row of a person starts with subject_id".to_owned());
    }
    let values = words.iter().position(|word| is(word, "VALUES"));
    if !values.is_some_and(|at| starts(&words[at..], &["VALUES", "(", "$1"])) {
        return Err("a row of a person takes $1 as its first value".to_owned());
    }
    match words.iter().position(|word| is(word, "CONFLICT")) {
        Some(at) if !starts(&words[at..], &["CONFLICT", "(", "subject_id"]) => {
            Err("a conflict is on a key that starts with subject_id".to_owned())
        }
        _ => Ok(()),
    }
}

fn is(word: &str, keyword: &str) -> bool {
    word.eq_ignore_ascii_case(keyword)
}

/// Names, parameters and signs; quoted text is one word.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => rest[1..].find('\'').map_or(rest.len(), |end| end + 2),
            c if is_in_name(c) => rest.find(|c: char| !is_in_name(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (word, tail) = rest.split_at(length);
        words.push(word);
        rest = tail.trim_start();
    }
    words
}

fn is_in_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<(), String> {
        check(text, &BTreeSet::from(["messages"]))
    }

    #[test]
    fn the_forms_in_use_pass() {
        for text in [
            "SELECT title FROM messages WHERE subject_id = $1 AND message_id < $2",
            "SELECT title FROM messages WHERE message_id = $2 AND subject_id = $1",
            "SELECT m.title FROM messages AS m JOIN other AS o ON o.a = m.a WHERE m.subject_id = $1",
            "UPDATE messages SET read_at = $3 WHERE subject_id = $1 AND message_id = $2",
            "DELETE FROM messages WHERE subject_id = $1",
            "INSERT INTO messages (subject_id, a) VALUES ($1, $2) ON CONFLICT (subject_id, a) DO UPDATE SET a = excluded.a",
        ] {
            assert_eq!(checked(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_text_that_could_reach_another_person_is_refused() {
        for text in [
            "SELECT title FROM messages",
            "SELECT title FROM messages WHERE subject_id = $2",
            "SELECT title FROM messages WHERE subject_id = $10",
            "SELECT title FROM messages WHERE subject_id = $1 OR 1 = 1",
            "SELECT title FROM messages WHERE NOT subject_id = $1",
            "SELECT title FROM messages WHERE 'subject_id = $1' = $2",
            "SELECT a.title FROM messages AS a JOIN messages AS b ON b.x = a.x WHERE a.subject_id = $1",
            "SELECT a.title FROM messages a, messages b WHERE a.subject_id = $1",
            "SELECT title FROM other, messages WHERE subject_id = $1",
            "SELECT title FROM messages WHERE subject_id = $1 UNION SELECT title FROM messages WHERE a = $2",
            "UPDATE messages SET subject_id = $1 WHERE message_id = $2",
            "DELETE FROM messages WHERE message_id = $1",
            "INSERT INTO messages (a, subject_id) VALUES ($1, $2)",
            "INSERT INTO messages (subject_id, a) VALUES ($2, $1)",
            "INSERT INTO messages (subject_id, a) VALUES ($1, $2) ON CONFLICT (a) DO UPDATE SET a = $2",
        ] {
            assert!(checked(text).is_err(), "{text}");
        }
    }
}
