//! Defence in depth: which role sees and changes which rows, said to the server itself.
//!
//! The role that serves sees the rows of one person at a time: the one that [`telling`] named in this transaction. It may not
//! change the tables, nor change or remove what the log holds. A second role adds rows, anybody's, and reads none; the store
//! becomes it for the flush of a group, and to remove by the owner's functions what ends in the log. Whoever says that they walk the log sees all its rows, and nothing else of
//! anybody. This guards against our own faults. Who steals the serving role can name
//! any person, or become the second role.

/// Names the person that the rest of the transaction is about, or nobody.
pub(super) fn telling(subject: Option<&str>) -> String {
    let subject = subject.unwrap_or_default().replace('\'', "''");
    // As it is read whatever the server takes a backslash for.
    let subject = subject.replace('\\', "\\\\");
    format!("SET LOCAL postbus.subject TO E'{subject}'")
}

/// Tables of which a row, once added, stays as it is until it is swept.
const ONLY_ADDED_TO: [&str; 6] = [
    "log",
    "log_chain",
    "log_places",
    "log_removals",
    "audit",
    "givings",
];

/// What names all persons at once, for the tables that are walked as a whole; and those.
const EVERYBODY: &str = "*";
const WALKED: [&str; 2] = ["log", "log_places"];

/// The role that only adds, of those that serve as `serving`; quoted.
pub(super) fn adding_role(serving: &str) -> String {
    quoted(&format!("{serving}_adds"))
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What a room's tables need so that `serving` can work with them. `schema` is the room's `schema.sql`.
pub(super) fn of_room(schema: &str, serving: &str) -> String {
    let (serves, adds) = (quoted(serving), adding_role(serving));
    let mut said = String::new();
    for table in tables(schema) {
        let name = table.name;
        let rights = if ONLY_ADDED_TO.contains(&name) {
            "SELECT"
        } else {
            "SELECT, INSERT, UPDATE, DELETE"
        };
        said +=
            &format!("GRANT {rights} ON {name} TO {serves}; GRANT INSERT ON {name} TO {adds};\n");
        if table.is_of_a_subject {
            said += &format!(
                "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
                 CREATE POLICY {name}_of_one ON {name} TO {serves} USING (subject_id = current_setting('postbus.subject', true));
                 CREATE POLICY {name}_added ON {name} FOR INSERT TO {adds} WITH CHECK (true);\n"
            );
            if WALKED.contains(&name) {
                said += &format!(
                    "CREATE POLICY {name}_walked ON {name} FOR SELECT TO {serves} USING (current_setting('postbus.subject', true) = '{EVERYBODY}');\n"
                );
            }
        }
    }
    said
}

struct Table<'s> {
    name: &'s str,
    /// Its rows are somebody's, and found after that somebody is known.
    is_of_a_subject: bool,
}

/// The tables of a room, as its `schema.sql` notes them: `-- subject` marks the column that says whose a row is,
/// `-- subject, looked up` the same in a table by which that person is found.
fn tables(schema: &str) -> Vec<Table<'_>> {
    let mut tables: Vec<Table<'_>> = Vec::new();
    for line in schema.lines() {
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            tables.push(Table {
                name: rest.trim_end_matches('(').trim(),
                is_of_a_subject: false,
            });
        }
        if let Some((_, note)) = line.split_once("--")
            && note.trim() == "subject"
            && let Some(table) = tables.last_mut()
        {
            table.is_of_a_subject = true;
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = "CREATE TABLE letters (\n  subject_id TEXT NOT NULL, -- subject\n  title BLOB -- bericht, sealed\n);\n\
                          CREATE TABLE numbers (\n  subject_id TEXT NOT NULL, -- subject, looked up\n  digest BLOB -- number, clear: a hash\n);\n\
                          CREATE TABLE log (\n  subject_id TEXT NOT NULL -- subject\n);";

    #[test]
    fn a_persons_table_has_a_policy_and_a_look_up_has_none() {
        let said = of_room(SCHEMA, "post");
        assert!(
            said.contains("CREATE POLICY letters_of_one ON letters TO \"post\""),
            "{said}"
        );
        assert!(!said.contains("POLICY numbers"), "{said}");
        assert!(
            said.contains("GRANT SELECT, INSERT, UPDATE, DELETE ON numbers"),
            "{said}"
        );
    }

    #[test]
    fn the_log_is_only_added_to() {
        let said = of_room(SCHEMA, "post");
        assert!(
            said.contains("GRANT SELECT ON log TO \"post\"; GRANT INSERT ON log TO \"post_adds\""),
            "{said}"
        );
    }

    #[test]
    fn whoever_is_named_stays_one_value() {
        assert_eq!(telling(None), "SET LOCAL postbus.subject TO E''");
        assert_eq!(
            telling(Some("a'; b\\")),
            "SET LOCAL postbus.subject TO E'a''; b\\\\'"
        );
    }

    #[test]
    fn a_strange_name_stays_a_name() {
        assert_eq!(adding_role("a\"b"), "\"a\"\"b_adds\"");
    }
}
