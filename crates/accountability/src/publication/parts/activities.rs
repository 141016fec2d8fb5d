//! The list of all that is done: each activity, with what for, why, who and which data.

use statement::{Entry, Manner};

use super::{Line, Part, Words};

pub(super) fn annex(words: &Words<'_>) -> Option<Part> {
    let texts = words.texts;
    let mut part = Part::new("activiteiten", texts.annex, texts.annex_lead);
    part.say(Line::new(texts.annex_lead));
    let activities = &words.statement.activities;
    let lines = activities.iter().map(|entry| shown(words, entry));
    part.blocks.push(super::super::Block::List(lines.collect()));
    (!activities.is_empty()).then_some(part)
}

fn shown(words: &Words<'_>, entry: &Entry) -> Line {
    let texts = words.texts;
    let automatic = entry.manner == Some(Manner::Automated);
    let line = Line::of("activiteit", &entry.name, words.own(&entry.title))
        .with_some(
            words
                .purposes(entry.purposes())
                .map(|names| texts.for_what(names)),
        )
        .with_some(
            words
                .bases([entry.basis.as_str()])
                .map(|name| texts.why(name)),
        )
        .with_some(words.roles(&entry.roles).map(|names| texts.who(names)))
        .with_some(
            words
                .subjects(&entry.subjects)
                .map(|names| texts.about(names)),
        )
        .with_some(words.data(entry.reads).map(|data| texts.uses(data)))
        .with_some(words.data(entry.writes).map(|data| texts.records(data)))
        .with_some(
            words
                .recipients(&entry.recipients)
                .map(|names| texts.gives_to(names)),
        )
        .with_some(
            words
                .sources(&entry.sources)
                .map(|names| texts.gets_from(names)),
        )
        .with_if(automatic, texts.automatic)
        .with_some(
            entry
                .necessity
                .as_ref()
                .map(|text| texts.needed(words.own(text))),
        );
    super::data::under(words, &entry.conditions, line)
}
