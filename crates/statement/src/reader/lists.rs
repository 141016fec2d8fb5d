//! Lists, and names that refer to what the file declares elsewhere.

use std::marker::PhantomData;

use serde_json::{Value, json};
use toml::de::DeValue;

use super::{Node, Reader, Schemas, Shape, Spec, Table};
use crate::model::{Category, ROLES, Role};
use crate::{CategoryId, Mask};

/// A list, or the tables of a kind; absent is empty.
pub(crate) struct List<S>(PhantomData<S>);

impl<S: Spec> List<S> {
    fn each(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Vec<S::Value>> {
        let DeValue::Array(values) = node.value.get_ref() else {
            reader.mistaken(node, "a list");
            return None;
        };
        // Everything is read before anything is given up, so that all faults are reported.
        let read: Vec<Option<S::Value>> = values
            .iter()
            .enumerate()
            .map(|(index, value)| {
                let (key, kind, title) = (node.key, node.kind, node.title);
                let node = Node {
                    key,
                    value,
                    kind,
                    title,
                    index,
                };
                S::read(&node, reader)
            })
            .collect();
        read.into_iter().collect()
    }
}

impl<S: Spec> Spec for List<S> {
    type Value = Vec<S::Value>;
    const REQUIRED: bool = false;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self::Value> {
        Self::each(node, reader)
    }
    fn absent(_: &Table<'_>, _: &str, _: &mut Reader<'_>) -> Option<Self::Value> {
        Some(Vec::new())
    }
    fn schema(schemas: &mut Schemas) -> Value {
        json!({ "type": "array", "items": S::schema(schemas) })
    }
}

/// A list with at least one in it; one without has a code of its own.
pub(crate) struct Filled1<const CODE: usize, S>(PhantomData<S>);

const EMPTY: [(usize, &str); 4] = [
    (107, "S-107"),
    (404, "S-404"),
    (405, "S-405"),
    (406, "S-406"),
];

impl<const CODE: usize, S: Spec> Filled1<CODE, S> {
    fn code() -> &'static str {
        let code = EMPTY.iter().find(|(code, _)| *code == CODE);
        code.map_or("S-107", |(_, code)| code)
    }
}

impl<const CODE: usize, S: Spec> Spec for Filled1<CODE, S> {
    type Value = Vec<S::Value>;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self::Value> {
        let list = List::<S>::each(node, reader)?;
        if list.is_empty() {
            let text = format!("{} is empty", node.key);
            reader.error(Self::code(), node, text, "name at least one");
            return None;
        }
        Some(list)
    }
    fn absent(table: &Table<'_>, key: &str, reader: &mut Reader<'_>) -> Option<Self::Value> {
        reader.missing(Self::code(), table, key);
        None
    }
    fn schema(schemas: &mut Schemas) -> Value {
        json!({ "type": "array", "items": S::schema(schemas), "minItems": 1 })
    }
}

/// The name of a table of this kind.
pub(crate) struct Ref<T>(PhantomData<T>);

/// The code of a name that is not there.
const ABSENT: [(&str, &str); 9] = [
    ("gegeven", "S-201"),
    ("doel", "S-202"),
    ("grondslag", "S-203"),
    ("ontvanger", "S-206"),
    ("rechtsbron", "S-207"),
    ("bron", "S-209"),
    ("betrokkene", "S-210"),
    ("verwerker", "S-211"),
    ("adres", "S-212"),
];

impl Reader<'_> {
    /// The place of a declared name in the order of the file; a finding where it is not there.
    pub(crate) fn known(&mut self, kind: &str, node: &Node<'_>) -> Option<(String, usize)> {
        let name = self.string(node)?;
        let found = self.index(kind, name);
        if found.is_none() {
            let code = ABSENT.iter().find(|(absent, _)| *absent == kind);
            self.error(
                code.map_or("S-213", |(_, code)| code),
                node,
                format!("there is no {kind} {name:?}"),
                format!("declare it in a [[{kind}]], or name one that is declared"),
            );
        }
        Some((name.to_owned(), found?))
    }
}

impl<T: Shape> Spec for Ref<T> {
    type Value = String;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<String> {
        reader.known(T::KIND, node).map(|(name, _)| name)
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string" })
    }
}

/// A category by its name.
pub(crate) struct CategoryName;

impl Spec for CategoryName {
    type Value = CategoryId;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<CategoryId> {
        let (_, index) = reader.known(Category::KIND, node)?;
        CategoryId::new(index)
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string" })
    }
}

/// Categories by their names, as a set; absent is none.
pub(crate) struct Categories;

impl Spec for Categories {
    type Value = Mask;
    const REQUIRED: bool = false;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Mask> {
        let categories = List::<CategoryName>::each(node, reader)?;
        Some(categories.into_iter().collect())
    }
    fn absent(_: &Table<'_>, _: &str, _: &mut Reader<'_>) -> Option<Mask> {
        Some(Mask::EMPTY)
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "array", "items": { "type": "string" } })
    }
}

/// The id of the category whose table this is: its place in the file.
pub(crate) struct OwnId;

impl Spec for OwnId {
    type Value = CategoryId;
    fn read(_: &Node<'_>, _: &mut Reader<'_>) -> Option<CategoryId> {
        None
    }
    fn own(table: &Table<'_>, reader: &mut Reader<'_>) -> Option<CategoryId> {
        if table.index == 128 {
            reader.error_at(
                "S-106",
                Some(table.at),
                "there are more than 128 categories",
                "join some categories",
            );
        }
        CategoryId::new(table.index)
    }
    fn schema(_: &mut Schemas) -> Value {
        Value::Null
    }
}

/// A role: one that the code acts in, or one that the file declares.
pub(crate) struct RoleName;

impl Spec for RoleName {
    type Value = String;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<String> {
        let name = reader.string(node)?;
        let known = ROLES.contains(&name) || reader.index(Role::KIND, name).is_some();
        if !known {
            let text = format!("{name:?} is no role");
            let hint = format!(
                "declare it in a [[rol]], or choose from {}",
                ROLES.join(", ")
            );
            reader.error("S-204", node, text, hint);
        }
        known.then(|| name.to_owned())
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string" })
    }
}

/// The languages offered, each once; the first is the default.
pub(crate) struct Languages;

impl Spec for Languages {
    type Value = Vec<String>;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Vec<String>> {
        let languages = Filled1::<107, super::Language>::read(node, reader)?;
        for (place, language) in languages.iter().enumerate() {
            if languages[..place].contains(language) {
                let text = format!("language {language} is named twice");
                reader.error("S-105", node, text, "take one out");
            }
        }
        Some(languages)
    }
    fn schema(schemas: &mut Schemas) -> Value {
        Filled1::<107, super::Language>::schema(schemas)
    }
}

/// At least one category; a recipient or source without any has a code of its own.
pub(crate) struct NonEmpty;

impl Spec for NonEmpty {
    type Value = Mask;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Mask> {
        let categories = Filled1::<406, CategoryName>::read(node, reader)?;
        Some(categories.into_iter().collect())
    }
    fn absent(table: &Table<'_>, key: &str, reader: &mut Reader<'_>) -> Option<Mask> {
        reader.missing("S-406", table, key);
        None
    }
    fn schema(schemas: &mut Schemas) -> Value {
        Filled1::<406, CategoryName>::schema(schemas)
    }
}
