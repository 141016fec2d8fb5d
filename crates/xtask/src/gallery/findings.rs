//! Something that is not as it should be, told so that it can be found and mended.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

#[derive(Clone, Debug)]
pub struct Finding {
    pub page: String,
    /// How the page was looked at: `dark`, `320 px`; empty: however.
    pub state: String,
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
            state: text("state"),
            rule: text("rule"),
            selector: text("selector"),
            what: text("what"),
            remedy: text("todo"),
        }
    }
}

/// Prints each kind of finding once, with every page and state that has it.
pub fn tell(findings: &[Finding]) {
    let mut kinds: BTreeMap<(&str, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        let kind = (finding.rule.as_str(), finding.selector.as_str());
        kinds.entry(kind).or_default().push(finding);
    }
    for ((rule, selector), all) in kinds {
        let each = |of: fn(&Finding) -> &str| {
            let names: BTreeSet<&str> = all.iter().map(|finding| of(finding)).collect();
            names.into_iter().collect::<Vec<_>>().join(", ")
        };
        println!(
            "{rule}: {selector}\n    {}\n    to do: {}\n    when: {}\n    on: {}",
            all[0].what,
            all[0].remedy,
            each(|finding| &finding.state),
            each(|finding| &finding.page)
        );
    }
}
