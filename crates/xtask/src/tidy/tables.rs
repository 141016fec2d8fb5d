//! Whose table is it: each is made in one crate's SQL file, and only that crate's texts name it.

use std::collections::BTreeMap;

use super::Finding;
use super::code::words;
use super::tree::{File, Tree};

/// The macros that hold SQL or name a table.
const TEXTS: [&str; 3] = ["sql", "insert", "sealed"];

/// A place where a table is made: the crate and where.
struct Made<'a> {
    room: &'a str,
    file: &'a str,
    line: usize,
}

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let owners = owners(tree, &mut findings);
    for (file, code) in tree.rust() {
        for name in TEXTS {
            for text in code.strings_in_macro(name) {
                if !file.is_product(text.start) {
                    continue;
                }
                for table in tables_named(name, &text.text) {
                    let strange = owners
                        .get(table)
                        .filter(|made| file.room() != Some(made.room));
                    if let Some(made) = strange {
                        findings.push(Finding::new(
                            &file.path,
                            file.line(text.start),
                            format!("this text names `{table}`, a table of {}", made.room),
                            format!("ask for it through a function of {}", made.room),
                        ));
                    }
                }
            }
        }
    }
    findings
}

/// Every table of the product with the crate that makes it.
fn owners<'a>(tree: &'a Tree, findings: &mut Vec<Finding>) -> BTreeMap<&'a str, Made<'a>> {
    let mut owners: BTreeMap<&str, Made<'_>> = BTreeMap::new();
    for file in &tree.files {
        let Some(room) = file.room() else { continue };
        for (table, offset) in made_in(file) {
            let line = file.line(offset);
            if !file.path.ends_with(".sql") {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    format!("the table `{table}` is made in code"),
                    "make it in the crate's schema.sql",
                ));
            } else if let Some(first) = owners.get(table) {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    format!(
                        "the table `{table}` is made in {}:{} too",
                        first.file, first.line
                    ),
                    "give it another name, or leave it to the one room it belongs to",
                ));
            } else {
                let made = Made {
                    room,
                    file: &file.path,
                    line,
                };
                owners.insert(table, made);
            }
        }
    }
    owners
}

/// The tables that product code makes in this file, and where.
fn made_in(file: &File) -> Vec<(&str, usize)> {
    // The store makes what it keeps its own books in.
    if file.room() == Some("store") {
        return Vec::new();
    }
    if file.path.ends_with(".sql") && !file.is_of_tests() {
        return creates(&file.text, 0);
    }
    file.code
        .iter()
        .flat_map(|code| &code.strings)
        .filter(|text| file.is_product(text.start))
        .flat_map(|text| creates(&file.text[text.start..][..text.text.len()], text.start))
        .collect()
}

fn creates(text: &str, from: usize) -> Vec<(&str, usize)> {
    let mut found = Vec::new();
    let mut from_line = from;
    for line in text.split_inclusive('\n') {
        let said = line.split("--").next().unwrap_or_default();
        let words: Vec<_> = words(said).collect();
        for (index, pair) in words.windows(2).enumerate() {
            if is(pair[0].text, "CREATE") && is(pair[1].text, "TABLE") {
                let after = |word: &&super::code::Word<'_>| {
                    !["IF", "NOT", "EXISTS"]
                        .iter()
                        .any(|skip| is(word.text, skip))
                };
                if let Some(name) = words[index + 2..].iter().find(after) {
                    let start = name.start;
                    found.push((&line[start..start + name.text.len()], from_line + start));
                }
            }
        }
        from_line += line.len();
    }
    found
}

/// The tables that a text of this macro names.
fn tables_named<'a>(name: &str, text: &'a str) -> Vec<&'a str> {
    match name {
        "sql" => tables_in_query(text),
        _ => text.split('.').take(1).collect(),
    }
}

/// The names behind FROM, JOIN, INTO and UPDATE, further ones of a list included.
fn tables_in_query(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut expected = false;
    let mut in_list = false;
    let mut end = 0;
    for word in words(text) {
        let between = &text[end..word.start];
        end = word.start + word.text.len();
        if between.contains('(') {
            expected = false;
            in_list = false;
        } else if between.contains(',') && in_list {
            expected = true;
        }
        let opens = ["FROM", "JOIN", "INTO", "UPDATE"]
            .iter()
            .any(|key| is(word.text, key));
        let closes = [
            "WHERE", "ON", "SET", "SELECT", "GROUP", "ORDER", "VALUES", "LIMIT",
        ]
        .iter()
        .any(|key| is(word.text, key));
        if opens || closes {
            expected = opens;
            in_list = opens;
        } else if expected {
            found.push(word.text);
            expected = false;
        }
    }
    found
}

fn is(word: &str, keyword: &str) -> bool {
    word.eq_ignore_ascii_case(keyword)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;
    use crate::tidy::tree::made_up;

    const LETTERS: (&str, &str) = (
        "crates/letterbox/src/schema.sql",
        "-- CREATE TABLE told_only (\nCREATE TABLE letters (\n  subject_id TEXT NOT NULL\n);\n",
    );

    fn found(path: &str, text: &str) -> Vec<String> {
        places(&check(&made_up(&[LETTERS, (path, text)], &[])))
    }

    #[test]
    fn a_table_is_made_once() {
        let text = "\n\nCREATE TABLE letters (x TEXT);";
        assert_eq!(
            found("crates/people/src/schema.sql", text),
            ["crates/people/src/schema.sql:3"]
        );
        assert!(
            found(
                "crates/delivery/src/schema.sql",
                "CREATE TABLE told_only (x);"
            )
            .is_empty()
        );
        assert!(found("crates/testkit/src/schema.sql", text).is_empty());
    }

    #[test]
    fn a_table_is_made_in_an_sql_file() {
        let text = "const A: &str = \"CREATE TABLE IF NOT EXISTS other (x TEXT)\";";
        assert_eq!(
            found("crates/people/src/lib.rs", text),
            ["crates/people/src/lib.rs:1"]
        );
        assert!(found("crates/people/src/lib.rs", "let a = \"CREATE TABLE \";").is_empty());
        assert!(found("crates/store/src/lib.rs", text).is_empty());
    }

    #[test]
    fn another_rooms_table_is_not_named_in_a_text() {
        for text in [
            "sql!(\"SELECT a FROM letters WHERE b = $1\")",
            "sql!(\"SELECT a FROM other o, letters AS l\")",
            "sql!(\"SELECT a FROM other JOIN letters ON x = y\")",
            "sql!(\"UPDATE letters SET a = $2\")",
            "insert!(\"letters\" (subject_id, a))",
            "sealed!(\"letters.title\")",
        ] {
            assert_eq!(
                found("crates/people/src/lib.rs", text),
                ["crates/people/src/lib.rs:1"],
                "{text}"
            );
            assert!(found("crates/letterbox/src/letters.rs", text).is_empty());
            assert!(found("crates/tests/src/lib.rs", text).is_empty());
            let test = format!("#[cfg(test)] mod tests {{ const A: X = {text}; }}");
            assert!(found("crates/people/src/lib.rs", &test).is_empty());
        }
    }

    #[test]
    fn a_column_or_a_plain_string_of_that_name_is_no_table() {
        for text in [
            "sql!(\"SELECT a, letters FROM other WHERE letters = $1\")",
            "sql!(\"SELECT a FROM other GROUP BY a, letters\")",
            "let word = \"FROM letters\";",
        ] {
            assert!(found("crates/people/src/lib.rs", text).is_empty(), "{text}");
        }
    }
}
