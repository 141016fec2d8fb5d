//! The server that the bench starts for itself: durable, with the settings it comes with, reached through its socket.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Duration;

use cluster::{Cluster, Settings};
use postgres::{Client, NoTls};

/// Who serves: a role that owns nothing.
const SERVING: &str = "postbus";
const OWNER: &str = "postgres";
/// As much as is sane for the machine of a developer; all else is as it comes.
const SETTINGS: [(&str, &str); 1] = [("shared_buffers", "512MB")];
/// How the name of a working copy begins.
const COPY: &str = "copy_";
/// In which the kernel tells times of processes that have ended.
const TICKS_A_SECOND: u64 = 100;

pub struct Server(Cluster);

impl Server {
    /// Starts what is kept in this folder, or makes it.
    pub fn start(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let server = Self(Cluster::start(Settings {
            folder: Some(folder.to_owned()),
            server: SETTINGS.map(owned).to_vec(),
            ..Settings::default()
        })?);
        let mut client = server.client(OWNER)?;
        let serving = client.query_opt("SELECT FROM pg_roles WHERE rolname = $1", &[&SERVING])?;
        if serving.is_none() {
            client.batch_execute(&format!("CREATE ROLE {SERVING} LOGIN NOINHERIT"))?;
        }
        // Of a run that was cut off.
        let left = "SELECT datname::text FROM pg_database WHERE starts_with(datname::text, $1)";
        for row in client.query(left, &[&COPY])? {
            server.remove(row.try_get(0)?)?;
        }
        Ok(server)
    }

    pub fn make(&self, database: &str) -> Result<(), Box<dyn Error>> {
        Ok(self.0.create_database(database)?)
    }

    /// Answers the name of an equal database, which is on disk when this returns.
    pub fn copy(&self, database: &str, number: usize) -> Result<String, Box<dyn Error>> {
        let copy = format!("{COPY}{number}_{database}");
        self.client(OWNER)?.batch_execute(&format!(
            "CREATE DATABASE {copy} TEMPLATE {database} STRATEGY FILE_COPY"
        ))?;
        Ok(copy)
    }

    /// Answers the name of an empty database that is removed as a copy is.
    pub fn make_for_now(&self, database: &str, number: usize) -> Result<String, Box<dyn Error>> {
        let name = format!("{COPY}{number}_{database}");
        self.make(&name)?;
        Ok(name)
    }

    pub fn remove(&self, database: &str) -> Result<(), Box<dyn Error>> {
        let mut client = self.client(OWNER)?;
        Ok(client.batch_execute(&format!("DROP DATABASE {database} WITH (FORCE)"))?)
    }

    /// As the database is after a quiet night: nothing is left to be tidied up while something is measured.
    pub fn settle(&self, database: &str) -> Result<(), Box<dyn Error>> {
        let mut client = self.client(database)?;
        client.batch_execute("VACUUM (ANALYZE)")?;
        Ok(client.batch_execute("CHECKPOINT")?)
    }

    /// Everybody's rows.
    pub fn client(&self, database: &str) -> Result<Client, Box<dyn Error>> {
        Ok(Client::connect(&self.0.socket_url(database), NoTls)?)
    }

    /// Of who serves, and of who owns the tables.
    pub fn addresses(&self, database: &str) -> [String; 2] {
        let owner = self.0.socket_url(database);
        let role = |name: &str| format!("://{name}@");
        [owner.replacen(&role(OWNER), &role(SERVING), 1), owner]
    }

    pub fn bytes(&self, database: &str) -> Result<u64, Box<dyn Error>> {
        let mut client = self.client(OWNER)?;
        let row = client.query_one("SELECT pg_database_size($1)", &[&database])?;
        Ok(row.try_get::<_, i64>(0)?.try_into()?)
    }

    /// CPU time of its processes so far, also of those that have ended.
    pub fn spent(&self) -> Duration {
        let Some(first) = self.0.pid() else {
            return Duration::ZERO;
        };
        let running: Duration = self.0.processes().into_iter().map(on_cpu).sum();
        running + ended(first)
    }
}

fn on_cpu(process: u32) -> Duration {
    // It may end while we look.
    let counted = fs::read_to_string(format!("/proc/{process}/schedstat")).unwrap_or_default();
    super::cpu::on_cpu(&counted)
}

/// Of the children of a process that it has seen end.
fn ended(process: u32) -> Duration {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let ticks = ticks_of_ended(&text).unwrap_or(0);
    Duration::from_millis(ticks * 1000 / TICKS_A_SECOND)
}

/// The fields `cutime` and `cstime`, counted from behind the name, which may hold anything.
fn ticks_of_ended(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split_whitespace().skip(13);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_ended_children_is_read_past_any_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 64 9 8 7 6 11 12 130 40 20 0 1";
        assert_eq!(ticks_of_ended(stat), Some(170));
        assert_eq!(ticks_of_ended("7 (a"), None);
    }
}
