//! Part 7: where data lie and how long, per category; what keeps them longer; what lies on a device.

use statement::{
    Afterwards, Category, Hold, Hotspot, LocalCopy, Part as Place, StartEvent, TermSource,
};

use super::{Line, Part, Words, besides};

pub(super) fn retention(words: &Words<'_>) -> Part {
    let (statement, texts) = (words.statement, words.texts);
    let mut part = Part::new("bewaren", texts.part_retention, texts.in_short_retention);
    let country = words.country(&statement.header.location);
    part.say(Line::of("bewaren", "land", texts.location(country)));
    if let Some(band) = &statement.band {
        let [shortest, longest] = [&band.shortest, &band.longest].map(|term| words.term(term));
        part.say(
            Line::of("bewaren", "band", texts.band(longest, shortest))
                .with_some(band.rationale.as_ref().map(|text| words.own(text)))
                .with_some(
                    words
                        .laws(band.source.as_deref())
                        .map(|names| texts.law(names)),
                )
                .with_some(band.article.as_ref().map(|article| texts.article(article))),
        );
    }
    part.list(
        texts.terms_title,
        statement
            .categories
            .iter()
            .map(|category| term(words, category)),
    );
    part.list(
        texts.holds_title,
        statement.holds.iter().map(|one| hold(words, one)),
    );
    part.list(
        texts.hotspots_title,
        statement.hotspots.iter().map(|one| hotspot(words, one)),
    );
    part.list(
        texts.local_title,
        statement.local_copies.iter().map(|one| local(words, one)),
    );
    besides(words, &[Place::Retention], &mut part);
    part
}

fn term(words: &Words<'_>, category: &Category) -> Line {
    let texts = words.texts;
    let retention = &category.retention;
    let from = match retention.from {
        StartEvent::Recorded => texts.from_recorded,
        StartEvent::Received => texts.from_received,
        StartEvent::SessionEnded => texts.from_session,
        StartEvent::AccountEnded => texts.from_account,
        StartEvent::CallEnded => texts.from_call,
        StartEvent::CaseClosed => texts.from_case,
        StartEvent::YearEnded => texts.from_year,
    };
    let afterwards = retention.afterwards.and_then(|then| match then {
        Afterwards::Remove => None,
        Afterwards::Anonymise => Some(texts.then_anonymised),
        Afterwards::HandOver => Some(texts.then_handed_over),
    });
    let source = match &retention.source {
        TermSource::Band => Some(texts.term_in_band.to_owned()),
        TermSource::Published => Some(texts.term_published.to_owned()),
        TermSource::Own => Some(texts.term_own.to_owned()),
        TermSource::Law(name) => words.laws([name.as_str()]).map(|names| texts.law(names)),
    };
    let holds = words.holds(&retention.holds);
    let hotspots = words.hotspots(&retention.hotspots);
    let said = texts.kept(words.term(&retention.term), words.own(&category.title));
    Line::of("bewaartermijn", &category.name, said)
        .with(from)
        .with_some(source)
        .with_some(
            words
                .laws(retention.selection_list.as_deref())
                .map(|names| texts.by_selection_list(names)),
        )
        .with_some(
            retention
                .article
                .as_ref()
                .map(|article| texts.article(article)),
        )
        .with(words.own(&retention.rationale))
        .with_some(afterwards)
        .with_some(holds.map(|names| texts.held_by(names)))
        .with_some(hotspots.map(|names| texts.kept_for_good(names)))
}

fn hold(words: &Words<'_>, hold: &Hold) -> Line {
    let (begins, ends) = (words.own(&hold.begins), words.own(&hold.ends));
    Line::of("opschorting", &hold.name, words.own(&hold.title))
        .with(words.texts.holds(begins, ends))
}

fn hotspot(words: &Words<'_>, hotspot: &Hotspot) -> Line {
    Line::of("hotspot", &hotspot.name, words.own(&hotspot.title))
        .with(words.own(&hotspot.explanation))
        .with(words.texts.goes_to(&hotspot.archive))
}

fn local(words: &Words<'_>, copy: &LocalCopy) -> Line {
    Line::of("lokale-opslag", &copy.name, words.own(&copy.title))
        .with_some(
            words
                .data(copy.data)
                .map(|data| words.texts.only_data(data)),
        )
        .with(words.own(&copy.until))
}
