//! Parts 4 and 5: which data, of whom and from where; cookies and the counting of visits.

use statement::{
    Category, Class, Condition, Cookie, CookieLife, Part as Place, Provision, Source, SourceKind,
    Statistics, SubjectClass,
};

use super::{Line, Part, Words, besides};

pub(super) fn data(words: &Words<'_>) -> Part {
    let (statement, texts) = (words.statement, words.texts);
    let in_short = texts.in_short_data(statement.categories.len());
    let mut part = Part::new("gegevens", texts.part_data, in_short);
    part.list(
        texts.subjects_title,
        statement
            .subject_classes
            .iter()
            .map(|class| subject(words, class)),
    );
    part.list(
        texts.data_title,
        statement
            .categories
            .iter()
            .map(|category| shown(words, category)),
    );
    part.list(
        texts.from_where_title,
        statement
            .sources
            .iter()
            .map(|source| from_where(words, source)),
    );
    besides(words, &[Place::Data, Place::Sources], &mut part);
    part
}

fn subject(words: &Words<'_>, class: &SubjectClass) -> Line {
    let texts = words.texts;
    Line::of("betrokkene", &class.name, words.own(&class.title))
        .with_some(class.under_age.map(|years| texts.under_age(years)))
        .with_some(class.condition.as_ref().map(|text| words.own(text)))
        .with_some(
            words
                .data(class.only_data)
                .map(|data| texts.only_data(data)),
        )
}

fn shown(words: &Words<'_>, category: &Category) -> Line {
    let texts = words.texts;
    let class = match category.class {
        Class::Ordinary => None,
        Class::Special => Some(texts.class_special),
        Class::Criminal => Some(texts.class_criminal),
        Class::Police => Some(texts.class_police),
        Class::Identification => Some(texts.class_number),
    };
    let given = category.provision.map(|provision| match provision {
        Provision::Required => texts.required,
        Provision::Voluntary => texts.voluntary,
    });
    let only_for = words.purposes(category.only_purposes.iter().map(String::as_str));
    let line = Line::of("gegeven", &category.name, words.own(&category.title)).with_some(class);
    let line = under(words, &category.conditions, line);
    line.with_some(
        words
            .subjects(&category.subjects)
            .map(|names| texts.about(names)),
    )
    .with_some(category.only_if.as_ref().map(|text| words.own(text)))
    .with_some(given)
    .with_some(
        words
            .sources(&category.sources)
            .map(|names| texts.gets_from(names)),
    )
    .with_some(
        category
            .necessity
            .as_ref()
            .map(|text| texts.needed(words.own(text))),
    )
    .with_some(
        words
            .data_named(&category.derived_from)
            .map(|data| texts.derived(data)),
    )
    .with_some(only_for.map(|names| texts.only_purposes(names)))
    .with_some(
        words
            .roles(&category.only_roles)
            .map(|names| texts.only_roles(names)),
    )
}

/// The exceptions or conditions under which the law allows it.
pub(super) fn under(words: &Words<'_>, conditions: &[Condition], line: Line) -> Line {
    let texts = words.texts;
    conditions.iter().fold(line, |line, condition| {
        let law = words.laws([condition.source.as_str()]);
        let article = condition.article.as_ref();
        line.with_some(law.map(|names| texts.allowed_by(names)))
            .with_some(article.map(|article| texts.article(article)))
            .with_some(condition.explanation.as_ref().map(|text| words.own(text)))
    })
}

fn from_where(words: &Words<'_>, source: &Source) -> Line {
    let texts = words.texts;
    Line::of("bron", &source.name, words.own(&source.title))
        .with_some(source.explanation.as_ref().map(|text| words.own(text)))
        .with_some(words.data(source.data).map(|data| texts.gives(data)))
        .with_if(source.obliged, texts.obliged)
        .with_some(
            words
                .laws(source.source.as_deref())
                .map(|names| texts.law(names)),
        )
        .with_some(words.data(source.query).map(|data| texts.asked_with(data)))
        .with_some(
            source
                .article
                .as_ref()
                .map(|article| texts.article(article)),
        )
        .with_if(source.kind == SourceKind::Bought, texts.bought)
        .with_some(words.in_country(source.country.as_ref()))
}

pub(super) fn cookies(words: &Words<'_>) -> Part {
    let (statement, texts) = (words.statement, words.texts);
    let in_short = texts.in_short_cookies(statement.cookies.len());
    let mut part = Part::new("cookies", texts.part_cookies, in_short);
    part.list(
        texts.cookies_title,
        statement.cookies.iter().map(|one| cookie(words, one)),
    );
    let statistics = statement.statistics.iter();
    part.section(
        texts.statistics_title,
        statistics.map(|statistics| counted(words, statistics)),
    );
    let notification = statement.notification.iter();
    part.section(
        texts.notification_title,
        notification.map(|one| Line::of("notificatie", "uitleg", words.own(&one.explanation))),
    );
    besides(words, &[Place::Cookies], &mut part);
    part
}

fn cookie(words: &Words<'_>, cookie: &Cookie) -> Line {
    let texts = words.texts;
    let life = match cookie.life {
        CookieLife::Session => texts.cookie_session.to_owned(),
        CookieLife::For(length) => texts.cookie_for(words.length(length)),
    };
    let personal = match cookie.personal {
        true => texts.cookie_personal,
        false => texts.cookie_not_personal,
    };
    Line::of("cookie", &cookie.name, words.own(&cookie.title))
        .with(words.own(&cookie.explanation))
        .with(life)
        .with(personal)
        .with_some(
            words
                .purposes([cookie.purpose.as_str()])
                .map(|names| texts.for_what(names)),
        )
}

fn counted(words: &Words<'_>, statistics: &Statistics) -> Line {
    let texts = words.texts;
    let cut = &statistics.cut;
    Line::of("statistiek", "uitleg", words.own(&statistics.explanation))
        .with(texts.statistics_cut(cut.ipv4_octets))
        .with_some(cut.ipv6_bits.map(|bits| texts.statistics_cut_long(bits)))
        .with_if(statistics.countries, texts.statistics_countries)
        .with_if(!statistics.personal, texts.statistics_not_personal)
        .with_some(words.data(statistics.data).map(|data| texts.uses(data)))
}
