//! Exchange: what a source is told, and why a recipient gets what it gets.

use super::Under;
use crate::{Class, Direction, Level, Mask, Source, SourceKind};

pub(super) fn sources(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let numbers: Mask = it
        .categories
        .iter()
        .filter(|category| category.class == Class::Identification)
        .map(|category| category.id)
        .collect();
    let mut only = Vec::new();
    for source in it.sources.iter().filter(|one| is_another(one)) {
        if it
            .recipients
            .iter()
            .any(|recipient| recipient.name == source.name)
        {
            continue;
        }
        if source.kind == SourceKind::Organisation {
            only.push(source.name.as_str());
        }
        let told = numbers.missing(source.query);
        if !told.is_empty() {
            let about = format!("bron {}", source.name);
            under.error(
                "S-743",
                Some(source.at),
                &about,
                format!(
                    "{about} gets {} when it is asked, and is no recipient",
                    it.names(told)
                ),
                "ask it with a number that names the person, or declare it as [[ontvanger]]",
            );
        }
    }
    if !only.is_empty() {
        under.push(
            Level::Note,
            "S-745",
            None,
            "bron",
            format!(
                "data comes from these and never goes to them: {}",
                only.join(", ")
            ),
            "",
        );
    }
}

/// Neither the person nor the service itself.
fn is_another(source: &Source) -> bool {
    !matches!(source.kind, SourceKind::Subject | SourceKind::Service)
}

pub(super) fn recipients(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for recipient in &it.recipients {
        let about = format!("ontvanger {}", recipient.name);
        if recipient.ground.is_none() {
            under.error(
                "S-744",
                Some(recipient.at),
                &about,
                format!("{about} gets data, and nothing says why it may"),
                "add grondslag",
            );
        }
        let gets = recipient.gets();
        let ground = it.ground_of(recipient);
        if let Some(ground) = ground.filter(|ground| !gets.rests_on(ground.kind)) {
            under.error(
                "S-748",
                Some(recipient.at),
                &about,
                format!(
                    "{about} gets data {}, and {} is of soort {}: secrecy does not give way to that",
                    gets.name(),
                    ground.name,
                    ground.kind.name()
                ),
                "name a grondslag of soort taak or wettelijke-plicht; op-verzoek asks for wettelijke-plicht, met-toestemming for toestemming",
            );
        }
        let source = it
            .sources
            .iter()
            .any(|source| source.name == recipient.name);
        if recipient.direction == Some(Direction::Both) && !source {
            under.error(
                "S-746",
                Some(recipient.at),
                &about,
                format!("{about} would give data too, and there is no such source"),
                "declare a [[bron]] of the same naam, or take richting out",
            );
        }
    }
}

/// A category says where it comes from, a source what it gives: they say the same. One that does not say it comes from the person,
/// or comes about here, and from nobody else.
pub(super) fn both_say_so(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for category in &it.categories {
        for source in &it.sources {
            let gives = source.data.has(category.id);
            let says = match category.sources.is_empty() {
                true => gives && !is_another(source),
                false => category.sources.contains(&source.name),
            };
            if says != gives {
                let (name, from) = (&category.name, &source.name);
                let text = if says {
                    format!("gegeven {name} comes from {from}, which does not give it")
                } else {
                    format!("bron {from} gives {name}, which does not come from it")
                };
                under.warn(
                    "S-747",
                    Some(category.at),
                    &format!("gegeven {name}"),
                    text,
                    "let bronnen of the gegeven and gegevens of the bron say the same",
                );
            }
        }
    }
}
