//! The demonstration's own database server, for who asks for one: started with it, kept in its folder, ended with it.

use std::path::PathBuf;

use basics::Fault;
use cluster::{Cluster, Lent, Settings};

/// A server with two databases for each installation: its rows, and its keyring.
pub struct Server(Cluster);

/// Whether an installation is being filled or whole; each has databases of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    Filling,
    Whole,
}

impl Server {
    /// Starts the server that lies in this folder; it is made first when it is not there. Takes some seconds.
    pub fn start(folder: PathBuf) -> Result<Self, Fault> {
        let settings = Settings {
            folder: Some(folder),
            ..Settings::default()
        };
        let server = Cluster::start(settings).map_err(told)?;
        server.make_serving_role().map_err(told)?;
        Ok(Self(server))
    }

    /// Where an installation's rows lie and where its keyring.
    pub fn addresses(&self, installation: &str, state: State) -> Lent {
        databases(installation, state).map(|name| self.0.addresses(&name))
    }

    /// Empty databases to fill; what an earlier filling left goes.
    pub fn begin(&self, installation: &str) -> Result<(), Fault> {
        for state in [State::Whole, State::Filling] {
            for name in databases(installation, state) {
                self.ask(&format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"))?;
            }
        }
        for name in databases(installation, State::Filling) {
            self.0.create_database(&name).map_err(told)?;
        }
        Ok(())
    }

    /// Gives what was filled the names under which it is whole. Nobody is connected to it.
    pub fn filled(&self, installation: &str) -> Result<(), Fault> {
        let names = databases(installation, State::Filling)
            .into_iter()
            .zip(databases(installation, State::Whole));
        for (filling, whole) in names {
            self.ask(&format!(
                "ALTER DATABASE \"{filling}\" RENAME TO \"{whole}\""
            ))?;
        }
        Ok(())
    }

    fn ask(&self, sql: &str) -> Result<(), Fault> {
        self.0.sql("template1", sql).map(drop).map_err(told)
    }
}

fn databases(installation: &str, state: State) -> [String; 2] {
    let state = match state {
        State::Filling => "-wordt-gevuld",
        State::Whole => "",
    };
    ["gegevens", "sleutels"].map(|part| format!("{installation}-{part}{state}"))
}

fn told(fault: cluster::Fault) -> Fault {
    Fault::broken(format!("the server of the demonstration: {fault}"))
}
