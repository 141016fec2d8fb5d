//! Promises that overshoot: to people at a breach, to children, to readers without a script, lists of nothing; and those of a parent.

use super::Under;
use crate::{BasisKind, BreachNotice, Level, ListKind, Statement};

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
            Some(_) if !notice.laws.is_empty() => {
                "it lists laws by name, and something else".to_owned()
            }
            Some(kind) if length(it, kind) == 0 => format!("there are no {} to list", kind.name()),
            None if announces && notice.laws.is_empty() => {
                "it announces a list that is not there".to_owned()
            }
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

/// Statement, rights and letterbox work without a script. A text that asks for one is found where it is read.
pub(super) fn script(under: &mut Under<'_, '_, '_>) {
    let header = &under.statement.header;
    if header.needs_script {
        under.error(
            "S-761",
            Some(header.at),
            "verklaring",
            "a reader would need a script in the browser",
            "everything works without; do not ask for one",
        );
    }
}

/// What the program does not do, whatever a statement says of it.
pub(super) fn not_carried_out(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    if let Some(feedback) = &it.feedback {
        if feedback.most == 0 {
            under.error(
                "S-766",
                Some(feedback.at),
                "terugkoppeling",
                "it is asked whether the statement is clear, and nobody can answer in 0 characters",
                "let hoogstens be the most characters of an answer, or take the question out",
            );
        }
        if feedback.identification {
            under.error(
                "S-767",
                Some(feedback.at),
                "terugkoppeling",
                "who answers would have to say who they are, and the program asks nobody",
                "take identificatie out",
            );
        }
    }
    if let Some(notification) = it.notification.as_ref().filter(|one| one.content) {
        under.error(
            "S-768",
            Some(notification.at),
            "notificatie",
            "a notification would tell what the post says, and the program tells only that there is some",
            "take inhoud out",
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
