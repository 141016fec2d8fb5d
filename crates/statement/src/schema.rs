//! The format of a statement file, from the same tables that the reader follows: for editors and for docs/statement.md.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::model::Statement;
use crate::reader::{Key, Schemas, Shape, described};

/// The JSON Schema of a statement file (draft 7, which editors of TOML understand).
pub fn schema() -> Value {
    let mut schemas = Schemas::default();
    let keys = Statement::keys(&mut schemas);
    let mut root = described(Statement::ABOUT.trim(), &keys);
    let tables: Map<String, Value> = schemas
        .tables
        .into_iter()
        .map(|(kind, table)| (kind.to_owned(), table))
        .collect();
    if let Some(root) = root.as_object_mut() {
        let draft = "http://json-schema.org/draft-07/schema#";
        root.insert("$schema".into(), draft.into());
        root.insert("title".into(), "A Postbus statement file".into());
        root.insert("definitions".into(), tables.into());
    }
    root
}

/// The same for readers: a Markdown table for each table of the file.
pub fn reference() -> String {
    let mut schemas = Schemas::default();
    let keys = Statement::keys(&mut schemas);
    let mut text = String::new();
    for (kind, about, inside) in &schemas.order {
        let place = match keys.iter().find(|key| key.key == *kind) {
            Some(key) if key.schema.get("items").is_some() => format!("`[[{kind}]]`"),
            Some(_) => format!("`[{kind}]`"),
            None => format!("`{kind} = {{ … }}`"),
        };
        let _ = writeln!(text, "### {place}\n\n{}\n", about.trim());
        text.push_str("| key | holds |\n|---|---|\n");
        for key in inside {
            let _ = writeln!(text, "| {} | {} |", shown(key), holds(key));
        }
        text.push('\n');
    }
    text
}

fn shown(key: &Key) -> String {
    if key.required {
        format!("`{}`", key.key)
    } else {
        format!("*`{}`*", key.key)
    }
}

/// What it is about, and what may be chosen.
fn holds(key: &Key) -> String {
    let inner = key.schema.get("items").unwrap_or(&key.schema);
    let mut text = key.about.clone();
    if let Some(choices) = inner.get("enum").and_then(Value::as_array) {
        let names: Vec<String> = choices
            .iter()
            .filter_map(Value::as_str)
            .map(|name| format!("`{name}`"))
            .collect();
        let _ = write!(text, " One of {}.", names.join(", "));
    }
    if inner.get("default") == Some(&Value::Bool(false)) {
        text.push_str(" `true`, or left out.");
    }
    text.replace('|', "\\|")
}
