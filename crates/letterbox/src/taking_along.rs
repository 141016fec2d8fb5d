//! `/berichten/binnenkort-weg`: every letter that is removed soon, whatever its folder, and all of them in one file to keep.

use std::collections::VecDeque;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use basics::{Fault, Trace};
use futures_util::stream::try_unfold;
use futures_util::{Stream, TryStreamExt};
use serde::Deserialize;
use vault::{ReadTx, Vault};
use web::{PageFault, Shell, Traced, Visitor, page};

use crate::attachment::disposition;
use crate::leaving::{self, LOOKED_AT, Leaving};
use crate::message::{Listed, MessageId};
use crate::{LIST_MESSAGES, Letterbox, READ_MESSAGE, of_visitor, reading, saving};

pub(crate) const PATH: &str = "/berichten/binnenkort-weg";
pub(crate) const FILE_PATH: &str = "/berichten/binnenkort-weg/download";
const BETWEEN_LETTERS: &str = "\n----------\n\n";

pub(crate) fn is_offered(vault: &Vault) -> bool {
    vault.offers(LIST_MESSAGES) && vault.offers(READ_MESSAGE)
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    na: Option<String>,
}

#[derive(Template)]
#[template(path = "taking_along.html")]
struct TakingAlong<'a> {
    shell: &'a Shell,
    leaving: Vec<Leaving>,
    file: String,
    next: Option<String>,
    back: String,
}

/// `GET /berichten/binnenkort-weg`, as many as are looked through at once; `?na=` goes on behind a letter.
pub(crate) async fn list(
    State(letterbox): State<Letterbox>,
    visitor: Visitor,
    shell: Shell,
    Traced(trace): Traced,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFault> {
    let after = asked.na.map(|id| id.parse()).transpose();
    let after = after.map_err(|_| PageFault::BadRequest)?;
    let letters = behind(&letterbox, &visitor, trace, after).await?;
    let now = letterbox.vault.clock().now();
    let leaving = leaving::show(&shell, &letterbox.vault, &letters, now);
    let last = letters.last().filter(|_| letters.len() == LOOKED_AT);
    let next = last.map(|last| shell.link(&format!("{PATH}?na={}", last.message)));
    let shown = TakingAlong {
        leaving,
        file: shell.link(FILE_PATH),
        next,
        back: shell.link("/berichten"),
        shell: &shell,
    };
    Ok(page(&shell, shell.texts().letterbox.leaving_title, &shown)?)
}

/// `GET` of all of them as one text. Each letter is read when its turn comes, so that no more than one is in memory.
pub(crate) fn file() -> MethodRouter<Letterbox> {
    let shown = async |State(letterbox): State<Letterbox>,
                       visitor: Visitor,
                       shell: Shell,
                       Traced(trace): Traced|
           -> Result<Response, PageFault> {
        let name = format!("{}.txt", shell.texts().letterbox.leaving_file);
        let headers = [
            (
                CONTENT_TYPE,
                HeaderValue::from_static("text/plain; charset=utf-8"),
            ),
            (CONTENT_DISPOSITION, disposition(&name)),
        ];
        let mut taking = Taking {
            letterbox,
            visitor,
            shell,
            trace,
            waiting: VecDeque::new(),
            after: None,
            is_over: false,
        };
        // What cannot be answered at all is told by a page, and not by half a file.
        taking.look_on().await?;
        // What stops it later is logged here, as the answer is under way by then.
        let told = |fault: &Fault| tracing::error!("sending letters that leave soon: {fault}");
        let text = taking.texts().inspect_err(told);
        Ok((headers, Body::from_stream(text)).into_response())
    };
    // Asking after their headers is not reading them.
    get(shown).head(|| async { StatusCode::METHOD_NOT_ALLOWED })
}

/// The letters that may leave soon behind this one, the oldest first.
async fn behind(
    letterbox: &Letterbox,
    visitor: &Visitor,
    trace: Trace,
    after: Option<MessageId>,
) -> Result<Vec<Listed>, Fault> {
    let Some(below) = leaving::oldest_below(&letterbox.vault) else {
        return Ok(Vec::new());
    };
    let processing = of_visitor(visitor, LIST_MESSAGES, trace);
    let above = after.unwrap_or_else(leaving::first);
    let find = move |tx: &mut ReadTx<'_>| leaving::find(tx, above, below);
    letterbox.vault.read(processing, find).await
}

/// How far a file has come.
struct Taking {
    letterbox: Letterbox,
    visitor: Visitor,
    shell: Shell,
    trace: Trace,
    waiting: VecDeque<MessageId>,
    after: Option<MessageId>,
    is_over: bool,
}

impl Taking {
    async fn look_on(&mut self) -> Result<(), Fault> {
        let found = behind(&self.letterbox, &self.visitor, self.trace, self.after).await?;
        let vault = &self.letterbox.vault;
        let now = vault.clock().now();
        self.is_over = found.len() < LOOKED_AT;
        self.after = found.last().map(|last| last.message).or(self.after);
        let leave = found
            .iter()
            .filter(|letter| leaving::leaves_at(vault, letter.published_at, now).is_some());
        self.waiting.extend(leave.map(|letter| letter.message));
        Ok(())
    }

    fn texts(self) -> impl Stream<Item = Result<Bytes, Fault>> {
        try_unfold((self, false), |(mut taking, has_begun)| async move {
            let Some(text) = taking.next().await? else {
                return Ok(None);
            };
            let between = if has_begun { BETWEEN_LETTERS } else { "" };
            Ok(Some((
                Bytes::from(format!("{between}{text}")),
                (taking, true),
            )))
        })
    }

    async fn next(&mut self) -> Result<Option<String>, Fault> {
        loop {
            let Some(id) = self.waiting.pop_front() else {
                if self.is_over {
                    return Ok(None);
                }
                self.look_on().await?;
                continue;
            };
            let listeners = self.letterbox.listeners.clone();
            let processing = of_visitor(&self.visitor, READ_MESSAGE, self.trace);
            let read = self
                .letterbox
                .vault
                .write(processing, move |tx| reading::find(tx, &listeners, id));
            // One that went meanwhile is not there any more.
            if let Some((letter, sender)) = read.await? {
                let text = saving::written(&self.shell, &letter, sender.as_deref());
                return Ok(Some(text));
            }
        }
    }
}
