//! How the API says no: problem+json (RFC 9457) with every fault of the input at once.

use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use basics::{Fault, FaultKind, Refusal};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::FieldFault;
use crate::pages::seconds;

/// A refusal or failure in the API's terms. Dutch, and without anything of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub status: StatusCode,
    pub title: &'static str,
    pub detail: String,
    pub errors: Vec<FieldFault>,
    pub retry_after: Option<Duration>,
}

impl Problem {
    /// A problem with the title that goes with its status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            title: title(status),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// 400 with every fault found.
    pub fn bad_input(errors: Vec<FieldFault>) -> Self {
        let detail = match errors.as_slice() {
            [only] => only.detail.clone(),
            all => format!("De invoer bevat {} fouten.", all.len()),
        };
        Self {
            errors,
            ..Self::new(StatusCode::BAD_REQUEST, detail)
        }
    }

    pub fn unauthorised(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Deze bron bestaat niet.")
    }
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }
    /// 500. Whoever calls this has logged why.
    pub fn broken() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Er ging bij ons iets mis. Probeer het later opnieuw.",
        )
    }
    pub fn unavailable(retry_after: Duration) -> Self {
        let detail = "Postbus kan dit verzoek nu niet verwerken. Probeer het later opnieuw.";
        Self {
            retry_after: Some(retry_after),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
        }
    }

    /// The problem of an answer that has no body of ours.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let detail = match status {
            StatusCode::NOT_FOUND => return Self::not_found(),
            StatusCode::SERVICE_UNAVAILABLE => return Self::unavailable(Duration::from_secs(60)),
            status if status.is_server_error() => return Self::broken(),
            StatusCode::METHOD_NOT_ALLOWED => {
                "Deze bron kent deze methode niet; zie de header Allow."
            }
            StatusCode::PAYLOAD_TOO_LARGE => "De inhoud van het verzoek is te groot.",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "Dit Content-Type wordt niet ondersteund.",
            _ => "Het verzoek kan niet worden verwerkt.",
        };
        Self::new(status, detail)
    }
}

/// Logs the fault, here and nowhere else; none of it reaches the caller.
impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        crate::page_fault::log(&fault);
        match fault.kind() {
            FaultKind::Broken | FaultKind::Breached => Self::broken(),
            FaultKind::Unavailable(retry_after) | FaultKind::Uncertain(retry_after) => {
                Self::unavailable(*retry_after)
            }
            FaultKind::Refused(Refusal::NotInStatement) => Self::not_found(),
            FaultKind::Refused(_) => Self::forbidden("Deze verwerking is niet toegestaan."),
        }
    }
}

/// The members of problem+json; also for a problem inside a larger answer.
impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("status", &self.status.as_u16())?;
        members.serialize_entry("title", self.title)?;
        members.serialize_entry("detail", &self.detail)?;
        if !self.errors.is_empty() {
            members.serialize_entry("errors", &self.errors)?;
        }
        members.end()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_string(&self).expect("a problem has text keys only");
        let mut response = (self.status, body).into_response();
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(after) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds(after));
        }
        response
    }
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "Ongeldige invoer",
        StatusCode::UNAUTHORIZED => "Niet aangemeld",
        StatusCode::FORBIDDEN => "Geen toegang",
        StatusCode::NOT_FOUND => "Niet gevonden",
        StatusCode::METHOD_NOT_ALLOWED => "Methode niet toegestaan",
        StatusCode::NOT_ACCEPTABLE => "Niet aanvaardbaar",
        StatusCode::REQUEST_TIMEOUT => "Te langzaam",
        StatusCode::CONFLICT => "Conflict",
        StatusCode::PAYLOAD_TOO_LARGE => "Te groot",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "Type niet ondersteund",
        StatusCode::TOO_MANY_REQUESTS => "Te veel verzoeken",
        StatusCode::SERVICE_UNAVAILABLE => "Tijdelijk niet beschikbaar",
        status if status.is_client_error() => "Ongeldig verzoek",
        _ => "Interne fout",
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn a_problem_tells_every_fault_in_problem_json() {
        let errors = vec![
            FieldFault::body("/onderwerp", "Is verplicht."),
            FieldFault::query("limit", "Ten hoogste 200."),
        ];
        let response = Problem::bad_input(errors).into_response();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let expected = serde_json::json!({
            "status": 400, "title": "Ongeldige invoer", "detail": "De invoer bevat 2 fouten.",
            "errors": [
                {"in": "body", "pointer": "/onderwerp", "detail": "Is verplicht."},
                {"in": "query", "name": "limit", "detail": "Ten hoogste 200."},
            ],
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn a_fault_keeps_its_inside_to_itself() {
        let faults = [
            (Fault::broken("table letters is gone"), 500),
            (Fault::breached("letter 5 did not open"), 500),
            (
                Fault::unavailable("queue of letters full", Duration::from_secs(3)),
                503,
            ),
            (
                Fault::refused(Refusal::NotInStatement, "reading letters"),
                404,
            ),
            (
                Fault::refused(
                    Refusal::Category("letters.body".to_owned()),
                    "reading letters",
                ),
                403,
            ),
        ];
        for (fault, status) in faults {
            let problem = Problem::from(fault);
            assert_eq!(problem.status.as_u16(), status);
            assert!(
                !serde_json::to_string(&problem).unwrap().contains("letter"),
                "{problem:?}"
            );
        }
    }

    #[test]
    fn unavailable_says_when_to_come_back() {
        let response =
            Problem::from(Fault::unavailable("", Duration::from_millis(1500))).into_response();
        assert_eq!(response.headers()[RETRY_AFTER], "1");
    }
}
