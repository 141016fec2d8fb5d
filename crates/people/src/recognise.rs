//! The layer that knows a session by its cookie and puts the visitor on the request.

use axum::extract::{Request, State};
use axum::http::header::SET_COOKIE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use basics::{Channel, Fault, SubjectId, Trace};
use vault::SessionHash;
use web::{PageFault, Traced, Visitor};

use crate::sessions::{self, Ended, Liveness, SessionSecret};
use crate::{People, cookies};

/// Resolves the session of a request, if it brings one. A session that is over is ended, and its cookie taken back.
pub async fn recognise(
    State(people): State<People>,
    Traced(trace): Traced,
    request: Request,
    next: Next,
) -> Response {
    let site = &people.0.site;
    let Some(secret) = cookies::session_secret(site, request.headers()) else {
        return next.run(request).await;
    };
    match visitor(&people, &secret, trace).await {
        Ok(Some(visitor)) => visitor.carry(request, next).await,
        Ok(None) => {
            let mut response = next.run(request).await;
            // A login in this very request has set a new one.
            if !response.headers().contains_key(SET_COOKIE) {
                response
                    .headers_mut()
                    .append(SET_COOKIE, cookies::expire_session(site));
            }
            response
        }
        Err(fault) => PageFault::from(fault).into_response(),
    }
}

async fn visitor(
    people: &People,
    secret: &SessionSecret,
    trace: Trace,
) -> Result<Option<Visitor>, Fault> {
    let vault = &people.0.vault;
    let hash = secret.hash();
    let found = vault
        .session(hash, Channel::Web, trace, move |tx, subject| {
            Ok::<_, Fault>(sessions::find(tx, &hash)?.map(|session| (subject, session)))
        })
        .await?;
    let Some((subject, session)) = found.flatten() else {
        return Ok(None);
    };
    let (rule, now) = (vault.register().session(), vault.clock().now());
    let mut session = session;
    match session.liveness(rule, now) {
        Liveness::Alive => {}
        Liveness::Unseen => {
            session.see(now);
            vault
                .touch_session(hash, Channel::Web, trace, move |tx, _| {
                    sessions::see(tx, session.id)
                })
                .await
                .map(drop)?;
        }
        Liveness::Over(at) => {
            let end = move |tx: &mut vault::Tx<'_>, _: SubjectId| {
                sessions::end(tx, session.id, &hash, at, Ended::Expired)
            };
            vault
                .touch_session(hash, Channel::Web, trace, end)
                .await
                .map(drop)?;
            return Ok(None);
        }
    }
    Ok(Some(Visitor {
        subject,
        session: session.id.uuid(),
        csrf: csrf(people, &hash),
        ends: session.ending(rule, now),
    }))
}

/// The forms' token is derived from the session, so that it needs no place of its own.
fn csrf(people: &People, hash: &SessionHash) -> String {
    hex::encode(people.0.vault.keyed_hash("csrf", &hash.0))
}
