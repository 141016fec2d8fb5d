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
fn things_are_named_by_an_address_that_is_one() {
    let server = Server::prepare("http://127.0.0.1:9");
    let file = server.add_file("verklaring.toml", CJIB);
    for (base, is_one) in [
        ("https://loket.example.nl/privacy", true),
        ("javascript:alert(1)", false),
        ("/privacy", false),
        ("post.example.nl", false),
        ("https://", false),
    ] {
        let output = Command::new(server.path().join("postbus"))
            .args(["statement", "export", "--dpv", "--base", base, &file])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), is_one, "{base}: {said}");
        assert!(is_one || said.contains("give the whole address"), "{said}");
    }
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
        assert_eq!(count("dpv:DataSubjectRight"), tables("recht"));
        assert_eq!(
            count("dpv:AutomatedDecisionMaking"),
            tables("automatisch-besluit")
        );
        assert_eq!(count("dpv:Profiling"), tables("profilering"));
        // Rights under the AVG are known by its articles, those of the islands are not.
        let is_avg = statement != MIJNCN;
        assert_eq!(count("eu-gdpr:A15") > 0, is_avg);
        let part_of = "\n[verantwoordelijke]\n";
        let (_, controller) = statement.split_once(part_of).unwrap();
        let (controller, _) = controller.split_once("\n\n").unwrap();
        let is_part = controller.contains("onderdeel-van") || statement.contains("\n[ouder]\n");
        assert_eq!(count("dpv:Organisation"), u64::from(is_part));
        // Who names no officer, and says so, hears it again.
        let names_one = statement.contains("\n[functionaris]\n");
        let nobody = "nobody is named as data protection officer";
        let warned = told["warnings"].as_array().unwrap();
        assert_eq!(
            *warned,
            if names_one {
                vec![]
            } else {
                vec![Value::from(nobody)]
            }
        );
    }
    // What is not whole is not let pass: a basis that is none, a day that is none.
    let whole = String::from_utf8(exported(&server, CJIB)).unwrap();
    let basis = "\"basis\": \"#grondslag-taak\"";
    let officer = String::from_utf8(exported(&server, TOESLAGEN)).unwrap();
    for (whole, broken, shape) in [
        (
            &whole,
            whole.replace(basis, "\"basis\": \"#doel-ons-werk\""),
            "dpv:LegalBasis",
        ),
        (
            &whole,
            whole.replace("\"issued\": \"", "\"issued\": \"x"),
            "dct:issued",
        ),
        // Nobody knows where to reach the controller; the officer is someone else; a country is none.
        (
            &whole,
            whole.replace("\"contact\": [", "\"contactloos\": ["),
            "dpv:hasContact",
        ),
        (
            &officer,
            officer.replace(
                "\"officer\": \"#functionaris-naam\"",
                "\"officer\": \"#verantwoordelijke-naam\"",
            ),
            "dpv:DataProtectionOfficer",
        ),
        (
            &officer,
            officer.replace("\"loc:NL\"", "\"loc:Holland\""),
            "dpv:hasCountry",
        ),
    ] {
        assert_ne!(broken, *whole);
        let judged = judged(broken.as_bytes()).unwrap();
        let why = String::from_utf8_lossy(&judged.stderr);
        assert!(
            !judged.status.success() && why.contains(shape),
            "{shape}: {why}"
        );
    }
}

/// DT-9: what a statement leaves to its parent's is shown, compared and exported with where it comes from.
#[test]
fn dt_9_what_comes_from_the_parent_is_shown_with_where_it_comes_from() {
    let server = Server::prepare("http://127.0.0.1:9");
    let measures: String = MIJNOVERHEID
        .split_inclusive("\n\n")
        .filter(|table| !table.starts_with("[[maatregel]]"))
        .collect();
    let parent = "[ouder]\norganisatie = \"Belastingdienst\"\ntitel = \"Grote verklaring\"\nlink = \"https://example.org/groot\"\n\
                  onderdelen = [\"beveiliging\"]\nbestand = \"groot.toml\"\nversie = \"1.0\"\n\n[verantwoordelijke]\n";
    let child = measures.replace("[verantwoordelijke]\n", parent);
    // Its measures in the two languages of the other.
    let large = MIJNOVERHEID
        .replace("versie = \"2.2\"", "versie = \"1.0\"")
        .replace(
            "Wij leggen vast wie uw gegevens gebruikt",
            "Wij houden bij wie uw gegevens gebruikt",
        );
    let (file, whole) = (
        server.add_file("kind.toml", &child),
        server.add_file("heel.toml", MIJNOVERHEID),
    );
    let run = |arguments: &[&str]| {
        let output = Command::new(server.path().join("postbus"))
            .arg("statement")
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (
            output.status.success(),
            said + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let (starts, said) = run(&["check", &file]);
    assert!(!starts && said.contains("S-215"), "{said}");
    server.add_file("groot.toml", &large);
    let (starts, said) = run(&["check", &file]);
    assert!(starts, "{said}");
    assert!(
        said.contains("S-785") && said.contains("maatregel verslag"),
        "{said}"
    );
    let (_, page) = run(&["render", &file, "--language", "nl"]);
    let (_, listed) = page
        .split_once("Overgenomen uit de verklaring van Belastingdienst")
        .unwrap();
    assert!(
        listed.contains("Wij houden bij wie uw gegevens gebruikt"),
        "{page}"
    );
    let (_, record) = run(&["export", &file]);
    let record: Value = serde_json::from_str(&record).unwrap();
    let taken = record["overgenomen"].as_array().unwrap();
    assert!(taken.contains(&"maatregel verslag".into()), "{taken:?}");
    let (_, differs) = run(&["diff", &whole, &file, "--language", "nl"]);
    assert!(
        differs.contains("Wij houden bij wie uw gegevens gebruikt"),
        "{differs}"
    );
}
