//! A connected organisation: its key, its tokens, its deliveries.

use std::sync::Mutex;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use basics::{Moment, Oin};
use organisations::NewOrganisation;
use serde_json::{Value, json};

use crate::{Answer, Person, Product};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Long before a token ends.
const TOKEN_KEPT: Duration = Duration::from_secs(1800);

/// A sender with its ES256 key.
pub struct Organisation {
    pub oin: Oin,
    pub name: String,
    private: Value,
    product: Product,
    token: Mutex<Option<(String, Moment)>>,
}

impl Organisation {
    /// Connects one; `number` tells it from others in its OIN.
    pub async fn connect(product: &Product, number: u32, name: &str) -> Self {
        Self::connect_as(product, number, name, false).await
    }

    /// Connects one whose channel is mandatory by law.
    pub async fn connect_mandatory(product: &Product, number: u32, name: &str) -> Self {
        Self::connect_as(product, number, name, true).await
    }

    async fn connect_as(product: &Product, number: u32, name: &str, mandatory: bool) -> Self {
        let (private, public) = organisations::new_client_key();
        let oin = Oin::parse(&format!("00000099{number:09}000")).expect("twenty digits");
        let new = NewOrganisation {
            oin: oin.clone(),
            name: name.to_owned(),
            jwks: json!({ "keys": [public] }),
            mandatory,
        };
        organisations::connect_on_order(&product.vault(), new)
            .await
            .expect("a sample organisation can be connected");
        Self {
            oin,
            name: name.to_owned(),
            private,
            product: product.clone(),
            token: Mutex::new(None),
        }
    }

    /// From now on it may do nothing here.
    pub async fn block(&self) {
        let oin = self.oin.clone();
        let block = move |tx: &mut vault::Tx<'_>| organisations::block(tx, &oin).map(drop);
        self.product.operate("organisatie-blokkeren", block).await;
    }

    /// A fresh proof of who it is, for the token endpoint.
    pub fn assertion(&self) -> String {
        self.assertion_for(&format!("{}/oauth/token", self.product.base_url()))
    }

    /// A proof of who it is, for somebody.
    pub fn assertion_for(&self, audience: &str) -> String {
        let now = self.product.clock().now();
        let signed = organisations::client_assertion(&self.private, &self.oin, audience, now);
        signed.expect("the key signs")
    }

    /// `POST /oauth/token` with this assertion; `rest` is the end of the form, such as `&scope=…`.
    pub async fn ask_token(&self, assertion: &str, rest: &str) -> Answer {
        let form = format!(
            "grant_type=client_credentials&client_assertion_type={ASSERTION_TYPE}&client_assertion={assertion}{rest}"
        );
        let request = Request::post("/oauth/token")
            .header("content-type", "application/x-www-form-urlencoded");
        let request = request.body(Body::from(form)).expect("a sound request");
        self.product.call(request).await
    }

    /// A new token for these scopes.
    pub async fn token_for(&self, scope: &str) -> String {
        let rest = format!("&scope={}", scope.replace(' ', "+"));
        let answer = self.ask_token(&self.assertion(), &rest).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let token = answer.json()["access_token"].as_str().map(str::to_owned);
        token.expect("a token comes with the answer")
    }

    /// A token for everything, asked for when the one at hand gets old.
    pub async fn token(&self) -> String {
        let now = self.product.clock().now();
        let kept = self.token.lock().expect("no test panics here").clone();
        if let Some((token, at)) = kept
            && now < at.plus(TOKEN_KEPT)
        {
            return token;
        }
        let token = self.token_for("aanleveren afleverstatus").await;
        *self.token.lock().expect("no test panics here") = Some((token.clone(), now));
        token
    }

    /// The least that can be delivered to someone.
    pub fn letter_to(&self, person: &Person) -> Value {
        json!({
            "afzender": self.oin.as_str(),
            "ontvanger": self.product.recipient(person),
            "onderwerp": "Uw aanvraag is ontvangen",
            "inhoud": "Beste lezer,\n\nWij hebben uw aanvraag ontvangen.",
        })
    }

    pub async fn deliver(&self, body: &Value) -> Answer {
        self.deliver_with(&[], body.to_string()).await
    }

    /// Delivers these bytes with these headers besides the usual ones, or in their place.
    pub async fn deliver_with(&self, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let bearer = format!("Bearer {}", self.token().await);
        let usual = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let is_replaced = |name: &str| headers.iter().any(|(other, _)| *other == name);
        let kept = usual.iter().filter(|(name, _)| !is_replaced(name));
        // An empty value means: without this header.
        let sent = kept.chain(headers).filter(|(_, value)| !value.is_empty());
        let request = sent.fold(
            Request::post("/api/v1/aanleveringen"),
            |request, (name, value)| request.header(*name, *value),
        );
        self.product
            .call(request.body(body.into()).expect("a sound request"))
            .await
    }

    /// Delivers and answers the id of the message.
    pub async fn delivered(&self, body: &Value) -> String {
        let answer = self.deliver(body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let id = answer.json()["berichtId"].as_str().map(str::to_owned);
        id.expect("an id comes with the answer")
    }

    /// `GET /aanleveringen/{id}`
    pub async fn status(&self, id: &str) -> Answer {
        let request = Request::get(format!("/api/v1/aanleveringen/{id}"))
            .header("authorization", format!("Bearer {}", self.token().await));
        self.product
            .call(request.body(Body::empty()).expect("a sound request"))
            .await
    }
}

/// An attachment of a delivery, its bytes inline.
pub fn attachment(name: &str, bytes: &[u8]) -> Value {
    json!({ "naam": name, "mimeType": "application/pdf", "inhoud": STANDARD.encode(bytes) })
}

/// Bytes that are a PDF by their beginning and end, with these words between.
pub fn pdf(words: &str) -> Vec<u8> {
    format!("%PDF-1.7\n% {words}\n%%EOF\n").into_bytes()
}
