//! The statement beside the program: what is declared and cannot be done, and what could be kept and is not declared.

use std::collections::BTreeMap;

use super::Under;
use crate::check::Known;
use crate::{Level, ROLES};

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
    for role in &under.statement.roles {
        if !ROLES.contains(&&*role.name) {
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
