//! `/voorkeuren`: from which organisations a person wants digital post (MO-30, CN-16); looked at, and chosen anew.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use basics::{Fault, Moment, Oin};
use organisations::Organisation;
use serde::Deserialize;
use vault::ReadTx;
use web::{Asked, Form, PageFault, Shell, Traced, Visitor, page};

use crate::events::Preferred;
use crate::{CHANGE_PREFERENCE, Letterbox, SEE_PREFERENCES, of_visitor, preferences};

pub(crate) const PATH: &str = "/voorkeuren";

/// More changes than this are told without their names: an address does not grow without end.
const TOLD_BY_NAME: usize = 40;

#[derive(Deserialize)]
pub(crate) struct Query {
    /// `alles` ticks every box, `niets` none; nothing is kept by that.
    kies: Option<String>,
    /// What has just been kept: from whom post is wanted since, and from whom no longer.
    #[serde(default)]
    aan: Vec<String>,
    #[serde(default)]
    uit: Vec<String>,
    /// `veel`: more than can be named. `niets`: all was so already.
    bewaard: Option<String>,
}

/// What the page's form sends.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    /// Who is ticked.
    #[serde(default)]
    van: Vec<String>,
    /// Who stood on the page: who was connected since is not refused unseen.
    #[serde(default)]
    getoond: Vec<String>,
}

struct Found {
    organisations: Vec<Organisation>,
    refused: BTreeSet<Oin>,
    now: Moment,
}

fn find(tx: &mut ReadTx<'_>) -> Result<Found, Fault> {
    Ok(Found {
        organisations: organisations::list(tx)?,
        refused: preferences::refused(tx)?,
        now: tx.now(),
    })
}

/// `GET /voorkeuren`
pub(crate) async fn choices(
    State(letterbox): State<Letterbox>,
    visitor: Visitor,
    shell: Shell,
    Traced(trace): Traced,
    Asked(query): Asked<Query>,
) -> Result<Response, PageFault> {
    let processing = of_visitor(&visitor, SEE_PREFERENCES, trace);
    let found = letterbox.vault.read(processing, find).await?;
    let shown = show(&shell, &query, found)?;
    Ok(page(&shell, shell.texts().letterbox.choices_title, &shown)?)
}

/// `POST /voorkeuren`
pub(crate) async fn choose(
    State(letterbox): State<Letterbox>,
    visitor: Visitor,
    shell: Shell,
    Traced(trace): Traced,
    Form(chosen): Form<Chosen>,
) -> Result<Response, PageFault> {
    let (among, wanted) = (parse(&chosen.getoond)?, parse(&chosen.van)?);
    let processing = of_visitor(&visitor, CHANGE_PREFERENCE, trace);
    let listeners = letterbox.listeners.clone();
    let changed = letterbox
        .vault
        .write(processing, move |tx| {
            preferences::choose(tx, &listeners, &among, &wanted)
        })
        .await?;
    let there = shell.link(&format!("{PATH}?{}", told(&changed)));
    Ok(Redirect::to(&format!("{there}#melding")).into_response())
}

fn parse(oins: &[String]) -> Result<BTreeSet<Oin>, PageFault> {
    let parsed: Result<_, _> = oins.iter().map(|oin| Oin::parse(oin)).collect();
    parsed.map_err(|_| PageFault::BadRequest)
}

/// What was changed, for the page that tells it.
fn told(changed: &[Preferred]) -> String {
    match changed {
        [] => "bewaard=niets".to_owned(),
        many if many.len() > TOLD_BY_NAME => "bewaard=veel".to_owned(),
        some => {
            let each = some.iter().map(|preferred| {
                let name = if preferred.wanted { "aan" } else { "uit" };
                format!("{name}={}", preferred.oin)
            });
            each.collect::<Vec<_>>().join("&")
        }
    }
}

#[derive(Template)]
#[template(path = "choosing.html")]
struct Choices<'a> {
    shell: &'a Shell,
    notice: Option<Notice>,
    /// In the order of their names.
    free: Vec<Choice>,
    /// Names of those that a person cannot refuse.
    mandatory: Vec<String>,
    /// Links that tick all boxes, and none.
    ticks: [(String, &'static str); 2],
}

struct Choice {
    oin: Oin,
    name: String,
    ticked: bool,
}

/// What has been kept.
struct Notice {
    sentence: &'static str,
    wanted: Vec<String>,
    refused: Vec<String>,
}

fn show<'a>(shell: &'a Shell, query: &Query, mut found: Found) -> Result<Choices<'a>, PageFault> {
    let words = &shell.texts().letterbox;
    let notice = notice(shell, query, &found)?;
    found
        .organisations
        .sort_by_cached_key(|each| each.name.to_lowercase());
    let (mandatory, free): (Vec<Organisation>, Vec<Organisation>) = found
        .organisations
        .into_iter()
        .partition(|each| each.is_mandatory(found.now));
    let ticked = |oin: &Oin| match query.kies.as_deref() {
        Some("alles") => true,
        Some("niets") => false,
        _ => !found.refused.contains(oin),
    };
    let free = free.into_iter().map(|each| Choice {
        ticked: ticked(&each.oin),
        oin: each.oin,
        name: each.name,
    });
    Ok(Choices {
        notice,
        free: free.collect(),
        mandatory: mandatory.into_iter().map(|each| each.name).collect(),
        ticks: [
            (shell.link(&format!("{PATH}?kies=alles")), words.choices_all),
            (
                shell.link(&format!("{PATH}?kies=niets")),
                words.choices_none,
            ),
        ],
        shell,
    })
}

/// Only what is so: an address can say anything.
fn notice(shell: &Shell, query: &Query, found: &Found) -> Result<Option<Notice>, PageFault> {
    let words = &shell.texts().letterbox;
    let (on, off) = (parse(&query.aan)?, parse(&query.uit)?);
    let names = |told: &BTreeSet<Oin>, refused: bool| -> Vec<String> {
        let told = found
            .organisations
            .iter()
            .filter(|each| told.contains(&each.oin))
            .filter(|each| found.refused.contains(&each.oin) == refused);
        told.map(|each| each.name.clone()).collect()
    };
    let (wanted, refused) = (names(&on, false), names(&off, true));
    let sentence = match query.bewaard.as_deref() {
        Some("niets") => words.choices_unchanged,
        Some("veel") => words.choices_kept_many,
        _ if wanted.is_empty() && refused.is_empty() => return Ok(None),
        _ => words.choices_kept,
    };
    Ok(Some(Notice {
        sentence,
        wanted,
        refused,
    }))
}
