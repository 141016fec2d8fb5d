//! Parts 9 and 10: what is done for security and at a breach; how the statement changes.

use statement::{Breach, BreachNotice, Effect, Part as Place};

use super::{Line, Part, Words, besides};

pub(super) fn security(words: &Words<'_>) -> Part {
    let (statement, texts) = (words.statement, words.texts);
    let mut part = Part::new("beveiliging", texts.part_security, texts.in_short_security);
    part.list(
        texts.measures_title,
        statement.measures.iter().map(|measure| {
            let norms = words.laws(measure.norms.iter().map(String::as_str));
            Line::of("maatregel", &measure.name, words.own(&measure.title))
                .with_some(norms.map(|names| texts.norms(names)))
        }),
    );
    let breach = statement.breach.as_ref();
    part.section(
        texts.breach_title,
        breach.map(|breach| breached(words, breach)),
    );
    let examples = breach.into_iter().flat_map(|breach| &breach.examples);
    part.list(
        texts.breach_examples_title,
        examples.map(|example| Line::new(words.own(example))),
    );
    besides(words, &[Place::Security, Place::Breach], &mut part);
    part
}

fn breached(words: &Words<'_>, breach: &Breach) -> Line {
    let texts = words.texts;
    let supervisor = words.statement.supervisor.as_ref();
    let told = breach.report_within.map(|length| match supervisor {
        Some(supervisor) => texts.breach_told(&supervisor.name, words.length(length)),
        None => texts.breach_told_plain(words.length(length)),
    });
    let notice = match breach.notice {
        BreachNotice::HighRisk => texts.breach_high_risk,
        BreachNotice::SensitiveData => texts.breach_sensitive,
        BreachNotice::Always => texts.breach_always,
    };
    Line::of("datalek", "uitleg", words.own(&breach.explanation))
        .with_some(told)
        .with(notice)
        .with_if(breach.open_to_reports, texts.breach_report)
}

pub(super) fn change(words: &Words<'_>) -> Part {
    let texts = words.texts;
    let mut part = Part::new("wijziging", texts.part_change, texts.in_short_change);
    if let Some(change) = &words.statement.change {
        let effect = match change.effect {
            Effect::AtPublication => texts.change_at_publication,
        };
        part.say(
            Line::of("wijziging", "uitleg", words.own(&change.explanation))
                .with(effect)
                .with_if(change.kept, texts.change_kept),
        );
    }
    besides(words, &[Place::Change], &mut part);
    part
}
