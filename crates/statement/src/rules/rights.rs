//! Rights: each with a term, a way to ask, a check of who asks, and a rule for refusing.

use super::Under;
use crate::{AddressKind, Intake, LegalSource, Right, RightKind, Term};

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

/// What a law lets the decision on a right take: the first term, and by how much it is extended once.
struct Allowed {
    /// By what it is known in the citation or the link of a `[[rechtsbron]]`.
    known_by: &'static str,
    article: &'static str,
    term: &'static str,
    extension: &'static str,
}

const LAWS: [Allowed; 2] = [
    Allowed {
        known_by: "2016/679",
        article: "AVG art. 12, third paragraph",
        term: "P1M",
        extension: "P2M",
    },
    Allowed {
        known_by: "BWBR0028067",
        article: "Wbp BES",
        term: "P28D",
        extension: "P28D",
    },
];

/// A right is decided within what the law lets it take; one that names no law, by the only one of these that the file cites.
pub(super) fn in_time(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let allowed = |law: &LegalSource| {
        let mut laws = LAWS.iter();
        laws.find(|one| law.link.contains(one.known_by) || law.citation.contains(one.known_by))
    };
    let cited: Vec<&Allowed> = it.legal_sources.iter().filter_map(allowed).collect();
    for right in it
        .rights
        .iter()
        .filter(|right| DECIDED.contains(&right.kind))
    {
        let law = match &right.source {
            Some(name) => {
                let mut laws = it.legal_sources.iter();
                laws.find(|law| law.name == *name).and_then(allowed)
            }
            None if cited.len() == 1 => cited.first().copied(),
            None => None,
        };
        let Some(law) = law else { continue };
        let terms = [
            ("termijn", &right.term, law.term),
            ("verlenging", &right.extension, law.extension),
        ];
        for (key, term, most) in terms {
            let longest = most.parse::<Term>().ok();
            let over = term
                .as_ref()
                .zip(longest)
                .is_some_and(|(term, longest)| !term.surely_within(&longest));
            if let Some(term) = term.as_ref().filter(|_| over) {
                let about = format!("recht {}", right.name);
                under.error(
                    "S-716",
                    Some(right.at),
                    &about,
                    format!(
                        "{about} has a {key} of {term}, and the law lets it be {most} ({})",
                        law.article
                    ),
                    format!("let {key} be {most} or less"),
                );
            }
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
