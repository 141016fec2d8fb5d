//! A collector of the test's own, on a port of this machine; a library that is not ours reads what it got.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;
use tokio::task::JoinHandle;

/// What the collector answers.
#[derive(Clone, Copy, Debug, Default)]
pub enum Answer {
    #[default]
    Takes,
    Unavailable,
    Redirect,
    /// So many spans, and takes the others.
    Rejects(u8),
    NoProtobuf,
    /// Accepted is not taken.
    Nothing,
}

#[derive(Default)]
struct Got {
    answers: Answer,
    bodies: Vec<Bytes>,
    kinds: Vec<String>,
}

pub struct Collector {
    pub address: String,
    got: Arc<Mutex<Got>>,
    serving: JoinHandle<()>,
}

impl Collector {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let got = Arc::new(Mutex::new(Got::default()));
        let router = Router::new()
            .route("/v1/traces", post(take))
            .with_state(Arc::clone(&got));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            got,
            serving,
        }
    }

    pub fn stop(&self) {
        self.serving.abort();
    }

    pub fn answers(&self, answer: Answer) {
        self.got.lock().unwrap().answers = answer;
    }

    pub fn forget(&self) {
        self.got.lock().unwrap().bodies.clear();
    }

    pub fn requests(&self) -> usize {
        self.got.lock().unwrap().bodies.len()
    }

    /// The kinds of content that came.
    pub fn kinds(&self) -> Vec<String> {
        let mut kinds = self.got.lock().unwrap().kinds.clone();
        kinds.dedup();
        kinds
    }

    /// Every span that came, in order, as the program `tools/logboek.mjs` reads it. None, and said so, without the Node tools.
    pub fn spans(&self) -> Option<Vec<Value>> {
        let Some(tools) = std::env::var_os("POSTBUS_TOOLS").map(PathBuf::from) else {
            eprintln!(
                "skipped: POSTBUS_TOOLS does not say where the Node tools are; `cargo xtask test` does"
            );
            return None;
        };
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/logboek.mjs");
        let mut reading = Command::new("node")
            .arg(program)
            .arg(tools)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node starts");
        let mut input = reading.stdin.take().expect("it was asked to be a pipe");
        for body in &self.got.lock().unwrap().bodies {
            input.write_all(body).expect("it reads");
        }
        drop(input);
        let said = reading.wait_with_output().expect("Node ends");
        assert!(said.status.success());
        let spans: Value = serde_json::from_slice(&said.stdout).expect("it says JSON");
        spans.as_array().cloned()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn take(State(got): State<Arc<Mutex<Got>>>, headers: HeaderMap, body: Bytes) -> Response {
    let mut got = got.lock().unwrap();
    got.bodies.push(body);
    let kind = headers["content-type"].to_str().unwrap().to_owned();
    got.kinds.push(kind);
    let protobuf = [("content-type", "application/x-protobuf")];
    match got.answers {
        Answer::Takes => (protobuf, "").into_response(),
        Answer::Unavailable => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Answer::Redirect => (StatusCode::TEMPORARY_REDIRECT, [("location", "/v2")]).into_response(),
        // partial_success { rejected_spans }
        Answer::Rejects(count) => (protobuf, vec![0x0a, 0x02, 0x08, count]).into_response(),
        Answer::NoProtobuf => (protobuf, "<html>ok</html>").into_response(),
        Answer::Nothing => StatusCode::ACCEPTED.into_response(),
    }
}
