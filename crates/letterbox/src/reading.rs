//! `/berichten/{message}`: one letter with its attachments, `/berichten/{message}/afdruk`, the same on paper, and
//! `/berichten/{message}/download`, as a file. Opening it is what reads it, once.

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use basics::Fault;
use vault::{Tx, Vault};
use web::{PageFault, Shell, Traced, Visitor, page, paper};

use crate::message::{Attached, Folder, Letter, MessageId, is_pdf};
use crate::moving::Move;
use crate::row::WrittenIn;
use crate::{
    Letterbox, Listeners, OPEN_ATTACHMENT, READ_MESSAGE, gone, leaving, markdown, messages,
    of_visitor, saving,
};

/// `GET` of a letter, on the screen or for paper.
pub(crate) fn letter(medium: Medium) -> MethodRouter<Letterbox> {
    let shown = async move |State(letterbox): State<Letterbox>,
                            visitor: Visitor,
                            shell: Shell,
                            Traced(trace): Traced,
                            id: Result<Path<String>, PathRejection>|
                -> Result<Response, PageFault> {
        let id: Option<MessageId> = id.ok().and_then(|Path(id)| id.parse().ok());
        let Some(id) = id else {
            return Ok(gone::message(&shell)?);
        };
        let Letterbox { vault, listeners } = letterbox;
        let processing = of_visitor(&visitor, READ_MESSAGE, trace);
        let found = vault
            .write(processing, move |tx| find(tx, &listeners, id))
            .await?;
        let Some((letter, sender)) = found else {
            return Ok(gone::message(&shell)?);
        };
        if matches!(medium, Medium::File) {
            return Ok(saving::file(&shell, &letter, sender.as_deref()));
        }
        let title = letter.listed.title.clone();
        let reading = show(&shell, &vault, &letter, sender);
        Ok(match medium {
            Medium::Screen | Medium::File => page(&shell, &title, &reading)?,
            Medium::Paper => paper(&shell, &title, &OnPaper { letter: reading })?,
        })
    };
    // Asking after a letter's headers is not reading it.
    get(shown).head(|| async { StatusCode::METHOD_NOT_ALLOWED })
}

#[derive(Clone, Copy)]
pub(crate) enum Medium {
    Screen,
    Paper,
    File,
}

pub(crate) fn find(
    tx: &mut Tx<'_>,
    listeners: &Listeners,
    id: MessageId,
) -> Result<Option<(Letter, Option<String>)>, Fault> {
    let Some(letter) = messages::read(tx, listeners, id)? else {
        return Ok(None);
    };
    let sender = organisations::name_of(tx, &letter.listed.oin)?;
    Ok(Some((letter, sender)))
}

#[derive(Template)]
#[template(path = "reading.html")]
struct Reading<'a> {
    shell: &'a Shell,
    back: String,
    itself: String,
    on_paper: String,
    folder: Folder,
    actions: Vec<Action>,
    title: &'a str,
    written_in: WrittenIn,
    sender: Option<String>,
    datetime: String,
    date: String,
    due: Option<(String, String)>,
    /// When it is removed, where that is soon.
    leaves: Option<(String, String)>,
    saved: String,
    reference: Option<&'a str>,
    /// Safe: made by `markdown`.
    text: String,
    files: Vec<File<'a>>,
}

#[derive(Template)]
#[template(path = "paper.html")]
struct OnPaper<'a> {
    letter: Reading<'a>,
}

struct Action {
    link: String,
    label: &'static str,
}

struct File<'a> {
    link: String,
    name: &'a str,
    /// Kind and size, in words.
    facts: String,
}

fn show<'a>(
    shell: &'a Shell,
    vault: &Vault,
    letter: &'a Letter,
    sender: Option<String>,
) -> Reading<'a> {
    let (language, zone, listed) = (shell.language, shell.site.time_zone(), &letter.listed);
    let offers_attachments = vault.offers(OPEN_ATTACHMENT);
    let attachments = letter.attachments.iter().filter(|_| offers_attachments);
    let itself = format!("/berichten/{}", listed.message);
    let actions = Move::out_of(listed.folder)
        .iter()
        .filter(|how| vault.offers(how.activity()));
    Reading {
        shell,
        saved: shell.link(&format!("{itself}/download")),
        back: shell.link(listed.folder.path()),
        on_paper: shell.link(&format!("{itself}/afdruk")),
        folder: listed.folder,
        actions: actions
            .map(|how| Action {
                link: shell.link(&format!("{itself}{}", how.path())),
                label: how.label(shell.texts()),
            })
            .collect(),
        itself: shell.link(&itself),
        title: &listed.title,
        written_in: WrittenIn::of(shell, listed.language.as_ref()),
        sender,
        datetime: language.iso(listed.published_at, zone),
        date: language.date_time(listed.published_at, zone),
        due: listed
            .act_before
            .map(|day| (day.to_string(), language.day(day))),
        leaves: leaving::leaves_at(vault, listed.published_at, vault.clock().now())
            .map(|at| (language.iso(at, zone), language.date(at, zone))),
        reference: letter.reference.as_deref(),
        text: markdown::html(&letter.text, shell.texts()),
        files: attachments
            .map(|file| show_file(shell, listed.message, file))
            .collect(),
    }
}

fn show_file<'a>(shell: &Shell, message: MessageId, file: &'a Attached) -> File<'a> {
    let words = &shell.texts().letterbox;
    let kind = if is_pdf(&file.mime_type) {
        "PDF"
    } else {
        words.file
    };
    File {
        link: shell.link(&format!(
            "/berichten/{message}/bijlagen/{}",
            file.attachment
        )),
        name: &file.name,
        facts: words.download(kind, shell.language.file_size(file.size)),
    }
}
