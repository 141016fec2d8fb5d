//! `/gegevens`: what we hold of a person's account, for that person: their number, since when, and each login (MO-75).

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use basics::{Fault, Moment, PersonNumber};
use serde::Deserialize;
use statement::SessionRule;
use vault::{Processing, ReadTx};
use web::{PageFault, Shell, Traced, Visitor, page};

use crate::sessions::{Ended, SessionId};
use crate::{People, SEE_OWN_DATA, accounts, login_history};

pub(crate) const PATH: &str = "/gegevens";

const A_PAGE: usize = 20;

/// `?voor=`: the login after which an older page begins.
#[derive(Deserialize)]
pub(crate) struct Asked {
    voor: Option<String>,
}

/// `GET /gegevens`
pub(crate) async fn own_data(
    State(people): State<People>,
    visitor: Visitor,
    shell: Shell,
    Traced(trace): Traced,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFault> {
    let before: Option<SessionId> = asked
        .voor
        .map(|id| id.parse())
        .transpose()
        .map_err(|_| PageFault::BadRequest)?;
    let processing = Processing::own(SEE_OWN_DATA, visitor.subject, trace);
    let rule = *people.0.vault.register().session();
    let found = people
        .0
        .vault
        .read(processing, move |tx| find(tx, before, &rule))
        .await?;
    let here = SessionId::from_uuid(visitor.session);
    let shown = show(&people, &shell, found, here, before.is_some());
    Ok(page(&shell, shell.texts().people.own_data_title, &shown)?)
}

struct Found {
    number: Option<PersonNumber>,
    activated_at: Option<Moment>,
    logins: Vec<login_history::Login>,
    has_older: bool,
}

fn find(
    tx: &mut ReadTx<'_>,
    before: Option<SessionId>,
    rule: &SessionRule,
) -> Result<Found, Fault> {
    let mut logins = login_history::list(tx, before, A_PAGE as i64 + 1, rule)?;
    let has_older = logins.len() > A_PAGE;
    logins.truncate(A_PAGE);
    Ok(Found {
        number: tx.number()?,
        activated_at: accounts::activated_at(tx)?,
        logins,
        has_older,
    })
}

#[derive(Template)]
#[template(path = "own_data.html")]
struct OwnData<'a> {
    shell: &'a Shell,
    /// What the statement calls the number, and the number.
    number: Option<(&'a str, String)>,
    activated: Option<Shown>,
    logins: Vec<Line<'a>>,
    older: Option<String>,
    newest: Option<String>,
}

/// A moment in words and for `<time datetime>`.
struct Shown {
    words: String,
    datetime: String,
}

struct Line<'a> {
    began: Shown,
    /// How it ended, or that it has not, and when.
    end: &'a str,
    ended: Option<Shown>,
}

fn show<'a>(
    people: &'a People,
    shell: &'a Shell,
    found: Found,
    here: SessionId,
    is_older_page: bool,
) -> OwnData<'a> {
    let register = people.0.vault.register();
    let rule = register.number();
    let mut categories = register.categories();
    let title = categories
        .find(|category| category.id == rule.category)
        .map_or("", |category| category.title.get(shell.language.tag()));
    let last = found.logins.last().filter(|_| found.has_older);
    OwnData {
        older: last.map(|login| shell.link(&format!("{PATH}?voor={}", login.session))),
        newest: is_older_page.then(|| shell.link(PATH)),
        number: found
            .number
            .map(|number| (title, number.reveal().to_owned())),
        activated: found.activated_at.map(|at| shown(shell, at)),
        logins: found
            .logins
            .iter()
            .map(|login| line(shell, login, here))
            .collect(),
        shell,
    }
}

fn line<'a>(shell: &'a Shell, login: &login_history::Login, here: SessionId) -> Line<'a> {
    let words = &shell.texts().people;
    let end = match login.ended.map(|(_, how)| how) {
        None if login.session == here => words.login_is_this,
        None => words.login_is_open,
        Some(Ended::LoggedOut) => words.login_left,
        Some(Ended::Expired) => words.login_expired,
        Some(Ended::Replaced) => words.login_replaced,
        Some(Ended::AtProvider) => words.login_left_at_provider,
    };
    Line {
        began: shown(shell, login.began_at),
        end,
        ended: login.ended.map(|(at, _)| shown(shell, at)),
    }
}

fn shown(shell: &Shell, moment: Moment) -> Shown {
    let zone = shell.site.time_zone();
    Shown {
        words: shell.language.date_time(moment, zone),
        datetime: shell.language.iso(moment, zone),
    }
}
