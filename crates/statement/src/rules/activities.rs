//! Activities: what each needs, and what is declared for none.

use std::collections::HashSet;

use basics::Channel;

use super::Under;
use crate::{Class, Entry, Mask, Place};

/// The number that names people is one that by law may.
pub(super) fn numbers(under: &mut Under<'_, '_, '_>) {
    let number = under.statement.header.number.category;
    let Some(category) = under.statement.categories.get(number.index()) else {
        return;
    };
    if category.class != Class::Identification {
        under.error(
            "S-208",
            Some(category.at),
            &format!("gegeven {}", category.name),
            format!(
                "{} names people but is not of class identificatie",
                category.name
            ),
            "give that category klasse = \"identificatie\"",
        );
    }
}

pub(super) fn without_data(under: &mut Under<'_, '_, '_>) {
    for entry in &under.statement.activities {
        if entry.touches().is_empty() {
            under.error(
                "S-403",
                Some(entry.at),
                &format!("activiteit {}", entry.name),
                format!("activity {} has no leest or schrijft", entry.name),
                "add leest or schrijft, or take the activity out",
            );
        }
    }
}

/// What people reach by the app they reach on the website as well: the same data, for the same purposes, in the same role (CN-13).
pub(super) fn within_the_website(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let along = |channel, role: &str| -> Vec<&Entry> {
        let all = it.activities.iter();
        all.filter(|one| one.allows_channel(channel) && one.allows_role(role))
            .collect()
    };
    for entry in it
        .activities
        .iter()
        .filter(|one| one.allows_channel(Channel::App))
    {
        let about = format!("activiteit {}", entry.name);
        for role in &entry.roles {
            let website = along(Channel::Web, role);
            let read = website
                .iter()
                .fold(Mask::EMPTY, |all, one| all.union(one.reads));
            let written = website
                .iter()
                .fold(Mask::EMPTY, |all, one| all.union(one.writes));
            let data = read
                .missing(entry.reads)
                .union(written.missing(entry.writes));
            let served: HashSet<&str> = website.iter().flat_map(|one| one.purposes()).collect();
            let mut more: Vec<String> = entry
                .purposes()
                .filter(|purpose| !served.contains(purpose))
                .map(|purpose| format!("serves {purpose}"))
                .collect();
            if !data.is_empty() {
                more.push(format!("uses {}", it.names(data)));
            }
            if !more.is_empty() {
                under.error(
                    "S-794",
                    Some(entry.at),
                    &about,
                    format!(
                        "by the app, {about} {} for {role}, and nothing on the website does",
                        more.join(" and ")
                    ),
                    "let it go along the website too, or take app out of its kanalen",
                );
            }
        }
    }
}

/// What is declared and serves nothing.
pub(super) fn idle(under: &mut Under<'_, '_, '_>) {
    let statement = under.statement;
    let activities = &statement.activities;
    let used: HashSet<&str> = activities
        .iter()
        .flat_map(|entry| entry.purposes())
        .chain(statement.cookies.iter().map(|cookie| &*cookie.purpose))
        .chain(statement.statistics.iter().map(|one| &*one.purpose))
        .chain(statement.profilings.iter().map(|one| &*one.purpose))
        .chain(
            statement
                .purposes
                .iter()
                .flat_map(|one| one.part_of.as_deref()),
        )
        .collect();
    let purposes = statement.purposes.iter();
    warn(
        under,
        "S-451",
        "doel",
        &used,
        purposes.map(|one| (&*one.name, one.at)),
    );
    let touched = activities
        .iter()
        .map(|entry| entry.touches())
        .chain(statement.statistics.iter().map(|one| one.data))
        .fold(Mask::EMPTY, Mask::union);
    for category in &statement.categories {
        if !touched.has(category.id) && category.necessity.is_none() {
            under.warn(
                "S-452",
                Some(category.at),
                &format!("gegeven {}", category.name),
                format!("no activity uses gegeven {}", category.name),
                "take it out, declare the activity that needs it, or say in noodzaak why it is there",
            );
        }
    }
    let used = activities
        .iter()
        .flat_map(|entry| entry.recipients.iter().map(String::as_str))
        .collect();
    let recipients = statement.recipients.iter();
    warn(
        under,
        "S-453",
        "ontvanger",
        &used,
        recipients.map(|one| (&*one.name, one.at)),
    );
    let used = activities
        .iter()
        .map(|entry| &*entry.basis)
        .chain(
            statement
                .recipients
                .iter()
                .flat_map(|one| one.ground.as_deref()),
        )
        .chain(statement.decisions.iter().map(|one| &*one.basis))
        .collect();
    let bases = statement.bases.iter();
    warn(
        under,
        "S-454",
        "grondslag",
        &used,
        bases.map(|one| (&*one.name, one.at)),
    );
}

fn warn<'n>(
    under: &mut Under<'_, '_, '_>,
    code: &'static str,
    kind: &str,
    used: &HashSet<&str>,
    declared: impl Iterator<Item = (&'n str, Place)>,
) {
    for (name, at) in declared.filter(|(name, _)| !used.contains(name)) {
        under.warn(
            code,
            Some(at),
            &format!("{kind} {name}"),
            format!("no activity uses {kind} {name}"),
            "take it out, or declare the activity that needs it",
        );
    }
}
