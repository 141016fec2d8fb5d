//! What can be said of the end of data without any: what a statement makes impossible to keep, and what it keeps for ever.

use basics::Fault;
use statement::{Mask, Register};
use store::RoomSchema;

use super::SWEEP;
use super::kept::Keeping;
use super::plan::{Plan, Together};
use crate::catalogue::Catalogue;
use crate::{SCHEMA, Vault};

/// Tables that hold something of people and stay for ever under this statement, each with why.
///
/// Errors: what a vault with these rooms would refuse of it, such as one row that is kept for two different times.
pub fn kept_without_end(register: &Register, rooms: &[RoomSchema]) -> Result<Vec<String>, Fault> {
    let rooms: Vec<RoomSchema> = [&[SCHEMA], rooms].concat();
    let catalogue = Catalogue::of(&rooms)?;
    let plan = Plan::of(&catalogue, &rooms, Together::HERE)?;
    Ok(Keeping::of(register, &catalogue, &plan)?.endless)
}

impl Vault {
    /// Tables that hold something of people and stay for ever, each with why: nothing says from when they are kept, nobody
    /// here tells of it, or nothing is removed by this statement.
    pub fn kept_without_end(&self) -> &[String] {
        &self.door.keeping.endless
    }
}

/// The categories that a plan's columns hold, as far as the statement knows them.
pub(crate) fn categories(register: &Register, plan: &Plan) -> Mask {
    let named = plan
        .columns()
        .filter_map(|(_, column)| Catalogue::category_of(register, column.category()?));
    named.collect()
}

/// Why no sweep removes anything by this statement.
pub(super) fn why_unswept(register: &Register, plan: &Plan) -> Option<String> {
    let Some(entry) = register.activity(SWEEP.0) else {
        return Some(format!("the statement does not name `{SWEEP}`"));
    };
    let role = basics::Actor::System.role();
    let Some(grant) = register.grant(entry, role.name()) else {
        return Some(format!("`{SWEEP}` is not for `{}`", role.name()));
    };
    let channel = basics::Channel::Internal;
    if !entry.allows_channel(channel) {
        return Some(format!("`{SWEEP}` does not go by `{}`", channel.name()));
    }
    let missing = grant.writes.missing(categories(register, plan));
    let named = register.names(missing);
    (!missing.is_empty()).then(|| format!("`{SWEEP}` does not write `{named}`"))
}
