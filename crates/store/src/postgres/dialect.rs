//! The rooms' tables in this engine's words.

/// A room's `schema.sql` for this engine. The texts are ours and keep to a few forms:
/// a statement begins at the start of a line, a column or a constraint has a line of its own.
///
/// `TEXT` compares by bytes, as the embedded engine has it; `BLOB` is `BYTEA`; a table that is numbered as it grows
/// (`INTEGER PRIMARY KEY`) is numbered by each writer for itself, so its key is that number, the writer's `chain`, and the person.
pub(super) fn tables(sql: &str) -> String {
    let mut translated = String::with_capacity(sql.len() * 2);
    let mut table = Numbered::default();
    for line in sql.lines() {
        let code = line.split("--").next().unwrap_or("").trim_end();
        let column = code.split_whitespace().next().unwrap_or("");
        if code.starts_with("CREATE TABLE") {
            table = Numbered::default();
        }
        table.has_subject |= column == "subject_id";
        if code.contains("INTEGER PRIMARY KEY") {
            table.number = Some(column.to_owned());
        }
        let code = if code.starts_with(')') {
            format!("{});", table.key())
        } else {
            in_types(code)
        };
        if !code.trim().is_empty() {
            translated.push_str(&code);
            translated.push('\n');
        }
    }
    translated
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
        words.push(match word.trim_end_matches(',') {
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
        assert_eq!(tables(text), expected);
    }

    #[test]
    fn what_is_numbered_as_it_grows_is_numbered_by_writer() {
        let text = "CREATE TABLE log (\n  no INTEGER PRIMARY KEY, -- none\n  chain BIGINT NOT NULL, -- none\n  subject_id TEXT NOT NULL -- subject\n);";
        let expected = "CREATE TABLE log (\n  no BIGINT NOT NULL,\n  chain BIGINT NOT NULL,\n  subject_id TEXT COLLATE \"C\" NOT NULL\n\
                        , PRIMARY KEY (no, chain, subject_id));\n";
        assert_eq!(tables(text), expected);
    }
}
