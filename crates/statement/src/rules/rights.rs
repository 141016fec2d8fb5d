//! Rights: each with a term, a way to ask, a check of who asks, and a rule for refusing.

use super::Under;
use crate::{AddressKind, Intake, Right, RightKind};

/// Those that are decided, so that a person must know by when, and why not.
const DECIDED: [RightKind; 8] = [
    RightKind::Know,
    RightKind::Access,
    RightKind::Rectify,
    RightKind::Complete,
    RightKind::Restrict,
    RightKind::Erase,
    RightKind::Object,
    RightKind::Portability,
];

pub(super) fn whole(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for right in it
        .rights
        .iter()
        .filter(|right| DECIDED.contains(&right.kind))
    {
        let lacks = [
            (
                "S-711",
                right.term.is_none(),
                "has no term: nobody knows by when it is decided",
                "add termijn",
            ),
            (
                "S-712",
                unreachable(under, right),
                "cannot be asked: it has no channel, or no address for one",
                "add kanalen, and adressen for letters, e-mail, telephone and desk",
            ),
            (
                "S-713",
                !right.identification,
                "does not say that who asks must show who they are",
                "add identificatie = true",
            ),
            (
                "S-714",
                right.refusal.is_none(),
                "does not say what happens at a refusal",
                "add weigering, and weigeringsgronden where they are a closed list",
            ),
        ];
        for (code, lacking, text, hint) in lacks {
            if lacking {
                let about = format!("recht {}", right.name);
                under.error(
                    code,
                    Some(right.at),
                    &about,
                    format!("{about} {text}"),
                    hint,
                );
            }
        }
    }
    for right in &it.rights {
        let Some(name) = &right.themselves else {
            continue;
        };
        if !it.activities.iter().any(|entry| entry.name == *name) {
            under.warn(
                "S-715",
                Some(right.at),
                &format!("recht {}", right.name),
                format!("there is no activity {name} to do it oneself"),
                "take zelf out, or declare the activity",
            );
        }
    }
}

fn unreachable(under: &Under<'_, '_, '_>, right: &Right) -> bool {
    let reached = |kind| {
        let addresses = under.statement.addresses.iter();
        addresses
            .filter(|address| address.kind == kind)
            .any(|address| right.addresses.contains(&address.name))
    };
    let lacking = right.channels.iter().any(|channel| match channel {
        Intake::Letter => !reached(AddressKind::Post),
        Intake::Email => !reached(AddressKind::Email),
        Intake::Phone => !reached(AddressKind::Phone),
        Intake::Desk => !reached(AddressKind::Desk),
        Intake::Form | Intake::Service | Intake::SocialMedia => false,
    });
    right.channels.is_empty() || lacking
}
