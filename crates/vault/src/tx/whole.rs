//! All of a person at once, for a copy of their data: found by id, read by texts made from the schema, opened cell by cell.

use basics::{Fault, Refusal, SubjectId, uuid::Uuid};
use statement::Mask;
use store::{Cell, Query, Sql};

use super::ReadTx;
use crate::seal::try_open_value;
use crate::texts::Sealed;

static FIND_SUBJECT: Sql = Sql::new("SELECT enrolled_at FROM subjects WHERE subject_id = $1");

impl ReadTx<'_> {
    /// Opens the person with this id, as `find` does for a number.
    pub(crate) fn find_id(&mut self, subject: SubjectId) -> Result<Option<SubjectId>, Fault> {
        let (name, mut is_there) = (subject.to_string(), false);
        self.ground.about(Some(&name));
        self.ground
            .query(&FIND_SUBJECT, &[name.as_str().into()], &mut |_| {
                is_there = true;
                Ok(())
            })?;
        if !is_there {
            return Ok(None);
        }
        self.enter(subject).map(|()| Some(subject))
    }

    /// What is done is done to everything: the activity must name all of these categories.
    pub(crate) fn covers(&self, wanted: Mask, is_written: bool) -> Result<(), Fault> {
        let granted = self
            .granted()
            .map_or(Mask::EMPTY, |grant| match is_written {
                true => grant.writes,
                false => grant.reads,
            });
        let missing = granted.missing(wanted);
        if missing.is_empty() {
            return Ok(());
        }
        let names = self.door.register.names(missing);
        Err(Fault::refused(
            Refusal::Category(names),
            self.processing.activity.to_string(),
        ))
    }

    /// Rows of a text made from the schema; `$1` is the person where the text has one.
    pub(crate) fn rows_of(
        &mut self,
        sql: &'static Sql,
        params: &[store::Value],
        each: &mut dyn FnMut(&store::Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.ground.query(sql, params, each)
    }

    /// Opens a sealed cell of the person: it was sealed to one of the ids that its row holds, or to the person.
    pub(crate) fn open_cell(
        &self,
        column: Sealed,
        ids: &[Uuid],
        cell: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let opened = self.opened()?;
        let subject = opened.subject;
        let rows = ids.iter().copied().chain([subject.uuid()]);
        for row in rows {
            if let Some(value) = try_open_value(&opened.key, column, row, subject, cell)? {
                return Ok(value);
            }
        }
        Err(Fault::breached(format!(
            "a value of {} opens under no id of its row",
            column.name()
        )))
    }

    pub(crate) fn sealed(&self, table: &str, column: &str) -> Option<Sealed> {
        let of_table = self.door.sealed.get(table)?;
        of_table.get(column).copied()
    }
}

/// The UUIDs among the cells of a row.
pub(crate) fn ids_of<'c>(cells: impl Iterator<Item = Cell<'c>>) -> Vec<Uuid> {
    let id = |cell| match cell {
        Cell::Text(text) => Uuid::try_parse(text).ok(),
        _ => None,
    };
    cells.filter_map(id).collect()
}
