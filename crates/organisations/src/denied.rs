//! How a call with a bearer token is refused: a problem, and the challenge that goes with it (RFC 6750 §3).

use axum::http::HeaderValue;
use axum::http::header::WWW_AUTHENTICATE;
use axum::response::{IntoResponse, Response};
use basics::Fault;
use web::Problem;

use crate::Scope;

/// A refusal of an API call. Any [`Problem`] is one; only what lies in the token carries a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    pub problem: Problem,
    challenge: Option<&'static str>,
}

impl Denied {
    /// No token: the challenge says no more than how to come back.
    pub(crate) fn without_token() -> Self {
        Self {
            problem: Problem::unauthorised("Stuur een token mee in de header Authorization."),
            challenge: Some("Bearer"),
        }
    }

    /// A token that is not ours, or is over.
    pub(crate) fn bad_token() -> Self {
        Self {
            problem: Problem::unauthorised(
                "Het token is ongeldig of verlopen. Vraag een nieuw token aan.",
            ),
            challenge: Some(r#"Bearer error="invalid_token""#),
        }
    }

    /// A good token for another part of the API.
    pub(crate) fn without_scope(scope: Scope) -> Self {
        let challenge = match scope {
            Scope::Deliver => r#"Bearer error="insufficient_scope", scope="aanleveren""#,
            Scope::Status => r#"Bearer error="insufficient_scope", scope="afleverstatus""#,
            Scope::Log => r#"Bearer error="insufficient_scope", scope="verwerkingslog""#,
        };
        let detail = format!(
            "Het token is niet uitgegeven voor de scope {}.",
            scope.name()
        );
        Self {
            problem: Problem::forbidden(detail),
            challenge: Some(challenge),
        }
    }
}

impl From<Problem> for Denied {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            challenge: None,
        }
    }
}

impl From<Fault> for Denied {
    fn from(fault: Fault) -> Self {
        Problem::from(fault).into()
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let mut response = self.problem.into_response();
        if let Some(challenge) = self.challenge {
            let challenge = HeaderValue::from_static(challenge);
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
