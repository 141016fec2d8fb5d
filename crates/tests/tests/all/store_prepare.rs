//! `postbus store prepare` and `postbus serve --store`: the real binary on a cluster of its own.

use std::fmt::Write;

use cluster::{Cluster, Settings};

use crate::kill::reader::LoginProvider;
use crate::kill::server::Server;

const SECRET: &str = "geheim-van-de-rol";

/// A cluster with two databases, rows and keys, and a role that owns both.
pub struct Databases(pub Cluster);

impl Databases {
    pub fn start() -> Self {
        let cluster = Cluster::start(Settings {
            durable: false,
            ..Settings::default()
        })
        .unwrap();
        let made = format!("CREATE ROLE huis LOGIN CREATEROLE PASSWORD '{SECRET}'");
        cluster.sql("postgres", &made).unwrap();
        for name in ["rows", "keys"] {
            cluster.create_database(name).unwrap();
            let given = format!("ALTER DATABASE {name} OWNER TO huis");
            cluster.sql("postgres", &given).unwrap();
        }
        Self(cluster)
    }

    pub fn make_serving_role(&self) {
        let made = format!("CREATE ROLE post LOGIN NOINHERIT PASSWORD '{SECRET}'");
        self.0.sql("postgres", &made).unwrap();
    }

    pub fn address(&self, role: &str, database: &str) -> String {
        let port = self.0.port();
        format!("postgres://{role}:{SECRET}@127.0.0.1:{port}/{database}")
    }

    /// Lines for a configuration: where rows and keys lie, and who owns them where that is said.
    pub fn configured(&self, has_owner: bool) -> String {
        let mut lines = String::new();
        for (key, database) in [("store", "rows"), ("keys-store", "keys")] {
            writeln!(lines, "{key} = \"{}\"", self.address("post", database)).unwrap();
            writeln!(lines, "{key}-location = \"NL\"").unwrap();
            if has_owner {
                let owner = self.address("huis", database);
                writeln!(lines, "{key}-owner = \"{owner}\"").unwrap();
            }
        }
        lines
    }
}

const PREPARE: [&str; 2] = ["store", "prepare"];

#[test]
fn what_cannot_be_prepared_says_what_to_do_and_no_password() {
    let databases = Databases::start();
    let issuer = "https://login.example";
    let refused = |server: &Server, more: &[&str], words: &str| {
        let said = server.refused(&[&PREPARE, more].concat());
        assert!(said.contains(words), "{words}: {said}");
        assert!(!said.contains(SECRET), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    };
    let on_files = Server::prepare(issuer);
    refused(&on_files, &[], "keeps everything in files");
    let owner = databases.address("huis", "rows");
    let with_owner = ["--owner", &owner];

    let unowned = Server::prepare_with(issuer, &databases.configured(false));
    refused(&unowned, &[], "configure `store-owner` or give --owner");
    refused(
        &unowned,
        &with_owner,
        "configure `keys-store-owner` or give --keys-owner",
    );
    let owned = Server::prepare_with(issuer, &databases.configured(true));
    refused(
        &owned,
        &["--owner", &databases.address("huis", "keys")],
        "another database",
    );
    refused(
        &owned,
        &[],
        "there is no role post to serve: make it with CREATE ROLE \"post\" LOGIN NOINHERIT PASSWORD",
    );
    let sql = |text: &str| databases.0.sql("postgres", text).unwrap();
    databases.make_serving_role();
    sql("ALTER ROLE post INHERIT");
    refused(&owned, &[], "the role post may do more than serve");
    sql("ALTER ROLE post NOINHERIT; ALTER ROLE huis NOCREATEROLE");
    refused(
        &owned,
        &[],
        "run CREATE ROLE \"post_adds\" NOLOGIN; GRANT \"post_adds\" TO \"post\"; first",
    );
    sql(
        "CREATE ROLE post_adds NOLOGIN; GRANT post_adds TO post; ALTER DATABASE keys OWNER TO postgres",
    );
    refused(&owned, &[], "the role huis may not make tables here");
    assert!(
        owned
            .refused(&["serve"])
            .contains("the role huis may not make tables here")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prepared_house_is_served_by_a_role_that_owns_nothing() {
    let databases = Databases::start();
    databases.make_serving_role();
    let provider = LoginProvider::listen().await;
    let mut server = Server::prepare_with(&provider.issuer, &databases.configured(false));
    provider.serve(&server.base_url);
    let said = server.refuses_to_start();
    assert!(said.contains("run `postbus store prepare`"), "{said}");

    let owners = ["rows", "keys"].map(|name| databases.address("huis", name));
    let prepare = [
        "store",
        "prepare",
        "--owner",
        &owners[0],
        "--keys-owner",
        &owners[1],
    ];
    let said = server.run(&prepare);
    let port = databases.0.port();
    let made = format!(
        "keys on 127.0.0.1:{port}: made the tables of keyring\n\
         rows on 127.0.0.1:{port}: made the tables of vault, organisations, people, letterbox, delivery, jobs, \
         accountability; made 18 months of tables\n"
    );
    assert_eq!(said, made);
    let said = server.run(&prepare);
    assert_eq!(
        said.matches(": every room has its tables\n").count(),
        2,
        "{said}"
    );

    // The first start makes the keys, also of a house that was prepared beforehand; the second finds them.
    for _ in 0..2 {
        server.start().await;
        server.end().await;
    }
    server.refuse_complaints();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_names_a_database_instead_of_the_file() {
    let databases = Databases::start();
    databases.make_serving_role();
    let provider = LoginProvider::listen().await;
    let mut server = Server::prepare_with(&provider.issuer, "");
    provider.serve(&server.base_url);
    let [rows, owner] = ["post", "huis"].map(|role| databases.address(role, "rows"));
    let here = ["--store", &rows, "--store-location", "NL"];
    let said = server.refused(&[&["serve"], &here[..2]].concat());
    assert!(said.contains("store-location = \"NL\""), "{said}");
    server
        .start_with(&[&here[..], &["--store-owner", &owner]].concat())
        .await;
    assert!(!server.path().join("gegevens/postbus.db").exists());
    assert!(server.path().join("sleutels/keys.db").exists());
    let tables = "SELECT COUNT(*) > 10 FROM pg_tables WHERE tableowner = 'huis'";
    assert_eq!(databases.0.sql("rows", tables).unwrap(), "t");
    server.end().await;
    server.refuse_complaints();
    // The owner is not needed again.
    server.start_with(&here).await;
    server.end().await;

    let file = server.path().join("server.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.repeat(2)).unwrap();
    let said = server.refused(&["serve", "--store", &rows]);
    assert!(said.contains("one installation"), "{said}");
    assert!(!said.contains(SECRET), "{said}");
}
