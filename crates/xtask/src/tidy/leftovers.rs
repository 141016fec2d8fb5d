//! What is left over from writing: calls that give up, and marks of work to come, in product code.

use super::Finding;
use super::tree::Tree;

/// What must not stand in product code, and what to write instead.
const LEFT: [(&str, &str); 4] = [
    (
        ".unwrap()",
        "handle it, or `expect(\"why it cannot fail\")`",
    ),
    ("todo!", "write it, or leave it out"),
    ("unimplemented!", "write it, or leave it out"),
    ("dbg!", "take it out"),
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, code) in tree.rust() {
        for (left, remedy) in LEFT {
            for (offset, _) in code.plain.match_indices(left) {
                let longer =
                    code.plain[..offset].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                if file.is_product(offset) && (left.starts_with('.') || !longer) {
                    let what = format!("`{left}` in product code");
                    findings.push(Finding::new(&file.path, file.line(offset), what, remedy));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;
    use crate::tidy::tree::made_up;

    fn found(path: &str, text: &str) -> Vec<String> {
        places(&check(&made_up(&[(path, text)], &[])))
    }

    #[test]
    fn each_left_over_is_found_where_it_stands() {
        let text =
            "//! A.\nfn a() {\n  b()\n    .unwrap();\n  todo!();\n  unimplemented!(); dbg!(c);\n}";
        let lines = [4, 5, 6, 6].map(|line| format!("crates/a/src/lib.rs:{line}"));
        assert_eq!(found("crates/a/src/lib.rs", text), lines);
    }

    #[test]
    fn tests_comments_strings_and_other_names_are_left_alone() {
        let text = "// b.unwrap()\nlet a = \"todo!()\"; b.unwrap_or(c); my_dbg!(d);\n\
                    #[cfg(test)]\nmod tests { fn e() { f().unwrap() } }";
        assert!(found("crates/a/src/lib.rs", text).is_empty());
        for path in [
            "crates/tests/src/a.rs",
            "crates/testkit/src/a.rs",
            "crates/a/tests/b.rs",
        ] {
            assert!(found(path, "fn a() { b().unwrap() }").is_empty());
        }
    }
}
