//! `cargo xtask openapi`: the contract as the product itself tells it, written down for who reads it here.

use std::fs;
use std::process::ExitCode;

use crate::checkout;

pub fn run() -> ExitCode {
    match write() {
        Ok(file) => {
            println!("{file}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("openapi: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Asks the product and writes its answer; answers the file's path in the checkout.
fn write() -> Result<&'static str, String> {
    const FILE: &str = "docs/api/openapi.json";
    let asked = ["run", "--quiet", "--package", "postbus", "--", "openapi"];
    let answer = checkout::cargo(&asked)
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|fault| fault.to_string())?;
    if !answer.status.success() {
        return Err(format!("the product ended with {}", answer.status));
    }
    let file = checkout::root().join(FILE);
    let folder = file.parent().expect("a file lies in a folder");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&file, answer.stdout))
        .map_err(|fault| format!("{}: {fault}", file.display()))?;
    Ok(FILE)
}
