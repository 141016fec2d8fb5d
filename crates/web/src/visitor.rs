//! Who is looking: put on the request by the room that knows sessions, asked for by pages.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, OriginalUri, Request};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use basics::SubjectId;
use uuid::Uuid;

use crate::choice::{asked_for, with_language};
use crate::{LocalPath, PageFault, SessionEnd};

/// Where someone without a session is sent; `?naar=` says where they were going.
pub const LOGIN_PATH: &str = "/inloggen";

/// The field in which a form carries the session's token.
pub const CSRF_FIELD: &str = "csrf";

/// A person with a session. As an extractor it sends everyone else to the login.
#[derive(Clone, PartialEq, Eq)]
pub struct Visitor {
    pub subject: SubjectId,
    pub session: Uuid,
    /// Secret of this session that its forms carry.
    pub csrf: String,
    pub ends: SessionEnd,
}

/// The visitor, if there is one.
#[derive(Clone, Debug)]
pub struct MaybeVisitor(pub Option<Visitor>);

impl Visitor {
    /// Runs the rest of the request as this visitor. The answer carries them too, so that an error page made
    /// further out still knows who is logged in.
    pub async fn carry(self, mut request: Request, next: Next) -> Response {
        request.extensions_mut().insert(self.clone());
        let mut response = next.run(request).await;
        // A log-out or log-in that happened in between has said so itself.
        if response.extensions().get::<MaybeVisitor>().is_none() {
            response.extensions_mut().insert(MaybeVisitor(Some(self)));
        }
        response
    }

    /// Whether a form came from a page of this session; takes the same time however wrong the token is.
    pub fn check_token(&self, given: &str) -> Result<(), PageFault> {
        let (ours, given) = (self.csrf.as_bytes(), given.as_bytes());
        let differs = ours
            .iter()
            .zip(given)
            .fold(0, |differs, (a, b)| std::hint::black_box(differs | (a ^ b)));
        if !ours.is_empty() && ours.len() == given.len() && differs == 0 {
            Ok(())
        } else {
            Err(PageFault::Expired)
        }
    }
}

impl std::fmt::Debug for Visitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Visitor({})", self.subject)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MaybeVisitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get::<Visitor>().cloned()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        match parts.extensions.get::<Visitor>() {
            Some(visitor) => Ok(visitor.clone()),
            None => Err(to_login(parts)),
        }
    }
}

/// A page that was asked for is come back to after the login; a form that was sent is not.
fn to_login(parts: &Parts) -> Response {
    let uri = parts
        .extensions
        .get::<OriginalUri>()
        .map_or(&parts.uri, |original| &original.0);
    let asked = uri.path_and_query().map_or("/", |path| path.as_str());
    let back = (parts.method == Method::GET)
        .then(|| LocalPath::parse(asked))
        .flatten();
    let login = match back {
        Some(path) => format!("{LOGIN_PATH}?naar={}", path.in_query()),
        None => LOGIN_PATH.to_owned(),
    };
    let there = match asked_for(uri) {
        Some(language) => with_language(&login, language),
        None => login,
    };
    Redirect::to(&there).into_response()
}

#[cfg(test)]
mod tests {
    use axum::http;
    use basics::Ids;

    use super::*;

    fn parts(method: Method, uri: &str) -> Parts {
        http::Request::builder()
            .method(method)
            .uri(uri)
            .body(())
            .unwrap()
            .into_parts()
            .0
    }

    async fn sent_to(method: Method, uri: &str) -> String {
        let answer = Visitor::from_request_parts(&mut parts(method, uri), &())
            .await
            .unwrap_err();
        assert_eq!(answer.status(), http::StatusCode::SEE_OTHER);
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn a_stranger_is_sent_to_the_login_and_back() {
        assert_eq!(
            sent_to(Method::GET, "/berichten?cursor=a&taal=en").await,
            "/inloggen?naar=/berichten%3Fcursor%3Da%26taal%3Den&taal=en"
        );
        assert_eq!(
            sent_to(Method::POST, "/berichten/1/archief").await,
            "/inloggen"
        );
        assert_eq!(sent_to(Method::GET, "//evil.example/").await, "/inloggen");
    }

    #[test]
    fn a_token_is_right_or_wrong_as_a_whole() {
        let ids = Ids::seeded(1);
        let visitor = Visitor {
            subject: SubjectId::random(&ids),
            session: ids.random(),
            csrf: "geheim".to_owned(),
            ends: crate::shell::tests::visitor().ends,
        };
        assert!(visitor.check_token("geheim").is_ok());
        for wrong in ["", "gehei", "geheimx", "geheiM"] {
            assert!(visitor.check_token(wrong).is_err(), "{wrong}");
        }
        let tokenless = Visitor {
            csrf: String::new(),
            ..visitor.clone()
        };
        assert!(tokenless.check_token("").is_err());
        assert!(!format!("{visitor:?}").contains("geheim"));
    }
}
