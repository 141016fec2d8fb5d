//! `/berichten/{message}`: one letter with its attachments. Opening it is what reads it, once.

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::Fault;
use vault::Tx;
use web::{PageFault, Shell, Traced, Visitor, page};

use crate::message::{Attached, Letter, MessageId, is_pdf};
use crate::{
    Letterbox, Listeners, OPEN_ATTACHMENT, READ_MESSAGE, gone, markdown, messages, of_visitor,
};

pub(crate) async fn reading(
    State(letterbox): State<Letterbox>,
    visitor: Visitor,
    shell: Shell,
    Traced(trace): Traced,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, PageFault> {
    let id: Option<MessageId> = id.ok().and_then(|Path(id)| id.parse().ok());
    let Some(id) = id else {
        return Ok(gone::message(&shell)?);
    };
    let Letterbox { vault, listeners } = letterbox;
    let offers_attachments = vault.offers(OPEN_ATTACHMENT);
    let processing = of_visitor(&visitor, READ_MESSAGE, trace);
    let found = vault
        .write(processing, move |tx| find(tx, &listeners, id))
        .await?;
    let Some((letter, sender)) = found else {
        return Ok(gone::message(&shell)?);
    };
    let reading = show(&shell, &letter, sender, offers_attachments);
    Ok(page(&shell, &letter.listed.title, &reading)?)
}

fn find(
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
    title: &'a str,
    sender: Option<String>,
    datetime: String,
    date: String,
    due: Option<(String, String)>,
    reference: Option<&'a str>,
    /// Safe: made by `markdown`.
    text: String,
    files: Vec<File<'a>>,
}

struct File<'a> {
    link: String,
    name: &'a str,
    /// Kind and size, in words.
    facts: String,
}

fn show<'a>(
    shell: &'a Shell,
    letter: &'a Letter,
    sender: Option<String>,
    offers_attachments: bool,
) -> Reading<'a> {
    let (language, zone, listed) = (shell.language, shell.site.time_zone(), &letter.listed);
    let attachments = letter.attachments.iter().filter(|_| offers_attachments);
    Reading {
        shell,
        back: shell.link("/berichten"),
        title: &listed.title,
        sender,
        datetime: language.iso(listed.published_at, zone),
        date: language.date_time(listed.published_at, zone),
        due: listed
            .act_before
            .map(|day| (day.to_string(), language.day(day))),
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
