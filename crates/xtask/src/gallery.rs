//! `cargo xtask gallery`: every page as the product answers it, looked at in Chromium and read by the Nu checker.
//!
//! `stage` shows the pages on loopback and writes them down, `order` tells the programs in tools/ what to look at, `nu` asks
//! the checker, `findings` is what any of them says, `contents` the page that shows all pictures side by side.

#[cfg(feature = "gallery")]
mod contents;
#[cfg(feature = "gallery")]
mod findings;
#[cfg(feature = "gallery")]
mod nu;
#[cfg(feature = "gallery")]
mod order;
#[cfg(feature = "gallery")]
mod stage;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::{checkout, suite};

/// What can be chosen about a look at the gallery.
#[derive(Args)]
pub struct Options {
    /// Part of a page's name, such as `berichten`, `mijncn/pap` or `fout_404`, or `journeys`; then only those
    filter: Option<String>,
    /// Where the pages and their pictures go, instead of target/gallery
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Checks without taking pictures, in half the time
    #[arg(long)]
    no_pictures: bool,
    /// Writes the pictures of the README to docs/images as well, those of the pages that are looked at
    #[arg(long)]
    readme: bool,
}

/// Every page and journey without pictures, by the binary that was built with the tests.
pub fn step() -> Result<(), String> {
    let mut built = checkout::program(suite::binaries().join("xtask"));
    checkout::finish(built.args(["gallery", "--no-pictures"]))
}

/// Without the feature: builds what the tests build too, and starts itself again from there.
#[cfg(not(feature = "gallery"))]
pub fn run(_: &Options) -> ExitCode {
    let mut build = checkout::cargo(&["build", "--quiet", "--bins"]);
    let built = checkout::finish(build.args(suite::WHOLE)).and_then(|()| {
        let mut again = checkout::program(suite::binaries().join("xtask"));
        let started = again.args(std::env::args_os().skip(1)).status();
        started.map_err(|fault| fault.to_string())
    });
    match built {
        Ok(status) => {
            let code = status.code().and_then(|code| u8::try_from(code).ok());
            ExitCode::from(code.unwrap_or(1))
        }
        Err(why) => {
            eprintln!("gallery: {why}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(feature = "gallery")]
pub fn run(options: &Options) -> ExitCode {
    if let Err(why) = crate::tools::ensure(true) {
        eprintln!("gallery: {why}");
        return ExitCode::from(2);
    }
    match look(options) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("gallery: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Answers how much was found.
#[cfg(feature = "gallery")]
fn look(options: &Options) -> Result<usize, String> {
    let began = std::time::Instant::now();
    let tools = crate::tools::node_modules()?;
    let folder = options.folder();
    let runtime = tokio::runtime::Runtime::new().map_err(|fault| fault.to_string())?;
    let stage = runtime.block_on(stage::Stage::set(&folder, options.filter.as_deref()))?;
    println!(
        "{} pages in {:.1} s",
        stage.pages.len(),
        began.elapsed().as_secs_f64()
    );
    let order = order::write(&stage, options, &tools, &folder)?;
    let checker = nu::start(&stage, &tools, &folder)?;
    let seen = order::give(&order)?;
    let findings = [nu::finish(checker)?, seen.findings.clone()].concat();
    contents::write(&stage, &folder, !options.no_pictures)?;
    findings::tell(&findings);
    seen.tell();
    println!(
        "{} pages, {} findings, in {:.1} s; {}",
        stage.pages.len(),
        findings.len(),
        began.elapsed().as_secs_f64(),
        folder.join("index.html").display()
    );
    Ok(findings.len())
}

#[cfg(feature = "gallery")]
impl Options {
    fn folder(&self) -> PathBuf {
        let given = self.folder.clone();
        given.unwrap_or_else(|| checkout::target().join("gallery"))
    }
}
