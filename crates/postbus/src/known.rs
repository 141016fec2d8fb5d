//! What this program can do: the activities its rooms ask for, and the columns they keep, for the check of a statement.

use basics::{Activity, Fault};
use statement::{Known, KnownColumn};
use vault::{Catalogue, Holds};

use crate::installation::rooms;

/// Every activity that a room asks for on behalf of a person. One that is missing here fails the test below.
const ACTIVITIES: &[Activity] = &[
    crate::commands::VERIFY,
    delivery::CONFIRM,
    delivery::DELIVER,
    letterbox::ARCHIVE_MESSAGES,
    letterbox::BIN_MESSAGES,
    letterbox::CHANGE_PREFERENCE,
    letterbox::LIST_MESSAGES,
    letterbox::OPEN_ATTACHMENT,
    letterbox::READ_MESSAGE,
    letterbox::SWEEP_ATTACHMENTS,
    people::BRING_IN,
    people::LOG_IN,
    people::LOG_OUT,
    people::LOG_OUT_AT_PROVIDER,
    people::SEE_OWN_DATA,
    vault::RESOLVE_SESSION,
];

/// A statement may declare more: the check lists it, and nothing offers it.
pub fn known() -> Result<Known, Fault> {
    let catalogue = Catalogue::of(&[&[vault::SCHEMA], &*rooms()].concat())?;
    let columns = catalogue.tables().flat_map(|(table, inside)| {
        let columns = inside.columns.iter();
        columns.filter_map(move |(column, holds)| match holds {
            Holds::Category(category, _) => Some(KnownColumn {
                column: format!("{table}.{column}"),
                category: (category != "number").then(|| category.clone()),
            }),
            Holds::Nothing | Holds::Subject => None,
        })
    });
    Ok(Known {
        activities: ACTIVITIES.iter().map(|activity| activity.0).collect(),
        columns: columns.collect(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use statement::Register;

    use super::{ACTIVITIES, KnownColumn, known};

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
        let mut asked = 0;
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for part in text.split(": Activity = Activity(\"").skip(1) {
                let name = part.split('"').next().unwrap();
                asked += 1;
                let listed = ACTIVITIES.iter().any(|activity| activity.0 == name);
                let personal = register.activity(name).is_some();
                assert_eq!(listed, personal, "{name} in {}", file.display());
            }
        }
        assert!(asked >= ACTIVITIES.len(), "{asked}");
    }

    #[test]
    fn the_columns_of_every_room_are_known() {
        let known = known().unwrap();
        for category in ["bericht", "bijlage", "verwerkingslog", "inloghistorie"] {
            let kept = |column: &KnownColumn| column.category.as_deref() == Some(category);
            assert!(known.columns.iter().any(kept), "{category}");
        }
        assert!(known.columns.iter().any(|column| column.category.is_none()));
    }
}
