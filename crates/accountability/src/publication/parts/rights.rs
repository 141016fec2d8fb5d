//! Part 8: what a person can ask, within how long it is answered, and where they can complain.

use statement::{Answer, Intake, Part as Place, Right};

use super::{Line, Part, Words, besides};
use crate::publication::words::joined;

pub(super) fn rights(words: &Words<'_>) -> Part {
    let (statement, texts) = (words.statement, words.texts);
    let in_short = texts.in_short_rights(statement.rights.len());
    let mut part = Part::new("rechten", texts.part_rights, in_short);
    part.list(
        texts.rights_title,
        statement.rights.iter().map(|right| shown(words, right)),
    );
    let children = statement.children.iter();
    part.section(
        texts.children_title,
        children.map(|children| {
            Line::of("kinderen", "uitleg", words.own(&children.explanation))
                .with(texts.children_age(children.under_age))
                .with_if(children.consent, texts.children_consent)
                .with_some(
                    words
                        .rights(&children.rights)
                        .map(|names| texts.children_rights(names)),
                )
        }),
    );
    part.section(texts.complaint_title, complaint(words));
    besides(words, &[Place::Rights, Place::Children], &mut part);
    part
}

/// Where a person can complain.
pub(in crate::publication) fn complaint(words: &Words<'_>) -> Option<Line> {
    let complaint = words.statement.complaint.as_ref()?;
    let line = Line::of("klachtroute", "uitleg", words.own(&complaint.explanation));
    let line = line.with_if(complaint.court, words.texts.complaint_court);
    Some(line.to(complaint.link.as_deref()))
}

/// A right with how it is asked for; `addresses` is where to, in a line.
pub(in crate::publication) fn asked(
    words: &Words<'_>,
    right: &Right,
    addresses: Option<String>,
) -> Line {
    let texts = words.texts;
    let ways = joined(right.channels.iter().map(|channel| match channel {
        Intake::Email => texts.by_email,
        Intake::Letter => texts.by_letter,
        Intake::Form => texts.by_form,
        Intake::Phone => texts.by_phone,
        Intake::Desk => texts.by_desk,
        Intake::Service => texts.by_service,
        Intake::SocialMedia => texts.by_social_media,
    }));
    Line::of("recht", &right.name, words.own(&right.title))
        .with_some(right.explanation.as_ref().map(|text| words.own(text)))
        .with_some(ways.map(|ways| texts.ask_by(ways)))
        .with_some(addresses.map(|names| texts.ask_where(names)))
        .with_some(
            right
                .asked
                .as_ref()
                .map(|text| texts.ask_with(words.own(text))),
        )
        .with_if(right.identification, texts.ask_identified)
}

fn shown(words: &Words<'_>, right: &Right) -> Line {
    let texts = words.texts;
    let answer = right.answer.map(|answer| match answer {
        Answer::Email => texts.answer_email,
        Answer::Letter => texts.answer_letter,
        Answer::Message => texts.answer_message,
    });
    let later = right.extension.as_ref();
    let mut line = asked(words, right, words.addresses(&right.addresses))
        .with_some(
            right
                .term
                .as_ref()
                .map(|term| texts.answer_within(words.term(term))),
        )
        .with_some(later.map(|term| texts.answer_later(words.term(term))))
        .with_some(answer);
    for ground in words.grounds(&right.grounds) {
        line = line.with(texts.ask_if(ground));
    }
    for ground in words.grounds(&right.refusals) {
        line = line.with(texts.refuse_if(ground));
    }
    line.with_some(right.refusal.as_ref().map(|text| words.own(text)))
        .with_if(right.passed_on, texts.passed_on)
        .with_some(
            words
                .laws(right.source.as_deref())
                .map(|names| texts.law(names)),
        )
        .with_some(right.article.as_ref().map(|article| texts.article(article)))
}
