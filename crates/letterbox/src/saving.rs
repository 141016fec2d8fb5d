//! A letter as a file to keep: plain text, with what stands above it and the names of its attachments.

use std::fmt::Write;

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use web::Shell;

use crate::attachment::{disposition, safe_stem};
use crate::message::Letter;

pub(crate) fn file(shell: &Shell, letter: &Letter, sender: Option<&str>) -> Response {
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        ),
        (
            CONTENT_DISPOSITION,
            disposition(&format!("{}.txt", safe_stem(&letter.listed.title))),
        ),
    ];
    (headers, written(shell, letter, sender)).into_response()
}

pub(crate) fn written(shell: &Shell, letter: &Letter, sender: Option<&str>) -> String {
    let (words, listed) = (&shell.texts().letterbox, &letter.listed);
    let (language, zone) = (shell.language, shell.site.time_zone());
    let mut text = format!("{}\n\n", listed.title);
    let received = language.date_time(listed.published_at, zone);
    let mut fact = |name: &str, value: &str| {
        let _ = writeln!(text, "{name}: {value}");
    };
    fact(words.from, sender.unwrap_or(words.unknown_sender));
    fact(words.received, &received);
    if let Some(day) = listed.act_before {
        fact(words.act_before, &language.day(day));
    }
    if let Some(reference) = &letter.reference {
        fact(words.reference, reference);
    }
    let _ = write!(text, "\n{}\n", letter.text.trim_end());
    if !letter.attachments.is_empty() {
        let _ = write!(text, "\n{}:\n", words.attachments);
        for attached in &letter.attachments {
            let _ = writeln!(text, "- {}", attached.name);
        }
    }
    text
}
