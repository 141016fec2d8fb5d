//! `/sessie`: beside a page that warns of the session's end, whoever opens this stays logged in.

use askama::Template;
use axum::response::Response;
use web::{PageFault, SessionEnd, Shell, Visitor, page};

#[derive(Template)]
#[template(path = "staying.html")]
struct Staying<'a> {
    shell: &'a Shell,
    end: SessionEnd,
    time: String,
    datetime: String,
}

/// `GET /sessie`. The layer that found the session has put off its end already, as for any page.
pub(crate) async fn staying(visitor: Visitor, shell: Shell) -> Result<Response, PageFault> {
    let (end, zone) = (visitor.ends, shell.site.time_zone());
    let main = Staying {
        shell: &shell,
        end,
        time: shell.language.time(end.at, zone),
        datetime: shell.language.iso(end.at, zone),
    };
    Ok(page(&shell, shell.texts().people.staying_title, &main)?)
}
