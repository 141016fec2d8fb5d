//! The ten parts of a published statement, in their fixed order, and the list of all that is done.

mod activities;
mod data;
mod keeping;
mod law;
mod listed;
mod parties;
mod purposes;
mod recipients;
mod rights;
mod security;

use statement::Part as Place;

use super::document::{Document, Line, Part};
use super::words::Words;

pub(super) use parties::{controller_line as controller, officer, supervisor};
pub(super) use rights::{asked as right_asked, complaint};

pub(super) fn document(words: &Words<'_>) -> Document {
    let header = &words.statement.header;
    let texts = words.texts;
    let parts = [
        parties::controller(words),
        purposes::purposes(words),
        law::bases(words),
        data::data(words),
        data::cookies(words),
        recipients::recipients(words),
        keeping::retention(words),
        rights::rights(words),
        security::security(words),
        security::change(words),
    ];
    Document {
        language: words.language.tag(),
        title: texts.title(&header.title),
        version: texts.version(words.day(header.date), &header.version),
        lead: texts.lead(&header.title),
        summary_title: texts.summary_title.to_owned(),
        parts: parts
            .into_iter()
            .filter(|part| !part.blocks.is_empty())
            .collect(),
        annex: activities::annex(words),
    }
}

/// What stands in these places besides: the parent's statement, passages, limits. A part can hold several places.
fn besides(words: &Words<'_>, places: &[Place], part: &mut Part) {
    let statement = words.statement;
    let limits = statement
        .limits
        .iter()
        .filter(|limit| places.contains(&limit.part));
    part.list(
        words.texts.limits_title,
        limits.map(|limit| Line::of("grens", &limit.name, words.own(&limit.title))),
    );
    let notices = statement
        .notices
        .iter()
        .filter(|notice| places.contains(&notice.part));
    part.section(
        words.texts.further_notes,
        notices.map(|notice| {
            let line = Line::of("mededeling", &notice.name, words.own(&notice.text));
            let all = notice.list.and_then(|kind| listed::titles(words, kind));
            let listed = words.laws(notice.laws.iter().map(String::as_str)).or(all);
            line.with_some(listed.map(|names| words.texts.listed(names)))
                .to(notice.link.as_deref())
        }),
    );
    let parent = statement.parent.as_ref();
    let parent = parent.filter(|parent| parent.parts.iter().any(|part| places.contains(part)));
    let Some(parent) = parent else { return };
    let taken = inherited(words, places);
    if taken.is_empty() {
        part.say(Line::new(words.texts.parent(&parent.organisation)).to(Some(&parent.link)));
    }
    let title = words.texts.inherited(&parent.organisation);
    part.list(&title, taken.into_iter().map(Line::new));
}

/// What in these places was taken over from the parent's statement, each by its title.
fn inherited(words: &Words<'_>, places: &[Place]) -> Vec<String> {
    let (statement, texts) = (words.statement, words.texts);
    let taken = statement.inherited.iter().filter_map(|one| {
        let (kind, name) = one.what.split_once(' ').unwrap_or((&one.what, ""));
        let (place, title) = match kind {
            "recht" => {
                let right = statement.rights.iter().find(|right| right.name == name)?;
                (Place::Rights, words.own(&right.title))
            }
            "grond" => {
                let ground = statement
                    .grounds
                    .iter()
                    .find(|ground| ground.name == name)?;
                (Place::Rights, words.own(&ground.title))
            }
            "maatregel" => {
                let mut all = statement.measures.iter();
                let measure = all.find(|measure| measure.name == name)?;
                (Place::Security, words.own(&measure.title))
            }
            "klachtroute" => (Place::Rights, texts.inherited_complaint),
            "kinderen" => (Place::Children, texts.inherited_children),
            "datalek" => (Place::Breach, texts.inherited_breach),
            "wijziging" => (Place::Change, texts.inherited_change),
            "toezichthouder" => (Place::Controller, &*statement.supervisor.as_ref()?.name),
            "functionaris" => (Place::Controller, &*statement.officer.as_ref()?.name),
            // Addresses and laws come with what refers to them.
            _ => return None,
        };
        places.contains(&place).then(|| title.to_owned())
    });
    taken.collect()
}
