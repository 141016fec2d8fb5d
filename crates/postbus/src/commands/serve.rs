//! `postbus serve`

use std::path::PathBuf;
use std::process::ExitCode;

use basics::Fault;
use statement::{Date, Register};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::configuration::{Configuration, ProxyEntry};
use crate::serving::{Listening, raise_open_files, serve_within, told_to_stop};

#[derive(clap::Args)]
pub(super) struct Serve {
    /// The configuration file
    #[arg(long, default_value = "postbus.toml")]
    config: PathBuf,
    #[command(flatten)]
    places: Places,
    #[command(flatten)]
    proxy: Proxy,
}

/// What stands in front, said on the command line.
#[derive(clap::Args)]
struct Proxy {
    /// An address, or a network such as 10.0.0.0/8, whose word on a visitor's address is taken, by every installation; may be
    /// given more than once
    #[arg(long, value_name = "NETWORK")]
    trusted_proxy: Vec<String>,
    /// The header in which it says so: x-forwarded-for (usual) or forwarded
    #[arg(long, value_name = "HEADER", requires = "trusted_proxy")]
    forwarded_header: Option<String>,
}

impl Proxy {
    /// In place of the one configured.
    fn take_over(self, configuration: &mut Configuration) {
        if self.trusted_proxy.is_empty() {
            return;
        }
        for entry in &mut configuration.installations {
            entry.proxy = Some(ProxyEntry {
                trusted: self.trusted_proxy.clone(),
                header: self.forwarded_header.clone(),
            });
        }
    }
}

/// Where rows lie, said on the command line.
#[derive(clap::Args)]
struct Places {
    /// Keeps the rows in this database instead of where the configuration says, which then has one installation:
    /// postgres://user:password@host:5432/database?sslmode=require
    #[arg(long, value_name = "ADDRESS")]
    store: Option<String>,
    /// The country of that server, which must be the one that the statement declares
    #[arg(long, value_name = "COUNTRY", requires = "store")]
    store_location: Option<String>,
    /// As whom the tables of that database are made
    #[arg(long, value_name = "ADDRESS", requires = "store")]
    store_owner: Option<String>,
    /// The same for the keyring; another database, best on another server
    #[arg(long, value_name = "ADDRESS")]
    keys_store: Option<String>,
    /// The country of the server of the keyring
    #[arg(long, value_name = "COUNTRY", requires = "keys_store")]
    keys_store_location: Option<String>,
    /// As whom the tables of the keyring are made
    #[arg(long, value_name = "ADDRESS", requires = "keys_store")]
    keys_store_owner: Option<String>,
}

impl Places {
    /// A place comes with its owner and its country: those configured are another place's.
    fn take_over(self, configuration: &mut Configuration) -> Result<(), Fault> {
        if self.store.is_none() && self.keys_store.is_none() {
            return Ok(());
        }
        let [entry] = configuration.installations.as_mut_slice() else {
            return Err(Fault::broken(
                "--store and --keys-store are for a configuration with one installation; say in the file where each keeps its rows",
            ));
        };
        if self.store.is_some() {
            (entry.store, entry.store_owner) = (self.store, self.store_owner);
            entry.store_location = self.store_location;
        }
        if self.keys_store.is_some() {
            (entry.keys_store, entry.keys_store_owner) = (self.keys_store, self.keys_store_owner);
            entry.keys_store_location = self.keys_store_location;
        }
        Ok(())
    }
}

impl Serve {
    pub(super) async fn run(self) -> Result<ExitCode, Fault> {
        crate::log_to_standard_error("info");
        // A stop that comes while the installations open waits until they are.
        let told = told_to_stop();
        let (tell, stop) = watch::channel(false);
        let mut all = Vec::new();
        let mut runners = Vec::new();
        // Kept until the last request is answered; dropping them finishes what waits to be written.
        let mut open = Vec::new();
        let mut configuration = Configuration::read(&self.config)?;
        self.places.take_over(&mut configuration)?;
        self.proxy.take_over(&mut configuration);
        raise_open_files();
        let limits = configuration.connections.limits();
        for entry in configuration.installations {
            let listener = TcpListener::bind(entry.listen).await.map_err(|fault| {
                Fault::broken(format!("cannot listen on {}: {fault}", entry.listen))
            })?;
            let address = listener
                .local_addr()
                .map_err(|fault| Fault::broken(fault.to_string()))?;
            let base_url = entry.base_url.clone();
            let installation = super::open(entry)?;
            let erased = installation.vault.finish_begun_erasures().await?;
            if erased.rows > 0 {
                tracing::warn!(
                    rows = erased.rows,
                    "an erasure that was broken off is finished"
                );
            }
            tell_roles_off(installation.vault.register(), installation.vault.today());
            tracing::info!(%address, base_url, "serving");
            all.push(Listening {
                listener,
                router: installation.router(),
            });
            runners.push(tokio::spawn(installation.jobs().run(stop.clone())));
            open.push(installation);
        }
        tokio::spawn(async move {
            told.await;
            tracing::info!("stopping after the requests under way");
            let _ = tell.send(true);
        });
        serve_within(limits, all, stop).await?;
        for runner in runners {
            let _ = runner.await;
        }
        drop(open);
        Ok(ExitCode::SUCCESS)
    }
}

/// Says once, at start, in which roles nobody may act today. Each call asks again, so that one which ends later is off then.
fn tell_roles_off(register: &Register, today: Date) {
    for (role, processor, ended) in register.roles_off(today) {
        let why = match ended {
            Some(until) => format!("its agreement ended on {until}"),
            None => "no agreement with it holds".to_owned(),
        };
        tracing::warn!(
            statement = register.installation(),
            role = role.name,
            processor = processor.name,
            "nobody may act in this role: {why}"
        );
    }
}
