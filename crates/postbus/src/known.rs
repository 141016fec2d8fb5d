//! What this program can do: the activities its rooms ask for, and the columns they keep, for the check of a statement.

use std::time::Duration;

use basics::Fault;
use statement::{CookieLife, Date, Known, KnownColumn, KnownCookie};
use vault::{Catalogue, Holds};

use crate::installation::rooms;

/// Every activity that a room asks for on behalf of a person, by name. One too few or too many fails the test below.
const ACTIVITIES: &[&str] = &[
    "account-beeindigen",
    "account-overbrengen",
    "aflevering-bevestigen",
    "bericht-aanleveren",
    "bericht-archiveren",
    "bericht-lezen",
    "bericht-weggooien",
    "berichten-bekijken",
    "berichtvoorkeur-wijzigen",
    "berichtvoorkeuren-bekijken",
    "bijlage-openen",
    "bij-incident-verstrekken",
    "bijlagen-opruimen",
    "gegevens-controleren",
    "gegevens-inzien",
    "gegevens-meegeven",
    "gegevens-opruimen",
    "gegevens-vasthouden",
    "gegevens-wissen",
    "geschiedenis-inzien",
    "inloggen",
    "log-uitvoeren",
    "met-toestemming-verstrekken",
    "op-vordering-verstrekken",
    "sessie-herkennen",
    "uitloggen",
    "uitloggen-door-inlogdienst",
    "verwerkingen-opvragen",
];

/// Those that people of the organisation carry out, in a role that the statement has for them.
const BY_STAFF: &[&str] = &[
    "bij-incident-verstrekken",
    "met-toestemming-verstrekken",
    "op-vordering-verstrekken",
];

/// The cookies that are set whatever a statement says. One that names no such cookie, or another, does not start.
const COOKIES: [KnownCookie; 2] = [
    KnownCookie {
        name: web::SESSION_COOKIE,
        life: CookieLife::Session,
        set_by: people::LOG_IN.0,
    },
    KnownCookie {
        name: web::LOGIN_COOKIE,
        life: CookieLife::For(Duration::from_secs(people::ATTEMPT_SECONDS)),
        set_by: people::LOG_IN.0,
    },
];

/// Whether a room asks for it; else a statement declares it in vain.
pub(crate) fn is_done(activity: &str) -> bool {
    ACTIVITIES.contains(&activity)
}

/// What keeps a statement from starting here, beside what is wrong in itself.
pub(crate) fn demanded() -> Known {
    Known {
        cookies: COOKIES.to_vec(),
        ..Known::default()
    }
}

/// A statement may declare more: the check lists it, and nothing offers it.
pub fn known(today: Date) -> Result<Known, Fault> {
    let catalogue = Catalogue::of(&[&[vault::SCHEMA], &*rooms()].concat())?;
    let columns = catalogue.tables().flat_map(|(table, inside)| {
        let columns = inside.columns.iter();
        columns.filter_map(move |(column, holds)| match holds {
            Holds::Category(category, _) => Some(KnownColumn {
                column: format!("{table}.{column}"),
                category: (category != "number").then(|| category.clone()),
            }),
            Holds::Nothing(_) | Holds::Subject => None,
        })
    });
    Ok(Known {
        activities: ACTIVITIES.to_vec(),
        by_staff: BY_STAFF.to_vec(),
        columns: columns.collect(),
        today: Some(today),
        ..demanded()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use statement::{Date, Occasion, Register};
    use vault::{Catalogue, Giving, KeptFrom};

    use super::{ACTIVITIES, BY_STAFF, KnownColumn, known, rooms};

    const TODAY: Date = Date {
        year: 2026,
        month: 11,
        day: 23,
    };

    /// Whoever gives away what goes on no other occasion is one of the organisation's people.
    #[test]
    fn what_staff_do_is_what_goes_when_somebody_asks_for_it() {
        let giving = |occasion| Giving {
            recipient: String::new(),
            data: Vec::new(),
            occasion,
            reference: String::new(),
            law: None,
            article: None,
            reason: String::new(),
            approved_by: String::new(),
        };
        let asked = Occasion::ALL.iter().map(|occasion| giving(*occasion));
        let asked: BTreeSet<&str> = asked
            .filter_map(|giving| Some(giving.activity()?.0))
            .collect();
        assert_eq!(asked, BY_STAFF.iter().copied().collect());
        assert!(BY_STAFF.iter().all(|name| ACTIVITIES.contains(name)));
    }

    /// The sources of the product's rooms, without their tests.
    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "tests" && name != "target" {
                sources(&path, found);
            } else if name.ends_with(".rs") && name != "tests.rs" {
                found.push(path);
            }
        }
    }

    #[test]
    fn every_activity_that_a_room_asks_for_is_known() {
        let register =
            Register::parse(include_str!("../../../statements/mijnoverheid.toml")).unwrap();
        let mut files = Vec::new();
        for room in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).unwrap() {
            let room = room.unwrap().path();
            if !["tests", "testkit", "xtask", "demo"]
                .contains(&&*room.file_name().unwrap().to_string_lossy())
            {
                sources(&room.join("src"), &mut files);
            }
        }
        let listed: BTreeSet<String> = ACTIVITIES.iter().map(ToString::to_string).collect();
        let mut asked = BTreeSet::new();
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for part in text.split(": Activity = Activity(\"").skip(1) {
                let name = part.split('"').next().unwrap();
                // What concerns nobody is in no statement; what a shipped one could name may be in none yet.
                if register.activity(name).is_some() || listed.contains(name) {
                    asked.insert(name.to_owned());
                }
            }
        }
        assert_eq!(asked, listed, "what rooms ask for, and ACTIVITIES");
    }

    /// MO-66: else what is kept from that moment is kept for ever.
    #[test]
    fn mo_66_what_fills_the_moment_from_which_a_row_is_kept_is_something_the_program_does() {
        let catalogue = Catalogue::of(&[&[vault::SCHEMA], &*rooms()].concat()).unwrap();
        let mut told = BTreeSet::new();
        for (table, inside) in catalogue.tables() {
            if let Some(KeptFrom::Columns {
                told_by: Some(activity),
                ..
            }) = &inside.marks.kept
            {
                assert!(
                    ACTIVITIES.contains(&activity.as_str()),
                    "{table}: {activity}"
                );
                told.insert(activity.clone());
            }
        }
        let expected = [
            "account-beeindigen",
            "gegevens-vasthouden",
            "sessie-herkennen",
        ];
        assert_eq!(told, expected.map(str::to_owned).into());
    }

    #[test]
    fn the_documentation_says_what_each_activity_does() {
        let documentation = include_str!("../../../docs/statement.md");
        for name in ACTIVITIES {
            assert!(documentation.contains(&format!("| `{name}` | ")), "{name}");
        }
    }

    #[test]
    fn the_columns_of_every_room_are_known() {
        let known = known(TODAY).unwrap();
        for category in ["bericht", "bijlage", "verwerkingslog", "inloghistorie"] {
            let kept = |column: &KnownColumn| column.category.as_deref() == Some(category);
            assert!(known.columns.iter().any(kept), "{category}");
        }
        assert!(known.columns.iter().any(|column| column.category.is_none()));
    }
}
