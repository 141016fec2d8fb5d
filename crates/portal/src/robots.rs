//! `/robots.txt` (RFC 9309): search engines may know the public pages; all else is somebody's post.

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

use crate::accessibility;

/// Where the statement is published, with its earlier versions.
const STATEMENT: &str = "/privacy";

pub(crate) async fn robots() -> impl IntoResponse {
    let public = format!(
        "User-agent: *\nAllow: /$\nAllow: {}$\nAllow: {STATEMENT}\nDisallow: /\n",
        accessibility::PATH
    );
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], public)
}
