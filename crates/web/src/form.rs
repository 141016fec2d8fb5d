//! A form that a visitor sent: read only when it carries the token of their session.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use crate::{CSRF_FIELD, PageFault, Visitor};

const MAX_BYTES: usize = 64 << 10;

/// The fields of a form of a logged-in visitor, token checked. Unknown fields, the token's among them, are passed over.
#[derive(Clone, Debug)]
pub struct Form<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, state).await?;
        let bytes = axum::body::to_bytes(body, MAX_BYTES)
            .await
            .map_err(|_| PageFault::TooLarge.into_response())?;
        read(&parts, bytes, &visitor)
            .await
            .map(Self)
            .map_err(IntoResponse::into_response)
    }
}

async fn read<T: DeserializeOwned>(
    parts: &Parts,
    bytes: Bytes,
    visitor: &Visitor,
) -> Result<T, PageFault> {
    let pairs: Vec<(String, String)> = decode(parts, bytes.clone()).await?;
    let token = pairs
        .iter()
        .find(|(name, _)| name == CSRF_FIELD)
        .map_or("", |(_, value)| value);
    visitor.check_token(token)?;
    decode(parts, bytes).await
}

async fn decode<T: DeserializeOwned>(parts: &Parts, bytes: Bytes) -> Result<T, PageFault> {
    let request = Request::from_parts(parts.clone(), Body::from(bytes));
    let decoded = axum::extract::Form::from_request(request, &()).await;
    decoded
        .map(|axum::extract::Form(fields)| fields)
        .map_err(|_| PageFault::BadRequest)
}

#[cfg(test)]
mod tests {
    use axum::http;
    use serde::Deserialize;

    use super::*;
    use crate::shell::tests::visitor;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Choice {
        map: String,
    }

    async fn sent(body: &'static str) -> Result<Choice, u16> {
        let mut request = http::Request::post("/")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        request.extensions_mut().insert(visitor());
        Form::from_request(request, &())
            .await
            .map(|Form(choice)| choice)
            .map_err(|response| response.status().as_u16())
    }

    #[tokio::test]
    async fn a_form_without_the_token_of_the_session_is_refused() {
        assert_eq!(
            sent("map=archief&csrf=0123abcd").await,
            Ok(Choice {
                map: "archief".to_owned()
            })
        );
        assert_eq!(sent("map=archief&csrf=0123abce").await, Err(403));
        assert_eq!(sent("map=archief").await, Err(403));
        assert_eq!(sent("csrf=0123abcd").await, Err(400));
    }
}
