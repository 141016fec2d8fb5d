//! The law that is cited: in force, and not overstepped.

use super::Under;
use crate::{LegalSource, Statement};

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

/// What is cited has been replaced.
pub(super) fn superseded(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let measures = it.measures.iter().flat_map(|measure| {
        let about = format!("maatregel {}", measure.name);
        measure
            .norms
            .iter()
            .map(move |name| (about.clone(), name, measure.at))
    });
    let bases = it.bases.iter().flat_map(|basis| {
        let about = format!("grondslag {}", basis.name);
        basis
            .sources
            .iter()
            .map(move |name| (about.clone(), name, basis.at))
    });
    for (about, name, at) in measures.chain(bases) {
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
