//! `postbus serve`

use std::path::PathBuf;
use std::process::ExitCode;

use basics::Fault;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::configuration::Configuration;
use crate::serving::{Listening, raise_open_files, serve_within, told_to_stop};

#[derive(clap::Args)]
pub(super) struct Serve {
    /// The configuration file
    #[arg(long, default_value = "postbus.toml")]
    config: PathBuf,
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
        let configuration = Configuration::read(&self.config)?;
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
