//! `/gegevens`: what we hold of a person's account, for that person: their number, since when, what was changed in it, and each
//! login with where it came from (MO-29, MO-31, MO-75).

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use basics::{Actor, Fault, Moment, PersonNumber};
use serde::Deserialize;
use statement::{Access, SessionRule};
use vault::{Processing, ReadTx};
use web::{PageFault, Shell, Traced, Visitor, page};

use crate::account_changes::{AccountChange, Change, ChangeId};
use crate::login_facts::LoginFacts;
use crate::sessions::{Ended, SessionId};
use crate::{
    END_ACCOUNT, People, SEE_OWN_DATA, account_changes, account_end, accounts, login_facts,
    login_history,
};

pub(crate) const PATH: &str = "/gegevens";

const A_PAGE: usize = 20;
const CHANGES_ON_A_PAGE: usize = 10;

/// Which page of either list.
#[derive(Deserialize)]
pub(crate) struct Asked {
    /// The login after which an older page begins.
    voor: Option<String>,
    /// The change after which an older page begins.
    wijziging: Option<String>,
}

#[derive(Clone, Copy)]
struct Before {
    login: Option<SessionId>,
    change: Option<ChangeId>,
}

/// `GET /gegevens`
pub(crate) async fn own_data(
    State(people): State<People>,
    visitor: Visitor,
    shell: Shell,
    Traced(trace): Traced,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFault> {
    let login = asked.voor.map(|id| id.parse()).transpose();
    let change = asked.wijziging.map(|id| id.parse()).transpose();
    let before = Before {
        login: login.map_err(|_| PageFault::BadRequest)?,
        change: change.map_err(|_| PageFault::BadRequest)?,
    };
    let processing = Processing::own(SEE_OWN_DATA, visitor.subject, trace);
    let register = people.0.vault.register();
    let rule = *register.session();
    let role = Actor::Person(visitor.subject).role();
    let with_facts = login_facts::are_let(register, SEE_OWN_DATA, role.name(), Access::Reads);
    let found = people
        .0
        .vault
        .read(processing, move |tx| find(tx, before, &rule, with_facts))
        .await?;
    let here = SessionId::from_uuid(visitor.session);
    let shown = show(&people, &shell, found, here, before);
    Ok(page(&shell, shell.texts().people.own_data_title, &shown)?)
}

struct Found {
    number: Option<PersonNumber>,
    activated_at: Option<Moment>,
    changes: Vec<Change>,
    has_older_changes: bool,
    logins: Vec<login_history::Login>,
    has_older: bool,
    /// None where the statement does not let the person look at them.
    facts: Option<BTreeMap<SessionId, LoginFacts>>,
}

fn find(
    tx: &mut ReadTx<'_>,
    before: Before,
    rule: &SessionRule,
    with_facts: bool,
) -> Result<Found, Fault> {
    let mut logins = login_history::list(tx, before.login, A_PAGE as i64 + 1, rule)?;
    let has_older = logins.len() > A_PAGE;
    logins.truncate(A_PAGE);
    let mut changes = account_changes::list(tx, before.change, CHANGES_ON_A_PAGE as i64 + 1)?;
    let has_older_changes = changes.len() > CHANGES_ON_A_PAGE;
    changes.truncate(CHANGES_ON_A_PAGE);
    let facts = match (logins.last(), logins.first()) {
        (Some(oldest), Some(newest)) if with_facts => {
            login_facts::between(tx, oldest.session, newest.session)?
        }
        _ => BTreeMap::new(),
    };
    Ok(Found {
        number: tx.number()?,
        activated_at: accounts::activated_at(tx)?,
        changes,
        has_older_changes,
        logins,
        has_older,
        facts: with_facts.then_some(facts),
    })
}

#[derive(Template)]
#[template(path = "own_data.html")]
struct OwnData<'a> {
    shell: &'a Shell,
    /// What the statement calls the number, and the number.
    number: Option<(&'a str, String)>,
    activated: Option<Shown>,
    changes: Vec<ChangeLine>,
    older_changes: Option<String>,
    newest_changes: Option<String>,
    with_facts: bool,
    logins: Vec<Line<'a>>,
    older: Option<String>,
    newest: Option<String>,
    /// Where the account can be ended, if that can be done.
    ending: Option<String>,
}

/// A moment in words and for `<time datetime>`.
struct Shown {
    words: String,
    datetime: String,
}

struct ChangeLine {
    sentence: String,
    at: Shown,
}

struct Line<'a> {
    began: Shown,
    /// On what, from where.
    facts: LoginFacts,
    /// How it ended, or that it has not, and when.
    end: &'a str,
    ended: Option<Shown>,
}

fn show<'a>(
    people: &'a People,
    shell: &'a Shell,
    found: Found,
    here: SessionId,
    before: Before,
) -> OwnData<'a> {
    let register = people.0.vault.register();
    let rule = register.number();
    let mut categories = register.categories();
    let title = categories
        .find(|category| category.id == rule.category)
        .map_or("", |category| category.title.get(shell.language.tag()));
    let last = found.logins.last().filter(|_| found.has_older);
    let last_change = found.changes.last().filter(|_| found.has_older_changes);
    let with_facts = found.facts.is_some();
    let mut facts = found.facts.unwrap_or_default();
    OwnData {
        older_changes: last_change
            .map(|change| shell.link(&format!("{PATH}?wijziging={}", change.id))),
        newest_changes: before.change.map(|_| shell.link(PATH)),
        changes: found
            .changes
            .iter()
            .map(|change| change_line(shell, change))
            .collect(),
        with_facts,
        older: last.map(|login| shell.link(&format!("{PATH}?voor={}", login.session))),
        newest: before.login.map(|_| shell.link(PATH)),
        number: found
            .number
            .map(|number| (title, number.reveal().to_owned())),
        activated: found.activated_at.map(|at| shown(shell, at)),
        ending: people
            .0
            .vault
            .offers(END_ACCOUNT)
            .then(|| shell.link(account_end::PATH)),
        logins: found
            .logins
            .iter()
            .map(|login| {
                let facts = facts.remove(&login.session).unwrap_or_default();
                line(shell, login, facts, here)
            })
            .collect(),
        shell,
    }
}

fn change_line(shell: &Shell, change: &Change) -> ChangeLine {
    let words = &shell.texts().people;
    ChangeLine {
        sentence: match change.what {
            AccountChange::PostWanted => words.changed_post_wanted(&change.about),
            AccountChange::PostRefused => words.changed_post_refused(&change.about),
            AccountChange::Ended => words.changed_ended.to_owned(),
            AccountChange::BegunAgain => words.changed_begun_again.to_owned(),
        },
        at: shown(shell, change.at),
    }
}

fn line<'a>(
    shell: &'a Shell,
    login: &login_history::Login,
    facts: LoginFacts,
    here: SessionId,
) -> Line<'a> {
    let words = &shell.texts().people;
    let end = match login.ended.map(|(_, how)| how) {
        None if login.session == here => words.login_is_this,
        None => words.login_is_open,
        Some(Ended::LoggedOut) => words.login_left,
        Some(Ended::Expired) => words.login_expired,
        Some(Ended::Replaced) => words.login_replaced,
        Some(Ended::AtProvider) => words.login_left_at_provider,
        Some(Ended::WithAccount) => words.login_ended_with_account,
    };
    Line {
        began: shown(shell, login.began_at),
        facts,
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
