//! A place of its own for each test in a server that many tests share.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::commands::{command, finish};
use crate::{Cluster, Fault, Installation};

/// Names the server whose places are lent: the address of its superuser.
pub const LENT_BY: &str = "POSTBUS_TEST_SERVER";

/// Who serves in a lent place: a role that owns nothing.
const SERVING: &str = "postbus";
const OWNER: &str = "postgres";

/// Where the rows of one test lie and where its keyring; each the address of who serves, and of who owns the tables.
pub type Lent = [[String; 2]; 2];

/// The place that belongs to a test's folder, made when it is not there; none when no server lends any.
///
/// Errors: a server that does not answer.
pub fn lent_to(folder: &Path) -> Result<Option<Lent>, Fault> {
    let server = std::env::var(LENT_BY).ok().filter(|text| !text.is_empty());
    server.map(|server| lent_by(&server, folder)).transpose()
}

/// As [`lent_to`], by the server that [`Cluster::lends`] answered.
pub fn lent_by(server: &str, folder: &Path) -> Result<Lent, Fault> {
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    let name = format!("test_{:016x}", hasher.finish());
    let schemas = ["rows", "keys"].map(|part| format!("{name}_{part}"));
    let mut psql = command(&Installation::find()?.program("psql"), Path::new("/"));
    psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1"])
        .args(["--dbname", server])
        .args(["--command", "SET client_min_messages = error"]);
    for schema in &schemas {
        psql.args([
            "--command",
            &format!("CREATE SCHEMA IF NOT EXISTS {schema}"),
        ]);
    }
    finish(&mut psql, Duration::from_secs(60))?;
    Ok(schemas.map(|schema| within(server, &schema)))
}

/// Runs SQL at an address; answers the rows a line each with `|` between their values, or what was done (`UPDATE 3`).
pub fn ask(address: &str, sql: &str) -> Result<String, Fault> {
    finish(
        asking(address)?.args(["--command", sql]),
        Duration::from_secs(60),
    )
}

/// The program that asks at an address; what it is asked comes on its standard input, or is added as an argument.
pub fn asking(address: &str) -> Result<Command, Fault> {
    let mut psql = command(&Installation::find()?.program("psql"), Path::new("/"));
    psql.args(["--no-psqlrc", "--no-align", "--tuples-only"])
        .args(["--set", "ON_ERROR_STOP=1", "--dbname", address]);
    Ok(psql)
}

fn within(server: &str, schema: &str) -> [String; 2] {
    of_both(format!("{server}?options=-c%20search_path%3D{schema}"))
}

fn of_both(owner: String) -> [String; 2] {
    let role = |name: &str| format!("://{name}@");
    [owner.replacen(&role(OWNER), &role(SERVING), 1), owner]
}

impl Cluster {
    /// Makes a database whose places can be lent; answers what [`LENT_BY`] is to be.
    pub fn lends(&self) -> Result<String, Fault> {
        let name = "lent";
        self.create_database(name)?;
        self.make_serving_role()?;
        Ok(self.socket_url(name))
    }

    /// Makes the role as which Postbus serves, once: it owns nothing.
    pub fn make_serving_role(&self) -> Result<(), Fault> {
        let there = format!("SELECT 1 FROM pg_roles WHERE rolname = '{SERVING}'");
        if self.sql(OWNER, &there)?.is_empty() {
            self.sql(OWNER, &format!("CREATE ROLE {SERVING} LOGIN NOINHERIT"))?;
        }
        Ok(())
    }

    /// The addresses of a database through the socket: of who serves, and of who owns the tables.
    pub fn addresses(&self, database: &str) -> [String; 2] {
        of_both(self.socket_url(database))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_serves_is_not_the_owner() {
        let [serving, owner] = within("postgresql://postgres@%2Ftmp%2Fx:1/lent", "a");
        assert_eq!(
            serving,
            "postgresql://postbus@%2Ftmp%2Fx:1/lent?options=-c%20search_path%3Da"
        );
        assert!(owner.starts_with("postgresql://postgres@"));
    }
}
