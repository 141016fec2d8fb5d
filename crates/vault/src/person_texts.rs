//! The form a text on persons' tables must have, so that by its shape alone it reaches the rows of one person: `$1`.
//!
//! A reading of words, not of SQL: what it does not recognise it refuses. It guards against our own mistakes.

use std::collections::BTreeSet;

/// What begins a part of a question, up to the next of them.
const PARTS: [&str; 11] = [
    "SELECT",
    "FROM",
    "WHERE",
    "ON",
    "SET",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "RETURNING",
    "VALUES",
];
/// What may stand behind `subject_id = $1`: anything else could make it part of something larger.
const BEHIND: [&str; 9] = [
    "AND",
    "GROUP",
    "ORDER",
    "LIMIT",
    "RETURNING",
    "JOIN",
    "LEFT",
    "WHERE",
    ";",
];
/// Words by which a row could come that no condition was held against, or a condition is undone.
const REFUSED: [&str; 10] = [
    "OR",
    "BETWEEN",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "RIGHT",
    "FULL",
    "CROSS",
    "NATURAL",
    "USING",
];

/// Checks a text that touches these persons' tables, by their names in lower case.
///
/// Errors: the rule that is broken, in words.
pub(crate) fn check(text: &str, tables: &BTreeSet<&str>) -> Result<(), String> {
    if text.contains("--") || text.contains("/*") {
        return Err("a text on a person's table has no comment".to_owned());
    }
    let words = Words::of(text)?;
    let all = &words.all;
    if let Some(refused) = all.iter().find(|word| is_any(word, &REFUSED)) {
        return Err(format!("a text on a person's table has no {refused}"));
    }
    let mut named = BTreeSet::new();
    for (at, word) in all.iter().enumerate() {
        // `main.messages` and `MESSAGES` are the same table; `messages.title` is a column.
        let bare = word.rsplit('.').next().unwrap_or(word).to_lowercase();
        let Some(table) = tables.get(bare.as_str()) else {
            continue;
        };
        if bare != **word {
            return Err(format!(
                "{word} is written as {table}, and its columns by its alias"
            ));
        }
        named.insert(*table);
        let before = |back: usize| at.checked_sub(back).map_or("", |at| all[at]);
        if is(before(1), "INTO") {
            words.adds_for_the_person(at + 1)?;
        } else if is(before(1), "UPDATE") && !is(before(2), "DO") {
            words.is_bound_to_the_person(at, false)?;
        } else if is(before(1), "FROM") || is(before(1), "JOIN") {
            words.is_bound_to_the_person(at, is(before(2), "LEFT"))?;
        } else {
            return Err(format!(
                "{word} is reached in a way this check does not read: tables are joined with JOIN and ON"
            ));
        }
    }
    match tables.difference(&named).next() {
        Some(table) => Err(format!(
            "{table} is reached in a way this check does not read"
        )),
        None => Ok(()),
    }
}

/// Names, parameters and signs; quoted text is one word.
struct Words<'a> {
    all: Vec<&'a str>,
    /// Between which parentheses, or which CASE and END, each stands: a number for each pair, those themselves outside.
    within: Vec<usize>,
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Result<Self, String> {
        let all = words(text);
        let (mut open, mut pairs) = (vec![0], 0);
        let mut within = Vec::new();
        for word in &all {
            if *word == ")" || is(word, "END") {
                open.pop();
            }
            let inmost = *open
                .last()
                .ok_or("a parenthesis is closed that was not opened")?;
            within.push(inmost);
            if *word == "(" || is(word, "CASE") {
                pairs += 1;
                open.push(pairs);
            }
        }
        Ok(Self { all, within })
    }

    fn starts(&self, at: usize, with: &[&str]) -> bool {
        let words = self.all.get(at..at + with.len());
        words.is_some_and(|words| words.iter().zip(with).all(|(a, b)| is(a, b)))
    }

    /// Words between the same parentheses, from there on.
    fn beside(&self, at: usize) -> impl DoubleEndedIterator<Item = usize> {
        let inmost = self.within[at];
        (at..self.all.len()).filter(move |other| self.within[*other] == inmost)
    }

    /// The part of the question in which a word stands: the word that begins it, itself perhaps.
    fn part(&self, at: usize) -> Option<usize> {
        let inmost = self.within[at];
        let mut before = (0..=at).rev().filter(|other| self.within[*other] == inmost);
        before.find(|other| is_any(self.all[*other], &PARTS))
    }

    /// `subject_id = $1`, under the alias where there is one, joined by AND to the rest, in the WHERE of the same question or the
    /// ON of this very table.
    fn is_bound_to_the_person(&self, table: usize, is_left: bool) -> Result<(), String> {
        let alias = match self.all.get(table + 1) {
            Some(as_) if is(as_, "AS") => self.all.get(table + 2),
            _ => None,
        };
        let column = alias.map_or_else(
            || "subject_id".to_owned(),
            |alias| format!("{alias}.subject_id"),
        );
        let own_on = self
            .beside(table)
            .find(|at| is_any(self.all[*at], &["ON", "JOIN", "WHERE"]))
            .filter(|at| is(self.all[*at], "ON"));
        let bound = self.beside(table).any(|at| {
            let behind = at + 4;
            let part = self.part(at);
            let is_where = part.is_some_and(|part| is(self.all[part], "WHERE"));
            is_any(self.all[at], &["WHERE", "AND", "ON"])
                && self.starts(at + 1, &[&column, "=", "$1"])
                && self
                    .all
                    .get(behind)
                    .is_none_or(|next| *next == ")" || is_any(next, &BEHIND))
                && (is_where || (part.is_some() && part == own_on))
        });
        match bound {
            true => Ok(()),
            false => Err(format!(
                "a text on {} must say `{column} = $1` behind WHERE or AND of the same question{}",
                self.all[table],
                if is_left { ", or of its own ON" } else { "" }
            )),
        }
    }

    /// `(subject_id, …) VALUES ($1, …)`, one row, and a conflict on keys that begin with the person.
    fn adds_for_the_person(&self, behind: usize) -> Result<(), String> {
        if !self.starts(behind, &["(", "subject_id"]) {
            return Err("a row of a person starts with subject_id".to_owned());
        }
        let mut beside = self.beside(behind);
        let values = beside.find(|at| is(self.all[*at], "VALUES"));
        let is_theirs = |at| {
            let next = self.all.get(at + 3);
            self.starts(at, &["VALUES", "(", "$1"])
                && next.is_some_and(|next| matches!(*next, "," | ")"))
        };
        if !values.is_some_and(is_theirs) {
            return Err("a row of a person takes $1 as its first value".to_owned());
        }
        // Behind both parentheses.
        if beside.nth(2).is_some_and(|at| self.all[at] == ",") {
            return Err("rows of a person are added one at a time".to_owned());
        }
        let mut conflicts = beside.filter(|at| is(self.all[*at], "CONFLICT"));
        match conflicts.all(|at| self.starts(at, &["CONFLICT", "(", "subject_id"])) {
            true => Ok(()),
            false => Err("a conflict is on a key that starts with subject_id".to_owned()),
        }
    }
}

fn is_any(word: &str, keywords: &[&str]) -> bool {
    keywords.iter().any(|keyword| is(word, keyword))
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
            "SELECT o.a FROM other AS o LEFT JOIN messages AS m ON m.a = o.a AND m.subject_id = $1",
            "SELECT a FROM other WHERE a NOT IN (SELECT a FROM messages WHERE subject_id = $1 LIMIT 1)",
            "SELECT CASE WHEN a = 1 THEN 2 END FROM messages WHERE subject_id = $1 ORDER BY a",
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
            "SELECT title FROM messages WHERE NOT (a = $2 AND subject_id = $1)",
            "SELECT title FROM messages WHERE (a = $2 AND subject_id = $1) = $3",
            "SELECT title FROM messages WHERE a IN (SELECT a FROM other WHERE subject_id = $1)",
            "SELECT title FROM messages WHERE a IN (SELECT a FROM messages WHERE subject_id = $1)",
            "SELECT COUNT(*) FILTER (WHERE subject_id = $1), COUNT(*) FROM messages",
            "SELECT CASE WHEN a = 1 AND subject_id = $1 THEN a END FROM messages WHERE a = $2",
            "SELECT m.title FROM messages AS m LEFT JOIN other AS o ON m.subject_id = $1",
            "SELECT m.title FROM other AS o RIGHT JOIN messages AS m ON m.subject_id = $1",
            "SELECT m.title FROM messages AS m LEFT JOIN other AS o ON o.a = m.a LEFT JOIN other AS p ON p.a = 1 AND m.subject_id = $1",
            "SELECT m.title FROM other AS o JOIN messages AS m ON m.a = o.a, messages AS n WHERE m.subject_id = $1",
            "SELECT title FROM messages WHERE subject_id = $1 IS NULL",
            "SELECT title FROM messages WHERE subject_id = $1 = $2",
            "SELECT title FROM messages WHERE a BETWEEN 1 AND subject_id = $1",
            "SELECT a FROM messages GROUP BY a HAVING a = 1 AND subject_id = $1",
            "SELECT title FROM messages -- WHERE subject_id = $1",
            "SELECT title FROM messages /* WHERE subject_id = $1 */",
            "INSERT INTO messages (subject_id, a) VALUES ($1, $2), ($2, $2)",
            "INSERT INTO messages (subject_id, a) VALUES ($1 || $2, $3)",
            "INSERT INTO messages (subject_id, a) VALUES ($1, $2) ON CONFLICT (subject_id, a) DO NOTHING ON CONFLICT (a) DO UPDATE SET a = $2",
            "SELECT a FROM messages WHERE subject_id = $1 AND a IN (SELECT a FROM Messages)",
            "SELECT a FROM messages WHERE subject_id = $1 AND a IN (SELECT a FROM main.messages)",
            "INSERT INTO messages (a, subject_id) VALUES ($1, $2)",
            "INSERT INTO messages (subject_id, a) VALUES ($2, $1)",
            "INSERT INTO messages (subject_id, a) VALUES ($1, $2) ON CONFLICT (a) DO UPDATE SET a = $2",
        ] {
            assert!(checked(text).is_err(), "{text}");
        }
    }
}
