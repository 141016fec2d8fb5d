//! `postbus subject disclose`: what goes outside at a demand or after an incident, as it is written, and as its person sees it.

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use basics::{Actor, Role};
use statement::Occasion;
use testkit::{ANNA, Browser, MIJNCN, Person, Product};
use vault::{Giving, Holds, Whose};

use crate::database;
use crate::ending::canary::{self, Canary};
use crate::kill::server::Server;
use crate::pages::snapshot;

pub fn demand(data: &[&str], law: &str) -> Giving {
    Giving {
        recipient: "opsporingsdiensten".to_owned(),
        data: data.iter().map(ToString::to_string).collect(),
        occasion: Occasion::OnDemand,
        reference: "vordering 2026-12".to_owned(),
        law: Some(law.to_owned()),
        article: Some("art. 9".to_owned()),
        reason: "onderzoek 7".to_owned(),
        approved_by: "p.devries".to_owned(),
    }
}

/// Gives of her, as the command does; answers what was written.
async fn gives(product: &Product, person: &Person, giving: &Giving) -> [String; 2] {
    let by = Actor::Staff {
        role: Role::named("privacymedewerker"),
        id: "m.jansen".to_owned(),
    };
    let subject = product.activate(person).await;
    let vault = product.vault();
    let given = vault.give(Whose::Id(subject), giving.clone(), by).await;
    let given = given.unwrap().expect("she is known");
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("uit");
    postbus::commands::write_disclosure(&vault, given, giving, &to)
        .await
        .unwrap();
    assert!(!to.join("bijlagen").exists());
    ["gegevens.json", "geleideblad.md"].map(|name| fs::read_to_string(to.join(name)).unwrap())
}

#[tokio::test]
async fn mo_19_mo_60_what_goes_at_a_demand_is_what_was_named_and_she_sees_by_which_law() {
    let product = Product::in_files().await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let giving = demand(&["burgerservicenummer", "account"], "besluit-gdi");
    let [data, cover] = gives(&product, &ANNA, &giving).await;
    snapshot(|| insta::assert_snapshot!("verstrekt_gegevens", data));
    snapshot(|| insta::assert_snapshot!("verstrekt_geleideblad", cover));
    // Neither her login nor the id by which she goes here.
    assert!(data.contains(ANNA.bsn) && !data.contains("sessions"));
    let subject = product.activate(&ANNA).await.to_string();
    assert!(!data.contains(&subject) && !cover.contains(&subject));

    let history = browser.get("/geschiedenis").await;
    let recipient = "Gegevens gingen naar: Diensten aan wie wij van de wet gegevens moeten geven";
    assert!(history.text().contains(recipient), "{}", history.text());
    let law = "Volgens de wet: Besluit verwerking persoonsgegevens generieke digitale infrastructuur, art. 9";
    assert!(history.text().contains(law));
    assert!(history.text().contains("een medewerker van MijnOverheid"));
    // Who it was at work, and why, is not hers to read.
    for theirs in ["m.jansen", "p.devries", "vordering 2026-12"] {
        assert!(!history.text().contains(theirs), "{theirs}");
    }
    let taken = browser.get("/geschiedenis.csv").await;
    assert!(taken.text().contains("digitale infrastructuur, art. 9)"));
}

/// MO-60: what is named goes, each column of it; no id or hash by which rows are found here does, nor anything of another category.
#[tokio::test]
async fn mo_60_no_id_of_ours_goes_with_what_was_named() {
    let product = Product::mijnoverheid().await;
    let mut planted = canary::plant(&product).await;
    // What stands on somebody's data is read, and a canary says nothing there.
    database::change(&product, "DELETE FROM standing");
    let is_there = |canary: &Canary| !canary.column.starts_with("standing.");
    planted.canaries.retain(is_there);
    let named = ["account", "inloghistorie", "ip-adres"];
    let by = Actor::Staff {
        role: Role::named("privacymedewerker"),
        id: "m.jansen".to_owned(),
    };
    let giving = demand(&named, "besluit-gdi");
    let vault = product.vault();
    let given = vault.give(Whose::Id(planted.subject), giving.clone(), by);
    let given = given.await.unwrap().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("uit");
    postbus::commands::write_disclosure(&vault, given, &giving, &to)
        .await
        .unwrap();
    let data = fs::read_to_string(to.join("gegevens.json")).unwrap();
    let catalogue = canary::catalogue();
    let (mut ids, mut told) = (0, 0);
    for canary in &planted.canaries {
        let (table, column) = canary.column.split_once('.').unwrap();
        let holds = &catalogue.table(table).unwrap().columns[column];
        let is_named = matches!(holds, Holds::Category(name, _) if named.contains(&name.as_str()));
        let is_hash = column.ends_with("_hash") || column.ends_with("_digest");
        let goes = is_named && !holds.is_id() && !is_hash;
        ids += usize::from(is_named && holds.is_id());
        told += usize::from(goes);
        let found = data.matches(canary.told.as_str()).count();
        assert_eq!(found, usize::from(goes), "{}: {data}", canary.column);
    }
    assert!(ids >= 3 && told > 5, "{ids} ids, {told} told");
}

#[tokio::test]
async fn cn_67_cn_39_the_sheet_of_mijncn_names_the_law_of_the_islands() {
    let product = Product::start(MIJNCN).await;
    let giving = demand(&["account"], "wbp-bes");
    let [_, cover] = gives(&product, &ANNA, &giving).await;
    assert!(
        cover.contains("Wet bescherming persoonsgegevens BES, art. 9"),
        "{cover}"
    );
}

/// The real program, with a person's number on its standard input.
fn disclose(server: &Server, number: &str, more: &[&str]) -> Output {
    let configuration = server.path().join("server.toml");
    let mut command = Command::new(server.path().join("postbus"));
    command
        .args(["subject", "disclose", "--number-from-stdin", "--config"])
        .arg(configuration)
        .args(["--recipient", "opsporingsdiensten", "--data", "account"])
        .args(["--reason", "onderzoek 7", "--by", "m.jansen"])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A run that refuses before it reads has closed it.
    let _ = writeln!(child.stdin.take().unwrap(), "{number}");
    child.wait_with_output().unwrap()
}

#[test]
fn the_command_says_by_which_lines_and_refuses_what_is_not_whole() {
    let server = Server::prepare("http://127.0.0.1:9");
    let to = server.path().join("uit");
    let demanded = ["--demand", "vordering 12", "--law", "besluit-gdi"];
    let approved = ["--approved-by", "p.devries", "--dry-run"];
    let told = disclose(&server, ANNA.bsn, &[&demanded[..], &approved[..]].concat());
    let said = String::from_utf8(told.stdout).unwrap();
    assert!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    for words in [
        "opsporingsdiensten would get, by line ",
        "  account: ",
        "accounts.",
        "the law: line ",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    for ours in ["_id", "_hash"] {
        assert!(!said.contains(ours), "{ours} stays behind: {said}");
    }
    let to = ["--to", to.to_str().unwrap()];
    let refused = |more: &[&str], why: &str| {
        let output = disclose(&server, ANNA.bsn, &[more, &to[..]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && said.contains(why),
            "{why}: {said}"
        );
        assert!(!server.path().join("uit").exists(), "{why}");
    };
    refused(&approved[..2], "--demand");
    refused(&demanded, "--approved-by");
    let nobody = "nothing is kept here of anybody like that";
    let output = disclose(
        &server,
        ANNA.bsn,
        &[&demanded[..], &approved[..2], &to[..]].concat(),
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains(nobody));
}
