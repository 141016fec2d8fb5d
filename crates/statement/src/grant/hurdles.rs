//! What stands between a role and a category in an activity: each restriction of a statement, in the order in which it answers.

use super::{Access, Hurdle};
use crate::{Category, Class, Entry, LOGGED, Mask, Place, Statement};

/// The first that stands between them, and where it is said.
pub(super) fn hurdle(
    it: &Statement,
    entry: &Entry,
    role: &str,
    category: &Category,
    access: Access,
) -> Option<(Hurdle, Place)> {
    of_activity(entry, role, category, access)
        .or_else(|| of_role(it, entry, role, category, access))
        .or_else(|| of_purposes(it, entry, category))
        .or_else(|| of_people(it, entry, category))
        .or_else(|| of_class(entry, category))
}

fn of_activity(
    entry: &Entry,
    role: &str,
    category: &Category,
    access: Access,
) -> Option<(Hurdle, Place)> {
    let listed = match access {
        Access::Reads => entry.reads,
        Access::Writes => entry.writes,
    };
    if !entry.allows_role(role) {
        return Some((Hurdle::NoRole, entry.at));
    }
    (!listed.has(category.id)).then_some((Hurdle::NotListed, entry.at))
}

fn of_role(
    it: &Statement,
    entry: &Entry,
    name: &str,
    category: &Category,
    access: Access,
) -> Option<(Hurdle, Place)> {
    let reads = access == Access::Reads;
    if reads && refuses(&category.only_roles, name) {
        return Some((Hurdle::OtherRoles, category.at));
    }
    let officer = it.officer.as_ref();
    if let Some(officer) = officer.filter(|one| one.role.as_deref() == Some(name))
        && !(reads && category.name == LOGGED)
    {
        return Some((Hurdle::Officer, officer.at));
    }
    let role = it.role(name)?;
    if reads && role.masked.has(category.id) {
        return Some((Hurdle::Masked, role.at));
    }
    let processor = it.processor_of(role)?;
    if !processor.gets(category) {
        return Some((Hurdle::NotForProcessor, processor.at));
    }
    if !entry.purposes().all(|purpose| processor.serves(purpose)) {
        return Some((Hurdle::NotItsPurpose, processor.at));
    }
    let abroad = !it.lets_go_to(processor.country.as_deref());
    abroad.then_some((Hurdle::ProcessorAbroad, processor.at))
}

fn of_purposes(it: &Statement, entry: &Entry, category: &Category) -> Option<(Hurdle, Place)> {
    for name in entry.purposes() {
        if !it.may_serve(category, name) {
            return Some((Hurdle::OtherPurposes, category.at));
        }
        let purpose = it.purposes.iter().find(|purpose| purpose.name == name);
        if let Some(purpose) = purpose.filter(|one| leaves_out(one.only_data, category)) {
            return Some((Hurdle::NotForPurpose, purpose.at));
        }
    }
    None
}

fn of_people(it: &Statement, entry: &Entry, category: &Category) -> Option<(Hurdle, Place)> {
    if it.leaves_people_open(entry) {
        return Some((Hurdle::NobodyNamed, entry.at));
    }
    if let Some(class) = it.children_without_parent(entry) {
        return Some((Hurdle::Minor, class.at));
    }
    let mut classes = it.subject_classes.iter();
    let limited = classes.find(|class| {
        entry.subjects.contains(&class.name) && leaves_out(class.only_data, category)
    });
    if let Some(class) = limited {
        return Some((Hurdle::NotOfThesePeople, class.at));
    }
    let mut named = entry.subjects.iter();
    let others = !entry.subjects.is_empty()
        && !category.subjects.is_empty()
        && !named.any(|class| category.subjects.contains(class));
    others.then_some((Hurdle::OtherPeople, category.at))
}

fn of_class(entry: &Entry, category: &Category) -> Option<(Hurdle, Place)> {
    let is_guarded = matches!(
        category.class,
        Class::Special | Class::Criminal | Class::Police
    );
    let refused = is_guarded && (category.conditions.is_empty() || entry.conditions.is_empty());
    refused.then_some((Hurdle::NoException, category.at))
}

/// Whether a list of the only ones leaves this one out; an empty list leaves out nobody.
fn refuses(only: &[String], name: &str) -> bool {
    !only.is_empty() && !only.iter().any(|one| one == name)
}

fn leaves_out(only: Mask, category: &Category) -> bool {
    !only.is_empty() && !only.has(category.id)
}
