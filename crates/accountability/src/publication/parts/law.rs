//! Part 3: why it may be done: the bases, and the laws and norms behind them.

use statement::{Basis, LegalSource, Part as Place};

use super::{Line, Part, Words, besides};

pub(super) fn bases(words: &Words<'_>) -> Part {
    let (statement, texts) = (words.statement, words.texts);
    let in_short = texts.in_short_bases(statement.bases.len());
    let mut part = Part::new("grondslagen", texts.part_bases, in_short);
    part.list(
        texts.bases_title,
        statement.bases.iter().map(|basis| shown(words, basis)),
    );
    part.list(
        texts.sources_title,
        statement
            .legal_sources
            .iter()
            .map(|source| law(words, source)),
    );
    besides(words, &[Place::Bases], &mut part);
    part
}

fn shown(words: &Words<'_>, basis: &Basis) -> Line {
    let texts = words.texts;
    let sources = words.laws(basis.sources.iter().map(String::as_str));
    Line::of("grondslag", &basis.name, words.own(&basis.title))
        .with_some(sources.map(|names| texts.law(names)))
        .with_some(basis.article.as_ref().map(|article| texts.article(article)))
}

fn law(words: &Words<'_>, source: &LegalSource) -> Line {
    let texts = words.texts;
    let below = words.laws(source.rests_on.as_deref());
    Line::of("rechtsbron", &source.name, &*source.title)
        .with(texts.published_in(&source.citation))
        .with_some(below.map(|name| texts.rests_on(name)))
        .with_some(
            source
                .superseded_by
                .as_ref()
                .map(|name| texts.superseded(name)),
        )
        .to(Some(&source.link))
}
