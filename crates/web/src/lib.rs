//! Pages and API plumbing for rooms: `site.rs` the installation, `shell.rs` around every page, `visitor.rs` who looks, `session_end.rs` until when,
//! `choice.rs` in which language, `client.rs` and `proxies.rs` from where, `trace.rs` one trace and log line a request, `pages.rs` and `api.rs` the layers of
//! either side, `page_fault.rs` and `problem.rs` how they say no, `fields.rs`, `form.rs` and
//! `asked.rs` what comes in.

mod api;
mod app_notice;
mod asked;
mod assets;
mod body;
mod choice;
mod client;
mod field_fault;
mod field_rules;
pub mod fields;
mod form;
mod local_path;
mod page_fault;
mod pages;
mod problem;
mod proxies;
mod session_end;
mod shell;
mod site;
mod trace;
mod visitor;

pub use api::{accepts, api, content_type, unknown_resource};
pub use app_notice::{APP_NOTICE_GONE, APP_NOTICE_PATH};
pub use asked::Asked;
pub use assets::assets;
pub use body::{Budget, Held, Limits, read_body};
pub use choice::ChosenLanguage;
pub use client::{Client, Peer};
pub use field_fault::{FieldFault, Place};
pub use fields::Fields;
pub use form::Form;
pub use language::{Language, texts};
pub use local_path::LocalPath;
pub use page_fault::{PageFault, log as log_fault};
pub use pages::{not_found, pages};
pub use problem::Problem;
pub use proxies::{ForwardedHeader, Proxies};
pub use session_end::{STAY_PATH, SessionEnd};
pub use shell::{Shell, page, page_with_status, paper};
pub use site::{
    AppFacts, Cookies, LOGIN_COOKIE, NavItem, SESSION_COOKIE, Site, SiteFacts, origin_of,
};
pub use trace::{CalledBy, Traced, trace};
pub use visitor::{CSRF_FIELD, LOGIN_PATH, MaybeVisitor, Visitor};

// The build's own cutter, here for its tests.
#[cfg(test)]
#[path = "../build/cut.rs"]
#[allow(dead_code, reason = "the build uses all of it")]
mod cut;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// A route was joined without a layer it needs: our own mistake.
#[derive(Debug)]
pub struct Unjoined(pub(crate) &'static str);

impl IntoResponse for Unjoined {
    fn into_response(self) -> Response {
        tracing::error!("a route is joined without the layer {}", self.0);
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
