//! How far the sweep went through the log, as it notes that itself before it removes a row: what is gone by right, and what
//! was left. The note is sealed by a key that lies outside the database, so that nobody who alters that makes one up.

use std::collections::BTreeSet;

use basics::Fault;
use store::{Cell, Query, Sql};

use crate::keys::Keyring;

static NOTES: Sql = Sql::new(
    "SELECT sweep_no, log_to, left_rows, seal FROM sweeps WHERE seal IS NOT NULL ORDER BY sweep_no",
);

/// Rows up to a number are gone by right, but for those that were left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SweptTo {
    /// Of the sweep.
    pub(crate) number: i64,
    pub(crate) log_to: i64,
    /// Rows of people of whom the log is kept longer.
    pub(crate) left: BTreeSet<i64>,
}

/// A note that lies in the database, and whether we made it.
pub(crate) struct Note {
    pub(crate) swept: SweptTo,
    pub(crate) seal: Vec<u8>,
    pub(crate) is_ours: bool,
}

impl SweptTo {
    /// Whether a row with this number that is not there is gone by right.
    pub(crate) fn takes(&self, number: i64) -> bool {
        number <= self.log_to && !self.left.contains(&number)
    }

    pub(crate) fn left_rows(&self) -> Vec<u8> {
        self.left.iter().flat_map(|no| no.to_be_bytes()).collect()
    }

    pub(crate) fn seal(&self, keyring: &Keyring) -> [u8; 32] {
        seal(keyring, self.number, self.log_to, &self.left_rows())
    }
}

fn seal(keyring: &Keyring, number: i64, log_to: i64, left_rows: &[u8]) -> [u8; 32] {
    let numbers = [number.to_be_bytes(), log_to.to_be_bytes()];
    keyring.keyed_hash("log-sweep", &[numbers.as_flattened(), left_rows].concat())
}

/// Every note that lies in the database, the last one last. There is one, unless somebody made others.
pub(crate) fn notes(query: &mut dyn Query, keyring: &Keyring) -> Result<Vec<Note>, Fault> {
    let mut found = Vec::new();
    query.query(&NOTES, &[], &mut |row| {
        let Cell::Int(number) = row.cell(0)? else {
            return Err(Fault::broken("the note of a sweep is none"));
        };
        let log_to = match row.cell(1)? {
            Cell::Int(log_to) => Some(log_to),
            _ => None,
        };
        let left_rows = match row.cell(2)? {
            Cell::Blob(left) => left.to_vec(),
            _ => Vec::new(),
        };
        let said = match row.cell(3)? {
            Cell::Blob(said) => said.to_vec(),
            _ => Vec::new(),
        };
        let is_ours = log_to
            .is_some_and(|log_to| seal(keyring, number, log_to, &left_rows).as_slice() == said);
        let (left, _) = left_rows.as_chunks();
        found.push(Note {
            swept: SweptTo {
                number,
                log_to: log_to.unwrap_or(i64::MIN),
                left: left.iter().map(|no| i64::from_be_bytes(*no)).collect(),
            },
            seal: said,
            is_ours,
        });
        Ok(())
    })?;
    Ok(found)
}

/// The last of these that we made.
pub(crate) fn last_of_ours(notes: &[Note]) -> Option<&Note> {
    notes.iter().rfind(|note| note.is_ours)
}
