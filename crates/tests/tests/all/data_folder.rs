//! What stays on disk and in the program's log after the road: nothing of a letter, no number, no secret can be read there.

use std::cell::RefCell;
use std::io::Write;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem;
use serde_json::json;
use testkit::{ANNA, BORIS, Browser, Organisation, Product, attachment, pdf};
use tracing::Metadata;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::database;

const TITLE: &str = "Onderwerp Zilverreiger Kastanje";
const TEXT: &str = "Geheime zin over een Purperen Wielewaal";
const FILE_NAME: &str = "Bijlage-Boomvalk-Esdoorn.pdf";
const FILE_WORDS: &str = "Inhoud van de Torenvalk en de Linde";
const REFERENCE: &str = "KENMERK-IJSVOGEL-77";
const MESSAGE_TYPE: &str = "soort-nachtzwaluw";
const ACT_BEFORE: &str = "2027-03-14";
const ADDRESS: [u8; 4] = [203, 0, 113, 77];
const DEVICE: &str = "Vivaldi, ChromeOS";
const AGENT: &str = "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36 Vivaldi/7.6";
const KEY: &str = "sleutel-goudplevier-0815";

/// Goes the road with values that are found nowhere else; answers what must not be readable.
async fn travelled(product: &Product) -> Vec<String> {
    let sender = Organisation::connect(product, 77, "Waterschap Vallei").await;
    let mut browser = Browser::new(product);
    (browser.address, browser.agent) = (ADDRESS.into(), AGENT);
    browser.log_in(&ANNA).await;
    let kept = browser.get("/gegevens").await;
    let address = IpAddr::from(ADDRESS).to_string();
    assert!(kept.text().contains(&address) && kept.text().contains(DEVICE));
    let choices = browser.get("/voorkeuren").await;
    let refused = browser.submit(&choices, "/voorkeuren", &[]).await;
    assert_eq!(refused.status, 303);
    let choices = browser.get("/voorkeuren").await;
    let van = [("van", sender.oin.as_str())];
    assert_eq!(
        browser.submit(&choices, "/voorkeuren", &van).await.status,
        303
    );
    let cookie = browser.cookies()[0].to_owned();
    let secret = browser.cookie(&cookie).unwrap().to_owned();
    let mut letter = sender.letter_to(&ANNA);
    letter["onderwerp"] = json!(TITLE);
    letter["inhoud"] = json!(format!("Beste lezer,\n\n{TEXT}."));
    letter["referentie"] = json!(REFERENCE);
    letter["berichttype"] = json!(MESSAGE_TYPE);
    letter["actieVoorDatum"] = json!(ACT_BEFORE);
    letter["bijlagen"] = json!([attachment(FILE_NAME, &pdf(FILE_WORDS))]);
    let repeated = [("idempotency-key", KEY)];
    let answer = sender.deliver_with(&repeated, letter.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let id = answer.json()["berichtId"].as_str().unwrap().to_owned();
    assert_eq!(sender.deliver(&sender.letter_to(&BORIS)).await.status, 403);
    assert_eq!(sender.status(&id).await.status, 200);
    let page = browser.get(&format!("/berichten/{id}")).await;
    assert!(
        [TITLE, TEXT, REFERENCE, FILE_NAME]
            .iter()
            .all(|value| page.text().contains(value))
    );
    let saved = browser
        .get(&page.link(&format!("/berichten/{id}/bijlagen/")))
        .await;
    assert_eq!(saved.body, pdf(FILE_WORDS));
    let token = sender.token().await;
    let mut secrets = vec![secret, token, address];
    secrets.extend(
        [
            TITLE,
            TEXT,
            FILE_NAME,
            FILE_WORDS,
            REFERENCE,
            MESSAGE_TYPE,
            ACT_BEFORE,
            KEY,
            DEVICE,
            AGENT,
            ANNA.name,
        ]
        .map(str::to_owned),
    );
    secrets.extend([ANNA, BORIS].map(|person| product.number(&person).to_owned()));
    secrets
}

#[tokio::test]
async fn mo_22_mo_46_nothing_of_a_letter_or_a_person_is_readable_in_any_file_of_mijnoverheid() {
    nothing_is_readable(&Product::mijnoverheid().await).await;
}

#[tokio::test]
async fn cn_15_nothing_of_a_letter_or_a_person_is_readable_in_any_file_of_mijncn() {
    nothing_is_readable(&Product::mijncn().await).await;
}

async fn nothing_is_readable(product: &Product) {
    let secrets = travelled(product).await;
    // Once with the write-ahead log beside the database, once as a stopped product leaves its files.
    for running in [true, false] {
        if !running {
            product.stop();
        }
        let on_server = database::dumped(product);
        let is_in_files = on_server.is_empty();
        let mut files = files_of(&[product.data(), product.keys()]);
        files.extend(on_server);
        let names: Vec<String> = files
            .iter()
            .map(|(path, _)| path.display().to_string())
            .collect();
        let has = |end: &str| names.iter().any(|name| name.ends_with(end));
        if is_in_files {
            assert!(has("postbus.db") && has("keys.db"), "{names:?}");
            assert!(!running || has("-wal"), "{names:?}");
        }
        assert!(has("master.key"), "{names:?}");
        assert!(
            names.iter().any(|name| name.contains("/blobs/")),
            "{names:?}"
        );
        let found = |value: &str| -> Vec<&PathBuf> {
            let guises = guises(value);
            let shows = |bytes: &[u8]| guises.iter().any(|guise| holds(bytes, guise));
            let files = files.iter().filter(|(_, bytes)| shows(bytes));
            files.map(|(path, _)| path).collect()
        };
        // What lies open on purpose is found, so the search can find.
        assert!(!found("Waterschap Vallei").is_empty());
        for secret in &secrets {
            assert_eq!(found(secret), Vec::<&PathBuf>::new(), "{secret}");
        }
        let named = |secret: &String| names.iter().any(|name| name.contains(secret));
        assert!(!secrets.iter().any(named));
    }
}

#[tokio::test]
async fn mo_22_no_line_of_the_log_tells_a_number_or_anything_of_a_letter() {
    let (lines, _told) = Lines::of_this_test();
    let product = Product::mijnoverheid().await;
    let secrets = travelled(&product).await;
    let mut browser = Browser::new(&product);
    for lost in [
        "/999993653",
        "/berichten/999993653",
        "/api/v1/aanleveringen/999993653",
    ] {
        assert!(browser.get(lost).await.status >= 300);
    }
    let text = lines.text();
    assert!(text.contains("route=\"/berichten/{message}\""), "{text}");
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret}");
    }
}

/// The lines of the program's log that a test's own thread writes: all of its requests.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

thread_local! {
    static HEARD: RefCell<Option<Lines>> = const { RefCell::new(None) };
}

/// Until it is dropped the thread's lines are heard.
pub struct Heard;

impl Drop for Heard {
    fn drop(&mut self) {
        HEARD.set(None);
    }
}

impl Lines {
    /// One subscriber for all threads: one a thread would now and then miss what another thread was the first to write
    /// (tracing keeps whether anybody listens to a line by the thread that comes by it first).
    pub fn of_this_test() -> (Self, Heard) {
        static LISTENS: Once = Once::new();
        LISTENS.call_once(|| {
            let heard_here =
                |_: &Metadata<'_>, _: &Context<'_, _>| HEARD.with_borrow(|lines| lines.is_some());
            let layer = tracing_subscriber::fmt::layer()
                .with_ansi(false)
                .with_writer(|| HEARD.with_borrow(|lines| lines.clone().unwrap_or_default()))
                .with_filter(dynamic_filter_fn(heard_here));
            tracing_subscriber::registry().with(layer).init();
        });
        let lines = Self::default();
        HEARD.set(Some(lines.clone()));
        (lines, Heard)
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Every file in these folders and below, with its bytes.
pub fn files_of(folders: &[PathBuf]) -> Vec<(PathBuf, Vec<u8>)> {
    fn collect(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, files);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                files.push((path, bytes));
            }
        }
    }
    let mut files = Vec::new();
    folders
        .iter()
        .for_each(|folder| collect(folder, &mut files));
    files
}

/// A value in the forms in which someone would recognise it.
fn guises(value: &str) -> Vec<Vec<u8>> {
    let plain = value.as_bytes();
    let hex = |digit: fn(&u8) -> String| plain.iter().map(digit).collect::<String>().into_bytes();
    let mut guises = vec![
        plain.to_vec(),
        value.to_uppercase().into_bytes(),
        value.to_lowercase().into_bytes(),
        value.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        hex(|byte| format!("{byte:02x}")),
        hex(|byte| format!("{byte:02X}")),
    ];
    // In base64 a value looks different by where it begins; its edges mix with what stands beside it.
    for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        for before in 0..3 {
            let padded = [vec![0; before], plain.to_vec()].concat();
            let coded = engine.encode(&padded);
            let (from, to) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
            guises.push(coded.as_bytes()[from..to].to_vec());
        }
    }
    guises
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    memmem::find(bytes, part).is_some()
}

#[test]
fn a_value_is_found_in_every_guise() {
    let value = "Wielewaal 42";
    for before in ["", "x", "xy", "xyz"] {
        let text = format!("{before}{value}>?~");
        for kept in [
            text.clone().into_bytes(),
            text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            STANDARD_NO_PAD.encode(&text).into_bytes(),
            URL_SAFE_NO_PAD.encode(&text).into_bytes(),
            text.bytes()
                .map(|byte| format!("{byte:02X}"))
                .collect::<String>()
                .into_bytes(),
        ] {
            assert!(
                guises(value).iter().any(|guise| holds(&kept, guise)),
                "{before}"
            );
        }
    }
    assert!(
        !guises(value)
            .iter()
            .any(|guise| holds(b"Wielewaal 43", guise))
    );
}
