//! A database server with two databases, one for the rows and one for the keyring, as an operator makes them.

use std::time::{Duration, Instant};

use cluster::{Cluster, Settings};

use super::load::log_in_everyone;
use crate::kill::letters::PEOPLE;
use crate::kill::reader::{LoginProvider, Reader};
use crate::kill::sender::Sender;
use crate::kill::server::Server;

/// Generous: what comes true takes far less.
pub const PATIENCE: Duration = Duration::from_secs(60);

const ROWS: &str = "brieven";
const KEYRING: &str = "sleutels";
/// As they stand in the addresses, so in no line of a log.
pub const PASSWORDS: [&str; 2] = ["wachtwoord-van-postbus", "wachtwoord-van-de-eigenaar"];

/// The databases, and who owns and serves them.
pub struct House {
    pub cluster: Cluster,
}

impl House {
    /// What is answered is kept through a crash.
    pub fn durable() -> Self {
        Self::on(Settings::default())
    }

    /// For a test in which the server stays up.
    pub fn hasty() -> Self {
        Self::on(Settings {
            durable: false,
            ..Settings::default()
        })
    }

    pub fn on(settings: Settings) -> Self {
        let cluster = Cluster::start(settings).expect("PostgreSQL is there");
        let [serves, owns] = PASSWORDS;
        let roles = format!(
            "CREATE ROLE postbus LOGIN NOINHERIT PASSWORD '{serves}';
             CREATE ROLE postbus_owner LOGIN CREATEROLE PASSWORD '{owns}'"
        );
        cluster.sql("postgres", &roles).expect("two roles");
        for database in [ROWS, KEYRING] {
            cluster.create_database(database).expect("a database");
            let give = format!("ALTER DATABASE {database} OWNER TO postbus_owner");
            cluster.sql("postgres", &give).expect("an owner");
        }
        Self { cluster }
    }

    /// The program on it, an organisation that sends, and everyone logged in.
    pub async fn inhabited(&self) -> (Server, Sender, [Reader; PEOPLE.len()]) {
        inhabited(&self.configured()).await
    }

    /// Asks the rows as the superuser.
    pub fn superuser(&self, sql: &str) -> String {
        self.cluster.sql(ROWS, sql).expect(sql)
    }

    /// What an installation's configuration says of it.
    pub fn configured(&self) -> String {
        configured_at(&[self.cluster.port()])
    }

    /// Asks the rows as their owner.
    pub fn owner(&self, sql: &str) -> String {
        ask(&self.owners_address(), sql).expect(sql)
    }

    pub fn owners_address(&self) -> String {
        self.address("postbus_owner", PASSWORDS[1])
    }

    /// Asks the rows as the role that serves: an answer, or why not.
    pub fn serving(&self, sql: &str) -> Result<String, String> {
        ask(&self.address("postbus", PASSWORDS[0]), sql)
    }

    pub fn owners_number(&self, sql: &str) -> u64 {
        self.owner(sql).parse().expect(sql)
    }

    fn address(&self, role: &str, password: &str) -> String {
        address(role, password, &[self.cluster.port()], ROWS)
    }
}

/// The program with these words in its configuration, an organisation that sends, and everyone logged in.
pub async fn inhabited(configured: &str) -> (Server, Sender, [Reader; PEOPLE.len()]) {
    let provider = LoginProvider::listen().await;
    let mut server = Server::prepare_with(&provider.issuer, configured);
    provider.serve(&server.site);
    server.start().await;
    let mut sender = Sender::connect(&server);
    sender.get_token().await;
    let readers = log_in_everyone(&server).await;
    (server, sender, readers)
}

/// The same where the databases may be on either of several servers.
pub fn configured_at(ports: &[u16]) -> String {
    let [serves, owns] = PASSWORDS;
    let at = |role, password, database| address(role, password, ports, database);
    format!(
        "store = \"{}\"\nstore-owner = \"{}\"\nkeys-store = \"{}\"\nkeys-store-owner = \"{}\"\n\
         store-location = \"NL\"\nkeys-store-location = \"NL\"",
        at("postbus", serves, ROWS),
        at("postbus_owner", owns, ROWS),
        at("postbus", serves, KEYRING),
        at("postbus_owner", owns, KEYRING),
    )
}

fn address(role: &str, password: &str, ports: &[u16], database: &str) -> String {
    let hosts: Vec<String> = ports
        .iter()
        .map(|port| format!("127.0.0.1:{port}"))
        .collect();
    let hosts = hosts.join(",");
    format!("postgres://{role}:{password}@{hosts}/{database}?target_session_attrs=read-write")
}

fn ask(address: &str, sql: &str) -> Result<String, String> {
    cluster::ask(address, sql).map_err(|fault| fault.to_string())
}

/// Waits until it is so; a test that waits in vain fails.
pub async fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "not yet: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
