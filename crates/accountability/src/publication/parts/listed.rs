//! What a passage lists, by name: what each of them is stands in this very document and is not said twice.

use statement::ListKind;

use super::Words;
use crate::publication::words::joined;

pub(super) fn titles(words: &Words<'_>, kind: ListKind) -> Option<String> {
    let it = words.statement;
    match kind {
        ListKind::LegalSources => joined(it.legal_sources.iter().map(|one| &*one.title)),
        ListKind::Bases => joined(it.bases.iter().map(|one| words.own(&one.title))),
        ListKind::Purposes => joined(it.purposes.iter().map(|one| words.own(&one.title))),
        ListKind::SubjectClasses => {
            joined(it.subject_classes.iter().map(|one| words.own(&one.title)))
        }
        ListKind::Data => joined(it.categories.iter().map(|one| words.own(&one.title))),
        ListKind::Sources => joined(it.sources.iter().map(|one| words.own(&one.title))),
        ListKind::Recipients => joined(it.recipients.iter().map(|one| words.own(&one.title))),
        ListKind::Processors => joined(it.processors.iter().map(|one| words.own(&one.title))),
        ListKind::Rights => joined(it.rights.iter().map(|one| words.own(&one.title))),
        ListKind::Grounds => joined(it.grounds.iter().map(|one| words.own(&one.title))),
        ListKind::Addresses => {
            let lines = it
                .addresses
                .iter()
                .map(|one| words.address_among_others(one));
            let lines: Vec<String> = lines.collect();
            joined(lines.iter().map(String::as_str))
        }
        ListKind::Cookies => joined(it.cookies.iter().map(|one| words.own(&one.title))),
        ListKind::Measures => joined(it.measures.iter().map(|one| words.own(&one.title))),
        ListKind::Decisions => joined(it.decisions.iter().map(|one| words.own(&one.title))),
    }
}
