//! The ten parts of a published statement, in their fixed order, and the list of all that is done.

mod activities;
mod data;
mod keeping;
mod law;
mod parties;
mod purposes;
mod recipients;
mod rights;
mod security;

use statement::Part as Place;

use super::document::{Document, Line, Part};
use super::words::Words;

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
    // What a passage lists stands in this very document, so that it is not said twice.
    part.section(
        words.texts.further_notes,
        notices.map(|notice| {
            let line = Line::of("mededeling", &notice.name, words.own(&notice.text));
            line.to(notice.link.as_deref())
        }),
    );
    let parent = statement.parent.as_ref();
    let parent = parent.filter(|parent| parent.parts.iter().any(|part| places.contains(part)));
    if let Some(parent) = parent {
        part.say(Line::new(words.texts.parent(&parent.organisation)).to(Some(&parent.link)));
    }
}
