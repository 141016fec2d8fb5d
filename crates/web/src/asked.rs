//! What stands behind the question mark of a page's address.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use crate::PageFault;

/// The query of a page. A field that is a `Vec` takes every value under its name; unknown fields are passed over; what
/// does not read is a page that says so (400).
#[derive(Clone, Debug)]
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        serde_html_form::from_str(parts.uri.query().unwrap_or_default())
            .map(Self)
            .map_err(|_| PageFault::BadRequest.into_response())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Page {
        voor: Option<u8>,
        #[serde(default)]
        bericht: Vec<u8>,
    }

    async fn asked(uri: &str) -> Result<Page, u16> {
        let (mut parts, ()) = Request::get(uri).body(()).unwrap().into_parts();
        Asked::from_request_parts(&mut parts, &())
            .await
            .map(|Asked(page)| page)
            .map_err(|response| response.status().as_u16())
    }

    #[tokio::test]
    async fn repeated_fields_are_a_list_and_nonsense_is_a_400() {
        let page = |voor, bericht: &[u8]| {
            Ok(Page {
                voor,
                bericht: bericht.to_vec(),
            })
        };
        assert_eq!(asked("/berichten").await, page(None, &[]));
        assert_eq!(
            asked("/berichten?bericht=1&voor=9&taal=en&bericht=2").await,
            page(Some(9), &[1, 2])
        );
        assert_eq!(asked("/berichten?voor=x").await, Err(400));
    }
}
