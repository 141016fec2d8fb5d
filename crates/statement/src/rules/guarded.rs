//! What the law guards, and what the statement keeps to some: classes, roles, purposes, people.

use super::Under;
use crate::{Class, Entry, Mask, ROLES};

/// Data of a guarded class names the exception or condition under which it may be used.
pub(super) fn classes(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let mut guarded = Mask::EMPTY;
    for category in &it.categories {
        if category.class != Class::Ordinary && category.conditions.is_empty() {
            let about = format!("gegeven {}", category.name);
            under.error(
                "S-770",
                Some(category.at),
                &about,
                format!(
                    "{about} is of class {}, and no law allows it",
                    category.class.name()
                ),
                "add voorwaarden with the rechtsbron that does",
            );
        }
        if matches!(
            category.class,
            Class::Special | Class::Criminal | Class::Police
        ) {
            guarded = guarded.with(category.id);
        }
    }
    for entry in &it.activities {
        let touched = Mask::from_iter(entry.touches().iter().filter(|id| guarded.has(*id)));
        if !touched.is_empty() && entry.conditions.is_empty() {
            let about = format!("activiteit {}", entry.name);
            under.error(
                "S-771",
                Some(entry.at),
                &about,
                format!(
                    "{about} touches {} and names no exception",
                    it.names(touched)
                ),
                "add voorwaarden with the rechtsbron that allows it",
            );
        }
    }
}

/// What is kept to some roles, purposes or people is not used by others.
pub(super) fn kept_to_some(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for entry in &it.activities {
        let touched = entry.touches();
        for category in it.categories.iter().filter(|one| touched.has(one.id)) {
            let roles = entry.roles.iter();
            let other = roles.filter(|role| !category.only_roles.contains(role));
            if !category.only_roles.is_empty() && other.count() > 0 {
                let only = category.only_roles.join(", ");
                refuse(
                    under,
                    "S-772",
                    entry,
                    &category.name,
                    &format!("the role {only}"),
                );
            }
            let other = entry
                .purposes()
                .any(|purpose| !it.may_serve(category, purpose));
            if other {
                let only = category.only_purposes.join(", ");
                refuse(
                    under,
                    "S-773",
                    entry,
                    &category.name,
                    &format!("the purpose {only}"),
                );
            }
        }
        for class in it
            .subject_classes
            .iter()
            .filter(|one| entry.subjects.contains(&one.name))
        {
            let more = class.only_data.missing(touched);
            if !class.only_data.is_empty() && !more.is_empty() {
                let whose = format!("others than {}", class.name);
                refuse(under, "S-774", entry, &it.names(more), &whose);
            }
        }
        let purposes: Vec<&str> = entry.purposes().collect();
        for purpose in it
            .purposes
            .iter()
            .filter(|one| purposes.contains(&&*one.name))
        {
            let more = purpose.only_data.missing(touched);
            if !purpose.only_data.is_empty() && !more.is_empty() {
                let what = format!("other purposes than {}", purpose.name);
                refuse(under, "S-775", entry, &it.names(more), &what);
            }
        }
    }
}

fn refuse(
    under: &mut Under<'_, '_, '_>,
    code: &'static str,
    entry: &Entry,
    data: &str,
    only: &str,
) {
    let about = format!("activiteit {}", entry.name);
    under.error(
        code,
        Some(entry.at),
        &about,
        format!("{about} touches {data}, which is for {only}"),
        "take it out of leest and schrijft, or change who it is for",
    );
}

/// Nor by statistics or a selection for another purpose.
pub(super) fn counted_and_selected(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let statistics = it.statistics.iter();
    let statistics =
        statistics.map(|one| ("statistiek".to_owned(), &one.purpose, one.data, one.at));
    let profilings = it.profilings.iter().map(|one| {
        let about = format!("profilering {}", one.name);
        (about, &one.purpose, one.data, one.at)
    });
    for (about, purpose, data, at) in statistics.chain(profilings) {
        let all = it.categories.iter().filter(|one| data.has(one.id));
        let other = all.filter(|one| !it.may_serve(one, purpose));
        let other: Mask = other.map(|one| one.id).collect();
        let named = it.purposes.iter().find(|one| one.name == *purpose);
        let only = named.map_or(Mask::EMPTY, |one| one.only_data);
        let more = match only.is_empty() {
            true => Mask::EMPTY,
            false => only.missing(data),
        };
        for (code, data) in [("S-773", other), ("S-775", more)] {
            if !data.is_empty() {
                let data = it.names(data);
                under.error(
                    code,
                    Some(at),
                    &about,
                    format!("{about} goes by {data}, which is not for the purpose {purpose}"),
                    "take it out of gegevens, or change what it is for",
                );
            }
        }
    }
}

/// A processor works under an agreement; without one its role is off.
pub(super) fn processors(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for processor in &it.processors {
        let about = format!("verwerker {}", processor.name);
        match &processor.agreement {
            None => under.warn(
                "S-776",
                Some(processor.at),
                &about,
                format!("{about} has no agreement: its role is off"),
                "add overeenkomst with datum and kenmerk, once there is one",
            ),
            Some(agreement) if agreement.until.is_some_and(|until| until < agreement.date) => {
                under.error(
                    "S-777",
                    Some(agreement.at),
                    &about,
                    format!("the agreement with {about} ends before it begins"),
                    "tot is the last day it holds",
                );
            }
            Some(_) => {}
        }
    }
    for role in it.roles.iter().filter(|role| ROLES.contains(&&*role.name)) {
        let about = format!("rol {}", role.name);
        under.error(
            "S-778",
            Some(role.at),
            &about,
            format!("{about} is one that the program acts in already"),
            "give it another name",
        );
    }
    for limit in &it.limits {
        for name in &limit.activities {
            if !it.activities.iter().any(|entry| entry.name == *name) {
                under.warn(
                    "S-779",
                    Some(limit.at),
                    &format!("grens {}", limit.name),
                    format!("there is no activity {name} to limit"),
                    "take it out, or declare the activity",
                );
            }
        }
    }
}
