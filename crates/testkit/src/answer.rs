//! What comes back on a request: status, headers and the whole body.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::forms;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await;
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.expect("the whole body comes"),
        }
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }

    pub fn json(&self) -> Value {
        let read = serde_json::from_slice(&self.body);
        read.unwrap_or_else(|fault| panic!("{fault}: {}", self.text()))
    }

    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str());
        value.map_or("", |value| value.expect("the header is text"))
    }

    /// Every `Set-Cookie` line.
    pub fn cookies(&self) -> Vec<&str> {
        let lines = self.headers.get_all("set-cookie").iter();
        lines
            .map(|line| line.to_str().expect("the header is text"))
            .collect()
    }

    /// The name and value of each box to tick in the form with this action.
    pub fn boxes(&self, action: &str) -> Vec<(String, String)> {
        let mut forms = forms::forms(self.text()).into_iter();
        let form = forms.find(|form| form.action.starts_with(action));
        form.map(|form| form.boxes).unwrap_or_default()
    }

    /// Where every link of the page goes, in order.
    pub fn links(&self) -> Vec<String> {
        forms::links(self.text())
    }

    /// The first link that begins so.
    pub fn link(&self, beginning: &str) -> String {
        let found = self
            .links()
            .into_iter()
            .find(|link| link.starts_with(beginning));
        found.unwrap_or_else(|| panic!("no link to {beginning}… in {}", self.text()))
    }

    /// The first link that says this, among other things.
    pub fn link_that_says(&self, words: &str) -> String {
        let found = forms::link_that_says(self.text(), words);
        found.unwrap_or_else(|| panic!("no link says {words} in {}", self.text()))
    }
}

impl IntoResponse for Answer {
    fn into_response(mut self) -> Response {
        // Of the body as it was; this one may be another.
        self.headers.remove(header::CONTENT_LENGTH);
        let status = StatusCode::from_u16(self.status).expect("a status of HTTP");
        (status, self.headers, Body::from(self.body)).into_response()
    }
}
