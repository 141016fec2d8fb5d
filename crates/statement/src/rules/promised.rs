//! Promises that overshoot: to people at a breach, to children, to readers without a script, lists of nothing; and those of a parent.

use super::Under;
use crate::{BasisKind, BreachNotice, Level, ListKind, Statement, Text};

pub(super) fn breach(under: &mut Under<'_, '_, '_>) {
    let Some(breach) = &under.statement.breach else {
        return;
    };
    if breach.notice != BreachNotice::HighRisk {
        under.warn(
            "S-740",
            Some(breach.at),
            "datalek",
            "people hear of more breaches than the law asks, which is only those of high risk (AVG art. 34)",
            "acknowledge it when it is meant",
        );
    }
}

pub(super) fn children(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let consent = it
        .bases
        .iter()
        .any(|basis| basis.kind == BasisKind::Consent);
    if let Some(children) = it.children.as_ref().filter(|one| one.consent && !consent) {
        under.error(
            "S-760",
            Some(children.at),
            "kinderen",
            "a parent must agree, and nothing is done on consent (AVG art. 8)",
            "declare the [[grondslag]] of soort toestemming, or do not ask it",
        );
    }
}

/// A passage that announces a list, above a list of nothing.
pub(super) fn lists(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for notice in &it.notices {
        let about = format!("mededeling {}", notice.name);
        let announces = it
            .header
            .languages
            .iter()
            .any(|language| notice.text.get(language).ends_with(':'));
        let fault = match notice.list {
            Some(kind) if length(it, kind) == 0 => format!("there are no {} to list", kind.name()),
            None if announces => "it announces a list that is not there".to_owned(),
            _ => continue,
        };
        under.error(
            "S-741",
            Some(notice.at),
            &about,
            format!("{about}: {fault}"),
            "say in lijst what is listed and declare it, or say it without a list",
        );
    }
}

fn length(it: &Statement, kind: ListKind) -> usize {
    match kind {
        ListKind::LegalSources => it.legal_sources.len(),
        ListKind::Bases => it.bases.len(),
        ListKind::Purposes => it.purposes.len(),
        ListKind::SubjectClasses => it.subject_classes.len(),
        ListKind::Data => it.categories.len(),
        ListKind::Sources => it.sources.len(),
        ListKind::Recipients => it.recipients.len(),
        ListKind::Processors => it.processors.len(),
        ListKind::Rights => it.rights.len(),
        ListKind::Grounds => it.grounds.len(),
        ListKind::Addresses => it.addresses.len(),
        ListKind::Cookies => it.cookies.len(),
        ListKind::Measures => it.measures.len(),
        ListKind::Decisions => it.decisions.len(),
    }
}

/// Statement, rights and letterbox work without a script.
pub(super) fn script(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let asks = |text: &Text| {
        let mut languages = it.header.languages.iter();
        languages.any(|language| text.get(language).to_lowercase().contains("javascript"))
    };
    let notice = it.notices.iter().find(|notice| asks(&notice.text));
    let at = notice.map(|notice| (format!("mededeling {}", notice.name), notice.at));
    let header = it
        .header
        .needs_script
        .then(|| ("verklaring".to_owned(), it.header.at));
    if let Some((about, at)) = at.or(header) {
        under.error(
            "S-761",
            Some(at),
            &about,
            "a reader would need a script in the browser",
            "everything works without; do not ask for one",
        );
    }
}

/// What comes from the parent's statement is told, so that whoever checks this file reads that one too.
pub(super) fn inherited(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let taken: Vec<&str> = it.inherited.iter().map(|one| &*one.what).collect();
    if let (Some(parent), false) = (&it.parent, taken.is_empty()) {
        under.push(
            Level::Note,
            "S-785",
            Some(parent.at),
            "ouder",
            format!("taken over from {}: {}", parent.title, taken.join(", ")),
            "",
        );
    }
}
