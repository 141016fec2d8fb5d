//! What a statement must tell: AVG art. 13 and 14 for the reader, art. 30 for the register.

use super::Under;
use crate::{BasisKind, Part, RightKind};

/// The rights that every reader is told of.
const RIGHTS: [RightKind; 5] = [
    RightKind::Access,
    RightKind::Rectify,
    RightKind::Erase,
    RightKind::Restrict,
    RightKind::Object,
];

pub(super) fn told(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let lacks = [
        (
            "S-601",
            Part::Contact,
            it.controller.addresses.is_empty(),
            "verantwoordelijke",
            "nobody is told where the controller can be reached (AVG art. 13, 1a)",
            "declare an [[adres]] and name it in adressen",
        ),
        (
            "S-602",
            Part::Controller,
            it.officer
                .as_ref()
                .is_none_or(|officer| officer.addresses.is_empty()),
            "functionaris",
            "nobody is told who the data protection officer is and where to reach them (AVG art. 13, 1b)",
            "add [functionaris] with adressen",
        ),
        (
            "S-603",
            Part::Recipients,
            it.recipients.is_empty(),
            "ontvanger",
            "nobody is told who gets data (AVG art. 13, 1e)",
            "add each [[ontvanger]]",
        ),
        (
            "S-604",
            Part::Recipients,
            it.transfer.is_none() && super::countries::abroad(it).is_none(),
            "doorgifte",
            "nobody is told whether data leaves the country (AVG art. 13, 1f)",
            "add [doorgifte]",
        ),
        (
            "S-605",
            Part::Rights,
            it.complaint.is_none() || it.supervisor.is_none(),
            "klachtroute",
            "nobody is told with which supervisor to complain (AVG art. 13, 2d)",
            "add [toezichthouder] and [klachtroute]",
        ),
        (
            "S-607",
            Part::Data,
            it.subject_classes.is_empty(),
            "betrokkene",
            "the people whom the data is about are not named (AVG art. 30, 1c)",
            "add each [[betrokkene]]",
        ),
        (
            "S-608",
            Part::Sources,
            it.sources.is_empty(),
            "bron",
            "nobody is told where the data comes from (AVG art. 14, 2f)",
            "add each [[bron]]",
        ),
        (
            "S-609",
            Part::Security,
            it.measures.is_empty(),
            "maatregel",
            "no measure of security is named (AVG art. 30, 1g)",
            "add each [[maatregel]]",
        ),
        (
            "S-611",
            Part::Data,
            it.categories.iter().all(|one| one.provision.is_none()),
            "verstrekking",
            "nobody is told which data they must give (AVG art. 13, 2e)",
            "say verstrekking of the categories that people give",
        ),
    ];
    for (code, part, lacking, about, text, hint) in lacks {
        if lacking && !inherited(under, part) {
            under.error(code, None, about, text, hint);
        }
    }
    rights(under);
}

fn rights(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let has = |kind| it.rights.iter().any(|right| right.kind == kind);
    let missing = RIGHTS.iter().filter(|kind| !has(**kind));
    if !inherited(under, Part::Rights) {
        for kind in missing {
            under.error(
                "S-606",
                None,
                &format!("recht {}", kind.name()),
                format!(
                    "nobody is told of the right {} (AVG art. 13, 2b)",
                    kind.name()
                ),
                "add a [[recht]] of that soort",
            );
        }
    }
    let consent = it
        .bases
        .iter()
        .find(|basis| basis.kind == BasisKind::Consent);
    if let Some(basis) = consent.filter(|_| !has(RightKind::WithdrawConsent)) {
        under.error(
            "S-610",
            Some(basis.at),
            &format!("grondslag {}", basis.name),
            "consent is asked, and nobody is told how to withdraw it (AVG art. 13, 2c)",
            "add a [[recht]] of soort intrekken-toestemming",
        );
    }
}

/// Whether the statement of the larger organisation says this part.
fn inherited(under: &Under<'_, '_, '_>, part: Part) -> bool {
    let parent = under.statement.parent.as_ref();
    parent.is_some_and(|parent| parent.parts.contains(&part))
}
