//! The page for what is not there, is another's or has not appeared yet, and for what is no id at all: one answer for all.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use basics::Fault;
use web::{Shell, page_with_status};

pub(crate) fn message(shell: &Shell) -> Result<Response, Fault> {
    let words = &shell.texts().letterbox;
    gone(shell, words.message_gone_title, words.message_gone_text)
}

pub(crate) fn attachment(shell: &Shell) -> Result<Response, Fault> {
    let words = &shell.texts().letterbox;
    gone(
        shell,
        words.attachment_gone_title,
        words.attachment_gone_text,
    )
}

fn gone(shell: &Shell, title: &str, explanation: &str) -> Result<Response, Fault> {
    let main = Gone {
        title,
        explanation,
        back: shell.link("/berichten"),
        go_back: shell.texts().letterbox.back,
    };
    page_with_status(StatusCode::NOT_FOUND, shell, title, &main)
}

#[derive(Template)]
#[template(path = "gone.html")]
struct Gone<'a> {
    title: &'a str,
    explanation: &'a str,
    back: String,
    go_back: &'a str,
}
