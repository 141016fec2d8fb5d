//! `cargo xtask test`: from a bare checkout to one line that says how many tests passed.

use std::process::ExitCode;

use cluster::{Cluster, InMemory, Settings};

use crate::checkout::{cargo, finish};
use crate::snapshots::{self, References};
use crate::steps::Steps;
use crate::suite::{self, Count, Surroundings, WHOLE};
use crate::{gallery, tidy, tools};

pub fn run(filter: Option<&str>) -> ExitCode {
    let mut steps = Steps::new();
    if steps
        .take("tools", || tools::ensure(filter.is_none()))
        .is_none()
    {
        return ExitCode::from(2);
    }
    steps.take("clusters of killed runs", sweep);
    let Some(tools) = steps.take("node tools", tools::node_modules) else {
        return ExitCode::FAILURE;
    };
    let Some(python) = steps.take("python tools", tools::python) else {
        return ExitCode::FAILURE;
    };
    let Some(in_memory) = steps.take("room in memory", room_in_memory) else {
        return ExitCode::FAILURE;
    };
    let references = References::fresh();
    let around = Surroundings {
        tools,
        python,
        references: references.file(),
        temporary: in_memory.as_ref().map(|folder| folder.path().to_owned()),
        update: "no",
    };
    let count = match filter {
        Some(_) => only_tests(&mut steps, filter, &around),
        None => everything(&mut steps, &around, &references),
    };
    summary(&steps, &count, filter)
}

/// Ends and removes what runs left that were killed with everything they had.
fn sweep() -> Result<(), String> {
    for folder in cluster::sweep()? {
        println!("removed {}", folder.display());
    }
    Ok(())
}

fn room_in_memory() -> Result<Option<InMemory>, String> {
    let folder = InMemory::folder().map_err(|fault| fault.to_string())?;
    if folder.is_none() {
        println!(
            "too little room in /dev/shm: the folders of tests lie on disk, which takes longer"
        );
    }
    Ok(folder)
}

fn only_tests(steps: &mut Steps, filter: Option<&str>, around: &Surroundings) -> Count {
    match steps.take("build", suite::build) {
        Some(()) => tests(steps, filter, around),
        None => Count::default(),
    }
}

fn everything(steps: &mut Steps, around: &Surroundings, references: &References) -> Count {
    steps.take("tidy", tidy::step);
    steps.take("rustfmt", || {
        finish(&mut cargo(&["fmt", "--all", "--check"]))
    });
    steps.take("clippy", || {
        let mut clippy = cargo(&["clippy", "--all-targets"]);
        finish(clippy.args(WHOLE).args(["--", "-D", "warnings"]))
    });
    // The tests' build has features for measuring; the product as it is shipped has not.
    steps.take("product", || {
        finish(&mut cargo(&["check", "-p", "postbus", "-p", "demo"]))
    });
    let count = only_tests(steps, None, around);
    if !steps.failed().contains(&"build") {
        steps.take("gallery", gallery::step);
    }
    // A test that did not come to its end did not ask for its snapshots either.
    let all_ran = |step: &&str| !["build", "tests"].contains(step);
    if steps.failed().iter().all(all_ran) {
        steps.take("snapshots", || snapshots::refuse_unreferenced(references));
    }
    count
}

fn tests(steps: &mut Steps, filter: Option<&str>, around: &Surroundings) -> Count {
    let mut count = Count::default();
    steps.take("tests", || {
        let told = |fault: cluster::Fault| fault.to_string();
        let cluster = Cluster::start(Settings {
            durable: false,
            server: [("max_connections", "500"), ("jit", "off")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            ..Settings::default()
        })
        .map_err(told)?;
        let lending = cluster.lends().map_err(told)?;
        let (counted, ended) = suite::run(filter, Some(&lending), around);
        count = counted;
        ended
    });
    count
}

fn summary(steps: &Steps, count: &Count, filter: Option<&str>) -> ExitCode {
    println!();
    for name in &count.failures {
        println!("failed: {name}   (alone: cargo xtask test {name})");
    }
    if !steps.failed().is_empty() {
        println!("failed steps: {}", steps.failed().join(", "));
    }
    let ignored = match count.ignored {
        0 => String::new(),
        number => format!(", {number} ignored"),
    };
    println!(
        "{} passed, {} failed{ignored}, in {}",
        count.passed,
        count.failed,
        steps.elapsed()
    );
    let nothing_ran = count.passed + count.failed == 0;
    if nothing_ran && steps.failed().is_empty() {
        println!(
            "no test ran{}",
            filter.map_or(String::new(), |part| format!(
                ": none has `{part}` in its name"
            ))
        );
    }
    if steps.failed().is_empty() && !nothing_ran {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
