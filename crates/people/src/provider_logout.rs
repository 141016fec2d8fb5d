//! Stepping out when the login provider says so (OpenID Connect Back-Channel Logout 1.0): no browser, no session, no page.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use basics::{Activity, Actor, Channel, Fault, SubjectId, Trace};
use serde::Deserialize;
use serde_json::json;
use vault::{Processing, ReadTx, SessionHash, Sql, Subjects, Tx, Value, sql};
use web::Traced;

use crate::oidc::{LogoutNotice, NoticeRefusal};
use crate::sessions::{self, ProviderNames};
use crate::{LOG_OUT_AT_PROVIDER, People};

pub(crate) const PATH: &str = "/uitloggen/door-provider";

/// A logout token is a few hundred bytes.
pub(crate) const LARGEST_FORM: usize = 16 << 10;

/// Keeping that a token was used touches nobody's data.
const KEEP_TOKEN: Activity = Activity("uitlogbericht");

const USE: &Sql = sql!(
    "INSERT INTO logout_tokens (token_hash, until_at) VALUES ($1, $2)
     ON CONFLICT (token_hash) DO NOTHING"
);
const FORGET: &Sql = sql!("DELETE FROM logout_tokens WHERE until_at <= $1");
const END: &Sql = sql!(
    "INSERT INTO ended_at_provider (session_hash, until_at) VALUES ($1, $2)
     ON CONFLICT (session_hash) DO UPDATE SET until_at = excluded.until_at"
);
const ENDED: &Sql =
    sql!("SELECT until_at FROM ended_at_provider WHERE session_hash = $1 AND until_at > $2");
const FORGET_ENDED: &Sql = sql!("DELETE FROM ended_at_provider WHERE until_at <= $1");

#[derive(Deserialize)]
pub(crate) struct Sent {
    logout_token: String,
}

/// Why a notice is not carried out.
#[derive(Debug)]
enum Unheard {
    /// No form with a token.
    NoToken,
    Refused(NoticeRefusal),
    /// The token has been used.
    Again,
    Fault(Fault),
}

impl Unheard {
    fn log(&self, trace: Trace) {
        const WHAT: &str = "a logout by the provider was not carried out";
        match self {
            Self::NoToken => tracing::warn!(%trace, why = "no form with a logout token", "{WHAT}"),
            Self::Refused(NoticeRefusal::BadToken(fault)) => {
                tracing::warn!(%trace, why = ?fault, "{WHAT}: the logout token does not hold");
            }
            Self::Again => {
                tracing::warn!(%trace, why = "the logout token has been used", "{WHAT}");
            }
            Self::Refused(NoticeRefusal::Fault(fault)) | Self::Fault(fault) => {
                web::log_fault(&fault.clone().while_doing(WHAT));
            }
        }
    }
}

impl From<Fault> for Unheard {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// `POST /uitloggen/door-provider`. A session that is not here any more is as good as ended.
pub(crate) async fn hear(
    State(people): State<People>,
    Traced(trace): Traced,
    form: Result<axum::Form<Sent>, FormRejection>,
) -> Response {
    let answer = match form {
        Ok(axum::Form(sent)) => carry_out(&people, &sent.logout_token, trace).await,
        Err(_) => Err(Unheard::NoToken),
    };
    match answer {
        Ok(()) => StatusCode::OK.into_response(),
        Err(why) => {
            why.log(trace);
            why.into_response()
        }
    }
}

async fn carry_out(people: &People, token: &str, trace: Trace) -> Result<(), Unheard> {
    let vault = &people.0.vault;
    let read = people.0.provider.read_logout(token).await;
    let notice = read.map_err(Unheard::Refused)?;
    let named = names(people, notice.session.as_deref(), notice.subject.as_deref());
    let mut once = Some(Once::of(people, &notice, named));
    let mut found = whose(people, named, trace).await?;
    if found.is_none()
        && let Some(once) = once.take()
    {
        let upkeep = Processing::upkeep(KEEP_TOKEN, trace);
        vault.write(upkeep, move |tx| once.spend(tx)).await?;
        // A login that was kept in between has not seen it.
        found = whose(people, named, trace).await?;
    }
    match found {
        Some(subject) => end(people, subject, named, once, trace).await,
        None => Ok(()),
    }
}

async fn end(
    people: &People,
    subject: SubjectId,
    named: ProviderNames,
    once: Option<Once>,
    trace: Trace,
) -> Result<(), Unheard> {
    let vault = &people.0.vault;
    let rule = *vault.register().session();
    let processing = Processing::of(
        LOG_OUT_AT_PROVIDER,
        Actor::System,
        Subjects::One(subject),
        Channel::Api,
        trace,
    );
    vault
        .write(processing, move |tx| {
            once.map_or(Ok(()), |once| once.spend(tx))?;
            Ok(sessions::end_named(tx, named, &rule)?)
        })
        .await
}

/// Whom a name of the provider's finds: the narrowest that was given.
async fn whose(
    people: &People,
    named: ProviderNames,
    trace: Trace,
) -> Result<Option<SubjectId>, Fault> {
    let Some(hash) = named.session.or(named.subject) else {
        return Ok(None);
    };
    people
        .0
        .vault
        .session(hash, Channel::Internal, trace, |_, subject| Ok(subject))
        .await
}

/// The provider's names for a session and its person, as they are kept: they find it and say nothing.
pub(crate) fn names(
    people: &People,
    session: Option<&str>,
    subject: Option<&str>,
) -> ProviderNames {
    let issuer = people.0.provider.issuer();
    let hash = |purpose, name: &str| {
        let whole = format!("{issuer}\n{name}");
        SessionHash(people.0.vault.keyed_hash(purpose, whole.as_bytes()))
    };
    ProviderNames {
        session: session.map(|name| hash("provider-session", name)),
        subject: subject.map(|name| hash("provider-subject", name)),
    }
}

/// Ends a session that was opened while the provider's notice that it is over came by, on a server by another writer: each is
/// committed before it looks for the other, so one of them finds it. Answers whether that was so.
pub(crate) async fn end_if_over(
    people: &People,
    names: ProviderNames,
    trace: Trace,
) -> Result<bool, Fault> {
    let upkeep = Processing::upkeep(KEEP_TOKEN, trace);
    let vault = &people.0.vault;
    if names.session.is_none() || !vault.read(upkeep, move |tx| has_ended(tx, names)).await? {
        return Ok(false);
    }
    if let Some(subject) = whose(people, names, trace).await? {
        let ended = end(people, subject, names, None, trace).await;
        ended.map_err(|why| match why {
            Unheard::Fault(fault) => fault,
            _ => Fault::broken("a logout without a token was refused for its token"),
        })?;
    }
    Ok(true)
}

/// Whether the provider has ended the session with which somebody comes in.
pub(crate) fn has_ended(tx: &mut ReadTx<'_>, names: ProviderNames) -> Result<bool, Fault> {
    let Some(session) = names.session else {
        return Ok(false);
    };
    let params = [Value::blob(session.0), tx.now().into()];
    Ok(tx.query_opt(ENDED, &params, |_| Ok(()))?.is_some())
}

/// A token's mark and the session it ends, kept until the token would be refused for its age.
#[derive(Clone, Copy)]
struct Once {
    hash: [u8; 32],
    session: Option<SessionHash>,
    until: basics::Moment,
}

impl Once {
    fn of(people: &People, notice: &LogoutNotice, named: ProviderNames) -> Self {
        let hash = people
            .0
            .vault
            .keyed_hash("logout-jti", notice.token_id.as_bytes());
        Self {
            hash,
            session: named.session,
            until: notice.until,
        }
    }

    fn spend(self, tx: &mut Tx<'_>) -> Result<(), Unheard> {
        tx.run(FORGET, &[tx.now().into()])?;
        tx.run(FORGET_ENDED, &[tx.now().into()])?;
        if tx.run(USE, &[Value::blob(self.hash), self.until.into()])? == 0 {
            return Err(Unheard::Again);
        }
        if let Some(session) = self.session {
            tx.run(END, &[Value::blob(session.0), self.until.into()])?;
        }
        Ok(())
    }
}

/// §2.8: 400 for what is wrong with the notice. What is our own, or the provider's keys that cannot be had, is 503:
/// then nothing was judged and the same notice may come again.
impl IntoResponse for Unheard {
    fn into_response(self) -> Response {
        match self {
            Self::NoToken | Self::Refused(NoticeRefusal::BadToken(_)) | Self::Again => (
                StatusCode::BAD_REQUEST,
                Json(json!({ "error": "invalid_request" })),
            )
                .into_response(),
            Self::Refused(NoticeRefusal::Fault(_)) | Self::Fault(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                [(RETRY_AFTER, HeaderValue::from_static("30"))],
                Json(json!({ "error": "temporarily_unavailable" })),
            )
                .into_response(),
        }
    }
}
