//! The constants a room writes its SQL in, collected at link time so that every one of them is analysed.

pub use store::{Insert, Sql};

/// A sealed column, by its stable name `table.column`; what is sealed under it opens under it only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed(pub(crate) &'static str);

impl Sealed {
    #[doc(hidden)]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }
    pub(crate) const fn name(self) -> &'static str {
        self.0
    }
}

/// One collected text.
pub enum Text {
    Sql(&'static Sql),
    Insert(&'static Insert),
    Sealed(Sealed),
}

inventory::collect!(Text);

/// Every text of every room linked into this program.
pub(crate) fn all() -> impl Iterator<Item = &'static Text> {
    inventory::iter::<Text>.into_iter()
}

/// A query or statement: `const INBOX: &Sql = sql!("SELECT … WHERE subject_id = $1 …");`
#[macro_export]
macro_rules! sql {
    ($text:literal) => {{
        static TEXT: $crate::Sql = $crate::Sql::new($text);
        $crate::inventory::submit! { $crate::Text::Sql(&TEXT) }
        &TEXT
    }};
}

/// A row to add: `const NEW: &Insert = insert!("messages" (subject_id, message_id, title));`
#[macro_export]
macro_rules! insert {
    ($table:literal ($($column:ident),+ $(,)?)) => {{
        static TEXT: $crate::Insert = $crate::Insert::new($table, &[$(stringify!($column)),+]);
        $crate::inventory::submit! { $crate::Text::Insert(&TEXT) }
        &TEXT
    }};
}

/// A sealed column: `const TITLE: Sealed = sealed!("messages.title");`
#[macro_export]
macro_rules! sealed {
    ($name:literal) => {{
        $crate::inventory::submit! { $crate::Text::Sealed($crate::Sealed::new($name)) }
        $crate::Sealed::new($name)
    }};
}
