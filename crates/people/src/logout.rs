//! Logging out on both sides: the session ends here, the cookies are taken back, the provider is told.

use askama::Template;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use basics::Fault;
use serde::Deserialize;
use vault::Processing;
use web::{Form, PageFault, Shell, Site, Traced, Visitor, page};

use crate::sessions::{self, Ended, SessionId};
use crate::{LOG_OUT, People, cookies};

pub(crate) const LOGOUT_PATH: &str = "/uitloggen";
pub(crate) const LOGGED_OUT_PATH: &str = "/uitgelogd";

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// The form holds nothing but its token.
#[derive(Deserialize)]
pub(crate) struct Nothing {}

#[derive(Template)]
#[template(path = "logout.html")]
struct LoggedOut<'a> {
    shell: &'a Shell,
}

/// `POST /uitloggen`
pub(crate) async fn log_out(
    State(people): State<People>,
    visitor: Visitor,
    Traced(trace): Traced,
    headers: HeaderMap,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, PageFault> {
    let site = &people.0.site;
    let hash = cookies::session_secret(site, &headers)
        .ok_or(PageFault::Expired)?
        .hash();
    let id = SessionId::from_uuid(visitor.session);
    let processing = Processing::own(LOG_OUT, visitor.subject, trace);
    let at_provider = people
        .0
        .vault
        .write(processing, move |tx| {
            let at_provider = sessions::at_provider(tx, id)?;
            sessions::end(tx, id, &hash, tx.now(), Ended::LoggedOut)?;
            Ok::<_, Fault>(at_provider)
        })
        .await?;
    let there = match people.0.provider.logout_url(at_provider.as_deref()).await {
        Ok(there) => there,
        Err(fault) => {
            web::log_fault(&fault);
            LOGGED_OUT_PATH.to_owned()
        }
    };
    let mut answer = Redirect::to(&there).into_response();
    forget(site, answer.headers_mut());
    Ok(answer)
}

/// Takes back what the browser was given with the login.
pub(crate) fn forget(site: &Site, headers: &mut HeaderMap) {
    headers.append(SET_COOKIE, cookies::expire_session(site));
    headers.append(SET_COOKIE, cookies::expire_attempt(site));
    // Only the cache: cookies would go for every site on this host, whatever its port.
    headers.insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
}

/// `GET /uitgelogd`
pub(crate) async fn logged_out(shell: Shell) -> Result<Response, PageFault> {
    Ok(page(
        &shell,
        shell.texts().people.logged_out_title,
        &LoggedOut { shell: &shell },
    )?)
}
