//! Values that are chosen from a closed list.

use std::marker::PhantomData;

use serde_json::{Value, json};

use super::{Node, Reader, Schemas, Spec};

/// The names that a key may hold.
pub(crate) trait Choices: Copy + 'static {
    fn all() -> &'static [Self];
    fn word(self) -> &'static str;
}

/// One of them.
pub(crate) struct Choice<T>(PhantomData<T>);

impl<T: Choices> Spec for Choice<T> {
    type Value = T;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<T> {
        let text = reader.string(node)?;
        let found = T::all().iter().find(|one| one.word() == text);
        if found.is_none() {
            let names: Vec<&str> = T::all().iter().map(|one| one.word()).collect();
            reader.error(
                "S-107",
                node,
                format!("{text:?} is no {}", node.key),
                format!("choose from {}", names.join(", ")),
            );
        }
        found.copied()
    }
    fn schema(_: &mut Schemas) -> Value {
        let names: Vec<&str> = T::all().iter().map(|one| one.word()).collect();
        json!({ "enum": names })
    }
}

/// Makes an enum of a closed list: each choice with its name in the file.
macro_rules! choices {
    (
        $(#[$about:meta])+
        pub enum $type:ident { $( $(#[$doc:meta])* $choice:ident = $name:literal, )+ }
    ) => {
        $(#[$about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $type { $( $(#[$doc])* $choice, )+ }

        impl $type {
            pub const ALL: &'static [$type] = &[$( $type::$choice ),+];

            /// The name in the statement file.
            pub const fn name(self) -> &'static str {
                match self { $( $type::$choice => $name, )+ }
            }
        }
        impl crate::reader::Choices for $type {
            fn all() -> &'static [Self] { Self::ALL }
            fn word(self) -> &'static str { self.name() }
        }
    };
}
pub(crate) use choices;

impl Choices for basics::NumberKind {
    fn all() -> &'static [Self] {
        &Self::ALL
    }
    fn word(self) -> &'static str {
        self.name()
    }
}

impl Choices for crate::LoginLevel {
    fn all() -> &'static [Self] {
        &Self::ALL
    }
    fn word(self) -> &'static str {
        self.name()
    }
}
