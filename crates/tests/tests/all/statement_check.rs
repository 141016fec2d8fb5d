//! `postbus statement check` and what start-up refuses: the real binary.

use std::process::{Command, Output};

use serde_json::Value;
use testkit::{MIJNCN, MIJNOVERHEID};

use crate::kill::server::Server;

/// A statement that a start refuses, and the codes of what is wrong with it.
fn broken() -> (String, [&'static str; 3]) {
    let file = MIJNOVERHEID
        .replace("versie = \"2.2\"", "versie = \"2.2\"\nkleur = \"rood\"")
        .replace(
            "betrouwbaarheidsniveau = \"substantieel\"",
            "betrouwbaarheidsniveau = \"flink\"",
        )
        .replacen("kanalen = [\"website\"]", "kanalen = [\"fax\"]", 1);
    (file, ["S-102", "S-107", "S-205"])
}

fn check(server: &Server, arguments: &[&str]) -> Output {
    Command::new(server.path().join("postbus"))
        .args(["statement", "check"])
        .args(arguments)
        .output()
        .unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_shipped_statements_start_and_show_what_they_keep_on_purpose() {
    let server = Server::prepare("http://127.0.0.1:9");
    let files = [("mo.toml", MIJNOVERHEID), ("cn.toml", MIJNCN)]
        .map(|(name, text)| server.add_file(name, text));
    let output = check(&server, &[&files[0], &files[1]]);
    let told = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{told}");
    assert!(
        told.contains("S-709") && told.contains("[acknowledged: "),
        "{told}"
    );
    assert_eq!(told.matches("errors 0, warnings 0, ").count(), 2, "{told}");
    // What is declared and cannot be done yet is listed, all in one line.
    let notes: Vec<&str> = told
        .lines()
        .filter(|line| line.contains("note S-781"))
        .collect();
    assert_eq!(notes.len(), 2, "{told}");
    assert!(
        notes
            .iter()
            .all(|line| line.contains("activiteit helpdeskvraag-behandelen ("))
    );
    assert!(!told.contains("activiteit bericht-lezen"), "{told}");

    let output = check(&server, &["--json", &files[1]]);
    let said = json(&output);
    assert_eq!(said["files"][0]["starts"], true);
    let findings = said["files"][0]["findings"].as_array().unwrap();
    let band = findings.iter().find(|one| one["code"] == "S-709").unwrap();
    assert_eq!(
        (&band["level"], &band["about"]),
        (&"error".into(), &"bewaarband".into())
    );
    assert!(band["acknowledged"].as_str().unwrap().contains("L-7"));
    assert!(band["line"].as_u64().unwrap() > 100);
}

#[test]
fn every_fault_is_told_at_once_with_its_place() {
    let server = Server::prepare("http://127.0.0.1:9");
    let (text, codes) = broken();
    let file = server.add_file("kapot.toml", &text);
    let output = check(&server, &["--json", &file]);
    assert_eq!(output.status.code(), Some(1));
    let said = json(&output);
    assert_eq!(said["files"][0]["starts"], false);
    let findings = said["files"][0]["findings"].as_array().unwrap();
    let seen: Vec<_> = findings
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    assert_eq!(seen, codes);
    for (finding, passage) in findings.iter().zip(["kleur", "\"flink\"", "\"fax\""]) {
        let before = &text[..text.find(passage).unwrap()];
        let line = before.matches('\n').count() + 1;
        let column = before.len() - before.rfind('\n').unwrap();
        assert_eq!(
            (&finding["line"], &finding["column"]),
            (&line.into(), &column.into())
        );
        assert!(!finding["hint"].as_str().unwrap().is_empty());
    }
    // One bad file among good ones is enough.
    let good = server.add_file("goed.toml", MIJNCN);
    assert_eq!(check(&server, &[&good, &file]).status.code(), Some(1));
    // What is no text at all is told as well.
    let noise = server.path().join("ruis.toml");
    std::fs::write(&noise, [0xFF, 0xFE, b'=', 0x00]).unwrap();
    let output = check(&server, &["--json", noise.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json(&output)["files"][0]["findings"][0]["code"], "S-101");
}

/// Whatever an opening refuses the check tells before, and with it what no sweep would remove (MO-64, MO-66).
#[test]
fn what_no_installation_opens_with_is_told_before() {
    let server = Server::prepare("http://127.0.0.1:9");
    let zone = "tijdzone = \"Europe/Amsterdam\"";
    let of_attachments = "naam = \"bijlage\"";
    let (before, after) = MIJNOVERHEID.split_once(of_attachments).unwrap();
    let shorter = after.replacen("\"P5Y\"", "\"P18M\"", 1);
    let swept = "naam = \"gegevens-opruimen\"";
    let (all, most) = ("\"aflevering\", \"verwerkingslog\"]", "\"aflevering\"]");
    let (up_to_sweep, from_sweep) = MIJNOVERHEID.split_once(swept).unwrap();
    let (sweep, behind) = from_sweep.split_once("betrokkenen").unwrap();
    for (statement, code, why) in [
        (
            MIJNOVERHEID.replace(zone, "tijdzone = \"Europe/Atlantis\""),
            "S-786",
            "a time zone that does not exist: Europe/Atlantis",
        ),
        (
            MIJNOVERHEID.replace("versie = \"2.2\"", "versie = \"2/2\""),
            "S-786",
            "cannot be part of an address",
        ),
        (
            MIJNOVERHEID
                .replace("talen = [\"nl\", \"en\"]", "talen = [\"nl\", \"fr\"]")
                .replace(" en = \"", " fr = \""),
            "S-786",
            "a language without texts: fr",
        ),
        (
            format!("{before}{of_attachments}{shorter}"),
            "S-786",
            "for different times (P18M and P5Y)",
        ),
        (
            MIJNOVERHEID.replace(swept, "naam = \"gegevens-oprumen\""),
            "S-787",
            "the statement does not name `gegevens-opruimen`",
        ),
        (
            format!(
                "{up_to_sweep}{swept}{}betrokkenen{behind}",
                sweep.replace(all, most)
            ),
            "S-787",
            "`gegevens-opruimen` does not write `verwerkingslog`",
        ),
    ] {
        let file = server.add_file("anders.toml", &statement);
        let told = String::from_utf8(check(&server, &[&file]).stdout).unwrap();
        let line = told.lines().find(|line| line.contains(code));
        assert!(line.is_some_and(|line| line.contains(why)), "{why}: {told}");
        assert_eq!(told.contains("it does not start"), code == "S-786", "{why}");
    }
}

#[test]
fn mo_62_cn_72_data_in_another_country_than_declared_is_not_served() {
    let server = Server::prepare("http://127.0.0.1:9");
    let configuration = server.path().join("server.toml");
    let configured = std::fs::read_to_string(&configuration).unwrap();
    let there = "location = \"NL\"";
    assert!(configured.contains(there));
    for (said, why) in [
        (
            "location = \"US\"",
            "`location` says US of `data` and `keys`",
        ),
        ("", "nobody says where `data` and `keys` lie"),
    ] {
        std::fs::write(&configuration, configured.replace(there, said)).unwrap();
        let output = Command::new(server.path().join("postbus"))
            .current_dir(server.path())
            .args(["log", "verify", "--config", "server.toml"])
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains(why), "{told}");
    }
}

/// MO-57: a start says in which roles nobody may act, since no agreement holds; and starts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_tells_once_which_roles_are_off() {
    let head = "naam = \"eerstelijnsondersteuning\"\n";
    let agreed = "overeenkomst = { datum = 2020-01-01, kenmerk = \"V-1\", tot = 2020-12-31 }\n";
    let other = "naam = \"klanttevredenheidsonderzoek\"\n";
    let holds = "overeenkomst = { datum = 2020-01-01, kenmerk = \"V-2\" }\n";
    let ended = MIJNOVERHEID
        .replace(head, &format!("{head}{agreed}"))
        .replace(other, &format!("{other}{holds}"));
    for (statement, told) in [
        (
            MIJNOVERHEID.to_owned(),
            ["eerstelijns", "klantonderzoeker"].as_slice(),
        ),
        (ended, &["eerstelijns"]),
    ] {
        let mut server = Server::prepare("http://127.0.0.1:9");
        server.add_file("mijnoverheid.toml", &statement);
        server.start().await;
        let off = server.told_of("nobody may act in this role");
        assert_eq!(off.len(), told.len(), "{off:?}");
        for (line, role) in off.iter().zip(told) {
            assert!(line.contains("WARN"), "{line}");
            assert!(line.contains(&format!("\"{role}\"")), "{line}");
        }
        let why = "its agreement ended on 2020-12-31";
        assert_eq!(off[0].contains(why), told.len() == 1, "{off:?}");
        server.end().await;
    }
}
