//! Logging in: the invitation, the way to the provider, and the return, which opens the session.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use basics::{Activity, Actor, Channel, Fault, FaultKind, Refusal, SubjectId, Trace};
use serde::Deserialize;
use statement::Access;
use vault::{Insert, Processing, Sql, Subjects, Tx, Value, insert, sql};
use web::{Client, LocalPath, MaybeVisitor, PageFault, Shell, Traced, page_with_status};

use crate::oidc::{Attempt, CallbackQuery, LoggedIn, LoginRefusal};
use crate::sessions::{self, Ended, SessionSecret};
use crate::{LOG_IN, People, accounts, cookies, expiry, login_facts, provider_logout};

pub(crate) const RETURN_PATH: &str = "/inloggen/terug";

/// The form holds at most a path to return to.
pub(crate) const LARGEST_FORM: usize = 4096;

/// Where a login ends that was begun nowhere in particular.
const HOME: &str = "/";

/// Keeping an attempt touches nobody's data.
const KEEP_ATTEMPT: Activity = Activity("inlogpoging");

const NEW_ATTEMPT: &Insert = insert!("login_attempts"(attempt_hash, attempt, return_to, until_at));
const FIND_ATTEMPT: &Sql =
    sql!("SELECT attempt, return_to FROM login_attempts WHERE attempt_hash = $1 AND until_at > $2");
const TAKE_ATTEMPT: &Sql = sql!("DELETE FROM login_attempts WHERE attempt_hash = $1");
const SWEEP_ATTEMPTS: &Sql = sql!("DELETE FROM login_attempts WHERE until_at <= $1");

#[derive(Deserialize)]
pub(crate) struct Going {
    naar: Option<String>,
}

impl Going {
    fn local(&self) -> Option<LocalPath> {
        self.naar.as_deref().and_then(LocalPath::parse)
    }
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    title: &'a str,
    text: &'a str,
    button: &'a str,
    method: &'static str,
    action: String,
    return_to: Option<String>,
}

/// `GET /inloggen`: says what will happen, with one button.
pub(crate) async fn invitation(
    shell: Shell,
    MaybeVisitor(visitor): MaybeVisitor,
    Query(going): Query<Going>,
) -> Result<Response, PageFault> {
    let going = going.local();
    if visitor.is_some() {
        let there = going.as_ref().map_or(HOME, LocalPath::as_str);
        return Ok(Redirect::to(&shell.link(there)).into_response());
    }
    let words = &shell.texts().people;
    let text = if going.is_some() {
        words.login_needed
    } else {
        words.login_intro
    };
    let message = Message {
        title: words.login_title,
        text,
        button: words.login_button,
        method: "post",
        action: shell.link(web::LOGIN_PATH),
        return_to: going.map(|path| path.to_string()),
    };
    Ok(page_with_status(
        StatusCode::OK,
        &shell,
        words.login_title,
        &message,
    )?)
}

/// `POST /inloggen`: keeps the attempt, ties it to this browser, and sends the browser to the provider.
pub(crate) async fn start(
    State(people): State<People>,
    shell: Shell,
    Traced(trace): Traced,
    axum::Form(going): axum::Form<Going>,
) -> Result<Response, PageFault> {
    let begun = match people.0.provider.begin().await {
        Ok(begun) => begun,
        Err(fault) => return refused(&shell, trace, LoginRefusal::Fault(fault)),
    };
    let secret = SessionSecret::new();
    let return_to = going
        .local()
        .map_or_else(|| shell.link(HOME), |path| path.to_string());
    let (hash, attempt) = (secret.hash(), begun.attempt.to_text());
    people
        .0
        .vault
        .write(Processing::upkeep(KEEP_ATTEMPT, trace), move |tx| {
            let now = tx.now();
            tx.run(SWEEP_ATTEMPTS, &[now.into()])?;
            let until = now.plus(Duration::from_secs(cookies::ATTEMPT_SECONDS));
            let row = vec![
                Value::blob(hash.0),
                attempt.as_str().into(),
                return_to.as_str().into(),
                until.into(),
            ];
            tx.add(NEW_ATTEMPT, tx.ids().random(), row)
        })
        .await?;
    let cookie = cookies::set_attempt(&people.0.site, &secret);
    Ok(([(SET_COOKIE, cookie)], Redirect::to(&begun.redirect)).into_response())
}

/// `GET /inloggen/terug`: takes the attempt out of its store, reads who came back, and opens their session.
pub(crate) async fn finish(
    State(people): State<People>,
    shell: Shell,
    Traced(trace): Traced,
    client: Client,
    headers: HeaderMap,
    Query(query): Query<CallbackQuery>,
) -> Result<Response, PageFault> {
    // The query is spent with this answer.
    let shell = shell.standing_at(web::LOGIN_PATH);
    let Some((attempt, return_to)) = take_attempt(&people, &headers, trace).await? else {
        return refused(&shell, trace, LoginRefusal::StateMismatch);
    };
    let logged_in = match people.0.provider.finish(attempt, query).await {
        Ok(logged_in) => logged_in,
        Err(refusal) => return refused(&shell, trace, refusal),
    };
    let secret = SessionSecret::new();
    let opened = async {
        end_former(&people, &headers, trace).await?;
        open_session(&people, logged_in, &secret, client, trace).await
    };
    match opened.await {
        Ok(true) => {}
        Ok(false) => return refused(&shell, trace, LoginRefusal::Ended),
        Err(fault) => {
            return match fault.kind() {
                FaultKind::Refused(Refusal::Standing(_)) => blocked(&shell),
                // The attempt is spent: this same page once more would be of no use.
                FaultKind::Unavailable(_) | FaultKind::Uncertain(_) => {
                    refused(&shell, trace, LoginRefusal::Fault(fault))
                }
                _ => Err(fault.into()),
            };
        }
    }
    let mut answer = Redirect::to(&return_to).into_response();
    let site = &people.0.site;
    answer
        .headers_mut()
        .append(SET_COOKIE, cookies::set_session(site, &secret));
    answer
        .headers_mut()
        .append(SET_COOKIE, cookies::expire_attempt(site));
    Ok(answer)
}

async fn take_attempt(
    people: &People,
    headers: &HeaderMap,
    trace: Trace,
) -> Result<Option<(Attempt, String)>, Fault> {
    let Some(secret) = cookies::attempt_secret(&people.0.site, headers) else {
        return Ok(None);
    };
    let hash = secret.hash();
    let taken = people
        .0
        .vault
        .write(Processing::upkeep(KEEP_ATTEMPT, trace), move |tx| {
            let params = [Value::blob(hash.0), tx.now().into()];
            let found = tx.query_opt(FIND_ATTEMPT, &params, |row| {
                Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))
            })?;
            tx.run(TAKE_ATTEMPT, &params[..1])?;
            Ok::<_, Fault>(found)
        })
        .await?;
    let Some((attempt, return_to)) = taken else {
        return Ok(None);
    };
    let attempt = attempt
        .parse()
        .map_err(|_| Fault::broken("a kept login attempt does not read back"))?;
    Ok(Some((attempt, return_to)))
}

/// Finds or enrols the person, activates their account at the first login, opens the session: one commit. Not when the
/// provider has ended its own session meanwhile; then the answer is no.
async fn open_session(
    people: &People,
    logged_in: LoggedIn,
    secret: &SessionSecret,
    client: Client,
    trace: Trace,
) -> Result<bool, Fault> {
    let hash = secret.hash();
    let activated = Arc::clone(&people.0.activated);
    let register = people.0.vault.register();
    let idle = register.session().idle;
    let role = Actor::Visitor.role();
    let client =
        login_facts::are_let(register, LOG_IN, role.name(), Access::Writes).then_some(client);
    let LoggedIn {
        number,
        subject_at_provider,
        session_at_provider: at_provider,
        ..
    } = logged_in;
    let names = provider_logout::names(people, at_provider.as_deref(), Some(&subject_at_provider));
    let processing = Processing::of(LOG_IN, Actor::Visitor, Subjects::Found, Channel::Web, trace);
    let opened = people
        .0
        .vault
        .write(processing, move |tx| {
            if provider_logout::has_ended(tx, names)? {
                return Ok(false);
            }
            accounts::enrol(tx, &number, &activated)?;
            let session = sessions::open(tx, &hash, at_provider.as_deref(), names)?;
            if let Some(client) = &client {
                login_facts::keep(tx, session, client)?;
            }
            expiry::queue(tx, &hash, tx.now().plus(idle)).map(|()| true)
        })
        .await?;
    Ok(opened && !provider_logout::end_if_over(people, names, trace).await?)
}

/// A login in a browser that had a session takes its place.
async fn end_former(people: &People, headers: &HeaderMap, trace: Trace) -> Result<(), Fault> {
    let Some(former) = cookies::session_secret(&people.0.site, headers) else {
        return Ok(());
    };
    let hash = former.hash();
    let end = move |tx: &mut Tx<'_>, _: SubjectId| match sessions::find(tx, &hash)? {
        Some(session) => sessions::end(tx, session.id, &hash, tx.now(), Ended::Replaced),
        None => Ok(()),
    };
    people
        .0
        .vault
        .touch_session(hash, Channel::Web, trace, end)
        .await
        .map(drop)
}

/// A login that did not succeed: what happened, in plain words, and how to try again.
fn refused(shell: &Shell, trace: Trace, refusal: LoginRefusal) -> Result<Response, PageFault> {
    match &refusal {
        LoginRefusal::Fault(fault) => {
            web::log_fault(&fault.clone().while_doing("a login was refused"));
        }
        _ => tracing::warn!(%trace, ?refusal, "a login was refused"),
    }
    let words = &shell.texts().people;
    let (status, title, text) = match &refusal {
        LoginRefusal::Cancelled => (
            StatusCode::OK,
            words.login_cancelled_title,
            words.login_cancelled,
        ),
        LoginRefusal::StateMismatch => (
            StatusCode::BAD_REQUEST,
            words.login_failed_title,
            words.login_expired_text,
        ),
        LoginRefusal::LevelTooLow => (
            StatusCode::FORBIDDEN,
            words.login_level_too_low_title,
            words.login_level_too_low,
        ),
        LoginRefusal::BadToken(_) | LoginRefusal::NoNumber | LoginRefusal::Ended => (
            StatusCode::FORBIDDEN,
            words.login_failed_title,
            words.login_failed_text,
        ),
        LoginRefusal::Fault(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            words.login_unavailable_title,
            words.login_unavailable_text,
        ),
    };
    let mut answer = answer(shell, status, title, text)?;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.headers_mut().insert(
            axum::http::header::RETRY_AFTER,
            axum::http::HeaderValue::from_static("30"),
        );
    }
    answer
        .headers_mut()
        .append(SET_COOKIE, cookies::expire_attempt(&shell.site));
    Ok(answer)
}

fn blocked(shell: &Shell) -> Result<Response, PageFault> {
    let words = &shell.texts().people;
    answer(
        shell,
        StatusCode::FORBIDDEN,
        words.blocked_title,
        words.blocked_text,
    )
}

fn answer(
    shell: &Shell,
    status: StatusCode,
    title: &str,
    text: &str,
) -> Result<Response, PageFault> {
    let words = &shell.texts().people;
    let message = Message {
        title,
        text,
        button: words.try_again,
        method: "get",
        action: shell.link(web::LOGIN_PATH),
        return_to: None,
    };
    Ok(page_with_status(status, shell, title, &message)?)
}
