//! `postbus statement opinions`: what people said of a statement can be read by who keeps it; the real binary.

use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::CJIB;

use crate::kill::server::{Server, client};

async fn says(server: &Server, words: &str) {
    let sent = client()
        .post(format!("{}/privacy/reactie", server.base_url))
        .header("origin", &server.base_url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("reactie={words}"))
        .send();
    assert_eq!(
        sent.await.unwrap().status(),
        StatusCode::SEE_OTHER,
        "{words}"
    );
}

/// CJ-38: they are counted by version and told in no order, and who gave one is nowhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cj_38_opinions_are_counted_and_told_by_version() {
    let mut server = Server::prepare("http://127.0.0.1:9");
    server.add_file("mijnoverheid.toml", CJIB);
    let none: Value = serde_json::from_str(&server.run(&["statement", "opinions"])).unwrap();
    assert_eq!(none, json!({ "versies": [] }));
    server.start().await;
    says(&server, "Ja").await;
    says(&server, "Nee%2C%20niet%20%22alles%22").await;
    server.end().await;
    let later = CJIB.replace("versie = \"1.0\"", "versie = \"1.1\"");
    assert_ne!(later, CJIB);
    server.add_file("mijnoverheid.toml", &later);
    server.start().await;
    says(&server, "%3D1%2B1").await;
    server.end().await;

    let told: Value = serde_json::from_str(&server.run(&["statement", "opinions"])).unwrap();
    let [first, second] = told["versies"].as_array().unwrap().as_slice() else {
        panic!("{told}");
    };
    assert_eq!(
        (&first["versie"], &first["aantal"]),
        (&json!("1.0"), &json!(2))
    );
    let mut words: Vec<&str> = first["reacties"]
        .as_array()
        .unwrap()
        .iter()
        .map(|words| words.as_str().unwrap())
        .collect();
    words.sort_unstable();
    assert_eq!(words, ["Ja", "Nee, niet \"alles\""]);
    assert_eq!(
        *second,
        json!({ "versie": "1.1", "aantal": 1, "reacties": ["=1+1"] })
    );

    let csv = server.run(&["statement", "opinions", "--csv"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!((lines.len(), lines[0]), (4, "\"versie\",\"reactie\""));
    // A spreadsheet reckons nothing out.
    assert_eq!(lines[3], "\"1.1\",\"'=1+1\"");
    assert!(lines.contains(&"\"1.0\",\"Nee, niet \"\"alles\"\"\""));
}
