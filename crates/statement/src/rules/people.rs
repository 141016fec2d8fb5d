//! Whom an activity is about, and who does it: people who are not known, children, the officer, people of a processor.

use super::Under;
use crate::{Entry, LOGGED, Mask};

/// Of people who are not known, or of whom only some data is processed, nothing is done in silence (MO-21).
pub(super) fn named(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for entry in it
        .activities
        .iter()
        .filter(|one| it.leaves_people_open(one))
    {
        tell(
            under,
            "S-762",
            entry,
            "does not say whom it is about, and it could be people of whom only some data is processed",
            "add betrokkenen",
        );
    }
}

/// Where a child would consent, a parent does (AVG art. 8).
pub(super) fn minors(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for entry in &it.activities {
        let Some(class) = it.children_without_parent(entry) else {
            continue;
        };
        let fault = format!("rests on consent of {}, and no parent is asked", class.name);
        tell(
            under,
            "S-763",
            entry,
            &fault,
            "let [kinderen] say toestemming-ouder, or name another grondslag or betrokkenen",
        );
    }
}

/// The officer looks at what was done, not at the data (AVG art. 39).
pub(super) fn officer(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let officer = it.officer.as_ref();
    let Some(role) = officer.and_then(|officer| officer.role.as_deref()) else {
        return;
    };
    for entry in it.activities.iter().filter(|one| one.allows_role(role)) {
        let log = it.categories.iter().filter(|one| one.name == LOGGED);
        let log: Mask = log.map(|one| one.id).collect();
        let more = log.missing(entry.reads).union(entry.writes);
        if !more.is_empty() {
            let fault = format!(
                "lets the data protection officer at {}, and the officer sees no content",
                it.names(more)
            );
            let hint = format!("let the role {role} read {LOGGED} and nothing else");
            tell(under, "S-764", entry, &fault, &hint);
        }
    }
}

/// A processor works for the purposes that are agreed with it (AVG art. 28, third paragraph).
pub(super) fn of_processors(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for entry in &it.activities {
        let roles = entry.roles.iter().filter_map(|name| it.role(name));
        for processor in roles.filter_map(|role| it.processor_of(role)) {
            let other = entry.purposes().filter(|one| !processor.serves(one));
            let other: Vec<&str> = other.collect();
            if !other.is_empty() {
                let fault = format!(
                    "is for {}, and verwerker {} does not work for that",
                    other.join(", "),
                    processor.name
                );
                tell(
                    under,
                    "S-765",
                    entry,
                    &fault,
                    "add it to doelen of the verwerker, once it is agreed, or take the rol out",
                );
            }
        }
    }
}

fn tell(under: &mut Under<'_, '_, '_>, code: &'static str, entry: &Entry, fault: &str, hint: &str) {
    let about = format!("activiteit {}", entry.name);
    under.error(
        code,
        Some(entry.at),
        &about,
        format!("{about} {fault}"),
        hint,
    );
}
