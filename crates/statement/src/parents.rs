//! A statement with what it leaves to a larger organisation's: the parts it names, taken over word for word where it does not say
//! them itself, each with where it comes from.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::finding::{Finding, Level, Report};
use crate::taken::mark;

/// The tables of each part that can be left to a parent. What decides what the program may do each statement says itself.
const LEFT: [(&str, &[&str]); 7] = [
    ("verantwoordelijke", &["toezichthouder", "functionaris"]),
    ("rechten", &["recht", "grond", "klachtroute"]),
    ("kinderen", &["kinderen"]),
    ("beveiliging", &["maatregel"]),
    ("datalek", &["datalek"]),
    ("contact", &["adres"]),
    ("wijziging", &["wijziging"]),
];
/// What entries refer to by name comes with them: the key, and the table that the name is of.
const REFERRED: [(&str, &str); 7] = [
    ("adressen", "adres"),
    ("gronden", "grond"),
    ("weigeringsgronden", "grond"),
    ("normen", "rechtsbron"),
    ("rechtsbron", "rechtsbron"),
    ("gebaseerd-op", "rechtsbron"),
    ("rechten", "recht"),
];

/// The text of a statement file with what its parent says for it, and of what each comes from there in `[[overgenomen]]`; as it is
/// where it names no file of a parent. `find` answers the text of the file of that name beside it.
///
/// Errors: a parent that cannot be read, does not start, comes back to itself, or is of another version than the file names.
pub fn with_parent(
    text: &str,
    find: &dyn Fn(&str) -> Result<String, String>,
) -> Result<String, Vec<Finding>> {
    whole(text, find, &mut Vec::new())
}

fn whole(
    text: &str,
    find: &dyn Fn(&str) -> Result<String, String>,
    met: &mut Vec<String>,
) -> Result<String, Vec<Finding>> {
    // What is not TOML its reader tells of, with the place.
    let Ok(child) = text.parse::<Table>() else {
        return Ok(text.to_owned());
    };
    let said = |key| child.get("ouder")?.get(key)?.as_str();
    let Some(file) = said("bestand") else {
        return Ok(text.to_owned());
    };
    let refuse = |code, why: String, hint: &str| {
        let mut report = Report::of(text);
        let at = text.find("[ouder]").map(|at| report.place(at));
        let about = "ouder".to_owned();
        report.push_about(Level::Error, code, at, about, why, hint.to_owned());
        Err(report.finish())
    };
    if met.iter().any(|one| one == file) {
        let why = format!("the parent {file} comes back to itself");
        return refuse("S-216", why, "take bestand out of one of them");
    }
    met.push(file.to_owned());
    let parent = match find(file) {
        Ok(parent) => whole(&parent, find, met)?,
        Err(why) => {
            let why = format!("the parent {file} cannot be read: {why}");
            return refuse(
                "S-215",
                why,
                "let bestand name a file that lies beside this one",
            );
        }
    };
    let stops: Vec<String> = crate::check(&parent, None)
        .iter()
        .filter(|finding| finding.stops())
        .map(|finding| format!("{} {}", finding.code, finding.text))
        .collect();
    let Ok(parent) = parent.parse::<Table>() else {
        let why = format!("the parent {file} does not read");
        return refuse("S-218", why, "check that file first");
    };
    if !stops.is_empty() {
        let why = format!("the parent {file} does not start: {}", stops.join("; "));
        return refuse("S-218", why, "check that file first");
    }
    let version =
        |table: &Table| Some(table.get("verklaring")?.get("versie")?.as_str()?.to_owned());
    let version = version(&parent).unwrap_or_default();
    if said("versie") != Some(version.as_str()) {
        let named = said("versie").unwrap_or("none");
        let why = format!("the parent {file} is of version {version}, and versie names {named}");
        return refuse(
            "S-217",
            why,
            "read what changed (postbus statement diff), then name the new version",
        );
    }
    Ok(joined(text, file, &child, &parent))
}

fn joined(text: &str, file: &str, child: &Table, parent: &Table) -> String {
    let parts = child["ouder"].get("onderdelen").and_then(Value::as_array);
    let parts: Vec<&str> = parts
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut taken = Taking {
        child,
        parent,
        tables: Table::new(),
        what: BTreeSet::new(),
    };
    let left = LEFT.iter().filter(|(part, _)| parts.contains(part));
    for kind in left.flat_map(|(_, kinds)| *kinds) {
        taken.take(kind);
    }
    if taken.what.is_empty() {
        return text.to_owned();
    }
    let marks = taken.what.into_iter().map(|what| {
        let mark = Table::from_iter([("wat".to_owned(), Value::String(what))]);
        Value::Table(mark)
    });
    let mut tables = taken.tables;
    tables.insert("overgenomen".to_owned(), Value::Array(marks.collect()));
    format!("{}\n\n{}\n\n{tables}", text.trim_end(), mark(file))
}

/// What is being taken over.
struct Taking<'t> {
    child: &'t Table,
    parent: &'t Table,
    tables: Table,
    /// `recht inzage`, `klachtroute`.
    what: BTreeSet<String>,
}

impl<'t> Taking<'t> {
    fn take(&mut self, kind: &str) {
        match self.parent.get(kind) {
            Some(Value::Array(entries)) => {
                for entry in entries.iter().filter_map(Value::as_table) {
                    if !self.says(kind, entry) {
                        self.add(kind, entry);
                    }
                }
            }
            Some(Value::Table(table)) if !self.child.contains_key(kind) => {
                let mut own = self.as_said_here(table);
                // In which role somebody acts here, this statement says.
                own.remove("rol");
                self.tables.insert(kind.to_owned(), Value::Table(own));
                self.what.insert(kind.to_owned());
                self.follow(table);
            }
            _ => {}
        }
    }

    /// Whether the statement says this itself.
    fn says(&self, kind: &str, entry: &Table) -> bool {
        self.own(kind, entry).is_some()
    }

    /// What the statement itself says instead: an entry of the name, and of rights one of the kind.
    fn own(&self, kind: &str, entry: &Table) -> Option<&Value> {
        let own = self.child.get(kind).and_then(Value::as_array)?;
        let same = |own: &Value, key| own.get(key).is_some() && own.get(key) == entry.get(key);
        let named = own.iter().find(|own| same(own, "naam"));
        let alike = |own: &&Value| kind == "recht" && same(own, "soort");
        named.or_else(|| own.iter().find(alike))
    }

    /// An entry of the parent's: its texts in the languages that are offered here, and rights by the names that they have here.
    fn as_said_here(&self, entry: &Table) -> Table {
        let mut entry = entry.clone();
        let talen = self.child.get("verklaring").and_then(|it| it.get("talen"));
        let talen = talen.and_then(Value::as_array);
        let offered: Vec<&str> = talen
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for (_, value) in entry.iter_mut() {
            keep_languages(value, &offered);
        }
        let rights = entry.get_mut("rechten").and_then(Value::as_array_mut);
        for name in rights.into_iter().flatten() {
            let right = name.as_str().and_then(|name| self.named("recht", name));
            let own = right.and_then(|right| self.own("recht", right));
            if let Some(own) = own.and_then(|own| own.get("naam")) {
                *name = own.clone();
            }
        }
        entry
    }

    /// What the parent says under this name.
    fn named(&self, kind: &str, name: &str) -> Option<&'t Table> {
        let all = self.parent.get(kind).and_then(Value::as_array)?;
        let mut all = all.iter().filter_map(Value::as_table);
        all.find(|one| one.get("naam").and_then(Value::as_str) == Some(name))
    }

    fn add(&mut self, kind: &str, entry: &Table) {
        let name = entry
            .get("naam")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !self.what.insert(format!("{kind} {name}")) {
            return;
        }
        let own = self.as_said_here(entry);
        let list = self
            .tables
            .entry(kind)
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(Value::Table(own));
        }
        self.follow(entry);
    }

    fn follow(&mut self, entry: &Table) {
        for (key, kind) in REFERRED {
            let names: Vec<&str> = match entry.get(key) {
                Some(Value::String(name)) => vec![name],
                Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            };
            for name in names {
                if let Some(found) = self.named(kind, name)
                    && !self.says(kind, found)
                {
                    self.add(kind, found);
                }
            }
        }
    }
}

/// A table inside an entry is a text: what is taken over has no other.
fn keep_languages(value: &mut Value, offered: &[&str]) {
    match value {
        Value::Table(text) => text.retain(|language, _| offered.contains(&language)),
        Value::Array(values) => values
            .iter_mut()
            .for_each(|value| keep_languages(value, offered)),
        _ => {}
    }
}
