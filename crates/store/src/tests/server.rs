//! A server for all tests of this room; each test has a database and a role to serve of its own in it.

use std::sync::{LazyLock, Mutex};

use cluster::{Cluster, Settings};

use crate::engine::Place;
use crate::{RoomSchema, rooms};

/// Ends with this process.
static CLUSTER: LazyLock<Mutex<Cluster>> = LazyLock::new(|| {
    let settings = Settings {
        durable: false,
        ..Settings::default()
    };
    Mutex::new(Cluster::start(settings).expect("a cluster"))
});

/// A database with a role that serves; both bear the name of the test.
pub(super) struct Database {
    name: &'static str,
    superuser: String,
}

impl Database {
    pub(super) fn of(name: &'static str) -> Self {
        let cluster = CLUSTER
            .lock()
            .expect("no test panics while it makes a database");
        cluster.create_database(name).expect("a database");
        let role = format!("CREATE ROLE {name} LOGIN NOINHERIT");
        cluster.sql(name, &role).expect("a role");
        let superuser = cluster.socket_url(name);
        Self { name, superuser }
    }

    fn serving(&self) -> String {
        let role = format!("://{}@", self.name);
        self.superuser.replacen("://postgres@", &role, 1)
    }

    /// Known with its owner.
    pub(super) fn owned(&self) -> Place {
        self.unowned().owned_by(&self.superuser).unwrap()
    }

    pub(super) fn unowned(&self) -> Place {
        Place::server(&self.serving()).unwrap()
    }

    pub(super) fn prepared_with(&self, rooms: &[RoomSchema]) -> &Self {
        rooms::prepare(&self.owned(), rooms).unwrap();
        self
    }

    /// Asks as the owner of the tables.
    pub(super) fn asked(&self, sql: &str) -> String {
        cluster::ask(&self.superuser, sql).unwrap()
    }

    /// A connection of the owner's own, such as another program has.
    pub(super) fn connected(&self) -> ::postgres::Client {
        ::postgres::Client::connect(&self.superuser, ::postgres::NoTls).unwrap()
    }

    /// Asks as the role that serves; answers the complaint when it may not.
    pub(super) fn asked_serving(&self, sql: &str) -> Result<String, String> {
        cluster::ask(&self.serving(), sql).map_err(|fault| fault.to_string())
    }
}
