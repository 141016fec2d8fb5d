//! `cargo xtask accept`: lets the tests write their snapshots and lists what changed.

use std::fs;
use std::process::ExitCode;

use crate::snapshots::{self, References};
use crate::steps::Steps;
use crate::suite::{self, Surroundings};
use crate::tools;

pub fn run(filter: Option<&str>) -> ExitCode {
    let mut steps = Steps::new();
    if steps.take("tools", || tools::ensure(false)).is_none() {
        return ExitCode::from(2);
    }
    let Some(tools) = steps.take("node tools", tools::node_modules) else {
        return ExitCode::FAILURE;
    };
    let Some(python) = steps.take("python tools", tools::python) else {
        return ExitCode::FAILURE;
    };
    if steps.take("build", suite::build).is_none() {
        return ExitCode::FAILURE;
    }
    let references = References::fresh();
    let around = Surroundings {
        tools,
        python,
        references: references.file(),
        temporary: None,
        update: "always",
    };
    let before = snapshots::all();
    steps.take("tests", || suite::run(filter, None, &around).1);
    if filter.is_none() && steps.failed().is_empty() {
        steps.take("left-over snapshots", || remove_left_over(&references));
    }
    let changes = snapshots::changes(&before, &snapshots::all());
    println!();
    for (sign, path) in &changes {
        println!("{sign} {}", snapshots::shown(path));
    }
    println!(
        "{} snapshots changed; read them before you commit",
        changes.len()
    );
    if steps.failed().is_empty() {
        ExitCode::SUCCESS
    } else {
        println!("other tests failed: their snapshots may be missing from this list");
        ExitCode::FAILURE
    }
}

fn remove_left_over(references: &References) -> Result<(), String> {
    for path in snapshots::unreferenced(references) {
        fs::remove_file(&path).map_err(|fault| format!("{}: {fault}", path.display()))?;
    }
    Ok(())
}
