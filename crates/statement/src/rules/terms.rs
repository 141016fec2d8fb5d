//! Terms: sessions, the published band, what is kept inside it.

use super::Under;
use crate::TermSource;

pub(super) fn sessions(under: &mut Under<'_, '_, '_>) {
    let rule = &under.statement.session;
    if rule.idle > rule.absolute {
        under.error(
            "S-305",
            Some(rule.at),
            "sessie",
            "a session may be idle for longer than it may last",
            "hoogstens is the longer of the two",
        );
    }
}

pub(super) fn the_band(under: &mut Under<'_, '_, '_>) {
    let Some(band) = &under.statement.band else {
        return;
    };
    if !band.shortest.surely_within(&band.longest) {
        under.error(
            "S-306",
            Some(band.at),
            "bewaarband",
            format!("the band runs from {} to {}", band.shortest, band.longest),
            "kortste comes first, and is the shorter",
        );
    }
}

pub(super) fn in_the_band(under: &mut Under<'_, '_, '_>) {
    let band = under.statement.band.as_ref();
    for category in &under.statement.categories {
        let rule = &category.retention;
        let about = format!("gegeven {}", category.name);
        if let Some(band) = band
            && band.shortest.surely_within(&band.longest)
            && !(band.shortest.surely_within(&rule.term) && rule.term.surely_within(&band.longest))
        {
            let (term, shortest, longest) = (&rule.term, &band.shortest, &band.longest);
            under.error(
                "S-303",
                Some(rule.at),
                &about,
                format!("{term} lies outside the published band of {shortest} to {longest}"),
                "choose a term inside the band",
            );
        }
        if band.is_none() && rule.source == TermSource::Band {
            under.error(
                "S-304",
                Some(rule.at),
                &about,
                "the term is chosen inside a band, but the statement declares none",
                "add [bewaarband], or name a legal source",
            );
        }
    }
}
