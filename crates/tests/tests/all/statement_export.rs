//! `postbus statement export --dpv`: the record as linked data, read and judged by libraries that are not ours; the real binary.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use testkit::{CJIB, MIJNCN, MIJNOVERHEID, TOESLAGEN};

use crate::kill::server::Server;

/// Reads the data with rdflib and holds them against `tools/verwerkingen.ttl` with pySHACL. None, and said so, without them.
fn judged(data: &[u8]) -> Option<Output> {
    let Some(python) = std::env::var_os("POSTBUS_PYTHON").map(PathBuf::from) else {
        eprintln!(
            "skipped: POSTBUS_PYTHON does not say where the Python tools are; `cargo xtask test` does"
        );
        return None;
    };
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools");
    let mut child = Command::new(python)
        .arg(tools.join("verwerkingen.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(data).unwrap();
    drop(input);
    Some(child.wait_with_output().unwrap())
}

fn exported(server: &Server, statement: &str) -> Vec<u8> {
    let file = server.add_file("verklaring.toml", statement);
    let output = Command::new(server.path().join("postbus"))
        .args(["statement", "export", "--dpv", &file])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

#[test]
fn the_record_as_linked_data_is_read_and_judged_whole_by_others() {
    let server = Server::prepare("http://127.0.0.1:9");
    for statement in [MIJNOVERHEID, MIJNCN, TOESLAGEN, CJIB] {
        let Some(judged) = judged(&exported(&server, statement)) else {
            return;
        };
        let why = String::from_utf8_lossy(&judged.stderr);
        assert!(judged.status.success(), "{why}");
        let told: Value = serde_json::from_slice(&judged.stdout).unwrap();
        let count = |class: &str| told["classes"][class].as_u64().unwrap_or_default();
        let tables = |kind: &str| statement.matches(&format!("\n[[{kind}]]\n")).count() as u64;
        assert_eq!(count("dpv:RecordsOfActivities"), 1);
        assert_eq!(count("dpv:Process"), tables("activiteit"));
        assert_eq!(count("dpv:PersonalData"), tables("gegeven"));
        assert_eq!(count("dpv:StorageDuration"), tables("gegeven"));
        assert_eq!(count("dpv:Recipient"), tables("ontvanger"));
        assert_eq!(count("dpv:LegalBasis"), tables("grondslag"));
    }
    // What is not whole is not let pass: a basis that is none, and a day that is none.
    let whole = String::from_utf8(exported(&server, CJIB)).unwrap();
    let basis = "\"basis\": \"#grondslag-taak\"";
    for (broken, shape) in [
        (
            whole.replace(basis, "\"basis\": \"#doel-ons-werk\""),
            "dpv:LegalBasis",
        ),
        (
            whole.replace("\"issued\": \"", "\"issued\": \"x"),
            "dct:issued",
        ),
    ] {
        assert_ne!(broken, whole);
        let judged = judged(broken.as_bytes()).unwrap();
        let why = String::from_utf8_lossy(&judged.stderr);
        assert!(
            !judged.status.success() && why.contains(shape),
            "{shape}: {why}"
        );
    }
}
