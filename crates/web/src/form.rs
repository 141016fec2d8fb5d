//! A form that a visitor sent: read only when it carries the token of their session.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{PageFault, Visitor};

const MAX_BYTES: usize = 64 << 10;

/// The fields of a form of a logged-in visitor, token checked. A field is a text, a choice among texts, or an `Option`
/// of these; a number is taken as a text. Unknown fields are passed over.
#[derive(Clone, Debug)]
pub struct Form<T>(pub T);

#[derive(Deserialize)]
struct Sent<T> {
    /// Named as [`crate::CSRF_FIELD`].
    #[serde(default)]
    csrf: String,
    #[serde(flatten)]
    fields: T,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, state).await?;
        let bytes = axum::body::to_bytes(body, MAX_BYTES)
            .await
            .map_err(|_| PageFault::TooLarge.into_response())?;
        let whole = Request::from_parts(parts, Body::from(bytes));
        let axum::Form(sent) = axum::Form::<Sent<T>>::from_request(whole, state)
            .await
            .map_err(|_| PageFault::BadRequest.into_response())?;
        visitor
            .check_token(&sent.csrf)
            .map_err(IntoResponse::into_response)?;
        Ok(Self(sent.fields))
    }
}

#[cfg(test)]
mod tests {
    use axum::http;

    use super::*;
    use crate::shell::tests::visitor;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Choice {
        map: String,
        over: Option<String>,
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
                map: "archief".to_owned(),
                over: None,
            })
        );
        assert_eq!(
            sent("over=a+%26+b&csrf=0123abcd&map=x&more=y").await,
            Ok(Choice {
                map: "x".to_owned(),
                over: Some("a & b".to_owned()),
            })
        );
        assert_eq!(sent("map=archief&csrf=0123abce").await, Err(403));
        assert_eq!(sent("map=archief").await, Err(403));
        assert_eq!(sent("csrf=0123abcd").await, Err(400));
    }
}
