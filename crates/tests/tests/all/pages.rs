//! What tests of pages and of the API share: snapshots of whole answers, and the form of a problem.

use serde_json::Value;
use testkit::Answer;

/// Runs `assert` with what differs from run to run taken out of snapshots.
pub fn snapshot(assert: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/all/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let filters = [
        (
            r#"name="csrf" value="[0-9a-f]{64}""#,
            r#"name="csrf" value="(token)""#,
        ),
        (r#"/assets/postbus\.[0-9a-f]+\."#, "/assets/postbus.(hash)."),
        (r"127\.0\.0\.1:[0-9]+", "127.0.0.1:(port)"),
    ];
    for (found, shown) in filters {
        settings.add_filter(found, shown);
    }
    settings.bind(assert);
}

/// Status, content type and the body of a JSON answer, as a snapshot shows it.
pub fn shown(answer: &Answer) -> String {
    let kind = answer.header("content-type");
    format!("{} {kind}\n{:#}", answer.status, answer.json())
}

/// An answer of the API that refuses: problem+json with its members, and the headers that every answer has.
#[track_caller]
pub fn assert_problem(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["status"], status);
    for member in ["title", "detail"] {
        assert!(
            problem[member]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
    }
    assert_api_headers(answer);
    problem
}

/// The headers of every answer of the API (NL API Design Rules: transport security, version).
#[track_caller]
pub fn assert_api_headers(answer: &Answer) {
    let expected = [
        ("api-version", "1.0.0"),
        ("cache-control", "no-store"),
        ("content-security-policy", "frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ];
    for (name, value) in expected {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let transport = answer.header("strict-transport-security");
    assert!(transport.starts_with("max-age=31536000"), "{transport}");
}

/// The faults of a refused body by their pointers, headers by their names.
pub fn faults(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().expect("the faults are listed");
    let place = |error: &Value| {
        assert!(
            error["detail"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
        let place = error["pointer"].as_str().or(error["name"].as_str());
        place.expect("a fault has a place").to_owned()
    };
    errors.iter().map(place).collect()
}
