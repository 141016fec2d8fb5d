//! `/`: for who is logged in what is new, for everyone else what this site is and the way in.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::{Fault, FaultKind, Trace};
use letterbox::LIST_MESSAGES;
use vault::Processing;
use web::{LOGIN_PATH, MaybeVisitor, PageFault, Shell, Traced, Visitor, page};

use crate::Portal;

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    shell: &'a Shell,
    title: &'a str,
    /// Safe: each made by its room.
    pieces: Vec<String>,
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome<'a> {
    shell: &'a Shell,
    title: &'a str,
    log_in: String,
}

pub(crate) async fn home(
    State(portal): State<Portal>,
    MaybeVisitor(visitor): MaybeVisitor,
    shell: Shell,
    Traced(trace): Traced,
) -> Result<Response, PageFault> {
    let words = &shell.texts().portal;
    let title = words.welcome(shell.site.title());
    let Some(visitor) = visitor else {
        let welcome = Welcome {
            shell: &shell,
            title: &title,
            log_in: shell.link(LOGIN_PATH),
        };
        return Ok(page(&shell, words.home, &welcome)?);
    };
    let pieces = pieces(&portal, &visitor, &shell, trace).await?;
    let home = Home {
        shell: &shell,
        title: &title,
        pieces,
    };
    Ok(page(&shell, words.home, &home)?)
}

/// What each room has to tell, as far as the gate lets it.
async fn pieces(
    portal: &Portal,
    visitor: &Visitor,
    shell: &Shell,
    trace: Trace,
) -> Result<Vec<String>, PageFault> {
    let mut pieces = Vec::new();
    if portal.vault.offers(LIST_MESSAGES) {
        let zone = shell.site.time_zone().to_owned();
        let processing = Processing::own(LIST_MESSAGES, visitor.subject, trace);
        let news: Result<_, Fault> = portal
            .vault
            .read(processing, move |tx| letterbox::find_news(tx, &zone))
            .await;
        match news {
            Ok(news) => pieces.push(news.show(shell)?),
            // What is kept about this person stands against it; the page itself is still theirs.
            Err(fault) if matches!(fault.kind(), FaultKind::Refused(_)) => {}
            Err(fault) => return Err(fault.into()),
        }
    }
    Ok(pieces)
}
