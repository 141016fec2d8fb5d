//! Data that is shown, kept on a device or handed to a processor without being declared.

use super::Under;
use crate::{CategoryId, Statement};

fn declared(statement: &Statement, name: &str) -> Option<CategoryId> {
    let found = statement.categories.iter().find(|one| one.name == name);
    found.map(|one| one.id)
}

/// What a person sees of themselves is data that is processed.
pub(super) fn to_the_person(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for entry in &it.activities {
        for name in &entry.shows {
            let read = declared(it, name).is_some_and(|id| entry.touches().has(id));
            if !read {
                under.error(
                    "S-701",
                    Some(entry.at),
                    &format!("activiteit {}", entry.name),
                    format!(
                        "{} shows {name}, which is not declared as data it uses",
                        entry.name
                    ),
                    "declare it in a [[gegeven]] and name it in leest, or do not show it",
                );
            }
        }
    }
}

pub(super) fn to_processors(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for processor in &it.processors {
        for name in &processor.data {
            if declared(it, name).is_none() {
                under.error(
                    "S-702",
                    Some(processor.at),
                    &format!("verwerker {}", processor.name),
                    format!(
                        "{} gets {name}, which is not declared as data",
                        processor.name
                    ),
                    "declare it in a [[gegeven]], or take it from the processor",
                );
            }
        }
    }
}

/// Tokens and keys of a device name it, and are data.
pub(super) fn on_devices(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let tokens = it
        .notification
        .iter()
        .map(|one| ("notificatie".to_owned(), &one.token, one.at));
    let keys = it.local_copies.iter().filter_map(|copy| {
        let key = copy.key.as_ref()?;
        Some((format!("lokale-opslag {}", copy.name), key, copy.at))
    });
    for (about, name, at) in tokens.chain(keys) {
        if declared(it, name).is_none() {
            under.error(
                "S-703",
                Some(at),
                &about,
                format!("{name} is used and not declared as data"),
                "declare it in a [[gegeven]]",
            );
        }
    }
}
