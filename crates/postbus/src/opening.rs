//! What an installation asks of a statement before it opens. The same is told by `postbus statement check`, which opens none.

use accountability::publication::is_addressable;
use basics::Fault;
use language::Language;
use statement::{Finding, Level, Register};

use crate::installation::rooms;

/// Why no installation opens with a statement: what it asks of this program, or of an address, that is not there.
pub(crate) fn refusals(register: &Register) -> Vec<String> {
    let tags = register.languages().iter();
    let unknown = tags.filter(|tag| Language::from_tag(tag).is_none());
    let mut refusals: Vec<String> = unknown
        .map(|tag| format!("the statement names a language without texts: {tag}"))
        .collect();
    let zone = register.time_zone();
    if !language::is_time_zone(zone) {
        refusals.push(format!(
            "the statement names a time zone that does not exist: {zone}"
        ));
    }
    let version = &register.version().number;
    if !is_addressable(version) {
        refusals.push(format!(
            "version {version:?} cannot be part of an address: use letters, digits, dots and hyphens"
        ));
    }
    refusals
}

/// The same as findings, with what its rows would do: what no row can hold, and what would be kept without end.
pub(crate) fn findings(register: &Register) -> Vec<Finding> {
    let refused = |text: String| finding("S-786", Level::Error, text, "");
    let mut found: Vec<Finding> = refusals(register).into_iter().map(refused).collect();
    match vault::kept_without_end(register, &rooms()) {
        Ok(endless) => found.extend(endless.into_iter().map(|what| {
            let text = format!("kept without end: {what}");
            let hint =
                "name the activity that ends it, and `gegevens-opruimen` for all that is kept";
            finding("S-787", Level::Warning, text, hint)
        })),
        Err(fault) => found.push(refused(fault.to_string())),
    }
    found
}

fn finding(code: &'static str, level: Level, text: String, hint: &str) -> Finding {
    Finding {
        code,
        level,
        line: None,
        column: None,
        about: String::new(),
        text,
        hint: hint.to_owned(),
        acknowledged: None,
    }
}

/// Errors: all refusals, together.
pub(crate) fn refuse(register: &Register) -> Result<(), Fault> {
    match refusals(register) {
        refusals if refusals.is_empty() => Ok(()),
        refusals => Err(Fault::broken(refusals.join("; "))),
    }
}
