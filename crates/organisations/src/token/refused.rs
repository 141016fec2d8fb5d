//! How the token endpoint says no (RFC 6749 §5.2).

use std::time::Duration;

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use basics::Fault;
use serde_json::json;
use web::Problem;

use crate::assertion::Unproven;

/// A refusal in the form of RFC 6749 §5.2. The description is Dutch in ASCII, as the RFC wants.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    error: &'static str,
    description: String,
    retry_after: Option<Duration>,
}

impl Refused {
    pub(super) fn bad(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            description: description.into(),
            retry_after: None,
        }
    }
    pub(super) fn request(description: impl Into<String>) -> Self {
        Self::bad("invalid_request", description)
    }
    pub(super) fn client(description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            ..Self::bad("invalid_client", description)
        }
    }
}

impl From<Unproven> for Refused {
    fn from(why: Unproven) -> Self {
        Self::client(match why {
            Unproven::Unreadable => {
                "client_assertion is geen leesbaar JWT met iss, sub, aud, exp en jti."
            }
            Unproven::Algorithm => "Onderteken client_assertion met ES256 of PS256.",
            Unproven::Signature => {
                "client_assertion is niet ondertekend met een sleutel van een aangesloten organisatie."
            }
            Unproven::Issuer => "iss en sub van client_assertion moeten allebei het OIN zijn.",
            Unproven::Audience => "aud van client_assertion moet het adres van dit tokenpunt zijn.",
            Unproven::Time => {
                "client_assertion is verlopen, nog niet geldig of langer dan 5 minuten geldig."
            }
            Unproven::Jti => "jti van client_assertion moet 1 tot en met 255 tekens lang zijn.",
        })
    }
}

/// What the reading of a body refuses, and what is ours.
impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let error = match problem.status {
            status if status.is_client_error() => "invalid_request",
            StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
            _ => "server_error",
        };
        Self {
            status: problem.status,
            error,
            description: problem.detail,
            retry_after: problem.retry_after,
        }
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Problem::from(fault).into()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut response = (self.status, Json(body)).into_response();
        if let Some(after) = self.retry_after {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        response
    }
}
