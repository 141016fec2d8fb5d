//! SQL texts as constants: written once, bound by number, prepared once a connection.

use std::sync::OnceLock;

/// A query or statement. Parameters are `$1`, `$2`, … in any order.
pub struct Sql {
    text: &'static str,
    bound: OnceLock<String>,
}

impl Sql {
    pub const fn new(text: &'static str) -> Self {
        Self {
            text,
            bound: OnceLock::new(),
        }
    }
    pub const fn text(&self) -> &'static str {
        self.text
    }
    /// The text as the embedded engine numbers its parameters (`?1`).
    pub(crate) fn bound(&self) -> &str {
        self.bound.get_or_init(|| number_parameters(self.text))
    }
}

impl std::fmt::Debug for Sql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text)
    }
}

/// A row to add: table and columns, so that a group's rows can be flushed together.
pub struct Insert {
    table: &'static str,
    columns: &'static [&'static str],
    bound: OnceLock<String>,
}

impl Insert {
    pub const fn new(table: &'static str, columns: &'static [&'static str]) -> Self {
        Self {
            table,
            columns,
            bound: OnceLock::new(),
        }
    }
    pub const fn table(&self) -> &'static str {
        self.table
    }
    pub const fn columns(&self) -> &'static [&'static str] {
        self.columns
    }
    pub(crate) fn bound(&self) -> &str {
        self.bound.get_or_init(|| {
            let places: Vec<String> = (1..=self.columns.len())
                .map(|at| format!("?{at}"))
                .collect();
            format!(
                "INSERT INTO {} ({}) VALUES ({})",
                self.table,
                self.columns.join(", "),
                places.join(", ")
            )
        })
    }
}

impl std::fmt::Debug for Insert {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "INSERT INTO {} ({})",
            self.table,
            self.columns.join(", ")
        )
    }
}

/// `$1` → `?1`, outside quoted text.
fn number_parameters(text: &str) -> String {
    let mut quoted = false;
    text.chars()
        .map(|c| match c {
            '\'' => {
                quoted = !quoted;
                c
            }
            '$' if !quoted => '?',
            _ => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_keep_their_numbers() {
        assert_eq!(
            number_parameters("SELECT '$1', $2, $1"),
            "SELECT '$1', ?2, ?1"
        );
    }
}
