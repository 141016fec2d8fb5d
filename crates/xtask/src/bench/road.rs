//! Single deliveries over HTTP: a whole installation on a temporary folder, keep-alive clients, durable before each 201.

use std::error::Error;
use std::path::PathBuf;

use basics::{Bsn, Clock, Ids, Oin, PersonNumber, Trace};
use organisations::NewOrganisation;
use postbus::{Contacts, Installation, InstallationSettings, Listening};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::Options;
use super::cpu::Spent;
use super::load::{self, Outcome};

const PEOPLE: usize = 1_000;
/// The text of one letter is this long, in bytes.
const LETTER: usize = 1_500;

/// What a run leaves: its figures and the database it wrote.
pub struct Road {
    pub outcome: Outcome,
    /// Microseconds of each kind of thread for one delivery.
    pub cpu: String,
    folder: TempDir,
}

impl Road {
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("data/postbus.db")
    }
}

pub fn run(options: &Options) -> Result<Road, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let runtime = Runtime::new()?;
    let (tell, stop) = watch::channel(false);
    let (listener, address) = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        Ok::<_, std::io::Error>((listener, address))
    })?;
    let base_url = format!("http://localhost:{}", address.port());
    let installation = open(&folder, &base_url)?;
    let numbers = test_numbers(PEOPLE);
    let oin = Oin::parse("00000099000000001000").map_err(|_| "not an OIN")?;
    let (private, public) = organisations::new_client_key();
    runtime.block_on(prepare(&installation, &numbers, &oin, public))?;
    let listening = Listening {
        listener,
        router: installation.router(),
    };
    let serving = runtime.spawn(postbus::serve(vec![listening], stop));
    let token = runtime.block_on(token(&base_url, &oin, &private))?;

    let letter = letter();
    let before = Spent::now()?;
    let outcome = load::run(options.load(address), move |number, request| {
        let recipient = &numbers[usize::try_from(number).unwrap_or(0) % numbers.len()];
        let body = format!(
            r#"{{"afzender":"{oin}","ontvanger":{{"type":"BSN","waarde":"{recipient}"}},"onderwerp":"Voorlopige aanslag {number}","inhoud":"{letter}"}}"#
        );
        let head = format!(
            "POST /api/v1/aanleveringen HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        request.extend_from_slice(head.as_bytes());
        request.extend_from_slice(body.as_bytes());
    })?;
    let cpu = Spent::now()?.each_since(&before, outcome.count);
    if outcome.statuses.keys().any(|status| *status != 201) {
        return Err(format!("not every delivery was taken: {:?}", outcome.statuses).into());
    }
    tell.send(true)?;
    runtime.block_on(serving)??;
    drop(installation);
    Ok(Road {
        outcome,
        cpu,
        folder,
    })
}

fn open(folder: &TempDir, base_url: &str) -> Result<Installation, Box<dyn Error>> {
    Ok(Installation::open(InstallationSettings {
        statement: include_str!("../../../../statements/mijnoverheid.toml").to_owned(),
        data: folder.path().join("data"),
        keys: folder.path().join("keys"),
        base_url: base_url.to_owned(),
        plain_loopback_cookies: true,
        login: people::LoginSettings {
            issuer: "http://localhost:9".to_owned(),
            client_id: "bench".to_owned(),
            number_claim: "bsn".to_owned(),
        },
        contacts: Contacts::default(),
        app: None,
        clock: Clock::system(),
        ids: Ids::system(),
    })?)
}

async fn prepare(
    installation: &Installation,
    numbers: &[String],
    oin: &Oin,
    public: serde_json::Value,
) -> Result<(), Box<dyn Error>> {
    let vault = &installation.vault;
    let new = NewOrganisation {
        oin: oin.clone(),
        name: "Bench".to_owned(),
        jwks: serde_json::json!({ "keys": [public] }),
        mandatory: false,
    };
    organisations::connect_on_order(vault, new).await?;
    for number in numbers {
        let number = Bsn::parse(number).map_err(|_| "not a BSN")?;
        installation
            .people
            .bring_in(PersonNumber::Bsn(number), Trace::new(vault.ids()))
            .await?;
    }
    Ok(())
}

async fn token(
    base_url: &str,
    oin: &Oin,
    private: &serde_json::Value,
) -> Result<String, Box<dyn Error>> {
    let endpoint = format!("{base_url}/oauth/token");
    let assertion =
        organisations::client_assertion(private, oin, &endpoint, Clock::system().now())?;
    let body = format!(
        "grant_type=client_credentials&client_id={oin}\
         &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}"
    );
    let request = reqwest::Client::new()
        .post(&endpoint)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    let answer: serde_json::Value = request.send().await?.json().await?;
    Ok(answer["access_token"]
        .as_str()
        .ok_or_else(|| format!("no token: {answer}"))?
        .to_owned())
}

/// Test numbers 99999…, each passing the eleven-test.
fn test_numbers(count: usize) -> Vec<String> {
    (999_900_000_u32..)
        .map(|number| number.to_string())
        .filter(|number| Bsn::parse(number).is_ok())
        .take(count)
        .collect()
}

/// Words in an order that does not repeat, so that it compresses as a letter does.
fn letter() -> String {
    let words = include_str!("../../../vault/letters.txt")
        .split_whitespace()
        .filter(|word| !word.contains(['"', '\\']));
    let mut letter = String::with_capacity(LETTER + 32);
    for word in words.step_by(3) {
        if letter.len() >= LETTER {
            break;
        }
        letter.push_str(word);
        letter.push(' ');
    }
    letter
}
