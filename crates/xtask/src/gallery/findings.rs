//! Something that is not as it should be, told so that it can be found and mended.

use std::collections::BTreeMap;

use serde_json::Value;

#[derive(Clone, Debug)]
pub struct Finding {
    pub page: String,
    pub rule: String,
    pub selector: String,
    pub what: String,
    pub remedy: String,
}

impl Finding {
    pub fn read(value: &Value) -> Self {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        Self {
            page: text("page"),
            rule: text("rule"),
            selector: text("selector"),
            what: text("what"),
            remedy: text("todo"),
        }
    }
}

/// Prints each finding once, with all pages that have it.
pub fn tell(findings: &[Finding]) {
    let mut told: BTreeMap<(&str, &str, &str, &str), Vec<&str>> = BTreeMap::new();
    for finding in findings {
        let key = (
            finding.rule.as_str(),
            finding.selector.as_str(),
            finding.what.as_str(),
            finding.remedy.as_str(),
        );
        told.entry(key).or_default().push(&finding.page);
    }
    for ((rule, selector, what, remedy), pages) in told {
        println!(
            "{rule}: {selector}\n    {what}\n    to do: {remedy}\n    on: {}",
            pages.join(", ")
        );
    }
}
