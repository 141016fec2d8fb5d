//! `/gegevens/account-beeindigen`: a person ends their account (MO-29): told first what follows from it, then done, and logged out.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use vault::Processing;
use web::{Form, PageFault, Shell, Traced, Visitor, page};

use crate::logout::{self, Nothing};
use crate::{END_ACCOUNT, People, accounts, own_data};

pub(crate) const PATH: &str = "/gegevens/account-beeindigen";
pub(crate) const ENDED_PATH: &str = "/account-beeindigd";

#[derive(Template)]
#[template(path = "account_end.html")]
struct Asked<'a> {
    shell: &'a Shell,
    has_post: bool,
}

#[derive(Template)]
#[template(path = "account_ended.html")]
struct Ended<'a> {
    shell: &'a Shell,
    has_post: bool,
}

/// Whether people get post here, and so lose that.
fn has_post(people: &People) -> bool {
    people.0.vault.register().category("bericht").is_some()
}

/// `GET /gegevens/account-beeindigen`
pub(crate) async fn ask(
    State(people): State<People>,
    _: Visitor,
    shell: Shell,
) -> Result<Response, PageFault> {
    let main = Asked {
        shell: &shell,
        has_post: has_post(&people),
    };
    Ok(page(&shell, shell.texts().people.account_end_title, &main)?)
}

/// `POST /gegevens/account-beeindigen`
pub(crate) async fn end(
    State(people): State<People>,
    visitor: Visitor,
    shell: Shell,
    Traced(trace): Traced,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, PageFault> {
    let vault = &people.0.vault;
    let rule = *vault.register().session();
    let processing = Processing::own(END_ACCOUNT, visitor.subject, trace);
    // In another window it may have ended already; then so has the session, and nobody gets here.
    vault
        .write(processing, move |tx| accounts::end(tx, &rule))
        .await?;
    let mut answer = Redirect::to(&shell.link(ENDED_PATH)).into_response();
    logout::forget(&people.0.site, answer.headers_mut());
    Ok(answer)
}

/// `GET /account-beeindigd`
pub(crate) async fn ended(
    State(people): State<People>,
    shell: Shell,
) -> Result<Response, PageFault> {
    let main = Ended {
        shell: &shell,
        has_post: has_post(&people),
    };
    Ok(page(
        &shell,
        shell.texts().people.account_ended_title,
        &main,
    )?)
}
