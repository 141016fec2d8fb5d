//! `/berichten`: the letters of a person, newest first, twenty a page.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use basics::{Fault, Moment, Oin};
use serde::Deserialize;
use vault::ReadTx;
use web::{PageFault, Shell, Traced, Visitor, page};

use crate::message::{Listed, MessageId, is_still_due};
use crate::{LIST_MESSAGES, Letterbox, messages, of_visitor};

const A_PAGE: usize = 20;

/// `?voor=`: the letter after which an older page begins.
#[derive(Deserialize)]
pub(crate) struct Asked {
    voor: Option<String>,
}

pub(crate) async fn inbox(
    State(letterbox): State<Letterbox>,
    visitor: Visitor,
    shell: Shell,
    Traced(trace): Traced,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFault> {
    let before: Option<MessageId> = asked
        .voor
        .map(|id| id.parse())
        .transpose()
        .map_err(|_| PageFault::BadRequest)?;
    let processing = of_visitor(&visitor, LIST_MESSAGES, trace);
    let found = letterbox
        .vault
        .read(processing, move |tx| find(tx, before))
        .await?;
    let inbox = show(&shell, found, before.is_some());
    Ok(page(&shell, shell.texts().letterbox.title, &inbox)?)
}

struct Found {
    letters: Vec<Listed>,
    names: BTreeMap<Oin, String>,
    unread: i64,
    has_older: bool,
    now: Moment,
}

fn find(tx: &mut ReadTx<'_>, before: Option<MessageId>) -> Result<Found, Fault> {
    let mut letters = messages::list(tx, before, A_PAGE as i64 + 1)?;
    let has_older = letters.len() > A_PAGE;
    letters.truncate(A_PAGE);
    let oins: Vec<Oin> = letters.iter().map(|letter| letter.oin.clone()).collect();
    Ok(Found {
        letters,
        names: organisations::names(tx, &oins)?,
        unread: messages::count_unread(tx)?,
        has_older,
        now: tx.now(),
    })
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct Inbox<'a> {
    shell: &'a Shell,
    letters: Vec<Line>,
    unread: i64,
    older: Option<String>,
    newest: Option<String>,
}

struct Line {
    id: String,
    link: String,
    sender: String,
    title: String,
    datetime: String,
    date: String,
    due: Option<Due>,
    attachments: i64,
    unread: bool,
}

struct Due {
    datetime: String,
    date: String,
}

fn show(shell: &Shell, found: Found, is_older_page: bool) -> Inbox<'_> {
    let last = found.letters.last().filter(|_| found.has_older);
    let older = last.map(|letter| shell.link(&format!("/berichten?voor={}", letter.message)));
    let newest = is_older_page.then(|| shell.link("/berichten"));
    let letters = found
        .letters
        .into_iter()
        .map(|letter| line(shell, letter, &found.names, found.now))
        .collect();
    Inbox {
        shell,
        letters,
        unread: found.unread,
        older,
        newest,
    }
}

fn line(shell: &Shell, letter: Listed, names: &BTreeMap<Oin, String>, now: Moment) -> Line {
    let (language, zone) = (shell.language, shell.site.time_zone());
    let due = letter
        .act_before
        .filter(|day| is_still_due(*day, now, zone));
    Line {
        id: letter.message.to_string(),
        link: shell.link(&format!("/berichten/{}", letter.message)),
        sender: names
            .get(&letter.oin)
            .map_or(shell.texts().letterbox.unknown_sender, String::as_str)
            .to_owned(),
        title: letter.title,
        datetime: language.iso(letter.published_at, zone),
        date: language.date(letter.published_at, zone),
        due: due.map(|day| Due {
            datetime: day.to_string(),
            date: language.day(day),
        }),
        attachments: letter.attachment_count,
        unread: letter.read_at.is_none(),
    }
}
