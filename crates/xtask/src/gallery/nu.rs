//! The Nu HTML checker over all pages and the style sheet, in one run of Java.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use serde_json::Value;

use super::findings::Finding;
use super::stage::{ASSETS, Stage};
use crate::checkout::program;
use crate::tools::JAVA;

/// What the checker mentions and is no fault: part of its words or of what it shows, and why it stays.
const LET_BE: [(&str, &str); 4] = [
    (
        "appears to be written in Indonesian",
        "the checker does not know Papiamentu and guesses",
    ),
    (
        "“text-box-trim”: Property",
        "CSS Inline Layout 3 has it, the checker not yet",
    ),
    (
        "var(--_nl-link-state-text-decoration-thickness, auto), 1px",
        "NL Design System's link; the checker does not see through var()",
    ),
    (
        "max(1px,initial)",
        "NL Design System's skip link; a browser passes over the declaration and draws its usual line",
    ),
];

/// A checker at work, or none when there are no pages.
pub struct Checker(Option<AtWork>);

struct AtWork {
    child: Child,
    said: PathBuf,
    folder: PathBuf,
}

/// When the gallery ends early the checker does not work on.
impl Drop for AtWork {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn start(stage: &Stage, tools: &Path, folder: &Path) -> Result<Checker, String> {
    if stage.pages.is_empty() {
        return Ok(Checker(None));
    }
    let said = folder.join("nu.json");
    let out = File::create(&said).map_err(|fault| format!("{}: {fault}", said.display()))?;
    let mut java = program(JAVA);
    java.arg("-Xss4m")
        .arg("-jar")
        .arg(tools.join("vnu-jar/build/dist/vnu.jar"))
        .args([
            "--format",
            "json",
            "--stdout",
            "--exit-zero-always",
            "--also-check-css",
            "--also-check-svg",
        ]);
    java.args(stage.pages.iter().map(|page| page.file(folder)));
    java.arg(folder.join(ASSETS));
    let started = java.stdout(out).stderr(Stdio::inherit()).spawn();
    Ok(Checker(Some(AtWork {
        child: started.map_err(|fault| format!("{JAVA} did not start: {fault}"))?,
        said,
        folder: folder.to_owned(),
    })))
}

pub fn finish(Checker(checker): Checker) -> Result<Vec<Finding>, String> {
    let Some(mut checker) = checker else {
        return Ok(Vec::new());
    };
    let ended = checker.child.wait().map_err(|fault| fault.to_string())?;
    if !ended.success() {
        return Err(format!("the Nu checker ended with {ended}"));
    }
    let text = fs::read_to_string(&checker.said).map_err(|fault| fault.to_string())?;
    let said: Value =
        serde_json::from_str(&text).map_err(|fault| format!("the Nu checker: {fault}: {text}"))?;
    let messages = said["messages"]
        .as_array()
        .ok_or("the Nu checker gave no messages")?;
    let findings = messages
        .iter()
        .map(|message| finding(message, &checker.folder));
    Ok(findings.filter(|finding| !is_let_be(finding)).collect())
}

fn finding(message: &Value, folder: &Path) -> Finding {
    let text = |key: &str| message[key].as_str().unwrap_or_default();
    let file = Path::new(text("url").trim_start_matches("file:"));
    let page = file.strip_prefix(folder).unwrap_or(file).with_extension("");
    let kind = match text("subType") {
        "" => text("type"),
        kind => kind,
    };
    Finding {
        page: page.display().to_string(),
        state: String::new(),
        rule: format!("Nu {kind}"),
        selector: text("extract").trim().to_owned(),
        what: text("message").to_owned(),
        remedy: "make it valid HTML; when it is right as it is, say why in LET_BE (xtask, gallery/nu.rs)".to_owned(),
    }
}

fn is_let_be(finding: &Finding) -> bool {
    let Finding { what, selector, .. } = finding;
    LET_BE
        .iter()
        .any(|(words, _)| what.contains(words) || selector.contains(words))
}
