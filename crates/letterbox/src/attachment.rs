//! `/berichten/{message}/bijlagen/{attachment}`: the bytes of an attachment, always as a file to save.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use basics::Fault;
use futures_util::TryStreamExt;
use web::{PageFault, Shell, Traced, Visitor};

use crate::message::{AttachmentId, Download, MessageId, is_pdf};
use crate::{Letterbox, OPEN_ATTACHMENT, gone, messages, of_visitor};

/// What most file systems take, with room for a browser's ` (1)`.
const LONGEST_NAME: usize = 200;

pub(crate) async fn attachment(
    State(letterbox): State<Letterbox>,
    visitor: Visitor,
    shell: Shell,
    Traced(trace): Traced,
    ids: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, PageFault> {
    let parsed = ids.ok().and_then(|Path((message, attachment))| {
        Some((message.parse().ok()?, attachment.parse().ok()?))
    });
    let Some(ids) = parsed else {
        return Ok(gone::attachment(&shell)?);
    };
    let (message, attachment): (MessageId, AttachmentId) = ids;
    let processing = of_visitor(&visitor, OPEN_ATTACHMENT, trace);
    let found = letterbox
        .vault
        .read(processing, move |tx| {
            messages::find_attachment(tx, message, attachment)
        })
        .await?;
    let Some(download) = found else {
        return Ok(gone::attachment(&shell)?);
    };
    // Half a file is told by the length; what stopped it is logged here, as the answer is under way by then.
    let bytes = letterbox
        .vault
        .blob(download.blob, &download.key)
        .await?
        .inspect_err(log);
    Ok((headers(&download), Body::from_stream(bytes)).into_response())
}

fn headers(download: &Download) -> [(axum::http::HeaderName, HeaderValue); 3] {
    let kind = if is_pdf(&download.mime_type) {
        "application/pdf"
    } else {
        "application/octet-stream"
    };
    [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CONTENT_LENGTH, HeaderValue::from(download.size)),
        (
            CONTENT_DISPOSITION,
            disposition(&file_name(&download.name, is_pdf(&download.mime_type))),
        ),
    ]
}

fn log(fault: &Fault) {
    match fault.kind() {
        basics::FaultKind::Breached => {
            tracing::error!(security_event = true, "sending an attachment: {fault}")
        }
        _ => tracing::error!("sending an attachment: {fault}"),
    }
}

/// RFC 6266 with the extended notation of RFC 8187, which every browser prefers.
pub(crate) fn disposition(name: &str) -> HeaderValue {
    let mut value = String::from("attachment; filename*=UTF-8''");
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                value.push(char::from(byte))
            }
            _ => value.push_str(&format!("%{byte:02X}")),
        }
    }
    HeaderValue::from_str(&value).expect("percent-encoded text is visible ASCII")
}

/// A title as the name of a file, without its end.
pub(crate) fn safe_stem(title: &str) -> String {
    file_name(title, false)
}

/// The sender's name for it, without what leads elsewhere, hides its end or takes a file system by surprise.
fn file_name(given: &str, is_pdf: bool) -> String {
    let kept: String = given
        .chars()
        .map(|letter| if is_unsafe(letter) { '_' } else { letter })
        .collect();
    let kept = kept.trim_matches(|edge: char| edge.is_whitespace() || edge == '.');
    let stem = match kept
        .len()
        .checked_sub(4)
        .and_then(|at| kept.split_at_checked(at))
    {
        Some((stem, end)) if is_pdf && end.eq_ignore_ascii_case(".pdf") => stem,
        _ => kept,
    };
    let stem = &stem[..stem.floor_char_boundary(LONGEST_NAME)];
    let stem = if stem.is_empty() { "bijlage" } else { stem };
    if is_pdf {
        format!("{stem}.pdf")
    } else {
        stem.to_owned()
    }
}

fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        // Marks that turn the direction of writing can show `gpj.exe` as `exe.jpg`.
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_stays_itself_where_it_is_harmless() {
        assert_eq!(
            file_name("Beschikking 2026.pdf", true),
            "Beschikking 2026.pdf"
        );
        assert_eq!(
            file_name("Beschikking 2026.PDF", true),
            "Beschikking 2026.pdf"
        );
        assert_eq!(file_name("beschikking", true), "beschikking.pdf");
        assert_eq!(file_name("Één & één.csv", false), "Één & één.csv");
    }

    #[test]
    fn a_name_leads_nowhere_and_hides_nothing() {
        assert_eq!(file_name("../../etc/passwd", true), "_.._etc_passwd.pdf");
        assert_eq!(
            file_name("a\r\nSet-Cookie: x.pdf", true),
            "a__Set-Cookie_ x.pdf"
        );
        assert_eq!(
            file_name("rekening\u{202e}fdp.exe", true),
            "rekening_fdp.exe.pdf"
        );
        assert_eq!(file_name("...", true), "bijlage.pdf");
        assert_eq!(file_name("  ", false), "bijlage");
        assert_eq!(file_name(".pdf", true), "pdf.pdf");
        assert!(file_name(&"é".repeat(300), true).len() <= LONGEST_NAME + 4);
    }

    #[test]
    fn a_header_carries_any_name_as_plain_ascii() {
        assert_eq!(
            disposition("Één, \"twee\".pdf"),
            "attachment; filename*=UTF-8''%C3%89%C3%A9n%2C%20%22twee%22.pdf"
        );
    }

    proptest! {
        #[test]
        fn any_name_becomes_a_safe_one(given in any::<String>(), is_pdf: bool) {
            let name = file_name(&given, is_pdf);
            prop_assert!(!name.is_empty() && !name.chars().any(is_unsafe) && !name.starts_with('.'));
            prop_assert!(!is_pdf || name.ends_with(".pdf"));
            let header = disposition(&name);
            let value = header.to_str().unwrap().strip_prefix("attachment; filename*=UTF-8''").unwrap();
            prop_assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
        }
    }
}
