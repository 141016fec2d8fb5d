//! Where data goes: nothing leaves the countries that the statement allows.

use super::Under;
use crate::{Place, Statement};

/// The countries of those who get data, with what they are; a country that is not told is one abroad. Where nothing is said of
/// transfer at all, recipients and processors that name none are at home.
fn parties(it: &Statement) -> Vec<(String, Option<&str>, Place)> {
    let home = it.transfer.is_none().then_some(&*it.header.location);
    let recipients = it.recipients.iter().map(|one| {
        let country = one.country.as_deref().or(home);
        (format!("ontvanger {}", one.name), country, one.at)
    });
    let processors = it.processors.iter().map(|one| {
        let country = one.country.as_deref().or(home);
        (format!("verwerker {}", one.name), country, one.at)
    });
    let third = it.third_parties.iter().map(|one| {
        (
            format!("derde {}", one.name),
            one.country.as_deref(),
            one.at,
        )
    });
    // Who is asked hears whom it is about.
    let asked = it.sources.iter().filter(|one| !one.query.is_empty());
    let asked = asked.map(|one| {
        let country = one.country.as_deref().or(home);
        (format!("bron {}", one.name), country, one.at)
    });
    let all = recipients.chain(processors).chain(third);
    all.chain(asked).collect()
}

/// Someone who gets data elsewhere than where it lies.
pub(super) fn abroad(it: &Statement) -> Option<(String, Place)> {
    parties(it)
        .into_iter()
        .find(|(_, country, _)| *country != Some(&*it.header.location))
        .map(|(about, _, at)| (about, at))
}

pub(super) fn allowed(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let Some(transfer) = &it.transfer else {
        if let Some((about, at)) = abroad(it) {
            under.error(
                "S-705",
                Some(at),
                "doorgifte",
                format!("{about} may be abroad, and nobody is told whether data goes there"),
                "add [doorgifte]",
            );
        }
        return;
    };
    for (about, country, at) in parties(it) {
        let Some(country) = country else {
            under.error(
                "S-707",
                Some(at),
                &about,
                format!("nobody is told in which country {about} is"),
                "add land",
            );
            continue;
        };
        if country != it.header.location && !transfer.allows(country) {
            let countries = transfer.countries.join(", ");
            under.error(
                "S-706",
                Some(at),
                &about,
                format!("{about} is in {country}, and data stays in {countries}"),
                "take it out, or let [doorgifte] say what really happens",
            );
        }
    }
    if !transfer.allows(&it.header.location) {
        under.error(
            "S-708",
            Some(it.header.at),
            "verklaring",
            format!(
                "the data lies in {}, where it may not go",
                it.header.location
            ),
            "opslaglocatie is one of the countries of [doorgifte]",
        );
    }
}
