//! A cluster from its start to its end: settings, port, crash, and start again.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use crate::home::{Home, SUPERUSER, random_name};
use crate::leftovers::free_memory;
use crate::processes::children_of;
use crate::server::{Ending, Server};
use crate::{Certificate, Fault};

/// How a cluster is made.
#[derive(Clone)]
pub struct Settings {
    /// Kept between starts; without one the cluster lies in a private folder that goes when it ends.
    pub folder: Option<PathBuf>,
    /// What was committed outlives a crash of the machine. Tests that are not about that are faster without: then a private folder
    /// lies in memory, where there is room.
    pub durable: bool,
    /// More settings of the server, as `("max_connections", "200")`.
    pub server: Vec<(String, String)>,
    /// With it the port also speaks TLS.
    pub certificate: Option<Certificate>,
}

/// A cluster; when it is dropped, or this process ends in whatever way, its server ends too.
pub struct Cluster {
    pub(crate) home: Home,
    pub(crate) settings: Settings,
    password: String,
    port: u16,
    server: Option<Server>,
    /// It was killed and not started since.
    is_broken: bool,
}

/// Outside the range that the system hands out: nobody takes the port while the server is down.
const PORTS: std::ops::Range<u16> = 10_000..20_000;
const ATTEMPTS: usize = 5;

impl Default for Settings {
    fn default() -> Self {
        Self {
            folder: None,
            durable: true,
            server: Vec::new(),
            certificate: None,
        }
    }
}

impl Cluster {
    /// Starts a cluster, which is made first when it is not in its folder yet. Takes a second or two.
    pub fn start(settings: Settings) -> Result<Self, Fault> {
        let home = Home::open(settings.folder.as_deref(), settings.durable)?;
        home.make_data(settings.durable)?;
        Self::start_in(home, settings)
    }

    /// Starts a durable cluster in a private folder.
    pub fn temporary() -> Result<Self, Fault> {
        Self::start(Settings::default())
    }

    /// The data is in its place.
    pub(crate) fn start_in(home: Home, settings: Settings) -> Result<Self, Fault> {
        let mut cluster = Self {
            password: home.password()?,
            port: free_port()?,
            home,
            settings,
            server: None,
            is_broken: false,
        };
        for _ in 1..ATTEMPTS {
            match cluster.start_again() {
                // Somebody took the port after we looked.
                Err(fault) if fault.to_string().contains("Address already in use") => {
                    cluster.port = free_port()?;
                }
                started => return started.map(|()| cluster),
            }
        }
        cluster.start_again().map(|()| cluster)
    }

    /// Starts it where it was, after `stop` or `kill`: same data, port and password.
    pub fn start_again(&mut self) -> Result<(), Fault> {
        if self.server.as_mut().is_some_and(|it| !it.has_ended()) {
            return Err(Fault::new("the server runs already"));
        }
        self.server = None;
        let mut settings = self.basic_settings();
        if let Some(certificate) = &self.settings.certificate {
            settings.extend(certificate.lay_down(self.home.folder(), &self.home.account)?);
        }
        settings.extend(self.settings.server.iter().cloned());
        self.server = Some(Server::start(&self.home, &settings)?);
        self.is_broken = false;
        Ok(())
    }

    /// Stops it in order; clients are turned out.
    pub fn stop(&mut self) -> Result<(), Fault> {
        let Some(server) = self.server.take() else {
            return Ok(());
        };
        self.is_broken = !server.stop(Ending::Orderly);
        if self.is_broken {
            let log = self.home.log();
            let what = format!("the server did not end well; its log is {}", log.display());
            return Err(Fault::new(what));
        }
        Ok(())
    }

    /// Kills it with all its processes, as a crash does.
    pub fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.crash();
            self.is_broken = true;
        }
    }

    /// Of the server's first process; none when it was stopped or killed.
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Server::pid)
    }

    /// All that run now, the first among them.
    pub fn processes(&self) -> Vec<u32> {
        let first = self.pid().into_iter();
        first
            .flat_map(|pid| children_of(pid).into_iter().chain([pid]))
            .collect()
    }

    /// On 127.0.0.1; stays the same when it is started again.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where data and log lie.
    pub fn folder(&self) -> &Path {
        self.home.folder()
    }

    /// Where the socket lies: open to the server's user and to root.
    pub fn socket_folder(&self) -> &Path {
        self.home.private()
    }

    /// For the superuser over TCP, with the password: open to every user of this machine that knows it.
    pub fn url(&self, database: &str) -> String {
        let Self { password, port, .. } = self;
        let database = percent_encoded(database);
        format!("postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/{database}")
    }

    /// For the superuser through the socket, without a password.
    pub fn socket_url(&self, database: &str) -> String {
        format!(
            "postgresql://{SUPERUSER}@{}:{}/{}",
            percent_encoded(&self.home.private().to_string_lossy()),
            self.port,
            percent_encoded(database)
        )
    }

    fn basic_settings(&self) -> Vec<(String, String)> {
        let port = self.port.to_string();
        let sockets = self.home.private().to_string_lossy();
        let mut settings = vec![
            ("listen_addresses", "127.0.0.1"),
            ("port", &port),
            ("unix_socket_directories", &sockets),
            ("unix_socket_permissions", "0700"),
            ("log_destination", "stderr"),
            ("logging_collector", "off"),
            ("timezone", "UTC"),
            ("log_timezone", "UTC"),
        ];
        if !self.home.is_kept() {
            // So that a killed server leaves nothing outside its folder.
            settings.push(("dynamic_shared_memory_type", "mmap"));
        }
        if !self.settings.durable {
            let hasty = ["fsync", "synchronous_commit", "full_page_writes"];
            settings.extend(hasty.map(|name| (name, "off")));
        }
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        settings.into_iter().map(owned).collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            self.is_broken = !server.stop(Ending::when_left(&self.home));
        }
        if self.is_broken && !self.home.is_kept() {
            free_memory(&self.home.account, &self.home.data());
        }
    }
}

fn free_port() -> Result<u16, Fault> {
    for _ in 0..100 {
        let drawn = u64::from_str_radix(&random_name()?[..8], 16).expect("they are digits");
        let width = u64::from(PORTS.end - PORTS.start);
        let port = PORTS.start + u16::try_from(drawn % width).expect("below the width");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Fault::new(format!("no free port in {PORTS:?}")))
}

/// For the parts of a URL: only what stands for itself everywhere is left as it is.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_fits_in_a_url() {
        assert_eq!(percent_encoded("/tmp/a b-1"), "%2Ftmp%2Fa%20b-1");
    }
}
