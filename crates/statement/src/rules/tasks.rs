//! Each purpose rests on a task or a duty that the law gives and the file names (DT-2); guarded data come in only where one leads to
//! them (DT-46).

use super::Under;
use crate::{BasisKind, Class, Entry, Mask, Purpose, PurposeKind, Statement};

/// What follows from another purpose follows, in the end, from one that the law gives.
pub(super) fn derived(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for purpose in &it.purposes {
        if purpose.kind != PurposeKind::Derived || is_given_by_law(it, purpose) {
            continue;
        }
        let about = format!("doel {}", purpose.name);
        under.error(
            "S-790",
            Some(purpose.at),
            &about,
            format!("{about} would follow from a task, and is part of none that the law gives"),
            "name in onderdeel-van the primair or wettelijke-plicht it follows from, or call it bedrijfsvoering",
        );
    }
}

/// An activity for such a purpose rests on a task or duty itself; consent or an agreement gives none.
pub(super) fn bases(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for entry in &it.activities {
        let given = purposes(it, entry).filter(|one| one.kind != PurposeKind::OwnOperations);
        let given: Vec<&str> = given.map(|one| &*one.name).collect();
        if given.is_empty() || rests_on_law(it, entry) {
            continue;
        }
        let about = format!("activiteit {}", entry.name);
        under.error(
            "S-791",
            Some(entry.at),
            &about,
            format!(
                "{about} is for {}, and {} is no task or duty that the law gives",
                given.join(", "),
                entry.basis
            ),
            "name a grondslag of soort taak, wettelijke-plicht or politietaak",
        );
    }
}

/// Data of a guarded class is taken in for a task or duty alone: not for one's own operations, nor on another basis.
pub(super) fn guarded(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let guarded: Mask = it
        .categories
        .iter()
        .filter(|one| matches!(one.class, Class::Special | Class::Criminal | Class::Police))
        .map(|one| one.id)
        .collect();
    for entry in &it.activities {
        let taken: Mask = entry.writes.iter().filter(|id| guarded.has(*id)).collect();
        let by_task = purposes(it, entry).all(|one| is_given_by_law(it, one));
        if taken.is_empty() || by_task && rests_on_law(it, entry) {
            continue;
        }
        let about = format!("activiteit {}", entry.name);
        under.error(
            "S-792",
            Some(entry.at),
            &about,
            format!(
                "{about} takes in {}, and no task or duty of the law leads to it",
                it.names(taken)
            ),
            "take it out of schrijft, or name a doel and grondslag that are a task or a duty",
        );
    }
}

fn purposes<'s>(it: &'s Statement, entry: &'s Entry) -> impl Iterator<Item = &'s Purpose> {
    entry.purposes().filter_map(|name| find(it, name))
}

fn find<'s>(it: &'s Statement, name: &str) -> Option<&'s Purpose> {
    it.purposes.iter().find(|one| one.name == name)
}

fn is_given_by_law(it: &Statement, purpose: &Purpose) -> bool {
    let mut one = purpose;
    // Of a circle every step is gone through once.
    for _ in &it.purposes {
        match one.kind {
            PurposeKind::Primary | PurposeKind::LegalDuty => return true,
            PurposeKind::OwnOperations => return false,
            PurposeKind::Derived => match one.part_of.as_deref().and_then(|name| find(it, name)) {
                Some(next) => one = next,
                None => return false,
            },
        }
    }
    false
}

fn rests_on_law(it: &Statement, entry: &Entry) -> bool {
    let basis = it.bases.iter().find(|basis| basis.name == entry.basis);
    basis.is_some_and(|basis| {
        matches!(
            basis.kind,
            BasisKind::PublicTask | BasisKind::LegalDuty | BasisKind::Police
        )
    })
}
