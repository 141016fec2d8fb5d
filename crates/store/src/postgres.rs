//! The server engine, PostgreSQL 15 or newer: how it is reached, what its errors mean, its dialect, its tables.
//!
//! `session` is a connection and `client` what it speaks through, `dialect` turns the rooms' tables into this engine's, `months`
//! those that lie by month, `ending` what of them ends, `policies` says who sees what, `faults` names its errors.

mod client;
mod dialect;
mod ending;
mod faults;
mod months;
mod policies;
mod rooms;
mod session;
mod values;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ::postgres::config::{Host, SslMode, TargetSessionAttrs};
use ::postgres::{Client, Config as BlockingConfig};
use basics::Fault;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres_rustls::MakeRustlsConnect;

pub(crate) use ending::{people_with, write_anew};
pub(crate) use months::{drop_month, make_months};
#[cfg(test)]
pub(crate) use rooms::VERSION as VERSION_OF_FUNCTIONS;
pub(crate) use rooms::{bring_in_rooms, has_rows, known_room, mark_room, prepare};
pub(crate) use session::Session;
pub(crate) use values::cell;

/// How long a server may take to answer a new connection. People wait with it, so not long.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// What every connection is told first: how long a statement waits for another's lock, and a transaction or a silent line for us
/// (milliseconds; seconds for the line), so that rows are not kept from others by a process that is gone; and that a text is
/// planned once: its parts and months are chosen when it runs, not by planning it anew for each value; and run as planned, since compiling
/// one takes longer than any of ours runs.
const SETTLED: &str = "SET lock_timeout = 2000; SET idle_in_transaction_session_timeout = 60000;
    SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;
    SET plan_cache_mode = force_generic_plan; SET jit = off";

/// A database of a server: how it is reached by who serves, and by who owns its tables, where that is known here.
#[derive(Clone, Debug)]
pub struct Server {
    serving: Address,
    owner: Option<Address>,
}

impl Server {
    pub(crate) fn at(address: &str) -> Result<Self, Fault> {
        Ok(Self {
            serving: Address::parse(address)?,
            owner: None,
        })
    }

    pub(crate) fn owned_by(self, owner: &str) -> Result<Self, Fault> {
        let owner = Address::parse(owner)?;
        if owner.0.get_dbname() != self.serving.0.get_dbname() {
            return Err(Fault::broken(
                "the owner's address names another database than that of who serves",
            ));
        }
        Ok(Self {
            owner: Some(owner),
            ..self
        })
    }

    pub(crate) fn address(&self) -> &Address {
        &self.serving
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serving.fmt(f)
    }
}

/// Where a database server is, and as whom it is asked. Its password is shown nowhere.
#[derive(Clone)]
pub struct Address(Arc<Config>);

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let mut config: Config = text.parse().map_err(|_| {
            Fault::broken(
                "the address of the database server does not read; it is like \
                 postgres://user:password@host:5432/database?sslmode=require",
            )
        })?;
        if config.get_dbname().is_none() {
            return Err(Fault::broken(
                "the address of the database server names no database",
            ));
        }
        if config.get_user().is_none() {
            return Err(Fault::broken(
                "the address of the database server names no user",
            ));
        }
        if config.get_application_name().is_none() {
            config.application_name("postbus");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_WITHIN);
        }
        // A server that was lost is noticed; one that only follows another is not written to.
        config.tcp_user_timeout(Duration::from_secs(10));
        config.keepalives_idle(Duration::from_secs(30));
        config.keepalives_interval(Duration::from_secs(10));
        config.keepalives_retries(3);
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        Ok(Self(Arc::new(config)))
    }

    fn role(&self) -> &str {
        self.0.get_user().unwrap_or_default()
    }

    fn config(&self) -> &Config {
        &self.0
    }

    /// A socket of this machine has no name that a certificate could bear.
    fn is_plain(&self) -> bool {
        let is_here = |host: &Host| matches!(host, Host::Unix(_));
        self.0.get_ssl_mode() == SslMode::Disable || self.0.get_hosts().iter().all(is_here)
    }

    /// A new connection for a few statements. Blocks; not on a thread that drives futures.
    pub(crate) fn connect(&self) -> Result<Client, Fault> {
        let config = BlockingConfig::from(Config::clone(&self.0));
        let connected = if self.is_plain() {
            config.connect(::postgres::NoTls)
        } else {
            config.connect(tls()?)
        };
        let settled = connected.and_then(|mut client| {
            client.batch_execute(SETTLED)?;
            Ok(client)
        });
        settled.map_err(|error| faults::connecting(&error, self))
    }
}

/// With the certificates that the machine trusts (`SSL_CERT_FILE` names others).
fn tls() -> Result<MakeRustlsConnect, Fault> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|fault| Fault::broken(format!("TLS cannot be set up: {fault}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// `database on host:port`.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on", self.0.get_dbname().unwrap_or_default())?;
        let ports = self.0.get_ports();
        for (at, host) in self.0.get_hosts().iter().enumerate() {
            let port = ports.get(at).or(ports.first()).copied().unwrap_or(5432);
            match host {
                Host::Tcp(name) => write!(f, " {name}:{port}")?,
                Host::Unix(folder) => write!(f, " {}:{port}", folder.display())?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_without_its_password() {
        let address = Address::parse("postgres://post:geheim@db.example:6432/brieven").unwrap();
        let told = format!("{address} {address:?}");
        assert!(told.contains("brieven on db.example:6432"), "{told}");
        assert!(!told.contains("geheim"), "{told}");
    }

    #[test]
    fn an_address_that_does_not_read_is_not_repeated() {
        for wrong in [
            "postgres://post:geheim@db:no/brieven",
            "host",
            "postgres://post:geheim@db",
            "postgres://db/brieven",
        ] {
            let fault = Address::parse(wrong).map(drop).unwrap_err().to_string();
            assert!(!fault.contains("geheim"), "{fault}");
        }
    }
}
