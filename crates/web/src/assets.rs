//! The stylesheet and the logo, under names that change when they do, so that a browser may keep them for a year.

use axum::Router;
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::IntoResponse;
use axum::routing::get;

pub(crate) const STYLES_PATH: &str =
    concat!("/assets/postbus.", env!("POSTBUS_STYLES_HASH"), ".css");
pub(crate) const LOGO_PATH: &str = concat!("/assets/postbus.", env!("POSTBUS_LOGO_HASH"), ".svg");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const STYLES: &str = include_str!(concat!(env!("OUT_DIR"), "/postbus.css"));
const LOGO: &str = include_str!("../assets/logo.svg");

/// Serves the assets; needs no layer.
pub fn assets() -> Router {
    Router::new()
        .route(
            STYLES_PATH,
            get(|| async { kept("text/css; charset=utf-8", STYLES) }),
        )
        .route(LOGO_PATH, get(|| async { kept("image/svg+xml", LOGO) }))
}

fn kept(kind: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (RESOURCE_POLICY, "same-origin"),
    ];
    (headers, text)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use axum::body::Body;
    use axum::extract::Request;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn an_asset_is_for_our_own_pages_and_is_what_it_says() {
        for path in [STYLES_PATH, LOGO_PATH] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let answer = assets().oneshot(request).await.unwrap();
            let headers = answer.headers();
            assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
            assert_eq!(headers["x-content-type-options"], "nosniff");
        }
    }

    #[test]
    fn the_stylesheet_is_small_whole_and_ours() {
        assert!(STYLES.len() < 34_000, "{} bytes", STYLES.len());
        assert_eq!(STYLES.matches('{').count(), STYLES.matches('}').count());
        assert!(!STYLES.contains("url(") && !STYLES.contains("@import") && !STYLES.contains("//"));
    }

    #[test]
    fn every_class_in_a_template_has_a_rule() {
        let mut templates = Vec::new();
        find_templates(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(".."),
            &mut templates,
        );
        assert!(templates.len() >= 2);
        for file in templates {
            let text = std::fs::read_to_string(&file).unwrap();
            for class in text
                .split("class=\"")
                .skip(1)
                .filter_map(|part| part.split('"').next())
                .flat_map(str::split_whitespace)
            {
                let ours = ["nl-", "utrecht-", "postbus-"]
                    .iter()
                    .any(|start| class.starts_with(start));
                // What a template fills in is for the page's own tests.
                let plain = !class.contains(['{', '}', '%']);
                assert!(
                    !ours || !plain || STYLES.contains(&format!(".{class}")),
                    "{class} in {}: offer it in classes.txt",
                    file.display()
                );
            }
        }
    }

    fn find_templates(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() && !path.ends_with("node_modules") && !path.ends_with("target") {
                find_templates(&path, found);
            } else if path.extension().is_some_and(|kind| kind == "html") {
                found.push(path);
            }
        }
    }
}
