//! Part 2: what data is used for, decisions by a machine among it.

use statement::{CompatibleUse, Decision, Mask, Part as Place, Profiling, Purpose, PurposeKind};

use super::{Line, Part, Words, besides};

pub(super) fn purposes(words: &Words<'_>) -> Part {
    let (statement, texts) = (words.statement, words.texts);
    let in_short = texts.in_short_purposes(statement.purposes.len());
    let mut part = Part::new("doelen", texts.part_purposes, in_short);
    let own = |purpose: &&Purpose| {
        matches!(
            purpose.kind,
            PurposeKind::OwnOperations | PurposeKind::Derived
        )
    };
    let all = || statement.purposes.iter();
    part.list(
        texts.purposes_title,
        all()
            .filter(|purpose| !own(purpose))
            .map(|purpose| shown(words, purpose)),
    );
    part.list(
        texts.own_purposes_title,
        all().filter(own).map(|purpose| shown(words, purpose)),
    );
    part.list(
        texts.further_title,
        statement
            .compatible_uses
            .iter()
            .map(|further| further_use(words, further)),
    );
    part.list(
        texts.decisions_title,
        statement
            .decisions
            .iter()
            .map(|decision| decided(words, decision)),
    );
    part.list(
        texts.profiling_title,
        statement
            .profilings
            .iter()
            .map(|profiling| selected(words, profiling)),
    );
    besides(words, &[Place::Purposes, Place::Decisions], &mut part);
    part
}

fn shown(words: &Words<'_>, purpose: &Purpose) -> Line {
    let texts = words.texts;
    Line::of("doel", &purpose.name, words.own(&purpose.title))
        .with_some(purpose.condition.as_ref().map(|text| words.own(text)))
        .with_some(match words.data(purpose.only_data) {
            Some(data) => Some(texts.only_data(data)),
            None => words
                .data(used(words, purpose))
                .map(|data| texts.uses(data)),
        })
}

/// What is touched for a purpose, by all that is done for it.
fn used(words: &Words<'_>, purpose: &Purpose) -> Mask {
    let all = words.statement.activities.iter();
    let done_for = all.filter(|entry| entry.purposes().any(|name| name == purpose.name));
    done_for.fold(Mask::EMPTY, |all, entry| all.union(entry.touches()))
}

fn further_use(words: &Words<'_>, further: &CompatibleUse) -> Line {
    let [from, to] = [&further.from, &further.to]
        .map(|name| words.purposes([name.as_str()]).unwrap_or_default());
    Line::new(words.texts.further(from, to)).with(words.own(&further.reason))
}

fn decided(words: &Words<'_>, decision: &Decision) -> Line {
    let texts = words.texts;
    Line::of("besluit", &decision.name, words.own(&decision.title))
        .with(words.own(&decision.explanation))
        .with_some(
            words
                .data(decision.data)
                .map(|data| texts.decision_from(data)),
        )
        .with_some(
            words
                .sources(&decision.sources)
                .map(|names| texts.decision_sources(names)),
        )
        .with_some(
            words
                .bases([decision.basis.as_str()])
                .map(|name| texts.why(name)),
        )
        .with_some(
            words
                .laws(decision.source.as_deref())
                .map(|names| texts.law(names)),
        )
        .with_if(decision.objection, texts.decision_objection)
        .with_some(decision.seen_by_staff.map(|is_seen| match is_seen {
            true => texts.decision_seen,
            false => texts.decision_unseen,
        }))
}

fn selected(words: &Words<'_>, profiling: &Profiling) -> Line {
    let texts = words.texts;
    Line::of("profilering", &profiling.name, words.own(&profiling.title))
        .with(words.own(&profiling.explanation))
        .with_some(
            words
                .data(profiling.data)
                .map(|data| texts.decision_from(data)),
        )
        .with_if(profiling.human_decides, texts.human_decides)
}
