//! What refers to its own kind never comes back to itself: a reader that follows it would not end.

use std::collections::HashMap;

use super::Under;
use crate::Place;

pub(super) fn circles(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    let laws = it.legal_sources.iter().map(|one| {
        let next = one.rests_on.iter().map(String::as_str).collect();
        (&*one.name, (one.at, next))
    });
    report(under, "rechtsbron", "gebaseerd-op", &laws.collect());
    let purposes = it.purposes.iter().map(|one| {
        let next = one.part_of.iter().map(String::as_str).collect();
        (&*one.name, (one.at, next))
    });
    report(under, "doel", "onderdeel-van", &purposes.collect());
    let categories = it.categories.iter().map(|one| {
        let next = one.derived_from.iter().map(String::as_str).collect();
        (&*one.name, (one.at, next))
    });
    report(under, "gegeven", "afgeleid-van", &categories.collect());
}

type Steps<'s> = HashMap<&'s str, (Place, Vec<&'s str>)>;

fn report(under: &mut Under<'_, '_, '_>, kind: &str, key: &str, steps: &Steps<'_>) {
    let mut round: Vec<(Place, &str)> = steps
        .iter()
        .filter(|(name, _)| comes_back(name, steps))
        .map(|(name, (at, _))| (*at, *name))
        .collect();
    round.sort_unstable();
    for (at, name) in round {
        under.error(
            "S-214",
            Some(at),
            &format!("{kind} {name}"),
            format!("{kind} {name} comes back to itself by {key}"),
            format!("take {key} out of one of them"),
        );
    }
}

fn comes_back(start: &str, steps: &Steps<'_>) -> bool {
    let mut seen = Vec::new();
    let mut ahead = vec![start];
    while let Some(name) = ahead.pop() {
        for next in steps.get(name).into_iter().flat_map(|(_, next)| next) {
            if *next == start {
                return true;
            }
            if !seen.contains(next) {
                seen.push(*next);
                ahead.push(next);
            }
        }
    }
    false
}
