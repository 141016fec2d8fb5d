//! `cargo xtask promises`: each published promise with the tests that prove it, or with what it waits for.

mod check;
mod list;
mod proof;

use std::process::ExitCode;

use serde_json::{Value, json};

pub use check::check;

use crate::checkout;
use crate::tidy::tree::Tree;
use list::{KINDS, LIST, Promise, State};
use proof::Proof;

pub fn run(as_json: bool) -> ExitCode {
    match print(as_json) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("promises: {why}");
            ExitCode::FAILURE
        }
    }
}

/// The table on standard output, what is wrong with it on the other; the error counts that.
fn print(as_json: bool) -> Result<(), String> {
    let tree = Tree::read(checkout::root())?;
    let file = tree
        .file(LIST)
        .ok_or_else(|| format!("{LIST} is missing"))?;
    let (promises, _) = Promise::read(file);
    let proofs = proof::named(&tree);
    if as_json {
        println!("{:#}", in_json(&promises, &proofs));
    } else {
        print!("{}\n{}", table(&promises, &proofs), totals(&promises));
    }
    let findings = check(&tree);
    for finding in &findings {
        eprintln!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err("one finding".into()),
        number => Err(format!("{number} findings")),
    }
}

fn proofs_of<'p>(promise: &Promise, proofs: &'p [Proof]) -> Vec<&'p Proof> {
    let proves = |proof: &&Proof| proof.id == promise.id;
    proofs.iter().filter(proves).collect()
}

/// A line for each promise; more lines for one with several tests.
fn table(promises: &[Promise], proofs: &[Proof]) -> String {
    let mut table = String::new();
    for promise in promises {
        let kinds = promise.kinds.join("/");
        let mut lead = format!("{:<7} {kinds:<12} ", promise.id);
        if let State::Planned(reason) = &promise.state {
            table.push_str(&format!("{lead}planned  {reason}\n"));
            continue;
        }
        for proof in proofs_of(promise, proofs) {
            let Proof {
                file, line, test, ..
            } = proof;
            table.push_str(&format!("{lead}proven   {test} ({file}:{line})\n"));
            lead = " ".repeat(lead.len());
        }
    }
    table
}

/// How many of each kind are proven and planned. A promise of two kinds counts in both, and once in all; the organisations that
/// two promises of Dienst Toeslagen name (DT-S…, DT-R…) count apart from what is numbered.
fn totals(promises: &[Promise]) -> String {
    let count = |of: &dyn Fn(&Promise) -> bool| {
        let proven = |promise: &&Promise| promise.state == State::Proven;
        let all: Vec<&Promise> = promises.iter().filter(|promise| of(promise)).collect();
        let proven = all
            .iter()
            .copied()
            .filter(|promise| proven(promise))
            .count();
        (proven, all.len() - proven)
    };
    let mut totals = format!("{:<8} {:>7} {:>8}\n", "kind", "proven", "planned");
    for kind in KINDS {
        let (proven, planned) = count(&|promise| promise.kinds.iter().any(|own| own == kind));
        totals.push_str(&format!("{kind:<8} {proven:>7} {planned:>8}\n"));
    }
    let numbered = count(&|promise| !promise.is_organisation());
    let named = count(&Promise::is_organisation);
    let all = count(&|_| true);
    for (what, (proven, planned)) in [("numbered", numbered), ("named", named), ("all", all)] {
        totals.push_str(&format!("{what:<8} {proven:>7} {planned:>8}\n"));
    }
    totals
}

fn in_json(promises: &[Promise], proofs: &[Proof]) -> Value {
    let promise = |promise: &Promise| {
        let (state, reason) = match &promise.state {
            State::Proven => ("proven", None),
            State::Planned(reason) => ("planned", Some(reason)),
        };
        let proof =
            |proof: &&Proof| json!({ "file": proof.file, "line": proof.line, "test": proof.test });
        let tests: Vec<Value> = proofs_of(promise, proofs).iter().map(proof).collect();
        json!({
            "id": promise.id,
            "kind": promise.kinds,
            "words": promise.words,
            "state": state,
            "reason": reason,
            "tests": tests,
        })
    };
    promises.iter().map(promise).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::made_up;

    const TWO: &str = "[[promise]]\nid = \"MO-6\"\nkind = [\"FUNC\"]\nwords = \"a box\"\nstate = \"proven\"\n
        [[promise]]\nid = \"MO-8\"\nkind = [\"FUNC\", \"DATA\"]\nwords = \"cases\"\nstate = \"planned\"\nreason = \"cases: to come\"\n";

    fn read() -> (Vec<Promise>, Vec<Proof>) {
        let test = "#[test]\nfn mo_6_a() {}\n/// MO-6, MO-8\n#[test]\nfn b() {}";
        let tree = made_up(&[(LIST, TWO), ("crates/tests/src/a.rs", test)], &[]);
        let (promises, findings) = Promise::read(tree.file(LIST).expect("made up above"));
        assert_eq!(findings, []);
        (promises, proof::named(&tree))
    }

    #[test]
    fn the_table_tells_the_proof_or_what_it_waits_for() {
        let (promises, proofs) = read();
        let expected = "\
MO-6    FUNC         proven   mo_6_a (crates/tests/src/a.rs:2)
                     proven   b (crates/tests/src/a.rs:5)
MO-8    FUNC/DATA    planned  cases: to come\n";
        assert_eq!(table(&promises, &proofs), expected);
    }

    #[test]
    fn a_promise_of_two_kinds_counts_in_both_and_once_in_all() {
        let (promises, _) = read();
        let totals = totals(&promises);
        for line in [
            "FUNC           1        1",
            "DATA           0        1",
            "all            1        1",
        ] {
            assert!(totals.lines().any(|told| told == line), "{totals}");
        }
    }

    #[test]
    fn organisations_that_are_named_count_apart_from_what_is_numbered() {
        let named = ["DT-S1", "DT-R22"].map(|id| TWO.replace("MO-6", id));
        let list = format!("{TWO}\n{}", named.join("\n"));
        let tree = made_up(&[(LIST, &list)], &[]);
        let (promises, _) = Promise::read(tree.file(LIST).expect("made up above"));
        let totals = totals(&promises);
        let told: Vec<&str> = totals.lines().rev().take(3).collect();
        let expected = [
            "all            3        3",
            "named          2        0",
            "numbered       1        3",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn json_holds_the_same() {
        let (promises, proofs) = read();
        let told = in_json(&promises, &proofs);
        assert_eq!(told[0]["tests"][1]["test"], "b");
        assert_eq!(
            (&told[0]["state"], &told[0]["reason"]),
            (&json!("proven"), &Value::Null)
        );
        assert_eq!(told[1]["reason"], "cases: to come");
        assert_eq!(told[1]["tests"][0]["line"], 5);
    }
}
