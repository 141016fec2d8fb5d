//! The layers around an API: headers on every answer, problem+json for every refusal, and what callers may send and ask.

use std::any::Any;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use crate::Problem;
use crate::pages::YEAR_OF_HTTPS;

/// Puts the layers of an API around its routes. `version` is the whole one, such as `1.0.0`. An answer may set a
/// Cache-Control of its own; the other headers are always these.
pub fn api(router: Router, version: &'static str) -> Router {
    router
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(problems))
        .layer(from_fn_with_state(version, headers))
}

/// The fallback of an API.
pub async fn unknown_resource() -> Problem {
    Problem::not_found()
}

/// 406 unless the caller takes this media type.
pub fn accepts(headers: &HeaderMap, media_type: &str) -> Result<(), Problem> {
    let mut ranges = headers
        .get_all(ACCEPT)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .peekable();
    let group = media_type.split('/').next().unwrap_or_default();
    let takes = |range: &str| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let none = parts.any(|part| {
            part.strip_prefix("q=")
                .is_some_and(|weight| weight.parse() == Ok(0.0))
        });
        !none && (name == "*/*" || name == media_type || name.strip_suffix("/*") == Some(group))
    };
    if ranges.peek().is_none() || ranges.any(takes) {
        Ok(())
    } else {
        Err(Problem::new(
            StatusCode::NOT_ACCEPTABLE,
            format!("Deze bron antwoordt met {media_type}; de header Accept laat dat niet toe."),
        ))
    }
}

/// 415 unless the body is said to be of this media type. Parameters such as `charset=utf-8` are let pass.
pub fn content_type(headers: &HeaderMap, media_type: &str) -> Result<(), Problem> {
    let given = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if given
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case(media_type)
    {
        Ok(())
    } else {
        Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("Stuur de inhoud met Content-Type {media_type}."),
        ))
    }
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    // What it said is with the panic hook; it may hold anything, so it stays out of the log of requests.
    tracing::error!("a handler panicked");
    Problem::broken().into_response()
}

async fn headers(State(version): State<&'static str>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (HeaderName::from_static("api-version"), version),
        (CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(STRICT_TRANSPORT_SECURITY, YEAR_OF_HTTPS);
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Gives a refusal of the router itself (no such path, no such method, a broken query) the form of every other.
async fn problems(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let json = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().ends_with(b"json"));
    if json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let status = if status == StatusCode::UNPROCESSABLE_ENTITY {
        StatusCode::BAD_REQUEST
    } else {
        status
    };
    let mut problem = Problem::of_status(status).into_response();
    if let Some(allow) = response.headers().get(ALLOW) {
        problem.headers_mut().insert(ALLOW, allow.clone());
    }
    problem
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::extract::Json;
    use axum::http;
    use axum::routing::{get, post};
    use tower::ServiceExt;

    use super::*;

    async fn answer(method: &str, path: &str) -> Response {
        let router = Router::new()
            .route("/berichten", get(|| async { "{}" }))
            .route(
                "/kapot",
                get(async || -> Response { panic!("the secret of the room") }),
            )
            .route("/streng", post(|_: Json<bool>| async {}))
            .fallback(unknown_resource);
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header(CONTENT_TYPE, "application/json")
            .body(Body::from("{}"));
        api(router, "1.0.0")
            .oneshot(request.unwrap())
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn every_answer_carries_the_headers_of_the_design_rules() {
        for (method, path) in [
            ("GET", "/berichten"),
            ("GET", "/nergens"),
            ("DELETE", "/berichten"),
            ("GET", "/kapot"),
        ] {
            let response = answer(method, path).await;
            let headers = response.headers();
            assert_eq!(headers["api-version"], "1.0.0", "{path}");
            assert_eq!(headers["cache-control"], "no-store");
            assert_eq!(headers["content-security-policy"], "frame-ancestors 'none'");
            assert_eq!(headers["x-content-type-options"], "nosniff");
            assert_eq!(headers["x-frame-options"], "DENY");
            assert!(headers.contains_key("strict-transport-security"));
        }
    }

    #[tokio::test]
    async fn every_refusal_is_problem_json() {
        for (method, path, status) in [
            ("GET", "/nergens", 404),
            ("DELETE", "/berichten", 405),
            ("GET", "/kapot", 500),
            ("POST", "/streng", 400),
        ] {
            let response = answer(method, path).await;
            assert_eq!(response.status(), status, "{path}");
            assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
            assert_eq!(response.headers().contains_key(ALLOW), status == 405);
            let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["status"], status);
            assert!(!body.to_string().contains("secret"));
        }
    }

    #[test]
    fn a_caller_says_what_it_takes_and_sends() {
        let headers = |name: HeaderName, value: &str| {
            HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
        };
        for fine in ["*/*", "application/*;q=0.2", "text/html, Application/JSON"] {
            assert!(
                accepts(&headers(ACCEPT, fine), "application/json").is_ok(),
                "{fine}"
            );
        }
        assert!(accepts(&HeaderMap::new(), "application/json").is_ok());
        for other in ["text/html", "application/json;q=0", "application/xml"] {
            assert_eq!(
                accepts(&headers(ACCEPT, other), "application/json")
                    .unwrap_err()
                    .status,
                406,
                "{other}"
            );
        }
        assert!(
            content_type(
                &headers(CONTENT_TYPE, "application/json; charset=utf-8"),
                "application/json"
            )
            .is_ok()
        );
        assert_eq!(
            content_type(
                &headers(CONTENT_TYPE, "application/jsonx"),
                "application/json"
            )
            .unwrap_err()
            .status,
            415
        );
        assert!(content_type(&HeaderMap::new(), "application/json").is_err());
    }
}
