//! `/berichten`, `/berichten/archief`, `/berichten/prullenbak`: the letters in a folder, newest first, twenty a page, with
//! boxes to tick and what can be done with those that are ticked.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use basics::{Fault, Moment, Oin};
use language::Texts;
use serde::Deserialize;
use vault::{ReadTx, Vault};
use web::{Asked, PageFault, Shell, Traced, Visitor, page};

use crate::leaving::{self, Leaving};
use crate::message::{Folder, Listed, MessageId};
use crate::moving::{Done, Move};
use crate::row::{Row, row, senders};
use crate::unread::Unread;
use crate::{LIST_MESSAGES, Letterbox, messages, of_visitor, taking_along};

const A_PAGE: usize = 20;

#[derive(Deserialize)]
struct Query {
    /// The letter after which an older page begins.
    voor: Option<String>,
    /// `alles` ticks every box.
    kies: Option<String>,
    /// What has just been done, and with which letters.
    gedaan: Option<String>,
    #[serde(default)]
    bericht: Vec<String>,
    /// `niets-gekozen`: something was asked without a letter; `niets-verplaatst`: of letters that lie elsewhere by now.
    fout: Option<String>,
}

/// `GET` of a folder.
pub(crate) fn list(folder: Folder) -> MethodRouter<Letterbox> {
    get(
        async move |State(letterbox): State<Letterbox>,
                    visitor: Visitor,
                    shell: Shell,
                    Traced(trace): Traced,
                    Asked(query): Asked<Query>|
                    -> Result<Response, PageFault> {
            let on = On::of(folder, &query)?;
            let processing = of_visitor(&visitor, LIST_MESSAGES, trace);
            let before = on.before;
            let oldest_below = leaving::oldest_below(&letterbox.vault);
            let found = letterbox
                .vault
                .read(processing, move |tx| find(tx, folder, before, oldest_below))
                .await?;
            let listing = show(&shell, &letterbox.vault, on, found);
            Ok(page(&shell, title(folder, shell.texts()), &listing)?)
        },
    )
}

/// Which page of which folder, and what it has to tell besides.
struct On {
    folder: Folder,
    before: Option<MessageId>,
    ticked: bool,
    done: Option<Done>,
    trouble: Option<Trouble>,
}

/// Why nothing was moved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    NothingTicked,
    LiesElsewhere,
}

impl On {
    fn of(folder: Folder, query: &Query) -> Result<Self, PageFault> {
        let before = query.voor.as_ref().map(|id| id.parse()).transpose();
        let done = query
            .gedaan
            .as_ref()
            .map(|how| Done::of(how, &query.bericht).ok_or(PageFault::BadRequest));
        Ok(Self {
            folder,
            before: before.map_err(|_| PageFault::BadRequest)?,
            ticked: query.kies.as_deref() == Some("alles"),
            done: done.transpose()?,
            trouble: query.fout.as_deref().and_then(|fault| match fault {
                "niets-gekozen" => Some(Trouble::NothingTicked),
                "niets-verplaatst" => Some(Trouble::LiesElsewhere),
                _ => None,
            }),
        })
    }

    /// This page or another of the folder.
    fn link(&self, shell: &Shell, before: Option<MessageId>, more: Option<&str>) -> String {
        let before = before.map(|id| format!("voor={id}"));
        let query: Vec<&str> = before.as_deref().into_iter().chain(more).collect();
        let path = self.folder.path();
        shell.link(&if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", query.join("&"))
        })
    }
}

struct Found {
    letters: Vec<Listed>,
    /// The oldest letters of every folder, where some may leave soon.
    oldest: Vec<Listed>,
    names: BTreeMap<Oin, String>,
    unread: Unread,
    has_older: bool,
    now: Moment,
}

fn find(
    tx: &mut ReadTx<'_>,
    folder: Folder,
    before: Option<MessageId>,
    oldest_below: Option<MessageId>,
) -> Result<Found, Fault> {
    let mut letters = messages::list(tx, folder, before, A_PAGE as i64 + 1)?;
    let has_older = letters.len() > A_PAGE;
    letters.truncate(A_PAGE);
    let is_first = folder == Folder::Inbox && before.is_none();
    let oldest = match oldest_below.filter(|_| is_first) {
        Some(below) => leaving::find(tx, leaving::first(), below)?,
        None => Vec::new(),
    };
    Ok(Found {
        oldest,
        names: senders(tx, &letters)?,
        letters,
        unread: Unread::count(tx)?,
        has_older,
        now: tx.now(),
    })
}

#[derive(Template)]
#[template(path = "folder.html")]
struct Listing<'a> {
    shell: &'a Shell,
    title: &'static str,
    folder: Folder,
    tabs: Vec<Tab>,
    done: Option<Notice>,
    trouble: Option<Trouble>,
    lead: String,
    /// What is removed soon.
    leaving: Vec<Leaving>,
    /// The way to all that are.
    all_leaving: Option<String>,
    letters: Vec<Row>,
    ticked: bool,
    /// Link and label of the way to tick all boxes, or none.
    tick: (String, &'static str),
    actions: Vec<Action>,
    before: Option<String>,
    older: Option<String>,
    newest: Option<String>,
}

struct Tab {
    link: String,
    label: &'static str,
    badge: Option<String>,
    is_here: bool,
}

/// What has been done, and how to undo it.
struct Notice {
    sentence: String,
    undo: Option<String>,
    letters: Vec<String>,
}

struct Action {
    link: String,
    label: &'static str,
}

fn show<'a>(shell: &'a Shell, vault: &Vault, on: On, found: Found) -> Listing<'a> {
    let (words, texts) = (&shell.texts().letterbox, shell.texts());
    let last = found.letters.last().filter(|_| found.has_older);
    let older = last.map(|letter| on.link(shell, Some(letter.message), None));
    let newest = on.before.map(|_| on.link(shell, None, None));
    let tabs = Folder::ALL
        .into_iter()
        .filter(|folder| *folder == on.folder || is_offered(*folder, vault))
        .map(|folder| Tab {
            link: shell.link(folder.path()),
            label: label(folder, texts),
            badge: found.unread.badge().filter(|_| folder == Folder::Inbox),
            is_here: folder == on.folder,
        });
    let actions = Move::out_of(on.folder)
        .iter()
        .filter(|how| vault.offers(how.activity()))
        .map(|how| Action {
            link: shell.link(&format!("/berichten{}", how.path())),
            label: how.label(texts),
        });
    let (kies, tick_label) = if on.ticked {
        (None, words.tick_none)
    } else {
        (Some("kies=alles"), words.tick_all)
    };
    let told_of = match found.oldest.is_empty() {
        true => &found.letters,
        false => &found.oldest,
    };
    Listing {
        leaving: leaving::show_first(shell, vault, told_of, found.now),
        all_leaving: taking_along::is_offered(vault).then(|| shell.link(taking_along::PATH)),
        shell,
        title: title(on.folder, texts),
        folder: on.folder,
        tabs: tabs.collect(),
        lead: lead(&on, &found, texts),
        tick: (on.link(shell, on.before, kies), tick_label),
        actions: actions.collect(),
        trouble: on.trouble,
        ticked: on.ticked,
        before: on.before.map(|id| id.to_string()),
        done: on.done.map(|done| Notice {
            sentence: done.sentence(texts),
            undo: done.undo_path().map(|path| shell.link(&path)),
            letters: done.letters().iter().map(ToString::to_string).collect(),
        }),
        letters: found
            .letters
            .into_iter()
            .map(|letter| row(shell, letter, &found.names, found.now))
            .collect(),
        older,
        newest,
    }
}

/// A folder into which nothing can be put is not there.
pub(crate) fn is_offered(folder: Folder, vault: &Vault) -> bool {
    match folder {
        Folder::Inbox => true,
        Folder::Archive => vault.offers(Move::Archive.activity()),
        Folder::Bin => vault.offers(Move::Bin.activity()),
    }
}

const fn title(folder: Folder, texts: &Texts) -> &'static str {
    let words = &texts.letterbox;
    match folder {
        Folder::Inbox => words.title,
        Folder::Archive => words.archive_title,
        Folder::Bin => words.bin_title,
    }
}

const fn label(folder: Folder, texts: &Texts) -> &'static str {
    let words = &texts.letterbox;
    match folder {
        Folder::Inbox => words.inbox_label,
        Folder::Archive => words.archive_label,
        Folder::Bin => words.bin_label,
    }
}

fn lead(on: &On, found: &Found, texts: &Texts) -> String {
    let words = &texts.letterbox;
    match on.folder {
        _ if found.letters.is_empty() && on.before.is_some() => words.no_more.to_owned(),
        Folder::Inbox if found.letters.is_empty() => words.none.to_owned(),
        Folder::Inbox => found.unread.sentence(texts),
        Folder::Archive if found.letters.is_empty() => words.archive_none.to_owned(),
        Folder::Archive => words.archive_lead.to_owned(),
        Folder::Bin if found.letters.is_empty() => words.bin_none.to_owned(),
        Folder::Bin => words.bin_lead.to_owned(),
    }
}
