//! The databases of a cluster: made, copied, thrown away, and asked through the programs of PostgreSQL.

use std::process::Command;
use std::time::Duration;

use crate::commands::{command, finish};
use crate::home::SUPERUSER;
use crate::{Cluster, Fault};

const PATIENCE: Duration = Duration::from_secs(60);

impl Cluster {
    /// Makes an empty database: UTF-8, ordered by bytes.
    pub fn create_database(&self, name: &str) -> Result<(), Fault> {
        self.copy_database("template0", name)
    }

    /// Makes a database like another one, to which nobody may be connected meanwhile.
    pub fn copy_database(&self, from: &str, name: &str) -> Result<(), Fault> {
        let mut createdb = self.client("createdb");
        createdb.args(["--template", from, name]);
        finish(&mut createdb, PATIENCE).map(drop)
    }

    /// Throws a database away, and turns out who is connected to it.
    pub fn drop_database(&self, name: &str) -> Result<(), Fault> {
        let mut dropdb = self.client("dropdb");
        finish(dropdb.args(["--force", name]), PATIENCE).map(drop)
    }

    /// Runs SQL as the superuser; answers the rows a line each, with `|` between their values.
    pub fn sql(&self, database: &str, text: &str) -> Result<String, Fault> {
        let mut psql = self.client("psql");
        psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only"])
            .args(["--set", "ON_ERROR_STOP=1", "--dbname", database])
            .args(["--command", text]);
        finish(&mut psql, PATIENCE)
    }

    /// A program that speaks to the server through its socket.
    pub(crate) fn client(&self, program: &str) -> Command {
        let home = &self.home;
        let mut client = command(&home.installation.program(program), home.folder());
        client
            .args(["--no-password", "--username", SUPERUSER])
            .arg("--port")
            .arg(self.port().to_string())
            .arg("--host")
            .arg(home.private());
        client
    }
}
