//! `GET /api/v1/openapi.json`: the contract is public, true, and clean by the NL API Design Rules.

use std::path::{Path, PathBuf};
use std::process::Command;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use testkit::{Answer, Product};

use crate::pages::{assert_api_headers, assert_problem, snapshot};

async fn contract(product: &Product) -> Answer {
    let request = Request::get("/api/v1/openapi.json").header("origin", "https://elders.example");
    product.call(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_contract_is_public_and_names_who_answers_for_it() {
    let product = Product::mijnoverheid().await;
    let answer = contract(&product).await;
    assert_eq!(answer.status, 200);
    assert_api_headers(&answer);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let contract = answer.json();
    assert_eq!(
        contract["servers"][0]["url"],
        "https://postbus.example/api/v1"
    );
    for member in ["name", "email", "url"] {
        assert!(contract["info"]["contact"][member].is_string(), "{member}");
    }
    assert_eq!(contract["info"]["version"], answer.header("api-version"));
    snapshot(|| insta::assert_snapshot!("openapi", format!("{contract:#}")));
}

#[tokio::test]
async fn every_call_of_the_contract_is_there_and_every_answer_is_described() {
    let product = Product::mijnoverheid().await;
    let contract = contract(&product).await.json();
    let mut calls = Vec::new();
    for (path, methods) in contract["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let described = |response: &Value| response["description"].is_string();
                let is_elsewhere = response["$ref"].is_string();
                assert!(
                    is_elsewhere || described(response),
                    "{method} {path} {status}"
                );
            }
            // Without a token each answers that it wants one; what is not there would be 404 or 405.
            let there = format!("/api/v1{}", path.replace("{berichtId}", "x"));
            let request = Request::builder()
                .method(method.to_uppercase().as_str())
                .uri(there);
            let answer = product.call(request.body(Body::empty()).unwrap()).await;
            assert_problem(&answer, 401);
            calls.push(format!("{method} {path}"));
        }
    }
    calls.sort();
    assert_eq!(
        calls,
        [
            "get /aanleveringen/{berichtId}",
            "post /aanleveringen",
            "post /processing-activities"
        ]
    );
}

#[tokio::test]
async fn the_contract_is_clean_by_the_api_design_rules() {
    let Some(tools) = std::env::var_os("POSTBUS_TOOLS").map(PathBuf::from) else {
        eprintln!(
            "skipped: POSTBUS_TOOLS does not say where the Node tools are; `cargo xtask test` does"
        );
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let rules = ruleset(folder.path());
    for product in [Product::mijnoverheid().await, Product::mijncn().await] {
        let file = folder.path().join("openapi.json");
        std::fs::write(&file, &contract(&product).await.body).unwrap();
        let mut spectral = Command::new(tools.join(".bin/spectral"));
        spectral
            .args(["lint", "--fail-severity=warn", "-r"])
            .arg(&rules)
            .arg(&file);
        let said = spectral.output().expect("Spectral starts");
        let text = String::from_utf8_lossy(&said.stdout);
        assert!(
            said.status.success(),
            "{text}{}",
            String::from_utf8_lossy(&said.stderr)
        );
        assert!(text.contains("No results"), "{text}");
    }
}

/// The rules of the NL API Design Rules where they lie beside the checkout, else Spectral's own.
fn ruleset(folder: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let adr = root.join("../shared/data/adr-2.2-linter.yaml");
    if adr.exists() {
        return adr;
    }
    eprintln!(
        "{} is not there; the contract is checked by Spectral's own rules",
        adr.display()
    );
    let own = folder.join("rules.yaml");
    std::fs::write(&own, "extends: [\"spectral:oas\"]\n").unwrap();
    own
}

#[test]
fn the_contract_that_is_written_down_is_the_products_own() {
    let written = include_str!("../../../../docs/api/openapi.json");
    let written: serde_json::Value = serde_json::from_str(written).unwrap();
    let own = postbus::openapi("https://post.example.nl");
    assert!(
        written == own,
        "docs/api/openapi.json is not the contract; run `cargo xtask openapi`"
    );
}
