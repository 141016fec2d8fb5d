//! What every access shares: the statement in force, the annotated schema, the needs of each text, the keyring.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use basics::{Activity, Clock, Fault, Ids, Moment};
use jiff::tz::TimeZone;
use statement::{Date, Register};
use store::RoomSchema;

use crate::catalogue::Catalogue;
use crate::columns::Columns;
use crate::ending::{Keeping, Plan, Together, Traffic};
use crate::history::LOGGED;
use crate::keys::SharedKeyring;
use crate::texts::Sealed;

pub(crate) struct Door {
    pub(crate) register: Arc<Register>,
    pub(crate) version: Arc<str>,
    zone: TimeZone,
    pub(crate) columns: Columns,
    pub(crate) plan: Plan,
    pub(crate) keeping: Keeping,
    pub(crate) traffic: Traffic,
    pub(crate) keyring: SharedKeyring,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    /// Sealed columns: table → column → its name for sealing.
    pub(crate) sealed: HashMap<String, BTreeMap<String, Sealed>>,
}

impl Door {
    pub(crate) fn build(
        register: Arc<Register>,
        rooms: &[RoomSchema],
        together: Together,
        keyring: SharedKeyring,
        clock: Clock,
        ids: Ids,
    ) -> Result<Self, Fault> {
        let catalogue = Catalogue::of(rooms)?;
        let columns = Columns::of(&register, &catalogue, rooms)?;
        let plan = Plan::of(&catalogue, rooms, together)?;
        let keeping = Keeping::of(&register, &catalogue, &plan)?;
        let mut sealed: HashMap<String, BTreeMap<String, Sealed>> = HashMap::new();
        for (name, table) in catalogue.tables() {
            let columns = table
                .columns
                .keys()
                .filter(|column| table.is_sealed(column));
            // A handful of names that live as long as the program does.
            let columns: BTreeMap<String, Sealed> = columns
                .map(|column| {
                    (
                        column.clone(),
                        Sealed::new(Box::leak(format!("{name}.{column}").into_boxed_str())),
                    )
                })
                .collect();
            sealed.insert(name.to_owned(), columns);
        }
        let version = register.version().number.as_str().into();
        Ok(Self {
            zone: TimeZone::get(register.time_zone()).unwrap_or(TimeZone::UTC),
            register,
            version,
            columns,
            plan,
            keeping,
            traffic: Traffic::none(),
            keyring,
            clock,
            ids,
            sealed,
        })
    }

    /// Whether somebody may read what the log holds in this activity: only then does a read ask for the log as it is now.
    pub(crate) fn reads_log(&self, activity: Activity) -> bool {
        let entry = self.register.activity(activity.0);
        let logged = self.register.category(LOGGED);
        entry.zip(logged).is_some_and(|(entry, logged)| {
            let mut grants = self.register.grants(entry).iter();
            grants.any(|grant| grant.reads.has(logged))
        })
    }

    /// The day of the installation's calendar.
    pub(crate) fn day(&self, moment: Moment) -> Date {
        day_in(&self.zone, moment)
    }
}

/// The day of a moment where this clock is kept.
pub fn day_in(zone: &TimeZone, moment: Moment) -> Date {
    let day = moment.timestamp().to_zoned(zone.clone()).date();
    Date {
        year: day.year().unsigned_abs(),
        month: day.month().unsigned_abs(),
        day: day.day().unsigned_abs(),
    }
}
