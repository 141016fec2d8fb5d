//! How the tables would be spread over several machines with Citus: its statements, from the marks in the schema.

use std::collections::BTreeMap;
use std::fmt::Write;

use basics::Fault;

use crate::RoomSchema;
use crate::layout::{self, Spread};

/// The statements that spread these rooms' tables, for whoever owns them to run while they are empty.
///
/// Errors: a mark that does not say how rows lie.
pub fn distribution(rooms: &[RoomSchema]) -> Result<String, Fault> {
    let (mut everywhere, mut in_one_place) = (String::new(), Vec::new());
    // A table goes where the first that is spread by the same column went.
    let mut spread: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for room in rooms {
        for (table, layout) in layout::of_room(room)? {
            match layout.spread {
                Spread::OnePlace => in_one_place.push(table),
                Spread::Everywhere => {
                    let _ = writeln!(everywhere, "SELECT create_reference_table('{table}');");
                }
                Spread::By(column) => spread.entry(column).or_default().push(table),
            }
        }
    }
    let mut statements = everywhere;
    for (column, tables) in spread {
        let mut beside = "none";
        for table in &tables {
            let _ = writeln!(
                statements,
                "SELECT create_distributed_table('{table}', '{column}', colocate_with => '{beside}');"
            );
            beside = tables[0];
        }
    }
    if !in_one_place.is_empty() {
        let _ = writeln!(
            statements,
            "-- Stay on the coordinator: {}.",
            in_one_place.join(", ")
        );
    }
    Ok(statements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_by_the_same_column_go_together() {
        let room = RoomSchema {
            room: "probe",
            changes: &[],
            sql: "-- lies by subject_id\nCREATE TABLE a (\n);\n-- lies everywhere\nCREATE TABLE b (\n);\n\
                  -- lies by subject_id, by month of no\nCREATE TABLE c (\n);\n-- lies by oin in parts\nCREATE TABLE d (\n);\n\
                  CREATE TABLE e (\n);",
        };
        let expected = "SELECT create_reference_table('b');\n\
            SELECT create_distributed_table('d', 'oin', colocate_with => 'none');\n\
            SELECT create_distributed_table('a', 'subject_id', colocate_with => 'none');\n\
            SELECT create_distributed_table('c', 'subject_id', colocate_with => 'a');\n\
            -- Stay on the coordinator: e.\n";
        assert_eq!(distribution(&[room]).unwrap(), expected);
    }
}
