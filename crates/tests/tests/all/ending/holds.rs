//! Holds: what the statement lets be kept longer stays row by row, everything beside it goes at its time.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use basics::SubjectId;
use serde_json::json;
use testkit::{ANNA, BORIS, MIJNOVERHEID, NOW, Organisation, Product, attachment, pdf};
use vault::{Erased, Erasure, HeldPart, HoldSet, NewHold, SweepOrder, Swept, Whose};

use super::sweep::{count, months_after, restrict, sweep};
use crate::database;
use crate::kill::server::Server;

const DAY: Duration = Duration::from_secs(86_400);
const PROCEDURE: &str = "lopende-procedure";
const HOTSPOT: &str = "watersnood";

/// A statement that names a hold and a hotspot for letters, and a hold for what a sender and the log know of them.
pub fn statement() -> String {
    let mut text = MIJNOVERHEID.to_owned();
    for (category, keys) in [
        (
            "bericht",
            "opschorting = [\"lopende-procedure\"]\nhotspots = [\"watersnood\"]",
        ),
        ("aflevering", "opschorting = [\"lopende-procedure\"]"),
        ("verwerkingslog", "opschorting = [\"lopende-procedure\"]"),
    ] {
        let at = text
            .find(&format!("[[gegeven]]\nnaam = \"{category}\"\n"))
            .unwrap();
        let table = "[gegeven.bewaartermijn]\n";
        let at = at + text[at..].find(table).unwrap() + table.len();
        text.insert_str(at, &format!("{keys}\n"));
    }
    for activity in ["gegevens-meegeven", "gegevens-wissen", "gegevens-opruimen"] {
        let at = text.find(&format!("naam = \"{activity}\"")).unwrap();
        let (before, after) = text.split_at(at);
        let end = after.find("\n\n").unwrap();
        let named = after[..end].replace(
            "\"verwerkingslog\"]",
            "\"verwerkingslog\", \"opschorting\"]",
        );
        text = format!("{before}{named}{}", &after[end..]);
    }
    text + r#"
[[gegeven]]
naam = "opschorting"
titel = { nl = "Waarom wij iets langer bewaren", en = "Why we keep something longer" }
klasse = "gewoon"
betrokkenen = ["gebruiker"]
[gegeven.bewaartermijn]
termijn = "P18M"
vanaf = "einde-zaak"
bron = "bandbreedte"
reden = { nl = "Zo kunnen wij dat uitleggen.", en = "So that we can explain that." }

[[opschorting]]
naam = "lopende-procedure"
titel = { nl = "Een bezwaar dat nog loopt", en = "An objection that is running" }
begint = { nl = "Als het begint.", en = "When it begins." }
eindigt = { nl = "Als het is afgerond.", en = "When it is over." }

[[hotspot]]
naam = "watersnood"
titel = { nl = "De watersnood", en = "The flood" }
uitleg = { nl = "Dit wordt bewaard.", en = "This is kept." }
bestemming = "Nationaal Archief"

[[activiteit]]
naam = "gegevens-vasthouden"
titel = { nl = "Wij bewaren gegevens langer", en = "We keep data longer" }
doel = "dienst-laten-werken"
grondslag = "gdi"
rollen = ["beheerder"]
kanalen = ["terminal"]
leest = ["burgerservicenummer", "opschorting"]
schrijft = ["opschorting"]
"#
}

fn part(category: &str, ground: &str, row: Option<&str>) -> HeldPart {
    HeldPart {
        category: category.to_owned(),
        ground: ground.to_owned(),
        row: row.map(str::to_owned),
    }
}

fn new(part: HeldPart) -> NewHold {
    NewHold {
        part,
        until: None,
        reference: "zaak 7".to_owned(),
        by: "j.vries".to_owned(),
    }
}

async fn hold(product: &Product, subject: SubjectId, part: HeldPart) {
    let set = product.vault().hold(Whose::Id(subject), new(part)).await;
    assert_eq!(set.unwrap(), Some(HoldSet::Set));
}

pub async fn hold_letter(product: &Product, subject: SubjectId, letter: &str) {
    hold(product, subject, part("bericht", HOTSPOT, Some(letter))).await;
}

async fn lift(product: &Product, subject: SubjectId, part: HeldPart) -> Option<usize> {
    let by = "j.vries".to_owned();
    let vault = product.vault();
    let lifted = vault.lift_hold(Whose::Id(subject), part, by);
    lifted.await.unwrap()
}

/// As a trial says it, and then as it is done.
async fn swept(product: &Product) -> Swept {
    let trial = product
        .vault()
        .sweep(SweepOrder::trial(), &mut |_| {})
        .await
        .unwrap();
    let swept = sweep(product).await;
    assert_eq!(trial, swept);
    swept
}

async fn letters(
    product: &Product,
    person: &testkit::Person,
    many: usize,
) -> (SubjectId, Vec<String>) {
    let sender = Organisation::connect(product, 1, "Waterschap Vallei").await;
    let subject = product.activate(person).await;
    let mut ids = Vec::new();
    for _ in 0..many {
        let mut letter = sender.letter_to(person);
        letter["bijlagen"] = json!([attachment("a.pdf", &pdf("a"))]);
        ids.push(sender.delivered(&letter).await);
    }
    (subject, ids)
}

#[tokio::test]
async fn a_hold_keeps_a_category_of_a_person_until_it_is_lifted() {
    let product = Product::start(&statement()).await;
    let (anna, _) = letters(&product, &ANNA, 2).await;
    let (_, _) = letters(&product, &BORIS, 1).await;
    hold(&product, anna, part("bericht", PROCEDURE, None)).await;
    product.clock().set(months_after(NOW, 60).plus(DAY));
    let first = swept(&product).await;
    let held = &first.by_ground[PROCEDURE];
    assert_eq!((held.rows, held.people.len()), (2, 1), "{first:?}");
    for table in ["messages", "bodies", "attachments", "claimed_blobs"] {
        assert_eq!(count(&product, table), 2, "{table}: Boris's are gone");
    }
    assert_eq!(
        lift(&product, anna, part("bericht", PROCEDURE, None)).await,
        Some(1)
    );
    let second = swept(&product).await;
    assert!(second.by_ground.is_empty(), "{second:?}");
    assert_eq!((count(&product, "messages"), second.files), (0, 2));
    // What was held stays written down for its own term.
    assert_eq!(count(&product, "holds"), 1);
    product
        .clock()
        .set(months_after(product.clock().now(), 18).plus(DAY));
    swept(&product).await;
    assert_eq!(count(&product, "holds"), 0);
}

/// AVG art. 18, MO-72: what somebody set by a clock that is ahead stands for who is behind, at the gate and in the sweep.
#[tokio::test]
async fn mo_72_what_was_set_by_a_clock_ahead_stands() {
    let product = Product::start(&statement()).await;
    let (anna, _) = letters(&product, &ANNA, 2).await;
    let (boris, _) = letters(&product, &BORIS, 1).await;
    let behind = months_after(NOW, 60).plus(DAY);
    product.clock().set(behind.plus(DAY));
    hold(&product, anna, part("bericht", PROCEDURE, None)).await;
    restrict(&product, boris, "bericht").await;
    product.clock().set(behind);
    let mut browser = testkit::Browser::new(&product);
    browser.log_in(&BORIS).await;
    assert_eq!(browser.get("/berichten").await.status, 403);
    let swept = swept(&product).await;
    assert_eq!(swept.held, [boris].into());
    assert_eq!(swept.by_ground[PROCEDURE].rows, 2);
    assert_eq!(count(&product, "messages"), 3);
}

#[tokio::test]
async fn a_row_that_is_marked_for_a_hotspot_stays_and_the_others_go() {
    let product = Product::start(&statement()).await;
    let (anna, ids) = letters(&product, &ANNA, 3).await;
    hold(&product, anna, part("bericht", HOTSPOT, Some(&ids[1]))).await;
    product.clock().set(months_after(NOW, 60).plus(DAY));
    let first = swept(&product).await;
    assert_eq!(first.by_ground[HOTSPOT].rows, 1, "{first:?}");
    let left = database::rows(&product, "SELECT message_id FROM messages");
    assert_eq!(left, [[ids[1].clone()]]);
    assert_eq!(
        (count(&product, "attachments"), count(&product, "bodies")),
        (1, 1)
    );
}

/// More than a step of them in front.
#[tokio::test]
async fn held_rows_hide_no_others_behind_them() {
    let product = Product::start(&statement()).await;
    let (anna, ids) = letters(&product, &ANNA, 70).await;
    let mut sorted = ids.clone();
    sorted.sort();
    for id in &sorted[..66] {
        hold(&product, anna, part("bericht", HOTSPOT, Some(id))).await;
    }
    product.clock().set(months_after(NOW, 60).plus(DAY));
    let first = swept(&product).await;
    assert_eq!(first.by_ground[HOTSPOT].rows, 66);
    assert_eq!(count(&product, "messages"), 66);
}

#[tokio::test]
async fn a_hold_keeps_what_a_sender_and_the_log_know_of_somebody() {
    let product = Product::start(&statement()).await;
    let (anna, _) = letters(&product, &ANNA, 1).await;
    let (boris, _) = letters(&product, &BORIS, 1).await;
    for category in ["aflevering", "verwerkingslog"] {
        hold(&product, anna, part(category, PROCEDURE, None)).await;
    }
    product.clock().set(months_after(NOW, 60).plus(DAY));
    let first = swept(&product).await;
    assert_eq!(first.by_ground[PROCEDURE].rows, 1, "{first:?}");
    let of = |table: &str, who: SubjectId| {
        let asked = format!(
            "SELECT COUNT(*) FROM {table} WHERE subject_id = '{who}' AND {} ",
            match table {
                "log" => format!("start_time <= {}", NOW.micros()),
                _ => "1 = 1".to_owned(),
            }
        );
        database::number(&product, &asked)
    };
    assert_eq!((of("deliveries", anna), of("deliveries", boris)), (1, 0));
    assert!(of("log", anna) > 0);
    assert_eq!(of("log", boris), 0);
}

#[tokio::test]
async fn whoever_has_a_hold_is_still_found_when_their_account_has_ended() {
    let product = Product::start(&statement()).await;
    let (anna, _) = letters(&product, &ANNA, 1).await;
    hold(&product, anna, part("bericht", PROCEDURE, None)).await;
    assert!(product.end_account(&ANNA).await);
    product.clock().set(months_after(NOW, 60).plus(DAY));
    swept(&product).await;
    for table in ["accounts", "subjects", "numbers", "messages"] {
        assert_eq!(count(&product, table), 1, "{table}");
    }
    assert_eq!(
        lift(&product, anna, part("bericht", PROCEDURE, None)).await,
        Some(1)
    );
    swept(&product).await;
    assert_eq!(
        (count(&product, "messages"), count(&product, "accounts")),
        (0, 0)
    );
}

#[tokio::test]
async fn an_erasure_asks_what_is_held_and_does_nothing_while_something_is() {
    let product = Product::start(&statement()).await;
    let (anna, _) = letters(&product, &ANNA, 1).await;
    let (boris, _) = letters(&product, &BORIS, 1).await;
    let ordered = async |who| {
        let vault = product.vault();
        let ordered = vault.erase_unless_held(Whose::Id(who), &mut |_| {}).await;
        ordered.unwrap()
    };
    for who in [anna, boris] {
        hold(&product, who, part("bericht", PROCEDURE, None)).await;
        let Erasure::Held(holds) = ordered(who).await else {
            panic!("something is held");
        };
        let grounds: Vec<&str> = holds.iter().map(|hold| &*hold.part.ground).collect();
        assert_eq!(grounds, [PROCEDURE]);
    }
    assert_eq!(count(&product, "messages"), 2);
    assert!(!product.keys().join("erasures.txt").exists());
    // Whoever weighed it decides, or lifts it first.
    let decided = product.vault().erase(Whose::Id(anna), &mut |_| {}).await;
    assert!(decided.unwrap().is_some());
    assert_eq!(count(&product, "messages"), 1);
    lift(&product, boris, part("bericht", PROCEDURE, None)).await;
    let done = ordered(boris).await;
    assert!(matches!(done, Erasure::Done(_)), "{done:?}");
    // Again is as once.
    assert_eq!(ordered(boris).await, Erasure::Done(Erased::default()));
    assert_eq!(count(&product, "messages"), 0);
}

#[tokio::test]
async fn a_hold_with_a_last_day_ends_by_itself() {
    let product = Product::start(&statement()).await;
    let (anna, _) = letters(&product, &ANNA, 1).await;
    let until = months_after(NOW, 61);
    let limited = NewHold {
        until: Some(until),
        ..new(part("bericht", PROCEDURE, None))
    };
    product
        .vault()
        .hold(Whose::Id(anna), limited)
        .await
        .unwrap();
    product.clock().set(until.minus(DAY));
    swept(&product).await;
    assert_eq!(count(&product, "messages"), 1);
    product.clock().set(until.plus(DAY));
    swept(&product).await;
    assert_eq!(count(&product, "messages"), 0);
}

#[tokio::test]
async fn only_what_the_statement_names_can_be_held_and_only_what_is_there() {
    let product = Product::start(&statement()).await;
    let (anna, _) = letters(&product, &ANNA, 1).await;
    for (wrong, why) in [
        (
            part("bericht", "zomaar", None),
            "names lopende-procedure, watersnood",
        ),
        (
            part("account", PROCEDURE, None),
            "names nothing that keeps `account`",
        ),
        (part("foto", PROCEDURE, None), "has no category `foto`"),
        (
            part("bericht", HOTSPOT, Some("123")),
            "has no row with that key",
        ),
    ] {
        let fault = product.vault().hold(Whose::Id(anna), new(wrong)).await;
        let fault = fault.unwrap_err().to_string();
        assert!(fault.contains(why), "{fault}");
    }
    assert_eq!(count(&product, "holds"), 0);
    hold(&product, anna, part("bericht", PROCEDURE, None)).await;
    let again = new(part("bericht", PROCEDURE, None));
    let again = product.vault().hold(Whose::Id(anna), again).await;
    assert_eq!(again.unwrap(), Some(HoldSet::StoodAlready));
    assert_eq!(
        product
            .vault()
            .holds(Whose::Id(anna))
            .await
            .unwrap()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_statement_without_the_activity_lets_nobody_hold_anything() {
    let without = statement().replace("naam = \"gegevens-vasthouden\"", "naam = \"iets-anders\"");
    let product = Product::start(&without).await;
    let (anna, _) = letters(&product, &ANNA, 1).await;
    let refused = product
        .vault()
        .hold(Whose::Id(anna), new(part("bericht", PROCEDURE, None)))
        .await;
    assert!(refused.is_err());
    assert_eq!(count(&product, "holds"), 0);
}

#[tokio::test]
async fn a_hold_is_in_a_copy_of_the_data_and_goes_with_an_erasure() {
    let product = Product::start(&statement()).await;
    let (anna, _) = letters(&product, &ANNA, 1).await;
    hold(&product, anna, part("bericht", PROCEDURE, None)).await;
    let export = product
        .vault()
        .export(Whose::Id(anna))
        .await
        .unwrap()
        .unwrap();
    let holds = export
        .tables
        .iter()
        .find(|(name, _)| *name == "holds")
        .unwrap();
    assert_eq!(holds.1.len(), 1);
    product
        .vault()
        .erase(Whose::Id(anna), &mut |_| {})
        .await
        .unwrap();
    assert_eq!(
        (count(&product, "holds"), count(&product, "messages")),
        (0, 0)
    );
}

/// The real program, with a person's number on its standard input.
fn postbus(server: &Server, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(server.path().join("postbus"));
    command
        .args(arguments)
        .arg("--config")
        .arg(server.path().join("server.toml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A run that refuses before it reads has closed it.
    let _ = writeln!(child.stdin.take().unwrap(), "{}", ANNA.bsn);
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn the_commands_ask_for_the_number_and_never_say_it() {
    let server = Server::prepare("http://127.0.0.1:9");
    let whose = "--number-from-stdin";
    let letters = ["--category", "bericht", "--ground", PROCEDURE];
    let by = ["--by", "j.vries"];
    let set = [
        &["hold", "set", whose][..],
        &letters,
        &by,
        &["--reference", "zaak 7"],
    ]
    .concat();
    // The statement that ships names nothing that keeps letters longer.
    let (is_done, said) = postbus(&server, &set);
    assert!(
        !is_done && said.contains("names nothing that keeps `bericht`"),
        "{said}"
    );
    let newer = statement().replacen("versie = \"2.2\"", "versie = \"2.3\"", 1);
    fs::write(server.path().join("statement.toml"), newer).unwrap();
    let configuration = server.path().join("server.toml");
    let named = fs::read_to_string(&configuration).unwrap();
    let line = named
        .lines()
        .find(|line| line.starts_with("statement = "))
        .unwrap();
    fs::write(
        &configuration,
        named.replace(line, "statement = \"statement.toml\""),
    )
    .unwrap();
    for arguments in [
        set.clone(),
        [&["hold", "lift", whose][..], &letters, &by].concat(),
        vec!["hold", "list", whose],
    ] {
        let (is_done, said) = postbus(&server, &arguments);
        let nobody = "nothing is kept here of anybody like that";
        assert!(!is_done && said.contains(nobody), "{said}");
        assert!(!said.contains(ANNA.bsn));
    }
    let (is_done, said) = postbus(&server, &[&set[..], &["--until", "2027-02-30"]].concat());
    assert!(!is_done && said.contains("--until"), "{said}");
}
