//! A form that a visitor sent: read only when it carries the token of their session.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{PageFault, Visitor};

const MAX_BYTES: usize = 64 << 10;
const FORM: &[u8] = b"application/x-www-form-urlencoded";

/// The fields of a form of a logged-in visitor, token checked. A field that is a `Vec` takes every value sent under its
/// name, such as the boxes ticked. Unknown fields are passed over.
#[derive(Clone, Debug)]
pub struct Form<T>(pub T);

#[derive(Deserialize)]
struct Token {
    /// Named as [`crate::CSRF_FIELD`].
    #[serde(default)]
    csrf: String,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, state).await?;
        let sent = parts.headers.get(CONTENT_TYPE);
        if !sent.is_some_and(|kind| kind.as_bytes().starts_with(FORM)) {
            return Err(PageFault::BadRequest.into_response());
        }
        let bytes = axum::body::to_bytes(body, MAX_BYTES)
            .await
            .map_err(|_| PageFault::TooLarge.into_response())?;
        fields(&visitor, &bytes)
            .map(Self)
            .map_err(IntoResponse::into_response)
    }
}

fn fields<T: DeserializeOwned>(visitor: &Visitor, bytes: &[u8]) -> Result<T, PageFault> {
    let unread = |_| PageFault::BadRequest;
    let Token { csrf } = serde_html_form::from_bytes(bytes).map_err(unread)?;
    visitor.check_token(&csrf)?;
    serde_html_form::from_bytes(bytes).map_err(unread)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http;

    use super::*;
    use crate::shell::tests::visitor;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Choice {
        map: String,
        over: Option<String>,
        #[serde(default)]
        bericht: Vec<u8>,
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
                bericht: Vec::new(),
            })
        );
        assert_eq!(
            sent("over=a+%26+b&csrf=0123abcd&map=x&more=y&bericht=4").await,
            Ok(Choice {
                map: "x".to_owned(),
                over: Some("a & b".to_owned()),
                bericht: vec![4],
            })
        );
        assert_eq!(sent("map=archief&csrf=0123abce").await, Err(403));
        assert_eq!(sent("map=archief").await, Err(403));
        assert_eq!(sent("csrf=0123abcd").await, Err(400));
    }

    #[tokio::test]
    async fn every_ticked_box_is_read() {
        let choice = sent("bericht=1&map=x&bericht=2&csrf=0123abcd")
            .await
            .unwrap();
        assert_eq!(choice.bericht, [1, 2]);
        assert_eq!(
            sent("bericht=1&bericht=a&map=x&csrf=0123abcd").await,
            Err(400)
        );
    }
}
