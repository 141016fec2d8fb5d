//! How a table's rows lie on a server: what the mark on the line before its CREATE TABLE says. The embedded engine ignores it.

use std::collections::BTreeSet;

use basics::Fault;

use crate::RoomSchema;

const MARK: &str = "-- lies ";

/// How the rows of one table lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout<'s> {
    pub(crate) spread: Spread<'s>,
    pub(crate) pieces: Pieces<'s>,
}

/// Over machines, where there are several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spread<'s> {
    /// On one of them.
    OnePlace,
    /// Whole on each: small, or asked by something else than what the others are spread by.
    Everywhere,
    /// By this column; rows with the same value lie together, whatever their table.
    By(&'s str),
}

/// On one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pieces<'s> {
    One,
    /// By a hash of this column.
    Parts(&'s str),
    /// By the month in this time-ordered column: an id that begins with its moment, or microseconds times 1024.
    Months(&'s str),
}

impl<'s> Layout<'s> {
    const UNMARKED: Self = Self {
        spread: Spread::OnePlace,
        pieces: Pieces::One,
    };

    /// `in one place` · `everywhere` · `by COLUMN` · `by COLUMN in parts` · `by COLUMN, by month of COLUMN` · `by month of COLUMN`
    fn read(mark: &'s str) -> Option<Self> {
        let (spread, pieces) = match mark {
            "in one place" => (Spread::OnePlace, Pieces::One),
            "everywhere" => (Spread::Everywhere, Pieces::One),
            _ => match mark.strip_prefix("by ")? {
                by_month if by_month.starts_with("month of ") => {
                    (Spread::OnePlace, months(by_month)?)
                }
                by => match by.split_once(", by ") {
                    Some((column, by_month)) => (Spread::By(column), months(by_month)?),
                    None => match by.strip_suffix(" in parts") {
                        Some(column) => (Spread::By(column), Pieces::Parts(column)),
                        None => (Spread::By(by), Pieces::One),
                    },
                },
            },
        };
        Some(Self { spread, pieces })
    }
}

fn months(mark: &str) -> Option<Pieces<'_>> {
    mark.strip_prefix("month of ").map(Pieces::Months)
}

/// The tables that a room has now, in the order in which they were made, each with how it lies.
///
/// Errors: as [`tables`].
pub(crate) fn of_room(room: &RoomSchema) -> Result<Vec<(&'static str, Layout<'static>)>, Fault> {
    let mut all = Vec::new();
    for (name, text) in room.texts() {
        let made = tables(text)
            .map_err(|fault| fault.while_doing(format!("reading {name} of {}", room.room)))?;
        all.extend(made);
        let dropped = text
            .lines()
            .filter_map(|line| line.strip_prefix("DROP TABLE "));
        for dropped in dropped {
            let (dropped, _) = dropped.split_once(';').unwrap_or((dropped, ""));
            all.retain(|(table, _)| *table != dropped.trim());
        }
    }
    Ok(all)
}

/// The tables of these rooms that lie by time on a server: what is in them is not found by its person.
pub fn tables_by_month(rooms: &[RoomSchema]) -> Result<BTreeSet<String>, Fault> {
    let mut by_month = BTreeSet::new();
    for room in rooms {
        let tables = of_room(room)?.into_iter();
        let lies = tables.filter(|(_, layout)| matches!(layout.pieces, Pieces::Months(_)));
        by_month.extend(lies.map(|(name, _)| name.to_owned()));
    }
    Ok(by_month)
}

/// The tables that a text makes, in its order, each with how it lies.
///
/// Errors: a mark that says nothing known, or that stands before no table.
pub(crate) fn tables(sql: &str) -> Result<Vec<(&str, Layout<'_>)>, Fault> {
    let mut tables = Vec::new();
    let mut mark = None;
    for line in sql.lines() {
        let made = line.strip_prefix("CREATE TABLE ");
        if made.is_none() && mark.is_some() {
            return Err(Fault::broken(
                "a mark of how rows lie stands right before its CREATE TABLE",
            ));
        }
        if let Some(said) = line.strip_prefix(MARK) {
            mark = Some(said.trim());
        }
        if let Some(rest) = made {
            let layout = match mark.take() {
                None => Layout::UNMARKED,
                Some(said) => Layout::read(said).ok_or_else(|| {
                    Fault::broken(format!("`{MARK}{said}` does not say how rows lie"))
                })?,
            };
            tables.push((rest.trim_end_matches('(').trim(), layout));
        }
    }
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mark: &str) -> Result<(Spread<'static>, Pieces<'static>), Fault> {
        let sql =
            format!("-- Letters.\n-- lies {mark}\nCREATE TABLE letters (\n  a TEXT\n);").leak();
        let tables = tables(sql)?;
        assert_eq!(tables.len(), 1);
        assert_eq!(tables[0].0, "letters");
        Ok((tables[0].1.spread, tables[0].1.pieces))
    }

    #[test]
    fn a_mark_says_how_rows_lie() {
        let person = Spread::By("subject_id");
        for (mark, expected) in [
            ("in one place", (Spread::OnePlace, Pieces::One)),
            ("everywhere", (Spread::Everywhere, Pieces::One)),
            ("by subject_id", (person, Pieces::One)),
            (
                "by subject_id in parts",
                (person, Pieces::Parts("subject_id")),
            ),
            (
                "by subject_id, by month of no",
                (person, Pieces::Months("no")),
            ),
            ("by month of no", (Spread::OnePlace, Pieces::Months("no"))),
        ] {
            assert_eq!(of(mark).unwrap(), expected, "{mark}");
        }
        assert!(of("somewhere").is_err());
        assert!(of("by subject_id, by year of no").is_err());
    }

    #[test]
    fn a_mark_apart_from_its_table_is_refused() {
        assert!(tables("-- lies everywhere\n\nCREATE TABLE a (\n  b TEXT\n);").is_err());
    }
}
