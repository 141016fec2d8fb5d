//! `docs/promises.toml` as it is written: each promise with its kinds, its state and its line.

use toml::{Table, Value};

use crate::tidy::Finding;
use crate::tidy::tree::File;

pub const LIST: &str = "docs/promises.toml";

/// What a promise can be about; the head of the list says what each code means.
pub const KINDS: [&str; 18] = [
    "ROLE", "PURP", "BASIS", "DATA", "SUBJ", "SRC", "RCPT", "RET", "RIGHT", "PROC", "FUNC", "SEC",
    "COOK", "NOTICE", "LIMIT", "BREACH", "ADM", "CHILD",
];

/// How far each published statement is numbered.
pub const PUBLISHED: [(&str, u32); 6] = [
    ("MO-", 84),
    ("CN-", 97),
    ("DT-", 157),
    ("DT-S", 19),
    ("DT-R", 22),
    ("CJ-", 38),
];

#[derive(Debug)]
pub struct Promise {
    pub id: String,
    pub kinds: Vec<String>,
    pub words: String,
    pub state: State,
    pub line: usize,
}

#[derive(Debug, PartialEq)]
pub enum State {
    Proven,
    /// What is still to be built.
    Planned(String),
}

impl Promise {
    /// Every promise of the list; the findings are of what is not written as one.
    pub fn read(file: &File) -> (Vec<Self>, Vec<Finding>) {
        let list = match file.text.parse::<Table>() {
            Ok(list) => list,
            Err(fault) => {
                let line = fault.span().map_or(1, |span| file.line(span.start));
                let what = format!("not TOML: {}", fault.message());
                return (Vec::new(), vec![Finding::new(LIST, line, what, "mend it")]);
            }
        };
        let entries = list.get("promise").and_then(Value::as_array);
        let Some(entries) = entries else {
            let remedy = "write `[[promise]]` entries with id, kind, words and state";
            let finding = Finding::new(LIST, 1, "lists no promise", remedy);
            return (Vec::new(), vec![finding]);
        };
        let mut promises = Vec::new();
        let mut findings = Vec::new();
        for entry in entries {
            match Self::of(entry, file) {
                Ok(promise) => promises.push(promise),
                Err(finding) => findings.push(finding),
            }
        }
        (promises, findings)
    }

    /// Whether it is one of the organisations that Dienst Toeslagen gets data from or gives it to.
    pub fn is_organisation(&self) -> bool {
        ["DT-S", "DT-R"]
            .iter()
            .any(|kind| self.id.starts_with(kind))
    }

    fn of(entry: &Value, file: &File) -> Result<Self, Finding> {
        let text = |key| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        let id = text("id");
        let line = line_of(file, id);
        let wrong = |what: String, remedy: &str| Finding::new(LIST, line, what, remedy);
        if !is_published(id) {
            let what = format!("\"{id}\" is no promise of a published statement");
            return Err(wrong(what, "write the id that the statement has"));
        }
        let kinds = entry.get("kind").and_then(Value::as_array);
        let kinds: Vec<&str> = kinds
            .into_iter()
            .flatten()
            .flat_map(Value::as_str)
            .collect();
        if kinds.is_empty() || kinds.iter().any(|kind| !KINDS.contains(kind)) {
            let what = format!("{id} has no kind, or one that does not exist");
            return Err(wrong(what, "write a list of the codes at the head"));
        }
        if text("words").is_empty() {
            let what = format!("{id} does not say what is promised");
            return Err(wrong(what, "write it in `words`"));
        }
        let state = match (text("state"), text("reason")) {
            ("proven", "") => State::Proven,
            ("planned", "") => {
                let what = format!("{id} is planned and does not say what it waits for");
                return Err(wrong(
                    what,
                    "write the room and what is missing in `reason`",
                ));
            }
            ("planned", reason) => State::Planned(reason.to_owned()),
            ("proven", _) => {
                let what = format!("{id} is proven and still says what it waits for");
                return Err(wrong(what, "take the `reason` out"));
            }
            _ => {
                let what = format!("{id} has another state than proven or planned");
                return Err(wrong(what, "write one of the two"));
            }
        };
        Ok(Self {
            id: id.to_owned(),
            kinds: kinds.into_iter().map(str::to_owned).collect(),
            words: text("words").to_owned(),
            state,
            line,
        })
    }
}

/// Whether one of the published statements is numbered as far as this.
pub fn is_published(id: &str) -> bool {
    PUBLISHED.iter().any(|(prefix, last)| {
        let number = id.strip_prefix(prefix).unwrap_or_default();
        let told = number
            .parse()
            .ok()
            .filter(|told| (1..=*last).contains(told));
        told.is_some_and(|told: u32| told.to_string() == number)
    })
}

fn line_of(file: &File, id: &str) -> usize {
    let written = format!("id = \"{id}\"");
    file.text
        .lines()
        .position(|line| line == written)
        .map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::is_published;

    #[test]
    fn an_id_is_one_of_the_published_numbers() {
        for id in [
            "MO-1", "MO-84", "CN-97", "DT-157", "DT-S19", "DT-R22", "CJ-38",
        ] {
            assert!(is_published(id), "{id}");
        }
        for id in [
            "", "MO-", "MO-0", "MO-85", "MO-07", "mo-7", "DT-S20", "DT-R0", "XX-1", "MO-+1",
        ] {
            assert!(!is_published(id), "{id}");
        }
    }
}
