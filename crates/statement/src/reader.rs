//! Reads a statement file: every key, name, text and reference, with every fault at once.

mod choices;
mod demands;
mod lists;
mod shape;
mod texts;
mod values;

use std::collections::{HashMap, HashSet};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Place;
use crate::finding::{Level, Report};
use crate::model::Statement;

pub(crate) use choices::{Choice, Choices, choices};
pub(crate) use lists::{
    Categories, CategoryName, Filled1, Languages, List, NonEmpty, OwnId, Ref, RoleName,
};
pub(crate) use shape::{Here, Key, Needed, Opt, Schemas, Shape, Spec, Table, described, table};
pub(crate) use texts::{
    Acronym, Country, Filled, Language, Link, Name, Promise, Region, Texts, Zone,
};
pub(crate) use values::{
    ChannelName, Count, Day, Fixed, Flag, Length, Life, OutOf, TermOrigin, YesNo,
};

/// One reading: the languages and names that the file declares, and what was found wrong with it.
pub(crate) struct Reader<'t> {
    report: Report<'t>,
    languages: Vec<String>,
    names: HashMap<String, Vec<String>>,
    seen: HashSet<(&'static str, String)>,
}

/// A value with the key and the table it stands in.
pub(crate) struct Node<'n> {
    pub(crate) key: &'n str,
    pub(crate) value: &'n Spanned<DeValue<'n>>,
    pub(crate) kind: &'static str,
    /// What that table is called in a finding: `gegeven bericht`.
    pub(crate) title: &'n str,
    /// Its place in the list it stands in.
    pub(crate) index: usize,
}

/// The statement, where it could be read whole, and what is wrong with it.
pub(crate) fn read(text: &str) -> (Option<Statement>, Report<'_>) {
    let mut report = Report::of(text);
    let (root, faults) = DeTable::parse_recoverable(text);
    for fault in &faults {
        let at = fault.span().map(|span| report.place(span.start));
        let message = fault.message().trim().replace('\n', ", ");
        report.push(Level::Error, "S-101", at, message, "the file must be TOML");
    }
    if !faults.is_empty() {
        return (None, report);
    }
    let mut reader = Reader {
        report,
        languages: languages(root.get_ref()),
        names: names(root.get_ref()),
        seen: HashSet::new(),
    };
    let table = Table::of(root.get_ref(), "", 0, 0);
    let statement = Statement::from_table(&table, &mut reader);
    (statement, reader.report)
}

/// The languages offered, before anything is read: each text is asked for in each.
fn languages(root: &DeTable<'_>) -> Vec<String> {
    let header = root
        .iter()
        .find(|(key, _)| key.get_ref() == "verklaring")
        .and_then(|(_, value)| value.get_ref().get("talen"))
        .and_then(|talen| talen.get_ref().as_array());
    let mut languages: Vec<String> = Vec::new();
    for code in header.into_iter().flat_map(|talen| talen.iter()) {
        if let Some(code) = code.get_ref().as_str()
            && !languages.iter().any(|known| known == code)
            && Language::shaped(code)
        {
            languages.push(code.to_owned());
        }
    }
    languages
}

/// The names that each kind of table declares, in the order of the file.
fn names(root: &DeTable<'_>) -> HashMap<String, Vec<String>> {
    let lists = root.iter().filter_map(|(key, value)| {
        let tables = value.get_ref().as_array()?;
        let names = tables.iter().map(|table| {
            let name = table.get_ref().get("naam");
            name.and_then(|name| name.get_ref().as_str())
                .unwrap_or_default()
                .to_owned()
        });
        Some((key.get_ref().to_string(), names.collect()))
    });
    lists.collect()
}

impl Reader<'_> {
    pub(crate) fn place(&self, node: &Node<'_>) -> Place {
        self.report.place(node.value.span().start)
    }
    pub(crate) fn place_of(&self, offset: usize) -> Place {
        self.report.place(offset)
    }

    pub(crate) fn error(
        &mut self,
        code: &'static str,
        node: &Node<'_>,
        text: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let at = self.place(node);
        self.report.push(Level::Error, code, Some(at), text, hint);
    }
    pub(crate) fn error_at(
        &mut self,
        code: &'static str,
        at: Option<usize>,
        text: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let at = at.map(|at| self.report.place(at));
        self.report.push(Level::Error, code, at, text, hint);
    }
    pub(crate) fn warn_at(
        &mut self,
        code: &'static str,
        at: usize,
        text: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let at = self.report.place(at);
        self.report.push(Level::Warning, code, Some(at), text, hint);
    }

    pub(crate) fn languages(&self) -> &[String] {
        &self.languages
    }

    /// The place of a declared name in the order of the file.
    pub(crate) fn index(&self, kind: &str, name: &str) -> Option<usize> {
        self.names.get(kind)?.iter().position(|known| known == name)
    }

    /// Whether this name of this kind is read for the first time.
    pub(crate) fn first(&mut self, kind: &'static str, name: &str) -> bool {
        self.seen.insert((kind, name.to_owned()))
    }

    /// A value of the wrong kind.
    pub(crate) fn mistaken(&mut self, node: &Node<'_>, wanted: &str) {
        let found = node.value.get_ref().type_str();
        let text = format!("{} holds {wanted}, not this {found}", node.key);
        self.error(
            "S-103",
            node,
            text,
            "docs/statement.md says which keys a table has and what they hold",
        );
    }

    /// The text of a value that must be one.
    pub(crate) fn string<'n>(&mut self, node: &Node<'n>) -> Option<&'n str> {
        let text = node.value.get_ref().as_str();
        if text.is_none() {
            self.mistaken(node, "a text");
        }
        text
    }

    /// The value when `shaped`; else a finding that says what it is not.
    pub(crate) fn shaped(
        &mut self,
        shaped: bool,
        node: &Node<'_>,
        text: &str,
        fault: &str,
        hint: &str,
    ) -> Option<String> {
        if !shaped {
            self.error("S-107", node, format!("{text:?} {fault}"), hint);
        }
        shaped.then(|| text.to_owned())
    }
}
