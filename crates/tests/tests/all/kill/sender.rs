//! The organisation's end: connected at the terminal, a token for its key, deliveries and their receipts over HTTP.

use basics::{Clock, Oin};
use reqwest::header::{LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::letters::Letter;
use super::server::{Server, client};

pub const OIN: &str = "00000099000000009000";

/// What a client knows of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 201, with the id of the message.
    Created(String),
    /// No answer: it may have been taken in or not.
    Cut,
    /// 503, with when to come again: it may have been taken in, in which case the same key finds it.
    Unavailable,
}

pub struct Sender {
    client: reqwest::Client,
    /// Where it delivers: one of the processes that the address `site` stands for.
    base_url: String,
    site: String,
    private_key: Value,
    token: String,
}

impl Sender {
    /// Connects the organisation; on files the server must not be running.
    pub fn connect(server: &Server) -> Self {
        let (private_key, public_key) = organisations::new_client_key();
        let keys = server.add_file(
            "afzender.jwks.json",
            &json!({ "keys": [public_key] }).to_string(),
        );
        let said = server.run(&[
            "organisation",
            "connect",
            OIN,
            "--name",
            "Dienst Proefneming",
            "--jwks",
            &keys,
        ]);
        assert!(said.contains(OIN), "{said}");
        Self {
            client: client(),
            base_url: server.base_url.clone(),
            site: server.site.clone(),
            private_key,
            token: String::new(),
        }
    }

    /// The same sender on a connection of its own.
    pub fn anew(&self) -> Self {
        self.at(&self.base_url)
    }

    /// The same sender, on a connection of its own with another process.
    pub fn at(&self, base_url: &str) -> Self {
        Self {
            client: client(),
            base_url: base_url.to_owned(),
            site: self.site.clone(),
            private_key: self.private_key.clone(),
            token: self.token.clone(),
        }
    }

    pub async fn get_token(&mut self) {
        let answer = self.ask_token(&self.assertion()).await;
        let status = answer.status();
        let answer: Value = answer
            .json()
            .await
            .expect("the token endpoint answers JSON");
        self.token = answer["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("no token: {status} {answer}"))
            .to_owned();
    }

    /// What proves who this is, once.
    pub fn assertion(&self) -> String {
        let endpoint = format!("{}/oauth/token", self.site);
        let oin = Oin::parse(OIN).expect("an OIN");
        organisations::client_assertion(&self.private_key, &oin, &endpoint, Clock::system().now())
            .expect("signed")
    }

    /// Asks for a token with an assertion, whatever the answer.
    pub async fn ask_token(&self, assertion: &str) -> Response {
        let form = format!(
            "grant_type=client_credentials&client_assertion={assertion}\
             &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        );
        let request = self
            .client
            .post(format!("{}/oauth/token", self.base_url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        request.send().await.expect("the token endpoint answers")
    }

    /// Delivers, whatever the answer.
    pub async fn send(&self, letter: Letter) -> reqwest::Result<Response> {
        let request = self
            .client
            .post(format!("{}/api/v1/aanleveringen", self.base_url))
            .bearer_auth(&self.token)
            .header("content-type", "application/json")
            .header("idempotency-key", letter.key())
            .body(letter.body());
        request.send().await
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    pub async fn deliver(&self, letter: Letter) -> Outcome {
        let Ok(answer) = self.send(letter).await else {
            return Outcome::Cut;
        };
        let status = answer.status();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            assert!(answer.headers().contains_key(RETRY_AFTER), "{letter:?}");
            return Outcome::Unavailable;
        }
        let place = answer
            .headers()
            .get(LOCATION)
            .and_then(|place| place.to_str().ok())
            .unwrap_or_default();
        let id = place.rsplit('/').next().unwrap_or_default().to_owned();
        // The status alone is a promise: what is cut off behind it changes nothing.
        let said = answer.text().await;
        assert_eq!(status, StatusCode::CREATED, "{letter:?}: {said:?}");
        assert!(
            !id.is_empty(),
            "{letter:?}: 201 without a Location that names it"
        );
        if let Ok(said) = said {
            let said: Value = serde_json::from_str(&said).expect("a 201 says JSON");
            assert_eq!(said["berichtId"], id.as_str(), "{letter:?}");
        }
        Outcome::Created(id)
    }

    /// The status of a delivery in one word, or what was answered instead.
    pub async fn status(&self, id: &str) -> String {
        let request = self
            .client
            .get(format!("{}/api/v1/aanleveringen/{id}", self.base_url))
            .bearer_auth(&self.token);
        let answer = request.send().await.expect("the server answers");
        let status = answer.status();
        let said: Value = answer.json().await.expect("the API answers JSON");
        match said["status"].as_str() {
            Some(word) if status == StatusCode::OK => word.to_owned(),
            _ => format!("{status} {said}"),
        }
    }
}
