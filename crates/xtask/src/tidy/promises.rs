//! A promise that is called proven is named by a test: in its function's name or the lines above it.

use toml::{Table, Value};

use super::Finding;
use super::code::{Code, words};
use super::tree::{File, Tree};

const LIST: &str = "docs/promises.toml";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let Some(file) = tree.file(LIST) else {
        return Vec::new();
    };
    let list = match file.text.parse::<Table>() {
        Ok(list) => list,
        Err(fault) => {
            let line = fault.span().map_or(1, |span| file.line(span.start));
            let what = format!("not TOML: {}", fault.message());
            return vec![Finding::new(LIST, line, what, "mend it")];
        }
    };
    let Some(entries) = list.get("promise").and_then(Value::as_array) else {
        let remedy = "write `[[promise]]` entries with id, kind, state and words";
        return vec![Finding::new(LIST, 1, "lists no promise", remedy)];
    };
    let named: Vec<String> = tree
        .rust()
        .flat_map(|(file, code)| named_by_tests(file, code))
        .collect();
    let mut findings = Vec::new();
    for entry in entries {
        let text = |key| entry.get(key).and_then(Value::as_str);
        let id = text("id").unwrap_or_default();
        let line = line_of(file, id);
        match text("state") {
            Some("proven") if !named.iter().any(|said| names(said, id)) => {
                findings.push(Finding::new(
                    LIST,
                    line,
                    format!("no test names {id}, which is called proven"),
                    format!(
                        "prove it in a test `{}_…`, or call it planned",
                        id.to_lowercase().replace('-', "_")
                    ),
                ));
            }
            Some("proven" | "planned") => {}
            _ => {
                let what = format!("{id} has another state than proven or planned");
                findings.push(Finding::new(LIST, line, what, "write one of the two"));
            }
        }
    }
    findings
}

/// For each test of the file: its name and the comment lines above it.
fn named_by_tests(file: &File, code: &Code) -> Vec<String> {
    let mut found = Vec::new();
    let lines: Vec<&str> = file.text.lines().collect();
    let all: Vec<_> = code.words().collect();
    for pair in all.windows(2) {
        let tested = file.is_of_tests() || code.in_test(pair[0].start);
        if pair[0].text != "fn" || !tested || file.room().is_none() {
            continue;
        }
        let above = lines[..file.line(pair[0].start) - 1]
            .iter()
            .rev()
            .take_while(|line| {
                ["#[", "//"]
                    .iter()
                    .any(|mark| line.trim_start().starts_with(mark))
            });
        let above: Vec<&str> = above.copied().collect();
        let is_test = above.iter().any(|line| {
            let line = line.trim();
            line.starts_with("#[") && words(line).any(|word| word.text == "test")
        });
        found.push(pair[1].text.to_string());
        if is_test {
            let comments = above
                .iter()
                .filter(|line| line.trim_start().starts_with("//"));
            found.extend(comments.map(|line| line.to_string()));
        }
    }
    found
}

/// `MO-6` as such, or as `mo_6` in a name; but not in `MO-60` or `mo_60`.
fn names(text: &str, id: &str) -> bool {
    let within = |text: &str, id: &str, part: fn(char) -> bool| {
        text.match_indices(id).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + id.len()..].chars().next();
            !id.is_empty() && !before.is_some_and(part) && !after.is_some_and(part)
        })
    };
    within(text, id, |c| c.is_alphanumeric() || c == '-')
        || within(
            text,
            &id.to_lowercase().replace('-', "_"),
            char::is_alphanumeric,
        )
}

fn line_of(file: &File, id: &str) -> usize {
    let quoted = format!("\"{id}\"");
    file.text
        .lines()
        .position(|line| line.contains(&quoted))
        .map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::made_up;

    const PROMISES: &str =
        "[[promise]]\nid = \"MO-6\"\nkind = \"FUNC\"\nstate = \"proven\"\nwords = \"a box\"\n";

    fn found(promises: &str, path: &str, text: &str) -> Vec<String> {
        check(&made_up(&[(LIST, promises), (path, text)], &[]))
            .iter()
            .map(|finding| format!("{}:{}: {}", finding.file, finding.line, finding.what))
            .collect()
    }

    const UNNAMED: &str = "docs/promises.toml:2: no test names MO-6, which is called proven";

    #[test]
    fn a_test_names_a_promise_in_its_name_or_above_it() {
        for text in [
            "#[test]\nfn mo_6_one_box_a_person() {}",
            "#[test]\nfn one_box_a_person_mo_6() {}",
            "/// MO-6: one box a person.\n#[tokio::test]\nasync fn one_box() {}",
            "#[test]\n// Proves MO-6, CN-4.\nfn one_box() {}",
            "proptest! { #[test] fn mo_6_any(a in 0..3) {} }",
        ] {
            assert!(
                found(PROMISES, "crates/tests/src/a.rs", text).is_empty(),
                "{text}"
            );
            let inline = format!("#[cfg(test)]\nmod tests {{\n{text}\n}}");
            assert!(
                found(PROMISES, "crates/a/src/lib.rs", &inline).is_empty(),
                "{text}"
            );
        }
    }

    #[test]
    fn nothing_else_proves_a_promise() {
        for (path, text) in [
            ("crates/tests/src/a.rs", "#[test]\nfn mo_60_other() {}"),
            (
                "crates/tests/src/a.rs",
                "/// MO-60, MO-65\n#[test]\nfn other() {}",
            ),
            ("crates/tests/src/a.rs", "// MO-6\n\n#[test]\nfn other() {}"),
            ("crates/tests/src/a.rs", "/// MO-6\nfn sample() {}"),
            ("crates/a/src/lib.rs", "/// MO-6\nfn mo_6_box() {}"),
            ("docs/a.rs", "#[test]\nfn mo_6_box() {}"),
        ] {
            assert_eq!(found(PROMISES, path, text), [UNNAMED], "{text}");
        }
    }

    #[test]
    fn a_planned_promise_needs_no_test_and_every_promise_has_a_state() {
        let planned = PROMISES.replace("proven", "planned");
        assert!(found(&planned, "crates/a/src/lib.rs", "").is_empty());
        let other = PROMISES.replace("proven", "done");
        assert_eq!(
            found(&other, "crates/a/src/lib.rs", ""),
            ["docs/promises.toml:2: MO-6 has another state than proven or planned"]
        );
    }

    #[test]
    fn an_empty_or_broken_list_is_told() {
        assert_eq!(
            found("", "a", ""),
            ["docs/promises.toml:1: lists no promise"]
        );
        assert!(found("\n= 1", "a", "")[0].starts_with("docs/promises.toml:2: not TOML"));
    }
}
