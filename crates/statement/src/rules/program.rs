//! The statement beside the program: what is declared and cannot be done, and what could be kept and is not declared.

use std::collections::BTreeMap;

use super::Under;
use crate::check::{Known, KnownCookie};
use crate::{CookieLife, CookieValue, Level, ROLES};

pub(super) fn activities(under: &mut Under<'_, '_, '_>, known: &Known) {
    for entry in &under.statement.activities {
        if !known.activities.contains(&&*entry.name) {
            let about = format!("activiteit {}", entry.name);
            under.push(
                Level::Note,
                "S-781",
                Some(entry.at),
                &about,
                format!("{about} is declared and cannot be done yet"),
                "",
            );
        }
    }
    let it = under.statement;
    let staffed = it
        .activities
        .iter()
        .filter(|entry| known.by_staff.contains(&&*entry.name));
    let acted_in: Vec<&String> = staffed.flat_map(|entry| &entry.roles).collect();
    for role in &it.roles {
        if !ROLES.contains(&&*role.name) && !acted_in.contains(&&role.name) {
            let about = format!("rol {}", role.name);
            under.push(
                Level::Note,
                "S-784",
                Some(role.at),
                &about,
                format!("{about} is declared and nobody can act in it yet"),
                "",
            );
        }
    }
}

pub(super) fn columns(under: &mut Under<'_, '_, '_>, known: &Known) {
    let it = under.statement;
    let number = it.header.number.category;
    for category in &it.categories {
        let kept = known.columns.iter().any(|column| match &column.category {
            Some(name) => *name == category.name,
            None => category.id == number,
        });
        if !kept {
            let about = format!("gegeven {}", category.name);
            under.push(
                Level::Note,
                "S-782",
                Some(category.at),
                &about,
                format!("{about} is declared and none is kept yet"),
                "",
            );
        }
    }
    let mut strange: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for column in &known.columns {
        let Some(name) = &column.category else {
            continue;
        };
        if !it.categories.iter().any(|category| category.name == *name) {
            strange.entry(name).or_default().push(&column.column);
        }
    }
    for (category, columns) in strange {
        under.push(
            Level::Note,
            "S-783",
            None,
            &format!("gegeven {category}"),
            format!(
                "the program has a place for {category}, which is not declared: nothing may be kept in {}",
                columns.join(", ")
            ),
            "",
        );
    }
}

/// A cookie that the program sets is declared, and as it is set.
pub(super) fn cookies(under: &mut Under<'_, '_, '_>, known: &Known) {
    let it = under.statement;
    for set in &known.cookies {
        let Some(by) = it.activities.iter().find(|entry| entry.name == set.set_by) else {
            continue;
        };
        let declared = it.cookies.iter().find(|cookie| cookie.name == set.name);
        let fault = match declared {
            None => "is not declared",
            Some(cookie) if cookie.life != set.life => "is declared with another bewaartijd",
            Some(cookie) if cookie.value != Some(CookieValue::Random) => {
                "is declared with another waarde"
            }
            Some(_) => continue,
        };
        let about = format!("cookie {}", set.name);
        under.error(
            "S-724",
            Some(declared.map_or(by.at, |cookie| cookie.at)),
            &about,
            format!("{about}, which the program sets in {}, {fault}", by.name),
            format!(
                "declare a [[cookie]] {} with bewaartijd = \"{}\" and waarde = \"{}\"",
                set.name,
                life(set),
                CookieValue::Random.name()
            ),
        );
    }
}

/// As a statement file writes it.
fn life(cookie: &KnownCookie) -> String {
    match cookie.life {
        CookieLife::Session => "sessie".to_owned(),
        CookieLife::For(time) if time.as_secs().is_multiple_of(60) => {
            format!("PT{}M", time.as_secs() / 60)
        }
        CookieLife::For(time) => format!("PT{}S", time.as_secs()),
    }
}

/// An agreement that has ended, or is still to begin, keeps its role off as none does.
pub(super) fn agreements(under: &mut Under<'_, '_, '_>, known: &Known) {
    let Some(today) = known.today else { return };
    for processor in &under.statement.processors {
        let Some(agreement) = &processor.agreement else {
            continue;
        };
        let fault = match agreement.until {
            Some(until) if until < today => format!("ended on {until}"),
            _ if agreement.date > today => format!("begins on {}", agreement.date),
            _ => continue,
        };
        let about = format!("verwerker {}", processor.name);
        under.warn(
            "S-780",
            Some(agreement.at),
            &about,
            format!("the agreement with {about} {fault}: its role is off"),
            "enter the agreement that holds, once there is one",
        );
    }
}
