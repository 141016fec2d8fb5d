//! A place of its own for each test in a server that many tests share.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::commands::{command, finish};
use crate::{Cluster, Fault, Installation};

/// Names the server whose places are lent: the address of its superuser.
pub const LENT_BY: &str = "POSTBUS_TEST_SERVER";

/// Who serves in a lent place: a role that owns nothing.
const SERVING: &str = "postbus";
const OWNER: &str = "postgres";
/// Where in a place the rows lie, and where the keyring.
const SCHEMAS: [&str; 2] = ["rows", "keys"];
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the rows of one test lie and where its keyring; each the address of who serves, and of who owns the tables.
pub type Lent = [[String; 2]; 2];

/// What a place is a copy of, when it is of none that a test filled.
const EMPTY: &str = "template0";

/// The places of this process, by their folders, and those that others are copies of.
static LENDING: Mutex<Lending> = Mutex::new(Lending {
    places: BTreeMap::new(),
    models: BTreeSet::new(),
});

struct Lending {
    places: BTreeMap<PathBuf, Lent>,
    models: BTreeSet<PathBuf>,
}

/// The place that belongs to a test's folder, made when it is not there; none when no server lends any.
///
/// Errors: a server that does not answer.
pub fn lent_to(folder: &Path) -> Result<Option<Lent>, Fault> {
    let server = lender();
    server.map(|server| lent_by(&server, folder)).transpose()
}

/// As [`lent_to`], a place of which others are copies: it stays when its folder is gone.
pub fn lent_as_model(folder: &Path) -> Result<Option<Lent>, Fault> {
    let mut lending = LENDING.lock().unwrap_or_else(PoisonError::into_inner);
    lending.models.insert(folder.to_owned());
    drop(lending);
    lent_to(folder)
}

/// As [`lent_to`], but with all that is in the place of a model, which nobody may be connected to now.
pub fn lent_like(model: &Path, folder: &Path) -> Result<Option<Lent>, Fault> {
    let Some(server) = lender() else {
        return Ok(None);
    };
    let mut lending = LENDING.lock().unwrap_or_else(PoisonError::into_inner);
    lending.lend(&server, &name_of(model), folder).map(Some)
}

/// As [`lent_to`], by the server that [`Cluster::lends`] answered.
pub fn lent_by(server: &str, folder: &Path) -> Result<Lent, Fault> {
    let mut lending = LENDING.lock().unwrap_or_else(PoisonError::into_inner);
    lending.lend(server, EMPTY, folder)
}

fn lender() -> Option<String> {
    std::env::var(LENT_BY).ok().filter(|text| !text.is_empty())
}

impl Lending {
    /// A database of its own: where all share one, its catalogue grows with each, and who makes tables waits for who does.
    fn lend(&mut self, server: &str, model: &str, folder: &Path) -> Result<Lent, Fault> {
        if let Some(lent) = self.places.get(folder) {
            return Ok(lent.clone());
        }
        self.end_those_of_no_folder(server)?;
        let name = name_of(folder);
        let make = format!("CREATE DATABASE {name} TEMPLATE {model}");
        finish(asking(server)?.args(["--command", &make]), PATIENCE)?;
        let place = format!(
            "{}/{name}",
            server.rsplit_once('/').map_or(server, |(at, _)| at)
        );
        if model == EMPTY {
            let make = SCHEMAS.map(|schema| format!("CREATE SCHEMA {schema}"));
            finish(
                asking(&place)?.args(["--command", &make.join(";")]),
                PATIENCE,
            )?;
        }
        let lent = SCHEMAS.map(|schema| within(&place, schema));
        self.places.insert(folder.to_owned(), lent.clone());
        Ok(lent)
    }

    /// Whose folder is gone has ended.
    fn end_those_of_no_folder(&mut self, server: &str) -> Result<(), Fault> {
        let is_over = |folder: &Path| !folder.exists() && !self.models.contains(folder);
        let over = self.places.keys().filter(|folder| is_over(folder));
        let over: Vec<PathBuf> = over.cloned().collect();
        if over.is_empty() {
            return Ok(());
        }
        let mut psql = asking(server)?;
        for folder in &over {
            let name = name_of(folder);
            // Of another server, when a test has one of its own.
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            psql.args(["--command", &drop]);
            self.places.remove(folder);
        }
        finish(
            psql.arg("--quiet")
                .env("PGOPTIONS", "-c client_min_messages=error"),
            PATIENCE,
        )
        .map(drop)
    }
}

fn name_of(folder: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    format!("test_{:016x}", hasher.finish())
}

/// Runs SQL at an address; answers the rows a line each with `|` between their values, or what was done (`UPDATE 3`).
pub fn ask(address: &str, sql: &str) -> Result<String, Fault> {
    finish(asking(address)?.args(["--command", sql]), PATIENCE)
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
    /// Makes ready to lend places; answers what [`LENT_BY`] is to be.
    pub fn lends(&self) -> Result<String, Fault> {
        let name = "lent";
        self.create_database(name)?;
        self.make_serving_role()?;
        // Each place would make it at its first use, two at the same moment.
        let adds = format!("CREATE ROLE {SERVING}_adds NOLOGIN; GRANT {SERVING}_adds TO {SERVING}");
        self.sql(OWNER, &adds)?;
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
