//! The rooms' tables in this engine's words.

use basics::Fault;

use crate::layout::{self, Layout, Pieces};

/// Into so many parts a table falls by a hash. A server keeps sixteen locks of a connection where they cost nothing; a text
/// that is planned once locks every part, the table and an index, and leaves room for the texts beside it.
const PARTS: usize = 8;

/// A room's `schema.sql`, or a change to it, for this engine. The texts are ours and keep to a few forms: a statement begins
/// at the start of a line, a column or a constraint has a line of its own. What neither makes a table nor alters one stays
/// as it is.
///
/// `TEXT` compares by bytes, as the embedded engine has it; `BLOB` is `BYTEA`; a table that is numbered as it grows
/// (`INTEGER PRIMARY KEY`) is numbered by each writer for itself, so its key is that number, the writer's `chain`, and the person.
///
/// A table that lies in parts or by month is made with its parts; the months themselves come from `months`.
///
/// Errors: a mark that does not say how rows lie.
pub(super) fn tables(sql: &str) -> Result<String, Fault> {
    let mut translated = String::with_capacity(sql.len() * 2);
    let mut table = Numbered::default();
    let mut layouts = layout::tables(sql)?.into_iter();
    let mut at_hand = None;
    for line in sql.lines() {
        let makes_table = line.starts_with("CREATE TABLE");
        if at_hand.is_none() && !makes_table && !line.starts_with("ALTER TABLE") {
            if !line.trim().is_empty() && !line.starts_with("--") {
                translated.push_str(line);
                translated.push('\n');
            }
            continue;
        }
        let code = line.split("--").next().unwrap_or("").trim_end();
        let column = code.split_whitespace().next().unwrap_or("");
        if makes_table {
            table = Numbered::default();
            at_hand = layouts.next();
        }
        table.has_subject |= column == "subject_id";
        if code.contains("INTEGER PRIMARY KEY") {
            table.number = Some(column.to_owned());
        }
        let code = if code.starts_with(')') {
            let (divided, pieces) = at_hand.take().map(divided).unwrap_or_default();
            format!("{}){divided};{pieces}", table.key())
        } else {
            in_types(code)
        };
        if !code.trim().is_empty() {
            translated.push_str(&code);
            translated.push('\n');
        }
    }
    Ok(translated)
}

/// How a table is divided, and the statements that make its pieces.
fn divided((table, layout): (&str, Layout<'_>)) -> (String, String) {
    match layout.pieces {
        Pieces::One => (String::new(), String::new()),
        Pieces::Parts(column) => {
            let parts = (0..PARTS).map(|part| {
                format!("\nCREATE TABLE {table}_{part} PARTITION OF {table} FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part});")
            });
            (format!(" PARTITION BY HASH ({column})"), parts.collect())
        }
        // Nothing is refused for its month: what has none lies with the rest.
        Pieces::Months(column) => (
            format!(" PARTITION BY RANGE ({column})"),
            format!("\nCREATE TABLE {table}_rest PARTITION OF {table} DEFAULT;"),
        ),
    }
}

/// What the table at hand needs as its key, when its number alone is not one.
#[derive(Default)]
struct Numbered {
    number: Option<String>,
    has_subject: bool,
}

impl Numbered {
    fn key(&self) -> String {
        match &self.number {
            None => String::new(),
            Some(number) if self.has_subject => {
                format!(", PRIMARY KEY ({number}, chain, subject_id)")
            }
            Some(number) => format!(", PRIMARY KEY ({number}, chain)"),
        }
    }
}

fn in_types(code: &str) -> String {
    let code = code.replace("INTEGER PRIMARY KEY", "BIGINT NOT NULL");
    let mut words = Vec::new();
    for (at, word) in code.split(' ').enumerate() {
        // The first word of a line is a name.
        let is_name = at == 0 || words.iter().all(|before: &String| before.is_empty());
        words.push(match word.trim_end_matches([',', ';']) {
            "TEXT" if !is_name => word.replace("TEXT", "TEXT COLLATE \"C\""),
            "BLOB" if !is_name => word.replace("BLOB", "BYTEA"),
            _ => word.to_owned(),
        });
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_keeps_its_columns_and_its_keys() {
        let text = "-- Letters.\nCREATE TABLE letters (\n  subject_id TEXT   NOT NULL, -- subject\n  title BLOB, -- bericht, sealed\n  \
                    CONSTRAINT letters_pk PRIMARY KEY (subject_id)\n) WITHOUT ROWID;\nCREATE INDEX letters_at ON letters (title);";
        let expected = "CREATE TABLE letters (\n  subject_id TEXT COLLATE \"C\"   NOT NULL,\n  title BYTEA,\n  \
                        CONSTRAINT letters_pk PRIMARY KEY (subject_id)\n);\nCREATE INDEX letters_at ON letters (title);\n";
        assert_eq!(tables(text).unwrap(), expected);
    }

    #[test]
    fn what_is_numbered_as_it_grows_is_numbered_by_writer() {
        let text = "CREATE TABLE log (\n  no INTEGER PRIMARY KEY, -- none\n  chain BIGINT NOT NULL, -- none\n  subject_id TEXT NOT NULL -- subject\n);";
        let expected = "CREATE TABLE log (\n  no BIGINT NOT NULL,\n  chain BIGINT NOT NULL,\n  subject_id TEXT COLLATE \"C\" NOT NULL\n\
                        , PRIMARY KEY (no, chain, subject_id));\n";
        assert_eq!(tables(text).unwrap(), expected);
    }

    #[test]
    fn a_table_is_made_with_its_pieces() {
        let text = "-- lies by subject_id in parts\nCREATE TABLE letters (\n  subject_id TEXT NOT NULL -- subject\n) WITHOUT ROWID;\n\
                    -- lies by month of id\nCREATE TABLE audit (\n  id TEXT NOT NULL -- none\n);\n\
                    CREATE TABLE jobs (\n  id TEXT NOT NULL -- none\n);";
        let made = tables(text).unwrap();
        assert!(made.contains(") PARTITION BY HASH (subject_id);\nCREATE TABLE letters_0 PARTITION OF letters FOR VALUES WITH (MODULUS 8, REMAINDER 0);"), "{made}");
        assert_eq!(made.matches(" PARTITION OF letters ").count(), PARTS);
        assert!(
            made.contains(
                ") PARTITION BY RANGE (id);\nCREATE TABLE audit_rest PARTITION OF audit DEFAULT;"
            ),
            "{made}"
        );
        assert!(
            made.ends_with("CREATE TABLE jobs (\n  id TEXT COLLATE \"C\" NOT NULL\n);\n"),
            "{made}"
        );
    }

    #[test]
    fn a_change_is_translated_where_it_is_about_tables() {
        let text = "-- Colours.\nALTER TABLE letters ADD COLUMN colour TEXT; -- bericht, sealed\n\
                    UPDATE letters SET said = 'a -- BLOB'\nWHERE said = 'TEXT';\nCREATE INDEX letters_colour ON letters (colour);";
        let expected = "ALTER TABLE letters ADD COLUMN colour TEXT COLLATE \"C\";\n\
                        UPDATE letters SET said = 'a -- BLOB'\nWHERE said = 'TEXT';\nCREATE INDEX letters_colour ON letters (colour);\n";
        assert_eq!(tables(text).unwrap(), expected);
    }
}
