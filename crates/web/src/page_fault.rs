//! How a page says no: one small kind, turned by the layer `pages` into a page in the visitor's language.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use basics::{Fault, FaultKind, Refusal};
use language::Texts;

/// What went wrong, as far as a visitor should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageFault {
    /// What came in cannot be read: 400.
    BadRequest,
    /// 403.
    Forbidden,
    /// The form does not come from a page of this session: 403.
    Expired,
    /// 404.
    NotFound,
    /// 413.
    TooLarge,
    /// 500.
    Broken,
    /// 503 with Retry-After.
    Unavailable(Duration),
}

impl PageFault {
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => Self::Forbidden,
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::GONE => {
                Self::NotFound
            }
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable(Duration::from_secs(60)),
            status if status.is_client_error() => Self::BadRequest,
            _ => Self::Broken,
        }
    }

    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Forbidden | Self::Expired => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether the visitor can do nothing about it and may need a reference for the helpdesk.
    pub(crate) const fn is_ours(self) -> bool {
        matches!(self, Self::Broken | Self::Unavailable(_))
    }

    /// Title and explanation.
    pub(crate) const fn words(self, texts: &'static Texts) -> (&'static str, &'static str) {
        let words = &texts.web;
        match self {
            Self::BadRequest => (words.bad_request_title, words.bad_request),
            Self::Forbidden => (words.forbidden_title, words.forbidden),
            Self::Expired => (words.expired_title, words.expired),
            Self::NotFound => (words.not_found_title, words.not_found),
            Self::TooLarge => (words.too_large_title, words.too_large),
            Self::Broken => (words.broken_title, words.broken),
            Self::Unavailable(_) => (words.unavailable_title, words.unavailable),
        }
    }

    /// What else a visitor should know: why nothing can be read when nothing can be recorded.
    pub(crate) const fn more(self, texts: &'static Texts) -> Option<&'static str> {
        match self {
            Self::Unavailable(_) => Some(texts.web.unavailable_reading),
            _ => None,
        }
    }
}

/// Logs the fault, here and nowhere else; none of it reaches the page.
impl From<Fault> for PageFault {
    fn from(fault: Fault) -> Self {
        log(&fault);
        match fault.kind() {
            FaultKind::Broken | FaultKind::Breached => Self::Broken,
            FaultKind::Unavailable(retry_after) | FaultKind::Uncertain(retry_after) => {
                Self::Unavailable(*retry_after)
            }
            FaultKind::Refused(Refusal::NotInStatement) => Self::NotFound,
            FaultKind::Refused(_) => Self::Forbidden,
        }
    }
}

/// One line for a fault that ends a request, unless it was told where it arose; the span of the request adds its trace.
pub fn log(fault: &Fault) {
    if fault.is_told() {
        return tracing::debug!("{fault}");
    }
    match fault.kind() {
        FaultKind::Breached => tracing::error!(security_event = true, "{fault}"),
        FaultKind::Broken => tracing::error!("{fault}"),
        FaultKind::Unavailable(_) | FaultKind::Uncertain(_) | FaultKind::Refused(_) => {
            tracing::warn!("{fault}")
        }
    }
}

/// Bare: the layer `pages` finds the fault on the answer and writes the page.
impl IntoResponse for PageFault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
