//! The configuration file of `postbus`: which installations, where their data lie, where they listen, who logs people in.

use std::net::SocketAddr;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::Duration;

use accountability::Addresses;
use basics::Fault;
use serde::Deserialize;
use vault::{Elsewhere, Place};
use web::Proxies;

use crate::App;
use crate::locations::Locations;
use crate::serving::{Connections, most_connections};

/// The whole file (TOML). Paths are relative to the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    #[serde(rename = "installation")]
    pub installations: Vec<InstallationEntry>,
    #[serde(default)]
    pub connections: ConnectionsEntry,
}

/// What connections may take, all installations together; what is not said is as [`Connections::default`] has it.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConnectionsEntry {
    most: Option<NonZeroUsize>,
    idle_seconds: Option<NonZeroU64>,
}

impl ConnectionsEntry {
    /// Never more than the machine has files for.
    pub fn limits(self) -> Connections {
        let (usual, held) = (Connections::default(), most_connections());
        let most = self.most.map_or(usual.most, NonZeroUsize::get);
        if most > held {
            tracing::warn!(
                most,
                held,
                "the limit on open files leaves room for fewer connections than the configuration names"
            );
        }
        Connections {
            most: most.min(held),
            idle: self
                .idle_seconds
                .map_or(usual.idle, |idle| Duration::from_secs(idle.get())),
        }
    }
}

/// One installation: one statement file, one controller.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InstallationEntry {
    pub statement: PathBuf,
    /// The country where `data` and `keys` lie: the one that the statement declares, or nothing starts (ISO 3166).
    pub location: Option<String>,
    /// Holds the database and the attachments.
    pub data: PathBuf,
    /// Holds the keyring and the master key; best on another disk than the data.
    pub keys: PathBuf,
    /// The database server that holds the rows instead of a file in `data`:
    /// `postgres://user:password@host:5432/database?sslmode=require`. Several processes may share it.
    pub store: Option<String>,
    /// The same as `location`, of that server.
    pub store_location: Option<String>,
    /// As whom its tables are made at start; without it `postbus store prepare` makes them.
    pub store_owner: Option<String>,
    /// The same for the keyring instead of a file in `keys`; another database, best on another server.
    pub keys_store: Option<String>,
    pub keys_store_location: Option<String>,
    pub keys_store_owner: Option<String>,
    /// How many of this process write the rows of a server at the same time, each with a chain of the log; usually two.
    pub store_writers: Option<usize>,
    pub listen: SocketAddr,
    /// Where visitors reach it: `https://post.example.nl`.
    pub base_url: String,
    /// Only for a base URL on plain loopback: cookies without `__Host-` and `Secure`.
    #[serde(default)]
    pub plain_loopback_cookies: bool,
    pub login: LoginEntry,
    /// Whom people turn to.
    #[serde(default)]
    pub contact: ContactEntry,
    /// The app that people with a phone are told of.
    pub app: Option<App>,
    /// What stands in front and says for whom it asks; without it, whoever connects is the visitor.
    pub proxy: Option<ProxyEntry>,
    /// Where the processing log goes besides, row by row: the address under which a collector has `/v1/traces` (OTLP over
    /// HTTP), such as `https://collector.example`. Nothing goes anywhere without it.
    pub log_collector: Option<String>,
}

/// The proxies in front.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProxyEntry {
    /// Addresses, and networks such as `10.0.0.0/8`.
    pub trusted: Vec<String>,
    /// The header in which they say it: `x-forwarded-for`, as when this is left out, or `forwarded` (RFC 7239).
    pub header: Option<String>,
}

impl ProxyEntry {
    /// Errors: what is no network, and no such header.
    pub fn proxies(&self) -> Result<Proxies, Fault> {
        let header = self.header.as_deref().map(str::parse).transpose()?;
        Proxies::trusted(&self.trusted, header.unwrap_or_default())
    }
}

/// Whom people turn to: each `mailto:`, `tel:` or `https:`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ContactEntry {
    /// Stands in the accessibility statement.
    pub helpdesk: Option<String>,
    /// Stands in security.txt, which is not there without it.
    pub security: Option<String>,
    /// The addresses that the statement leaves open, by the names of its `[[adres]]`, line by line; an e-mail address that is not
    /// given is the helpdesk's.
    #[serde(default)]
    pub addresses: Addresses,
}

/// The login provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LoginEntry {
    pub issuer: String,
    pub client_id: String,
    /// The claim that holds the person's number; `bsn` or `crib` when not said.
    pub number_claim: Option<String>,
}

impl InstallationEntry {
    /// The country of each store, as far as somebody says it.
    pub fn locations(&self) -> Locations {
        Locations {
            folders: self.location.clone(),
            rows: self.store_location.clone(),
            keyring: self.keys_store_location.clone(),
        }
    }

    /// Errors: an address that does not read.
    pub fn elsewhere(&self) -> Result<Elsewhere, Fault> {
        let place = |address: &Option<String>, owner: &Option<String>, key: &str| {
            let reading = |fault: Fault| {
                fault.while_doing(format!(
                    "reading `{key}` or `{key}-owner` of an installation"
                ))
            };
            let Some(address) = address else {
                return Ok(None);
            };
            let place = Place::server(address).map_err(reading)?;
            match owner {
                Some(owner) => place.owned_by(owner).map_err(reading).map(Some),
                None => Ok(Some(place)),
            }
        };
        Ok(Elsewhere {
            rows: place(&self.store, &self.store_owner, "store")?,
            keyring: place(&self.keys_store, &self.keys_store_owner, "keys-store")?,
            writers: self.store_writers,
        })
    }
}

impl Configuration {
    /// Errors name the file, the line and what was expected.
    pub fn read(file: &Path) -> Result<Self, Fault> {
        let cannot =
            |why: String| Fault::broken(format!("the configuration {}: {why}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|fault| cannot(fault.to_string()))?;
        let mut configuration: Self =
            toml::from_str(&text).map_err(|fault| cannot(fault.to_string()))?;
        if configuration.installations.is_empty() {
            return Err(cannot("it names no [[installation]]".to_owned()));
        }
        let beside = file.parent().unwrap_or(Path::new("."));
        for entry in &mut configuration.installations {
            for path in [&mut entry.statement, &mut entry.data, &mut entry.keys] {
                *path = beside.join(&*path);
            }
        }
        Ok(configuration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_file_and_unknown_keys_are_refused() {
        let folder =
            std::env::temp_dir().join(format!("postbus-configuration-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("postbus.toml");
        let text = "[[installation]]\nstatement = \"s.toml\"\ndata = \"d\"\nkeys = \"/k\"\nlisten = \"127.0.0.1:1\"\n\
                    base-url = \"https://a.nl\"\nlogin = { issuer = \"https://b.nl\", client-id = \"c\" }\n";
        std::fs::write(&file, text).unwrap();
        let read = Configuration::read(&file).unwrap();
        assert_eq!(read.connections.limits().idle, Connections::default().idle);
        let entry = &read.installations[0];
        assert_eq!(
            (entry.data.clone(), entry.keys.clone()),
            (folder.join("d"), PathBuf::from("/k"))
        );
        let limited = format!("{text}[connections]\nmost = 7\nidle-seconds = 3\n");
        std::fs::write(&file, limited).unwrap();
        let limits = Configuration::read(&file).unwrap().connections.limits();
        assert_eq!((limits.most, limits.idle), (7, Duration::from_secs(3)));
        assert_eq!(entry.location, None);
        assert!(entry.proxy.is_none());
        let proxied = text.replace(
            "listen",
            "proxy = { trusted = [\"10.0.0.0/8\"], header = \"forwarded\" }\nlisten",
        );
        std::fs::write(&file, &proxied).unwrap();
        let read = |file| Configuration::read(file).unwrap().installations.remove(0);
        assert!(read(&file).proxy.unwrap().proxies().is_ok());
        std::fs::write(&file, proxied.replace("10.0.0.0/8", "proxy")).unwrap();
        assert!(read(&file).proxy.unwrap().proxies().is_err());
        std::fs::write(&file, text.replace("keys", "sleutels")).unwrap();
        let fault = Configuration::read(&file).unwrap_err().to_string();
        assert!(
            fault.contains("sleutels") && fault.contains("postbus.toml"),
            "{fault}"
        );
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
