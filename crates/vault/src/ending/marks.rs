//! How the rows of a table end: what the marks on the lines before its CREATE TABLE say.

use statement::StartEvent;

/// From when a row is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptFrom {
    /// From this event of the statement, which was at the latest moment in these columns of its own; not yet while one of them
    /// is empty.
    Columns {
        event: StartEvent,
        columns: Vec<String>,
        /// The activity that fills what may be empty: without it that stays so for ever.
        told_by: Option<String>,
    },
    /// From when the row of another table is kept that has the same values in these columns; it does not outlive that row.
    With { table: String, by: Vec<String> },
}

/// A row that names a sealed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobMark {
    pub id: String,
    /// The sealed column with its key.
    pub key: String,
    /// The sealed column with the name that its sender gave it.
    pub name: String,
    /// The table that says the file is somebody's.
    pub claimed_in: String,
}

/// What is said of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub kept: Option<KeptFrom>,
    pub blob: Option<BlobMark>,
}

impl Marks {
    /// `-- kept from EVENT in COLUMN, …` · `-- kept from EVENT in COLUMN, …; told by ACTIVITY` · `-- kept with TABLE by COLUMN, …` · `-- blob COLUMN under COLUMN, named COLUMN, claimed in TABLE`
    ///
    /// Errors: a mark that says none of these.
    pub(crate) fn read(&mut self, line: &str) -> Result<(), String> {
        if let Some(said) = line.strip_prefix("-- kept ") {
            self.kept = Some(kept(said).ok_or_else(|| {
                format!("`{line}` does not say from when: `kept from EVENT in COLUMN` or `kept with TABLE by COLUMN`")
            })?);
        } else if let Some(said) = line.strip_prefix("-- blob ") {
            self.blob = Some(blob(said).ok_or_else(|| {
                format!(
                    "`{line}` is not `blob COLUMN under COLUMN, named COLUMN, claimed in TABLE`"
                )
            })?);
        }
        Ok(())
    }
}

fn kept(said: &str) -> Option<KeptFrom> {
    if let Some(from) = said.strip_prefix("from ") {
        let (event, columns) = from.split_once(" in ")?;
        let (columns, told_by) = match columns.split_once("; told by ") {
            Some((columns, activity)) => (columns, Some(activity_name(activity)?)),
            None => (columns, None),
        };
        let mut events = StartEvent::ALL.iter().copied();
        return Some(KeptFrom::Columns {
            event: events.find(|known| known.name() == event)?,
            columns: names(columns)?,
            told_by,
        });
    }
    let (table, by) = said.strip_prefix("with ")?.split_once(" by ")?;
    Some(KeptFrom::With {
        table: name(table)?,
        by: names(by)?,
    })
}

fn blob(said: &str) -> Option<BlobMark> {
    let mut parts = said.split(", ");
    let (id, key) = parts.next()?.split_once(" under ")?;
    let given = parts.next()?.strip_prefix("named ")?;
    let claimed_in = parts.next()?.strip_prefix("claimed in ")?;
    Some(BlobMark {
        id: name(id)?,
        key: name(key)?,
        name: name(given)?,
        claimed_in: name(claimed_in)?,
    })
}

fn names(said: &str) -> Option<Vec<String>> {
    said.split(',').map(|part| name(part.trim())).collect()
}

fn activity_name(said: &str) -> Option<String> {
    let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
    (!said.is_empty() && said.chars().all(is_name)).then(|| said.to_owned())
}

fn name(said: &str) -> Option<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!said.is_empty() && said.chars().all(is_name)).then(|| said.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_from_when_a_row_is_kept() {
        let mut marks = Marks::default();
        marks
            .read("-- kept from ontvangst in received_at, published_at")
            .expect("a mark");
        let columns = ["received_at", "published_at"].map(str::to_owned).to_vec();
        let event = StartEvent::Received;
        let told_by = None;
        let from = KeptFrom::Columns {
            event,
            columns,
            told_by,
        };
        assert_eq!(marks.kept, Some(from));
        marks
            .read("-- kept from einde-account in ended_at; told by account-beeindigen")
            .expect("a mark");
        let from = KeptFrom::Columns {
            event: StartEvent::AccountEnded,
            columns: vec!["ended_at".to_owned()],
            told_by: Some("account-beeindigen".to_owned()),
        };
        assert_eq!(marks.kept, Some(from));
        marks
            .read("-- kept with messages by message_id")
            .expect("a mark");
        let with = KeptFrom::With {
            table: "messages".to_owned(),
            by: vec!["message_id".to_owned()],
        };
        assert_eq!(marks.kept, Some(with));
        marks
            .read("-- blob id under key, named name, claimed in claims")
            .expect("a mark");
        assert_eq!(
            marks.blob.map(|blob| blob.claimed_in).as_deref(),
            Some("claims")
        );
        for wrong in [
            "-- kept for ever",
            "-- kept from received_at",
            "-- kept from Kerstmis in received_at",
            "-- kept from ontvangst in received_at; told by",
            "-- kept with messages",
            "-- blob id",
        ] {
            assert!(Marks::default().read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Marks::default().read("-- A letter."), Ok(()));
    }
}
