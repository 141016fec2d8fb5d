//! Part 1: who answers, who runs it, who watches, how to reach them.

use statement::{Address, Part as Place, Role};

use super::{Line, Part, Words, besides};

pub(super) fn controller(words: &Words<'_>) -> Part {
    let (statement, texts) = (words.statement, words.texts);
    let controller = &statement.controller;
    let in_short = texts.in_short_controller(&controller.name);
    let mut part = Part::new("verantwoordelijke", texts.part_controller, in_short);
    part.say(controller_line(words));
    if let Some(parent) = &statement.parent {
        let said = texts.parent_also(&parent.organisation);
        part.say(
            Line::of("ouder", "naam", said)
                .with(parent.title.as_str())
                .to(Some(&parent.link)),
        );
    }
    part.list(
        texts.operators_title,
        statement
            .operators
            .iter()
            .zip(1..)
            .map(|(operator, number)| {
                Line::of("beheer", &i32::to_string(&number), &*operator.name)
                    .with_some(operator.part_of.as_ref().map(|whole| texts.part_of(whole)))
            }),
    );
    let watching = supervisor(words).into_iter().chain(officer(words));
    part.list(texts.watching_title, watching);
    part.list(
        texts.contact_title,
        statement
            .addresses
            .iter()
            .map(|address| shown(words, address)),
    );
    let roles = statement.roles.iter();
    part.list(texts.roles_title, roles.map(|role| role_line(words, role)));
    besides(words, &[Place::Controller, Place::Contact], &mut part);
    part
}

pub(in crate::publication) fn controller_line(words: &Words<'_>) -> Line {
    let (controller, texts) = (&words.statement.controller, words.texts);
    let whole = controller.part_of.as_ref();
    let said = texts.controller(&controller.name);
    Line::of("verantwoordelijke", "naam", said).with_some(whole.map(|whole| texts.part_of(whole)))
}

pub(in crate::publication) fn supervisor(words: &Words<'_>) -> Option<Line> {
    let supervisor = words.statement.supervisor.as_ref()?;
    let said = words.texts.supervisor(&supervisor.name);
    Some(Line::of("toezichthouder", "naam", said).to(supervisor.link.as_deref()))
}

pub(in crate::publication) fn officer(words: &Words<'_>) -> Option<Line> {
    let officer = words.statement.officer.as_ref()?;
    let said = words.texts.officer(&officer.name);
    Some(Line::of("functionaris", "naam", said))
}

fn shown(words: &Words<'_>, address: &Address) -> Line {
    let mention = address.mention.as_ref();
    Line::of("adres", &address.name, words.address_among_others(address))
        .with_some(mention.map(|text| words.texts.mention(words.own(text))))
}

fn role_line(words: &Words<'_>, role: &Role) -> Line {
    let texts = words.texts;
    Line::of("rol", &role.name, words.own(&role.title))
        .with_if(role.confidentiality, texts.role_secret)
        .with_if(role.only_after_contact, texts.role_after_contact)
        .with_some(words.data(role.masked).map(|data| texts.role_masked(data)))
}
