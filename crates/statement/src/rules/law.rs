//! The law that is cited: in force, and not overstepped.

use super::Under;
use crate::{Condition, LegalSource, Place, Statement, TermSource};

fn source<'s>(it: &'s Statement, name: &str) -> Option<&'s LegalSource> {
    it.legal_sources.iter().find(|one| one.name == name)
}

/// A band that is longer than what the law lets data be kept that the bases rest on.
pub(super) fn longer_than_the_law(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let Some(band) = &it.band else { return };
    let based = it.bases.iter().flat_map(|basis| &basis.sources);
    let mut names: Vec<&str> = based.map(String::as_str).collect();
    names.extend(band.source.as_deref());
    names.sort_unstable();
    names.dedup();
    for law in names.iter().filter_map(|name| source(it, name)) {
        if let Some(longest) = &law.longest
            && !band.longest.surely_within(longest)
        {
            under.error(
                "S-709",
                Some(band.at),
                "bewaarband",
                format!(
                    "data is kept up to {}, and {} lets it be kept up to {longest}",
                    band.longest, law.name
                ),
                "shorten the band, or name the law that allows more",
            );
        }
    }
}

/// Each citation of a law: by what, of which, where.
#[derive(Default)]
struct Citations<'s>(Vec<(String, &'s str, Place)>);

impl<'s> Citations<'s> {
    fn of(it: &'s Statement) -> Self {
        let mut all = Self::default();
        if let Some(band) = &it.band {
            all.add("bewaarband", "", band.at, &band.source);
        }
        for one in &it.legal_sources {
            all.add("rechtsbron", &one.name, one.at, &one.rests_on);
        }
        for one in &it.measures {
            all.add("maatregel", &one.name, one.at, &one.norms);
        }
        for one in &it.bases {
            all.add("grondslag", &one.name, one.at, &one.sources);
        }
        for one in &it.rights {
            all.add("recht", &one.name, one.at, &one.source);
        }
        for one in &it.grounds {
            all.add("grond", &one.name, one.at, &one.source);
        }
        for one in &it.sources {
            all.add("bron", &one.name, one.at, &one.source);
        }
        for one in &it.decisions {
            all.add("automatisch-besluit", &one.name, one.at, &one.source);
        }
        for one in &it.categories {
            let rule = &one.retention;
            if let TermSource::Law(law) = &rule.source {
                all.add("gegeven", &one.name, rule.at, [law]);
            }
            all.add("gegeven", &one.name, rule.at, &rule.selection_list);
            all.of_conditions("gegeven", &one.name, &one.conditions);
        }
        for one in &it.activities {
            all.of_conditions("activiteit", &one.name, &one.conditions);
        }
        all
    }

    fn add(
        &mut self,
        kind: &str,
        name: &str,
        at: Place,
        laws: impl IntoIterator<Item = &'s String>,
    ) {
        let about = format!("{kind} {name}");
        let laws = laws.into_iter().map(String::as_str);
        let laws = laws.map(|law| (about.trim_end().to_owned(), law, at));
        self.0.extend(laws);
    }

    fn of_conditions(&mut self, kind: &str, name: &str, conditions: &'s [Condition]) {
        for condition in conditions {
            self.add(kind, name, condition.at, [&condition.source]);
        }
    }
}

/// What is cited has been replaced.
pub(super) fn superseded(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for (about, name, at) in Citations::of(it).0 {
        let Some((law, by)) =
            source(it, name).and_then(|law| law.superseded_by.as_ref().map(|by| (law, by)))
        else {
            continue;
        };
        under.error(
            "S-710",
            Some(at),
            &about,
            format!(
                "{about} cites {}, which has been replaced by {by}",
                law.title
            ),
            "cite what took its place",
        );
    }
}

/// A citation that leads to no publication: no year or number, or an address of a site as a whole.
pub(super) fn without_citation(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for law in &it.legal_sources {
        let is_dated = law.citation.bytes().any(|byte| byte.is_ascii_digit());
        let (_, place) = law.link.split_once("://").unwrap_or_default();
        let is_page = place
            .split_once('/')
            .is_some_and(|(_, path)| !path.is_empty());
        if is_dated && is_page {
            continue;
        }
        let about = format!("rechtsbron {}", law.name);
        under.warn(
            "S-793",
            Some(law.at),
            &about,
            format!(
                "where {} was published cannot be told from {:?} and its link",
                law.title, law.citation
            ),
            "say in vindplaats the year and number of its publication, and let link lead to it",
        );
    }
}
