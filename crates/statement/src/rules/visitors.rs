//! Visitors of the web pages: cookies, statistics, whom the data is about.

use super::Under;
use crate::{Class, CookieLife, CookieValue};

/// A cookie without personal data says what its value is; one of the session is random.
pub(super) fn cookies(under: &mut Under<'_, '_, '_>) {
    for cookie in &under.statement.cookies {
        let fault = match (cookie.personal, cookie.value, cookie.life) {
            (false, None, _) => "holds no personal data, and does not say what it holds",
            (_, Some(CookieValue::Visitor), CookieLife::Session) => {
                "recognises a browser, and lasts no longer than a session"
            }
            _ => continue,
        };
        let about = format!("cookie {}", cookie.name);
        under.error(
            "S-720",
            Some(cookie.at),
            &about,
            format!("{about} {fault}"),
            "add waarde: only what is random or the same for everyone says nothing of a person",
        );
    }
}

/// People whom the data is about, and of whom there is no data.
pub(super) fn without_data(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for class in &it.subject_classes {
        let named = it
            .categories
            .iter()
            .any(|one| one.subjects.contains(&class.name))
            || it
                .activities
                .iter()
                .any(|one| one.subjects.contains(&class.name))
            || !class.only_data.is_empty();
        if !named {
            let about = format!("betrokkene {}", class.name);
            under.error(
                "S-721",
                Some(class.at),
                &about,
                format!("{about} is in the data, and no category or activity is about them"),
                "name them in betrokkenen of a [[gegeven]] or [[activiteit]], or take them out",
            );
        }
    }
}

pub(super) fn statistics(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let Some(statistics) = &it.statistics else {
        return;
    };
    let cut = &statistics.cut;
    if !(1..=4).contains(&cut.ipv4_octets)
        || cut.ipv6_bits.is_none_or(|bits| bits == 0 || bits > 128)
    {
        under.error(
            "S-722",
            Some(cut.at),
            "statistiek",
            "what is taken off an IP address is not said for each kind of address",
            "say ipv4-octetten (1 to 4) and ipv6-bits (1 to 128)",
        );
    }
    let numbers = it.categories.iter().any(|category| {
        category.class == Class::Identification && statistics.data.has(category.id)
    });
    if numbers && !statistics.personal {
        under.error(
            "S-723",
            Some(statistics.at),
            "statistiek",
            "a number that names people enters the statistics, and they would not be personal data",
            "take it out of gegevens",
        );
    }
}
