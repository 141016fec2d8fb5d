//! Data that is kept: why it is there, and what keeps it longer.

use super::Under;
use crate::{Level, Mask, StartEvent, TermSource};

/// What does not apply to everyone says why we cannot do without.
pub(super) fn necessity(under: &mut Under<'_, '_, '_>) {
    for category in &under.statement.categories {
        if category.only_if.is_some() && category.necessity.is_none() {
            let about = format!("gegeven {}", category.name);
            under.error(
                "S-730",
                Some(category.at),
                &about,
                format!("{about} does not apply to everyone, and no purpose visibly needs it"),
                "say in noodzaak why we cannot do without",
            );
        }
    }
}

/// What an activity may need after its term is kept by a hold.
pub(super) fn longer(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for entry in &it.activities {
        for category in &it.categories {
            let rule = &category.retention;
            if entry.needs_longer.has(category.id)
                && rule.holds.is_empty()
                && rule.hotspots.is_empty()
            {
                let about = format!("gegeven {}", category.name);
                under.error(
                    "S-731",
                    Some(rule.at),
                    &about,
                    format!(
                        "{about} goes after {}, and {} may need it longer",
                        rule.term, entry.name
                    ),
                    "name in opschorting what keeps it until then",
                );
            }
        }
    }
    let used: Vec<&String> = it
        .categories
        .iter()
        .flat_map(|category| {
            category
                .retention
                .holds
                .iter()
                .chain(&category.retention.hotspots)
        })
        .collect();
    let holds = it
        .holds
        .iter()
        .map(|one| ("opschorting", &one.name, one.at));
    let hotspots = it.hotspots.iter().map(|one| ("hotspot", &one.name, one.at));
    for (kind, name, at) in holds.chain(hotspots) {
        if !used.contains(&name) {
            let about = format!("{kind} {name}");
            under.warn(
                "S-732",
                Some(at),
                &about,
                format!("no category is kept by {about}"),
                "name it in a bewaartermijn, or take it out",
            );
        }
    }
}

/// A term that nobody published.
pub(super) fn own_choice(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let own: Mask = it
        .categories
        .iter()
        .filter(|category| category.retention.source == TermSource::Own)
        .map(|category| category.id)
        .collect();
    if !own.is_empty() {
        under.push(
            Level::Note,
            "S-733",
            None,
            "bewaartermijn",
            format!(
                "nobody published these terms, they are our choice: {}",
                it.names(own)
            ),
            "",
        );
    }
}

/// What is kept of a person is found by their number as long as it is there (AVG art. 15): what began before the account ended
/// does not outlast it.
pub(super) fn found_by_number(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let by_number = it.header.number.category;
    let number = it.categories.iter().find(|one| one.id == by_number);
    let Some(number) = number.filter(|one| one.retention.from == StartEvent::AccountEnded) else {
        return;
    };
    for category in &it.categories {
        let rule = &category.retention;
        let has_begun_by_then = matches!(
            rule.from,
            StartEvent::Recorded
                | StartEvent::Received
                | StartEvent::SessionEnded
                | StartEvent::AccountEnded
        );
        if has_begun_by_then && !rule.term.surely_within(&number.retention.term) {
            let about = format!("gegeven {}", category.name);
            under.warn(
                "S-734",
                Some(rule.at),
                &about,
                format!(
                    "{about} is kept for {}, and {} by which it is found goes {} after the account ended: nobody could ask for it after that",
                    rule.term, number.name, number.retention.term
                ),
                "keep the number for as long, or this for less",
            );
        }
    }
}
