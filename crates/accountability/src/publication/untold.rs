//! What differs between two statement files and changes no sentence of the published text, by the key of the file.

use language::Language;
use statement::Register;
use toml::{Table, Value};

/// What stands somewhere in one version, and not, or not so, in the other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Untold {
    /// Whose it is, in the words of the statement, and under which key of the file.
    pub(super) place: String,
    pub(super) was: Option<String>,
    pub(super) is: Option<String>,
}

/// From the whole file to what differs.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    /// The table of a list that has this `naam`.
    Named(String),
}

struct Change<'t> {
    path: Vec<Step>,
    was: Option<&'t Value>,
    is: Option<&'t Value>,
}

/// The head of what is told names the versions.
const VERSION: [&str; 2] = ["verklaring", "versie"];

/// What the published text tells in no line. A change that cannot stand by itself, in neither version, is taken to be untold.
pub(super) fn untold(old: &Table, new: &Table, language: Language) -> Vec<Untold> {
    let [before, after] = [old, new].map(|file| Value::Table(file.clone()));
    let mut changes = Vec::new();
    compare(&before, &after, &mut Vec::new(), &mut changes);
    changes.retain(|change| !is_version(&change.path));
    let published = [&before, &after].map(|file| published(file, language));
    let is_told = |change: &Change<'_>| {
        let alone = [(&before, change.is), (&after, change.was)];
        let alone =
            alone.map(|(file, value)| self::published(&put(file, &change.path, value), language));
        let mut both = alone.iter().zip(&published);
        both.any(|(alone, whole)| alone.is_some() && alone != whole)
    };
    let untold = changes.iter().filter(|change| !is_told(change));
    let untold = untold.map(|change| Untold {
        place: place(&after, &change.path, language)
            .or_else(|| place(&before, &change.path, language))
            .unwrap_or_default(),
        was: change.was.map(said),
        is: change.is.map(said),
    });
    untold.collect()
}

fn is_version(path: &[Step]) -> bool {
    let version = VERSION.map(|key| Step::Key(key.to_owned()));
    path == version
}

/// What a file says to its readers; none where it does not start.
fn published(file: &Value, language: Language) -> Option<super::Document> {
    let register = Register::parse(&file.as_table()?.to_string()).ok()?;
    Some(super::document(register.statement(), language))
}

fn compare<'t>(
    old: &'t Value,
    new: &'t Value,
    path: &mut Vec<Step>,
    changes: &mut Vec<Change<'t>>,
) {
    if old == new {
        return;
    }
    match (entries(old), entries(new)) {
        (Some(before), Some(after)) => {
            let steps = before.iter().map(|(step, _)| step);
            let come = after.iter().map(|(step, _)| step);
            let come = come.filter(|step| !before.iter().any(|(known, _)| known == *step));
            for step in steps.chain(come) {
                let find = |all: &[(Step, &'t Value)]| {
                    let mut all = all.iter();
                    all.find(|(known, _)| known == step)
                        .map(|(_, value)| *value)
                };
                path.push(step.clone());
                match (find(&before), find(&after)) {
                    (Some(old), Some(new)) => compare(old, new, path, changes),
                    (was, is) => changes.push(Change {
                        path: path.clone(),
                        was,
                        is,
                    }),
                }
                path.pop();
            }
        }
        _ => changes.push(Change {
            path: path.clone(),
            was: Some(old),
            is: Some(new),
        }),
    }
}

/// What a table has by its keys, and a list of tables by their names; none of anything else.
fn entries(value: &Value) -> Option<Vec<(Step, &Value)>> {
    match value {
        Value::Table(table) => {
            let keys = table.iter();
            Some(
                keys.map(|(key, value)| (Step::Key(key.clone()), value))
                    .collect(),
            )
        }
        Value::Array(list) => {
            let named = |value| Some((Step::Named(name_of(value)?.to_owned()), value));
            list.iter().map(named).collect()
        }
        _ => None,
    }
}

fn name_of(value: &Value) -> Option<&str> {
    value.get("naam")?.as_str()
}

/// The file with another value there, or none.
fn put(file: &Value, path: &[Step], value: Option<&Value>) -> Value {
    let Some((step, rest)) = path.split_first() else {
        return value.unwrap_or(file).clone();
    };
    let inner = |known: Option<&Value>| match known {
        Some(known) if !rest.is_empty() => Some(put(known, rest, value)),
        _ => value.cloned(),
    };
    match (file, step) {
        (Value::Table(table), Step::Key(key)) => {
            let mut table = table.clone();
            match inner(table.get(key)) {
                Some(value) => drop(table.insert(key.clone(), value)),
                None => drop(table.remove(key)),
            }
            Value::Table(table)
        }
        (Value::Array(list), Step::Named(name)) => {
            let mut list = list.clone();
            let at = list.iter().position(|entry| name_of(entry) == Some(name));
            match (at, inner(at.map(|at| &list[at]))) {
                (Some(at), Some(value)) => list[at] = value,
                (Some(at), None) => drop(list.remove(at)),
                (None, Some(value)) => list.push(value),
                (None, None) => {}
            }
            Value::Array(list)
        }
        _ => file.clone(),
    }
}

/// `U leest een bericht (activiteit bericht-lezen), wijze`; none where the file has nothing there.
fn place(file: &Value, path: &[Step], language: Language) -> Option<String> {
    let (mut at, mut parts): (&Value, Vec<String>) = (file, Vec::new());
    for step in path {
        match step {
            Step::Key(key) => {
                at = at.get(key)?;
                parts.push(key.clone());
            }
            Step::Named(name) => {
                at = at
                    .as_array()?
                    .iter()
                    .find(|entry| name_of(entry) == Some(name))?;
                let kind = parts.pop()?;
                let of_kind = format!("{kind} {name}");
                parts.push(match title(at, language) {
                    Some(title) => format!("{title} ({of_kind})"),
                    None => of_kind,
                });
            }
        }
    }
    Some(parts.join(", "))
}

fn title(entry: &Value, language: Language) -> Option<&str> {
    let titles = entry.get("titel")?.as_table()?;
    let title = titles
        .get(language.tag())
        .or_else(|| titles.values().next());
    title?.as_str()
}

fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(said).collect::<Vec<_>>().join(", "),
        Value::Table(table) => {
            let entries = table.iter();
            let entries = entries.map(|(key, value)| format!("{key}: {}", said(value)));
            entries.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: [&str; 4] = [
        include_str!("../../../../statements/mijnoverheid.toml"),
        include_str!("../../../../statements/mijncn.toml"),
        include_str!("../../../../statements/toeslagen.toml"),
        include_str!("../../../../statements/cjib.toml"),
    ];

    /// Another value in the place of each that is no table and no list of named ones.
    fn others(value: &Value, path: &mut Vec<Step>, all: &mut Vec<(Vec<Step>, Value)>) {
        match entries(value).filter(|entries| !entries.is_empty()) {
            Some(entries) => {
                for (step, value) in entries {
                    path.push(step);
                    others(value, path, all);
                    path.pop();
                }
            }
            None => {
                let other = match value {
                    Value::String(text) => Value::String(format!("{text}!")),
                    Value::Boolean(is_so) => Value::Boolean(!is_so),
                    Value::Array(list) => Value::Array([list.as_slice(), list].concat()),
                    _ => Value::String("anders".to_owned()),
                };
                if path.last() != Some(&Step::Key("naam".to_owned())) {
                    all.push((path.clone(), other));
                }
            }
        }
    }

    #[test]
    fn each_key_that_changes_is_one_difference_at_its_place() {
        for file in SHIPPED {
            let file = Value::Table(file.parse().expect("TOML"));
            let mut all = Vec::new();
            others(&file, &mut Vec::new(), &mut all);
            assert!(all.len() > 300, "{}", all.len());
            for (path, other) in all {
                let changed = put(&file, &path, Some(&other));
                let mut changes = Vec::new();
                compare(&file, &changed, &mut Vec::new(), &mut changes);
                assert_eq!(changes.len(), 1, "{path:?}");
                assert_eq!((&changes[0].path, changes[0].is), (&path, Some(&other)));
                assert_eq!(put(&changed, &path, changes[0].was), file, "{path:?}");
                assert!(place(&file, &path, Language::Nl).is_some(), "{path:?}");
                let gone = put(&file, &path, None);
                assert_eq!(put(&gone, &path, changes[0].was), file, "{path:?}");
            }
        }
    }
}
