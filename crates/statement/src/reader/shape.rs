//! What a table of a statement file looks like, said once: the reader, the schema and the documentation follow it.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde_json::{Map, Value, json};
use toml::de::{DeTable, DeValue};

use super::{Node, Reader};
use crate::Place;

/// How a value is written, and what it becomes.
pub(crate) trait Spec {
    type Value;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self::Value>;
    /// What an absent key means; by default that something is missing.
    fn absent(table: &Table<'_>, key: &str, reader: &mut Reader<'_>) -> Option<Self::Value> {
        reader.missing("S-103", table, key);
        None
    }
    /// What the table itself gives, for a field without a key.
    fn own(_table: &Table<'_>, _reader: &mut Reader<'_>) -> Option<Self::Value> {
        None
    }
    const REQUIRED: bool = true;
    /// As JSON Schema.
    fn schema(schemas: &mut Schemas) -> Value;
}

/// A table: its keys, each with what it holds.
pub(crate) trait Shape: Sized {
    /// As in `[[gegeven]]`; a table inside another has the key it stands under.
    const KIND: &'static str;
    const ABOUT: &'static str;
    fn from_table(table: &Table<'_>, reader: &mut Reader<'_>) -> Option<Self>;
    fn keys(schemas: &mut Schemas) -> Vec<Key>;
}

/// A key of a table, for the schema and the documentation.
pub(crate) struct Key {
    pub(crate) key: &'static str,
    pub(crate) about: String,
    pub(crate) required: bool,
    pub(crate) schema: Value,
}

impl Key {
    pub(crate) fn of<S: Spec>(key: &'static str, about: &str, schemas: &mut Schemas) -> Self {
        Self {
            key,
            about: about.trim().to_owned(),
            required: S::REQUIRED,
            schema: S::schema(schemas),
        }
    }
}

/// The tables met so far, by kind; each is described once.
#[derive(Default)]
pub(crate) struct Schemas {
    pub(crate) tables: BTreeMap<&'static str, Value>,
    /// What stands in docs/statement.md, in the order of meeting.
    pub(crate) order: Vec<(&'static str, &'static str, Vec<Key>)>,
}

impl Schemas {
    /// A reference to the description of this table, made when it is met first.
    pub(crate) fn of<T: Shape>(&mut self) -> Value {
        if !self.tables.contains_key(T::KIND) {
            self.tables.insert(T::KIND, Value::Null);
            let place = self.order.len();
            self.order.push((T::KIND, T::ABOUT, Vec::new()));
            let keys: Vec<Key> = T::keys(self)
                .into_iter()
                .filter(|key| !key.key.is_empty())
                .collect();
            self.tables
                .insert(T::KIND, described(T::ABOUT.trim(), &keys));
            self.order[place].2 = keys;
        }
        json!({ "$ref": format!("#/definitions/{}", T::KIND) })
    }
}

pub(crate) fn described(about: &str, keys: &[Key]) -> Value {
    let mut properties = Map::new();
    for key in keys {
        let mut schema = key.schema.clone();
        // What stands beside a $ref is ignored in this version of the schema language.
        if schema.get("$ref").is_none()
            && let Some(schema) = schema.as_object_mut()
        {
            schema.insert("description".into(), key.about.clone().into());
        }
        properties.insert(key.key.to_owned(), schema);
    }
    let required: Vec<&str> = keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.key)
        .collect();
    json!({
        "type": "object", "description": about, "properties": properties,
        "required": required, "additionalProperties": false,
    })
}

/// A table of the file that is being read.
pub(crate) struct Table<'n> {
    pub(crate) kind: &'static str,
    /// What it is called in a finding: `gegeven bericht`.
    pub(crate) title: String,
    pub(crate) at: usize,
    /// Its place among the tables of its kind.
    pub(crate) index: usize,
    entries: &'n DeTable<'n>,
}

impl<'n> Table<'n> {
    pub(crate) fn of(
        entries: &'n DeTable<'n>,
        kind: &'static str,
        start: usize,
        index: usize,
    ) -> Self {
        let name = entries.iter().find(|(key, _)| key.get_ref() == "naam");
        let title = match name.and_then(|(_, name)| name.get_ref().as_str()) {
            Some(name) => format!("{kind} {name}"),
            None if kind.is_empty() => "the statement".to_owned(),
            None => kind.to_owned(),
        };
        Self {
            kind,
            title,
            at: name.map_or(start, |(_, name)| name.span().start),
            index,
            entries,
        }
    }

    fn find<'s>(&'s self, key: &'s str) -> Option<Node<'s>> {
        let (_, value) = self
            .entries
            .iter()
            .find(|(found, _)| found.get_ref() == key)?;
        Some(Node {
            key,
            value,
            kind: self.kind,
            title: &self.title,
            index: 0,
        })
    }
}

impl Reader<'_> {
    pub(crate) fn key<S: Spec>(
        &mut self,
        table: &Table<'_>,
        key: &'static str,
    ) -> Option<S::Value> {
        if key.is_empty() {
            return S::own(table, self);
        }
        match table.find(key) {
            Some(node) => S::read(&node, self),
            None => S::absent(table, key, self),
        }
    }

    /// A key that is not known would be carried out by nobody.
    pub(crate) fn only(&mut self, table: &Table<'_>, known: &[&str]) {
        for (key, _) in table.entries {
            if key.get_ref().is_empty() || !known.contains(&key.get_ref().as_ref()) {
                let text = format!("{} has no key {:?}", table.title, key.get_ref());
                let near = nearest(key.get_ref(), known);
                let hint = near.map_or_else(
                    || {
                        "nothing would carry out what it says; docs/statement.md lists the keys"
                            .into()
                    },
                    |near| format!("nothing would carry out what it says; is {near} meant?"),
                );
                self.error_at("S-102", Some(key.span().start), text, hint);
            }
        }
    }

    pub(crate) fn missing(&mut self, code: &'static str, table: &Table<'_>, key: &str) {
        let text = format!("{} has no {key}", table.title);
        let at = (!table.kind.is_empty()).then_some(table.at);
        self.error_at(
            code,
            at,
            text,
            format!("add {key}; docs/statement.md says what it holds"),
        );
    }
}

/// The known key that begins like this one or ends like it, in three letters or more.
fn nearest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let alike = |other: &str| {
        let same = key.chars().zip(other.chars());
        let back = key.chars().rev().zip(other.chars().rev());
        same.take_while(|(a, b)| a == b)
            .count()
            .max(back.take_while(|(a, b)| a == b).count())
    };
    let best = known.iter().max_by_key(|other| alike(other))?;
    (alike(best) >= 3).then_some(*best)
}

/// A key that may be left out.
pub(crate) struct Opt<S>(PhantomData<S>);

impl<S: Spec> Spec for Opt<S> {
    type Value = Option<S::Value>;
    const REQUIRED: bool = false;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self::Value> {
        S::read(node, reader).map(Some)
    }
    fn absent(_: &Table<'_>, _: &str, _: &mut Reader<'_>) -> Option<Self::Value> {
        Some(None)
    }
    fn schema(schemas: &mut Schemas) -> Value {
        S::schema(schemas)
    }
}

/// A key whose absence has a code of its own.
pub(crate) struct Needed<const CODE: usize, S>(PhantomData<S>);

const NEEDED: [(usize, &str); 5] = [
    (110, "S-110"),
    (301, "S-301"),
    (401, "S-401"),
    (402, "S-402"),
    (405, "S-405"),
];

impl<const CODE: usize, S: Spec> Spec for Needed<CODE, S> {
    type Value = S::Value;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self::Value> {
        S::read(node, reader)
    }
    fn absent(table: &Table<'_>, key: &str, reader: &mut Reader<'_>) -> Option<Self::Value> {
        let code = NEEDED.iter().find(|(code, _)| *code == CODE);
        reader.missing(code.map_or("S-103", |(_, code)| code), table, key);
        None
    }
    fn schema(schemas: &mut Schemas) -> Value {
        S::schema(schemas)
    }
}

/// The place of the table itself.
pub(crate) struct Here;

impl Spec for Here {
    type Value = Place;
    fn read(_: &Node<'_>, _: &mut Reader<'_>) -> Option<Place> {
        None
    }
    fn own(table: &Table<'_>, reader: &mut Reader<'_>) -> Option<Place> {
        Some(reader.place_of(table.at))
    }
    fn schema(_: &mut Schemas) -> Value {
        Value::Null
    }
}

/// A table inside a table.
impl<T: Shape> Spec for T {
    type Value = T;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<T> {
        let DeValue::Table(entries) = node.value.get_ref() else {
            reader.mistaken(node, "a table");
            return None;
        };
        let table = Table::of(entries, T::KIND, node.value.span().start, node.index);
        T::from_table(&table, reader)
    }
    fn schema(schemas: &mut Schemas) -> Value {
        schemas.of::<T>()
    }
}

/// Makes a public type of a table: each field with the key it is read from and how.
macro_rules! table {
    (
        $(#[doc = $about:literal])+
        $(#[derive($($derive:ident),+)])?
        pub struct $type:ident = $kind:literal {
            $( $(#[doc = $doc:literal])+ $field:ident: $value:ty = $key:literal as $spec:ty, )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug $(, $($derive),+)?)]
        pub struct $type { $( $(#[doc = $doc])+ pub $field: $value, )+ }

        impl crate::reader::Shape for $type {
            const KIND: &'static str = $kind;
            const ABOUT: &'static str = concat!($($about),+);
            fn from_table(
                table: &crate::reader::Table<'_>,
                reader: &mut crate::reader::Reader<'_>,
            ) -> Option<Self> {
                reader.only(table, &[$($key),+]);
                $( let $field = reader.key::<$spec>(table, $key); )+
                Some(Self { $($field: $field?),+ })
            }
            fn keys(schemas: &mut crate::reader::Schemas) -> Vec<crate::reader::Key> {
                vec![$( crate::reader::Key::of::<$spec>($key, concat!($($doc),+), schemas) ),+]
            }
        }
    };
}
pub(crate) use table;
