//! What is wrong with the list of promises: one that is missing or listed twice, one called proven that no test names, a test that names none.

use std::collections::BTreeSet;

use super::list::{LIST, PUBLISHED, Promise, State, is_published};
use super::proof::{self, Proof};
use crate::tidy::Finding;
use crate::tidy::tree::Tree;

/// The rule of `cargo xtask tidy`; a checkout without the list has nothing to keep.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let Some(file) = tree.file(LIST) else {
        return Vec::new();
    };
    let (promises, mut findings) = Promise::read(file);
    let told = findings.len();
    let proofs = proof::named(tree);
    findings.extend(twice(&promises));
    findings.extend(unproven(&promises, &proofs));
    findings.extend(unknown(&proofs));
    if told == 0 {
        findings.extend(missing(&promises));
    }
    findings
}

fn twice(promises: &[Promise]) -> impl Iterator<Item = Finding> {
    let mut seen = BTreeSet::new();
    let again = promises
        .iter()
        .filter(move |promise| !seen.insert(&promise.id));
    again.map(|promise| {
        let what = format!("{} is listed twice", promise.id);
        Finding::new(LIST, promise.line, what, "keep one of the two")
    })
}

fn unproven(promises: &[Promise], proofs: &[Proof]) -> impl Iterator<Item = Finding> {
    let claimed = promises
        .iter()
        .filter(|promise| promise.state == State::Proven);
    let unproven = claimed.filter(|promise| !proofs.iter().any(|proof| proof.id == promise.id));
    unproven.map(|Promise { id, line, .. }| {
        let name = id.to_lowercase().replace('-', "_");
        let remedy = format!("prove it in a test `{name}_…`, or call it planned");
        let what = format!("no test names {id}, which is called proven");
        Finding::new(LIST, *line, what, remedy)
    })
}

fn unknown(proofs: &[Proof]) -> impl Iterator<Item = Finding> {
    let unknown = proofs.iter().filter(|proof| !is_published(&proof.id));
    unknown.map(|Proof { id, file, line, .. }| {
        let what = format!("this test names {id}, which no statement promises");
        Finding::new(file, *line, what, "write the id that is meant")
    })
}

fn missing(promises: &[Promise]) -> impl Iterator<Item = Finding> {
    let listed: BTreeSet<&str> = promises.iter().map(|promise| promise.id.as_str()).collect();
    let published = PUBLISHED
        .iter()
        .flat_map(|(prefix, last)| (1..=*last).map(move |number| format!("{prefix}{number}")));
    let missing: Vec<String> = published
        .filter(|id| !listed.contains(id.as_str()))
        .collect();
    let first = missing.first().map(|first| {
        let what = match missing.len() {
            1 => format!("{first} is missing"),
            number => format!("{number} promises are missing, the first is {first}"),
        };
        Finding::new(LIST, 1, what, "list each published promise")
    });
    first.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::made_up;

    fn promise(id: &str, state: &str) -> String {
        format!("[[promise]]\nid = \"{id}\"\nkind = [\"FUNC\"]\nwords = \"a box\"\n{state}\n\n")
    }

    const PROVEN: &str = "state = \"proven\"";
    const PLANNED: &str = "state = \"planned\"\nreason = \"cases: not built\"";

    /// Every published promise as planned, but for these.
    fn list(others: &[(&str, &str)]) -> String {
        let ids = PUBLISHED
            .iter()
            .flat_map(|(prefix, last)| (1..=*last).map(move |number| format!("{prefix}{number}")));
        let entry = |id: String| {
            let other = others.iter().find(|(other, _)| *other == id);
            promise(&id, other.map_or(PLANNED, |(_, state)| state))
        };
        ids.map(entry).collect()
    }

    fn found(promises: &str, test: &str) -> Vec<String> {
        let files = [(LIST, promises), ("crates/tests/src/a.rs", test)];
        check(&made_up(&files, &[]))
            .iter()
            .map(|finding| format!("{}:{}: {}", finding.file, finding.line, finding.what))
            .collect()
    }

    #[test]
    fn a_whole_list_with_its_tests_is_in_order() {
        let all = list(&[("MO-2", PROVEN)]);
        assert_eq!(found(&all, "#[test]\nfn mo_2_mo_3_box() {}"), [""; 0]);
    }

    #[test]
    fn what_is_called_proven_is_named_by_a_test() {
        let all = list(&[("MO-2", PROVEN)]);
        for test in ["", "#[test]\nfn mo_20_box() {}", "fn mo_2_box() {}"] {
            let expected = "docs/promises.toml:9: no test names MO-2, which is called proven";
            assert_eq!(found(&all, test), [expected], "{test}");
        }
    }

    #[test]
    fn a_test_names_what_was_promised() {
        let expected =
            "crates/tests/src/a.rs:2: this test names MO-85, which no statement promises";
        assert_eq!(found(&list(&[]), "#[test]\nfn mo_85_box() {}"), [expected]);
    }

    #[test]
    fn no_promise_is_missing_or_twice() {
        let all = list(&[]);
        let without = all.replace(&promise("CN-4", PLANNED), "");
        assert_eq!(
            found(&without, ""),
            ["docs/promises.toml:1: CN-4 is missing"]
        );
        let twice = format!("{all}{}", promise("CJ-1", PLANNED));
        assert!(found(&twice, "")[0].ends_with("CJ-1 is listed twice"));
        let one = "docs/promises.toml:1: 416 promises are missing, the first is MO-2";
        assert_eq!(found(&promise("MO-1", PLANNED), ""), [one]);
    }

    #[test]
    fn every_promise_has_a_kind_words_and_a_state_with_its_reason() {
        let good = promise("MO-6", PLANNED);
        for (part, other, what) in [
            (
                "MO-6",
                "MO-85",
                "2: \"MO-85\" is no promise of a published statement",
            ),
            (
                "[\"FUNC\"]",
                "\"FUNC\"",
                "2: MO-6 has no kind, or one that does not exist",
            ),
            (
                "FUNC",
                "FUN",
                "2: MO-6 has no kind, or one that does not exist",
            ),
            ("a box", "", "2: MO-6 does not say what is promised"),
            (
                "planned",
                "done",
                "2: MO-6 has another state than proven or planned",
            ),
            (
                "planned",
                "proven",
                "2: MO-6 is proven and still says what it waits for",
            ),
            (
                "reason",
                "why",
                "2: MO-6 is planned and does not say what it waits for",
            ),
        ] {
            let expected = format!("docs/promises.toml:{what}");
            assert_eq!(found(&good.replace(part, other), ""), [expected]);
        }
    }

    #[test]
    fn an_empty_or_broken_list_is_told() {
        assert_eq!(found("", ""), ["docs/promises.toml:1: lists no promise"]);
        assert!(found("\n= 1", "")[0].starts_with("docs/promises.toml:2: not TOML"));
    }
}
