//! Which tests name which promise: `mo_22_…` in the test's name, or `MO-22` in the comment above it.

use crate::tidy::code::{Code, words};
use crate::tidy::tree::{File, Tree};

/// A test, and a promise that it names.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    pub id: String,
    pub file: String,
    pub line: usize,
    pub test: String,
}

/// Every naming of a promise by a test of the checkout, in the order of the files.
pub fn named(tree: &Tree) -> Vec<Proof> {
    tree.rust()
        .filter(|(file, _)| file.room().is_some())
        .flat_map(|(file, code)| named_in(file, code))
        .collect()
}

fn named_in(file: &File, code: &Code) -> Vec<Proof> {
    let mut found = Vec::new();
    let lines: Vec<&str> = file.text.lines().collect();
    let all: Vec<_> = code.words().collect();
    for pair in all.windows(2) {
        let [keyword, name] = [&pair[0], &pair[1]];
        if keyword.text != "fn" || !(file.is_of_tests() || code.in_test(keyword.start)) {
            continue;
        }
        let line = file.line(keyword.start);
        let above = lines[..line - 1].iter().rev().map(|line| line.trim_start());
        let above = above.take_while(|line| ["#[", "//"].iter().any(|mark| line.starts_with(mark)));
        let (attributes, comments): (Vec<&str>, Vec<&str>) =
            above.partition(|line| line.starts_with("#["));
        let before = lines[line - 1].split("fn ").next();
        let is_test = |line: &&str| words(line).any(|word| word.text == "test");
        if !attributes.iter().chain(&before).any(is_test) {
            continue;
        }
        let mut ids = ids_of_name(name.text);
        ids.extend(comments.iter().rev().flat_map(|line| ids_of_comment(line)));
        ids.sort();
        ids.dedup();
        found.extend(ids.into_iter().map(|id| Proof {
            id,
            file: file.path.clone(),
            line,
            test: name.text.to_owned(),
        }));
    }
    found
}

const STATEMENTS: [&str; 4] = ["MO", "CN", "DT", "CJ"];

/// `MO-6` and `DT-S1` where they stand as words: not in `MO-6b` or `X-MO-6`.
fn ids_of_comment(line: &str) -> Vec<String> {
    let parted = line.split(|c: char| !(c.is_alphanumeric() || c == '-'));
    let id = |word: &&str| {
        let parts = word.split_once('-');
        parts
            .is_some_and(|(statement, number)| STATEMENTS.contains(&statement) && is_number(number))
    };
    parted.filter(id).map(str::to_owned).collect()
}

/// `mo_6` and `dt_s1` where they stand as parts of a name.
fn ids_of_name(name: &str) -> Vec<String> {
    let name = name.to_uppercase();
    let parts: Vec<&str> = name.split('_').collect();
    let pairs = parts.windows(2);
    let named = pairs.filter(|pair| STATEMENTS.contains(&pair[0]) && is_number(pair[1]));
    named.map(|pair| pair.join("-")).collect()
}

/// Digits, after an S for a source or an R for a recipient.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['S', 'R']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::made_up;

    fn ids(path: &str, text: &str) -> Vec<String> {
        let proofs = named(&made_up(&[(path, text)], &[]));
        proofs.into_iter().map(|proof| proof.id).collect()
    }

    #[test]
    fn a_test_names_a_promise_in_its_name_or_above_it() {
        for text in [
            "#[test]\nfn mo_6_one_box_a_person() {}",
            "#[test]\nfn one_box_a_person_mo_6() {}",
            "/// MO-6: one box a person.\n#[tokio::test]\nasync fn one_box() {}",
            "#[test]\n// Proves (MO-6), and so on.\nfn one_box() {}",
            "/// MO-6.\n#[test]\nfn mo_6_one_box() {}",
            "proptest! { #[test] fn mo_6_any(a in 0..3) {} }",
            "#[test]\n#[should_panic]\nfn mo_6_box() {}",
        ] {
            assert_eq!(ids("crates/tests/src/a.rs", text), ["MO-6"], "{text}");
            let inline = format!("#[cfg(test)]\nmod tests {{\n{text}\n}}");
            assert_eq!(ids("crates/a/src/lib.rs", &inline), ["MO-6"], "{text}");
        }
        let several = "/// DT-S1, DT-R22 and CJ-3.\n#[test]\nfn cn_4_mo_60_dt_s2_a_box() {}";
        let found = ids("crates/tests/src/a.rs", several);
        assert_eq!(found, ["CJ-3", "CN-4", "DT-R22", "DT-S1", "DT-S2", "MO-60"]);
    }

    #[test]
    fn nothing_else_names_one() {
        for (path, text) in [
            (
                "crates/tests/src/a.rs",
                "/// MO-6b, XMO-6, MO-6-7, MO-\n#[test]\nfn other() {}",
            ),
            ("crates/tests/src/a.rs", "// MO-6\n\n#[test]\nfn other() {}"),
            ("crates/tests/src/a.rs", "/// MO-6\nfn sample() {}"),
            ("crates/tests/src/a.rs", "fn mo_6_letter() {}"),
            ("crates/tests/src/a.rs", "#[test]\nfn memo_6() {}"),
            (
                "crates/tests/src/a.rs",
                "#[test]\nfn a() {\n    \"fn mo_6()\";\n}",
            ),
            ("crates/a/src/lib.rs", "/// MO-6\nfn mo_6_box() {}"),
            ("docs/a.rs", "#[test]\nfn mo_6_box() {}"),
        ] {
            assert_eq!(ids(path, text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_proof_says_where_it_is() {
        let text = "use a;\n\n/// MO-6\n#[test]\nfn one_box() {}";
        let proofs = named(&made_up(&[("crates/tests/src/a.rs", text)], &[]));
        let [proof] = &proofs[..] else {
            panic!("{proofs:?}")
        };
        assert_eq!((proof.line, proof.test.as_str()), (5, "one_box"));
        assert_eq!(proof.file, "crates/tests/src/a.rs");
    }
}
