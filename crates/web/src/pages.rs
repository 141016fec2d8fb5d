//! The layers around all pages of an installation: its site, safe headers, forms from here only, error pages.

use std::any::Any;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ORIGIN, REFERER, REFERRER_POLICY,
    RETRY_AFTER, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use basics::Trace;
use tower_http::catch_panic::CatchPanicLayer;

use crate::shell::LeadsToLogin;
use crate::{LocalPath, MaybeVisitor, PageFault, Shell, Site, page_with_status};

pub(crate) const YEAR_OF_HTTPS: HeaderValue =
    HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// Puts the layers of a site around its pages. Goes around the layer that finds the session, inside [`crate::trace`].
pub fn pages(router: Router, site: Site) -> Router {
    router
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(site.clone(), forms_from_here))
        .layer(from_fn_with_state(site.clone(), error_pages))
        .layer(from_fn_with_state(site, headers))
}

/// The fallback of a site's pages.
pub async fn not_found() -> PageFault {
    PageFault::NotFound
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    // What it said is with the panic hook; it may hold anything, so it stays out of the log of requests.
    tracing::error!("a handler panicked");
    PageFault::Broken.into_response()
}

async fn headers(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(site.clone());
    let mut response = next.run(request).await;
    let leads_to_login = response.extensions().get::<LeadsToLogin>().is_some();
    let headers = response.headers_mut();
    let fixed = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(
        CONTENT_SECURITY_POLICY,
        content_policy(&site, leads_to_login),
    );
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if site.https() {
        headers.insert(STRICT_TRANSPORT_SECURITY, YEAR_OF_HTTPS);
    }
    response
}

/// No script, no frame, no foreign content. A form that logs in or out may end at the login provider: a redirect after POST
/// counts.
fn content_policy(site: &Site, leads_to_login: bool) -> HeaderValue {
    let login = site
        .login_origin()
        .filter(|_| leads_to_login)
        .map(|origin| format!(" {origin}"))
        .unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'{login}; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).expect("an origin that was parsed as a URL is visible ASCII")
}

async fn forms_from_here(State(site): State<Site>, request: Request, next: Next) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if safe || came_from_here(&site, request.headers()) {
        next.run(request).await
    } else {
        PageFault::Expired.into_response()
    }
}

/// Whether the browser says that this request comes from a page of ours. Both headers are set by the browser alone;
/// each that is there must agree, and one must be there.
fn came_from_here(site: &Site, headers: &HeaderMap) -> bool {
    let origin = headers
        .get(ORIGIN)
        .map(|origin| origin.as_bytes() == site.origin().as_bytes());
    let fetch_site = headers
        .get("sec-fetch-site")
        .map(|from| from.as_bytes() == b"same-origin");
    matches!(
        (origin, fetch_site),
        (Some(true), Some(true) | None) | (None, Some(true))
    )
}

/// Writes the page for whatever ended in a fault, ours or the router's own.
async fn error_pages(State(site): State<Site>, request: Request, next: Next) -> Response {
    let trace = request.extensions().get::<Trace>().copied();
    let uri = request.uri().clone();
    let asked = request.headers().clone();
    let is_read = request.method() == Method::GET;
    let response = next.run(request).await;

    let status = response.status();
    let fault = response.extensions().get::<PageFault>().copied();
    let bare = status.is_client_error() || status.is_server_error();
    let written = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain"));
    let fault = match fault {
        Some(fault) => fault,
        None if bare && !written => PageFault::of_status(status),
        None => return response,
    };
    let visitor = response
        .extensions()
        .get::<MaybeVisitor>()
        .and_then(|maybe| maybe.0.clone());
    let again = way_on(fault, is_read, &site, &uri, &asked);
    let shell = Shell::of(site, &uri, &asked, visitor);
    let mut page = fault_page(fault, status, &shell, trace, again.as_ref());
    // What the answer was to do besides, such as ending a cookie, still holds.
    for (name, value) in response.headers() {
        if *name == ALLOW || name.as_str() == "set-cookie" || name.as_str() == "clear-site-data" {
            page.headers_mut().append(name.clone(), value.clone());
        }
    }
    page
}

/// Where a visitor can go on: the same page once more when the fault was ours, the page of the form when what it sent
/// could not be taken.
fn way_on(
    fault: PageFault,
    is_read: bool,
    site: &Site,
    uri: &Uri,
    asked: &HeaderMap,
) -> Option<LocalPath> {
    if is_read {
        let here = uri.path_and_query().filter(|_| fault.is_ours());
        return here.and_then(|path| LocalPath::parse(path.as_str()));
    }
    let from = asked.get(REFERER)?.to_str().ok()?;
    LocalPath::parse(from.strip_prefix(site.origin())?)
}

fn fault_page(
    fault: PageFault,
    status: StatusCode,
    shell: &Shell,
    trace: Option<Trace>,
    again: Option<&LocalPath>,
) -> Response {
    let texts = shell.texts();
    let (title, explanation) = fault.words(texts);
    let reference = trace
        .filter(|_| fault.is_ours())
        .map(|trace| texts.web.reference(trace));
    let main = ErrorMain {
        title,
        explanation,
        more: fault.more(texts),
        reference: reference.as_deref(),
        again: again.map(LocalPath::as_str),
        try_again: texts.web.try_again,
        home: &shell.link("/"),
        go_home: texts.web.go_home,
    };
    let mut response = page_with_status(status, shell, title, &main).unwrap_or_else(|fault| {
        crate::page_fault::log(&fault);
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    });
    if let PageFault::Unavailable(after) = fault {
        response.headers_mut().insert(RETRY_AFTER, seconds(after));
    }
    response
}

/// A Retry-After of whole seconds, at least one.
pub(crate) fn seconds(span: Duration) -> HeaderValue {
    HeaderValue::from(span.as_secs().max(1))
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorMain<'a> {
    title: &'a str,
    explanation: &'a str,
    more: Option<&'a str>,
    reference: Option<&'a str>,
    again: Option<&'a str>,
    try_again: &'a str,
    home: &'a str,
    go_home: &'a str,
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http;
    use axum::routing::{get, post};
    use basics::{Fault, Ids};
    use tower::ServiceExt;

    use super::*;
    use crate::shell::tests::visitor;
    use crate::site::tests::facts;
    use crate::{Cookies, SiteFacts, Visitor};

    async fn answer(site: SiteFacts, request: http::request::Builder) -> (Response, String) {
        let rooms = Router::new()
            .route("/", get(|| async { "welkom" }))
            .route(
                "/kapot",
                get(async || -> Result<(), PageFault> {
                    Err(Fault::broken("table letters is gone").into())
                }),
            )
            .route(
                "/druk",
                get(async || -> Result<(), PageFault> {
                    Err(PageFault::Unavailable(Duration::from_secs(9)))
                }),
            )
            .route(
                "/stuk",
                get(async || -> Response { panic!("the letters of the room") }),
            )
            .route("/naar", post(async || "gedaan"))
            .fallback(not_found)
            .layer(axum::middleware::from_fn(async |request, next| {
                visitor().carry(request, next).await
            }));
        let router = crate::trace(
            pages(rooms, Site::new(site).unwrap()),
            Ids::seeded(3),
            basics::Clock::system(),
        );
        let mut response = router
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let body = to_bytes(std::mem::take(response.body_mut()), usize::MAX)
            .await
            .unwrap();
        (response, String::from_utf8(body.to_vec()).unwrap())
    }

    #[test]
    fn a_fault_shows_the_way_on_and_only_on_this_site() {
        let site = Site::new(facts()).unwrap();
        let on = |fault, is_read, from: &str| {
            let mut asked = HeaderMap::new();
            asked.insert(REFERER, from.parse().unwrap());
            way_on(
                fault,
                is_read,
                &site,
                &"/kapot?a=1".parse().unwrap(),
                &asked,
            )
            .map(|path| path.to_string())
        };
        let ours = "https://post.example.nl/berichten?voor=2";
        let there = Some("/berichten?voor=2".to_owned());
        assert_eq!(
            on(PageFault::Broken, true, ours),
            Some("/kapot?a=1".to_owned())
        );
        assert_eq!(on(PageFault::NotFound, true, ours), None);
        assert_eq!(on(PageFault::Expired, false, ours), there);
        assert_eq!(
            on(PageFault::Expired, false, "https://evil.example/berichten"),
            None
        );
        assert_eq!(
            on(
                PageFault::Expired,
                false,
                "https://post.example.nl.evil.example/"
            ),
            None
        );
    }

    #[tokio::test]
    async fn pages_carry_safe_headers_errors_too() {
        for path in ["/", "/nergens", "/kapot", "/stuk"] {
            let (response, body) = answer(facts(), http::Request::get(path)).await;
            let headers = response.headers();
            let policy = headers["content-security-policy"].to_str().unwrap();
            assert!(
                policy.starts_with("default-src 'none';") && !policy.contains("unsafe"),
                "{policy}"
            );
            // Only where a form logs in or out: what panicked knows no visitor.
            let login = if body.contains("/uitloggen") {
                " https://login.example.nl"
            } else {
                ""
            };
            assert_eq!(login.is_empty(), path == "/stuk" || path == "/", "{body}");
            assert!(
                policy.contains(&format!(
                    "form-action 'self'{login}; frame-ancestors 'none'"
                )),
                "{policy}"
            );
            assert_eq!(headers["cache-control"], "no-store");
            assert_eq!(headers["referrer-policy"], "same-origin");
            assert_eq!(headers["x-content-type-options"], "nosniff");
            assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
            assert!(
                headers["strict-transport-security"]
                    .to_str()
                    .unwrap()
                    .starts_with("max-age=31536000")
            );
        }
        let plain = SiteFacts {
            base_url: "http://localhost:8080".to_owned(),
            cookies: Cookies::PlainLoopback,
            ..facts()
        };
        assert!(
            !answer(plain, http::Request::get("/"))
                .await
                .0
                .headers()
                .contains_key("strict-transport-security")
        );
    }

    #[tokio::test]
    async fn a_fault_becomes_a_page_that_tells_nothing_of_the_inside() {
        for (path, status) in [
            ("/kapot", 500),
            ("/stuk", 500),
            ("/druk", 503),
            ("/nergens", 404),
            ("/naar", 405),
        ] {
            let (response, body) = answer(
                facts(),
                http::Request::get(path).header("accept-language", "en"),
            )
            .await;
            assert_eq!(response.status(), status, "{path}");
            assert!(
                body.contains("<html lang=\"en\">")
                    && body.contains("<h1")
                    && !body.contains("letters"),
                "{body}"
            );
            // A panic unwinds past the layer that knows the visitor.
            assert_eq!(body.contains("/uitloggen"), path != "/stuk");
            assert_eq!(body.contains("reference:"), status >= 500);
            assert_eq!(
                response
                    .headers()
                    .get("retry-after")
                    .is_some_and(|after| after == "9"),
                status == 503
            );
            assert_eq!(response.headers().contains_key("allow"), status == 405);
        }
    }

    #[tokio::test]
    async fn a_form_from_elsewhere_is_refused() {
        let ours = "https://post.example.nl";
        let cases: [(&[(&str, &str)], u16); 8] = [
            (&[("origin", ours)], 200),
            (&[("sec-fetch-site", "same-origin")], 200),
            (&[("origin", ours), ("sec-fetch-site", "same-origin")], 200),
            (&[("origin", ours), ("sec-fetch-site", "cross-site")], 403),
            (
                &[
                    ("origin", "https://evil.example"),
                    ("sec-fetch-site", "same-origin"),
                ],
                403,
            ),
            (&[("origin", "null")], 403),
            (&[("sec-fetch-site", "none")], 403),
            (&[], 403),
        ];
        for (headers, status) in cases {
            let request = headers
                .iter()
                .fold(http::Request::post("/naar"), |request, (name, value)| {
                    request.header(*name, *value)
                });
            let (response, body) = answer(facts(), request).await;
            assert_eq!(response.status(), status, "{headers:?}");
            assert_eq!(body.contains("gedaan"), status == 200);
        }
    }

    #[tokio::test]
    async fn an_error_page_after_leaving_shows_nobody() {
        let router =
            Router::new().route("/", get(|| async { PageFault::Forbidden.into_response() }));
        let router = pages(router, Site::new(facts()).unwrap());
        let mut request = http::Request::get("/").body(Body::empty()).unwrap();
        request.extensions_mut().insert::<Visitor>(visitor());
        let response = router.oneshot(request).await.unwrap();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert!(
            !String::from_utf8(body.to_vec())
                .unwrap()
                .contains("/uitloggen")
        );
    }
}
