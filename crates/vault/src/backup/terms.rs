//! How long backups live: rows no longer than the shortest term of the statement, keys for thirty days. The last one stays.

use std::fs;
use std::path::Path;
use std::time::Duration;

use basics::{Fault, Moment};
use statement::{Register, Term};
use store::RoomSchema;

use super::files::{cannot, remove_tree, sync_folder};
use super::{WHOLE, moment_of, names};
use crate::SCHEMA;
use crate::catalogue::Catalogue;
use crate::ending::{Keeping, Plan, Together};

/// Keys that were destroyed live in no backup for longer.
pub const KEYS_KEPT: Duration = Duration::from_secs(30 * DAY);

const DAY: u64 = 24 * 3600;

/// For how many days a backup of rows is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days(u64);

impl Days {
    /// As many as can be: thirty, or the shortest term for which the statement keeps what lies in a table of these rooms or of the
    /// vault. What has ended is read in no backup for longer than it was kept.
    ///
    /// Errors: what the vault would refuse of these rooms under this statement.
    pub fn most(register: &Register, rooms: &[RoomSchema]) -> Result<Self, Fault> {
        let rooms = [&[SCHEMA], rooms].concat();
        let catalogue = Catalogue::of(&rooms)?;
        let plan = Plan::of(&catalogue, &rooms, Together::HERE)?;
        let keeping = Keeping::of(register, &catalogue, &plan)?;
        let terms = keeping.ending.iter().map(|ending| &ending.term);
        let terms = terms.chain(keeping.log.iter().map(|(_, term)| term));
        let shortest = terms.map(days_of).min().unwrap_or(u64::MAX);
        Ok(Self(shortest.clamp(1, KEYS_KEPT.as_secs() / DAY)))
    }

    /// Fewer than these.
    ///
    /// Errors: more, or none.
    pub fn chosen(self, days: u64) -> Result<Self, Fault> {
        if (1..=self.0).contains(&days) {
            return Ok(Self(days));
        }
        Err(Fault::broken(format!(
            "backups are kept from 1 to {most} days under this statement, not {days}: what has ended may lie in one no longer \
             than its shortest term, and keys no longer than thirty days",
            most = self.0
        )))
    }

    pub const fn count(self) -> u64 {
        self.0
    }

    const fn length(self) -> Duration {
        Duration::from_secs(self.0 * DAY)
    }
}

/// Whole days that a term has in whatever calendar.
fn days_of(term: &Term) -> u64 {
    u64::from(term.months()) * 28 + term.rest().as_secs() / DAY
}

/// Which backups are gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    pub rows: Vec<String>,
    pub keyrings: Vec<String>,
}

impl Removed {
    /// Removes what has become too old, but the one with the name `last`.
    pub(super) fn from(
        shelf: &super::Shelf<'_>,
        days: Days,
        last: &str,
        now: Moment,
    ) -> Result<Self, Fault> {
        Ok(Self {
            rows: remove_older(shelf.rows, days.length(), last, now)?,
            keyrings: remove_older(shelf.keys, KEYS_KEPT, last, now)?,
        })
    }
}

fn remove_older(
    shelf: &Path,
    kept: Duration,
    last: &str,
    now: Moment,
) -> Result<Vec<String>, Fault> {
    let mut removed = names(shelf)?;
    removed.retain(|name| name != last && is_older(name, kept, now));
    removed.sort();
    for name in &removed {
        let folder = shelf.join(name);
        // Broken off here it is no whole backup any more, and goes the next time.
        match fs::remove_file(folder.join(WHOLE)) {
            Err(fault) if fault.kind() != std::io::ErrorKind::NotFound => {
                return Err(cannot("remove", &folder, &fault));
            }
            _ => sync_folder(&folder)?,
        }
        remove_tree(&folder)?;
    }
    if !removed.is_empty() {
        sync_folder(shelf)?;
    }
    Ok(removed)
}

pub(super) fn are_keys_too_old(name: &str, now: Moment) -> bool {
    is_older(name, KEYS_KEPT, now)
}

fn is_older(name: &str, kept: Duration, now: Moment) -> bool {
    moment_of(name).is_some_and(|made| now.since(made) > kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_days_may_be_chosen_and_never_more() {
        let most = Days(28);
        assert_eq!(most.chosen(7).expect("fewer").count(), 7);
        assert_eq!(most.chosen(28).expect("as many").count(), 28);
        for days in [0, 29] {
            let refused = most.chosen(days).expect_err("out of bounds").to_string();
            assert!(refused.contains("from 1 to 28 days"), "{refused}");
        }
    }

    #[test]
    fn keys_are_too_old_after_thirty_days() {
        let at = Moment::from_micros(1_795_181_400_123_000);
        let name = super::super::name_of(at);
        assert!(!are_keys_too_old(&name, at.plus(KEYS_KEPT)));
        let second = Duration::from_secs(1);
        assert!(are_keys_too_old(&name, at.plus(KEYS_KEPT + second)));
    }
}
