//! Decisions without a person: never by profiling, always open to objection, and from what they say they are made from.

use super::Under;
use crate::{Decision, Entry, Manner, Mask, Source, Statement};

/// The role that is the program itself.
const PROGRAM: &str = "systeem";
/// The role at the terminal; it needs no declaration, and is a person of the organisation.
const OPERATOR: &str = "beheerder";

pub(super) fn by_profiling(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for decision in &it.decisions {
        let about = format!("automatisch-besluit {}", decision.name);
        if !decision.profilings.is_empty() {
            under.error(
                "S-750",
                Some(decision.at),
                &about,
                format!("{about} is fed by profiling (AVG art. 22; UAVG art. 40)"),
                "let a person decide",
            );
        }
        if !decision.objection {
            under.error(
                "S-753",
                Some(decision.at),
                &about,
                format!("{about} does not say that objection is open"),
                "add bezwaar = true",
            );
        }
    }
    for one in it.profilings.iter().filter(|one| !one.human_decides) {
        let about = format!("profilering {}", one.name);
        under.error(
            "S-751",
            Some(one.at),
            &about,
            format!("{about} selects cases that no person looks at"),
            "add mens-beslist = true",
        );
    }
}

/// What an activity judges, decides and says of who does it agree with each other.
pub(super) fn made_as_said(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for entry in &it.activities {
        let manner = it.manner_of(entry);
        let decision = entry.decision.as_deref();
        if let (true, Some(name)) = (entry.profiling, decision) {
            tell(
                under,
                "S-750",
                entry,
                &format!(
                    "judges personal aspects, and makes the automated decision {name} by that (AVG art. 22; UAVG art. 40)"
                ),
                "let a person decide: take besluit out",
            );
        } else if entry.profiling && manner == Manner::Automated {
            tell(
                under,
                "S-752",
                entry,
                "judges personal aspects, and no person decides",
                "let a person decide: wijze = \"mens\" or \"voorbereid\"",
            );
        }
        if let Some(name) = decision.filter(|_| manner != Manner::Automated) {
            tell(
                under,
                "S-754",
                entry,
                &format!(
                    "makes the automated decision {name}, and is done as {}",
                    manner.name()
                ),
                "say wijze = \"automatisch\", or take besluit out",
            );
        }
        contradicted_by_its_roles(under, entry);
    }
}

/// Whoever is said to do the work has a role in it.
fn contradicted_by_its_roles(under: &mut Under<'_, '_, '_>, entry: &Entry) {
    let it = under.statement;
    let staff = entry.roles.iter().find(|role| it.is_staff(role));
    match (entry.manner, staff) {
        (Some(Manner::Automated), Some(role)) => tell(
            under,
            "S-755",
            entry,
            &format!("is done by the program, and by people in the role {role}"),
            "say wijze = \"mens\" or \"voorbereid\", or let rollen name no people",
        ),
        (Some(Manner::Human), _) if entry.roles.iter().all(|role| role == PROGRAM) => tell(
            under,
            "S-755",
            entry,
            "is done by a person, and by the program alone",
            "say wijze = \"automatisch\" or \"voorbereid\", or name in rollen who does it",
        ),
        _ => {}
    }
}

/// A decision tells all that it is made from, and where that comes from: whoever it is about can follow it.
pub(super) fn told_whole(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for decision in &it.decisions {
        let made = it.activities.iter();
        let made = made.filter(|entry| entry.decision.as_ref() == Some(&decision.name));
        let read = made.fold(Mask::EMPTY, |all, entry| all.union(entry.reads));
        let more = decision.data.missing(read);
        let about = format!("automatisch-besluit {}", decision.name);
        if !more.is_empty() {
            under.error(
                "S-756",
                Some(decision.at),
                &about,
                format!(
                    "{about} is made from {} as well, and does not say so",
                    it.names(more)
                ),
                "add it to gegevens, or take it out of leest of the activity",
            );
        }
        let untold: Vec<&str> = sources_of(it, decision)
            .filter(|source| !decision.sources.contains(&source.name))
            .map(|source| &*source.name)
            .collect();
        if !untold.is_empty() {
            under.error(
                "S-756",
                Some(decision.at),
                &about,
                format!(
                    "{about} is made from what comes from {}, and does not say so",
                    untold.join(", ")
                ),
                "add them to bronnen, as those of its gegevens have them",
            );
        }
    }
}

/// Who gives what a decision is made from, by their own word or by that of the category.
fn sources_of<'s>(it: &'s Statement, decision: &'s Decision) -> impl Iterator<Item = &'s Source> {
    it.sources.iter().filter(|source| {
        let mut data = decision
            .data
            .iter()
            .map(|id| (id, &it.categories[id.index()]));
        data.any(|(id, category)| source.data.has(id) || category.sources.contains(&source.name))
    })
}

fn tell(under: &mut Under<'_, '_, '_>, code: &'static str, entry: &Entry, fault: &str, hint: &str) {
    let about = format!("activiteit {}", entry.name);
    let text = format!("{about} {fault}");
    under.error(code, Some(entry.at), &about, text, hint);
}

impl Statement {
    /// Who does the work of an activity: what it says, or else as its roles say. A person where each is one of the organisation's
    /// people; else the program does it, for itself or for who asks.
    pub fn manner_of(&self, entry: &Entry) -> Manner {
        let by_people = entry.roles.iter().all(|role| self.is_staff(role));
        let as_the_roles_say = if by_people {
            Manner::Human
        } else {
            Manner::Automated
        };
        entry.manner.unwrap_or(as_the_roles_say)
    }

    /// Whether people of the organisation, or of a processor, act in this role.
    fn is_staff(&self, role: &str) -> bool {
        role == OPERATOR || self.role(role).is_some()
    }
}
