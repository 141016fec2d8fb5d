//! What every page of the provider shares: headers, plain messages, the style sheet.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    title: &'a str,
    text: &'a str,
    can_leave: bool,
}

/// A page. A form on it may lead on to `leads_to`, since a redirect after a POST counts as the form's target.
pub fn show(page: impl Template, leads_to: Option<&str>) -> Response {
    let html = match page.render() {
        Ok(html) => html,
        Err(fault) => {
            tracing::error!("writing a page of the demonstration provider: {fault}");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let origin = leads_to.and_then(origin_of).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' {origin}"
    );
    let mut response = uncached(Html(html).into_response());
    if let Ok(policy) = HeaderValue::from_str(policy.trim_end()) {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response.headers_mut().insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response.headers_mut().insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    response
}

/// A page that says what is wrong with a request that cannot be sent back to its client.
pub fn error(text: &str) -> Response {
    let page = Message {
        title: "Inloggen lukt niet",
        text,
        can_leave: false,
    };
    (StatusCode::BAD_REQUEST, show(page, None)).into_response()
}

pub fn logged_out() -> Response {
    let text = "U bent uitgelogd. U kunt dit venster sluiten.";
    show(
        Message {
            title: "Uitgelogd",
            text,
            can_leave: false,
        },
        None,
    )
}

pub async fn welcome() -> Response {
    let text = "Hier kunt u inloggen als iemand anders om de demonstratie te bekijken. Begin op de website waar u wilt inloggen.";
    show(
        Message {
            title: "Inlogdienst voor de demonstratie",
            text,
            can_leave: true,
        },
        None,
    )
}

pub async fn not_found() -> Response {
    let text = "Deze pagina bestaat niet. Ga terug naar de website waar u wilt inloggen.";
    let page = Message {
        title: "Pagina niet gevonden",
        text,
        can_leave: false,
    };
    (StatusCode::NOT_FOUND, show(page, None)).into_response()
}

pub async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("stijl.css"),
    )
}

pub fn uncached(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn origin_of(url: &str) -> Option<String> {
    let url: Uri = url.parse().ok()?;
    Some(format!("{}://{}", url.scheme_str()?, url.authority()?))
}
