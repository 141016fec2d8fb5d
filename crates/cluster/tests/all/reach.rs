//! How a cluster is reached: by its own port and socket, with its own password, whatever else runs.

use cluster::{Certificate, Cluster, Settings};
use postgres::{Client, NoTls};

use crate::{hasty, psql};

/// What the client says of this address.
fn ask(url: &str, question: &str) -> Result<String, String> {
    let output = psql(url, question).output().expect("psql starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8").trim().to_owned();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

#[test]
fn two_at_once_do_not_meet() {
    let (one, two) = std::thread::scope(|scope| {
        let one = scope.spawn(hasty);
        let two = scope.spawn(hasty);
        (one.join().unwrap(), two.join().unwrap())
    });
    assert_ne!(one.port(), two.port());
    one.create_database("only_here").unwrap();
    let databases = "SELECT count(*) FROM pg_database WHERE datname = 'only_here'";
    for url in [one.url("postgres"), one.socket_url("postgres")] {
        assert_eq!(ask(&url, databases).unwrap(), "1", "{url}");
    }
    for url in [two.url("postgres"), two.socket_url("postgres")] {
        assert_eq!(ask(&url, databases).unwrap(), "0", "{url}");
    }
    drop(one);
    assert_eq!(ask(&two.url("postgres"), "SELECT 1").unwrap(), "1");
}

/// The client that the product is built with reads both addresses as the programs do.
#[test]
fn a_client_of_rust_reads_the_addresses() {
    let cluster = hasty();
    for url in [cluster.url("postgres"), cluster.socket_url("postgres")] {
        let mut client = Client::connect(&url, NoTls).expect(&url);
        let row = client.query_one("SELECT current_database()", &[]).unwrap();
        assert_eq!(row.get::<_, String>(0), "postgres");
    }
}

#[test]
fn the_port_wants_the_password() {
    let cluster = hasty();
    let right = cluster.url("postgres");
    let password = right.split([':', '@']).nth(2).unwrap();
    assert_eq!(ask(&right, "SELECT 1").unwrap(), "1");
    let said = ask(&right.replace(password, "guessed"), "SELECT 1").unwrap_err();
    assert!(said.contains("password authentication failed"), "{said}");
}

#[test]
fn databases_are_made_copied_and_thrown_away() {
    let cluster = hasty();
    cluster.create_database("first").unwrap();
    cluster.sql("first", "CREATE TABLE a (b bigint)").unwrap();
    cluster.copy_database("first", "second").unwrap();
    cluster.sql("second", "INSERT INTO a VALUES (1)").unwrap();
    let ask = |name| cluster.sql(name, "SELECT count(*) FROM a");
    assert_eq!(
        (ask("first").unwrap(), ask("second").unwrap()),
        ("0".into(), "1".into())
    );
    cluster.drop_database("first").unwrap();
    assert!(ask("first").is_err());
    let said = cluster.create_database("second").unwrap_err().to_string();
    assert!(said.contains("already exists"), "{said}");
}

#[test]
fn text_is_utf_8_and_ordered_by_bytes() {
    let cluster = hasty();
    cluster.create_database("post").unwrap();
    let asked = "SELECT string_agg(a, '' ORDER BY a) FROM unnest(ARRAY['b', 'é', 'Z', 'a']) a";
    assert_eq!(cluster.sql("post", asked).unwrap(), "Zabé");
    assert_eq!(cluster.sql("post", "SHOW server_encoding").unwrap(), "UTF8");
}

#[test]
fn the_settings_asked_for_are_in_force() {
    let settings = Settings {
        durable: false,
        server: vec![("max_connections".into(), "37".into())],
        ..Settings::default()
    };
    let cluster = Cluster::start(settings).unwrap();
    assert_eq!(
        cluster.sql("postgres", "SHOW max_connections").unwrap(),
        "37"
    );
}

#[test]
fn a_setting_that_is_wrong_is_told_in_the_words_of_the_server() {
    let settings = Settings {
        server: vec![("max_connections".into(), "many".into())],
        ..Settings::default()
    };
    let said = Cluster::start(settings).err().unwrap().to_string();
    assert!(said.contains("ended by itself at its start"), "{said}");
    assert!(said.contains("max_connections"), "{said}");
}

#[test]
fn with_a_certificate_the_port_speaks_tls() {
    let settings = Settings {
        durable: false,
        certificate: Some(Certificate::of_localhost()),
        ..Settings::default()
    };
    let asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let strict = |cluster: &Cluster| cluster.url("postgres") + "?sslmode=require";
    let cluster = Cluster::start(settings).unwrap();
    assert_eq!(ask(&strict(&cluster), asked).unwrap(), "t");
    assert!(ask(&strict(&hasty()), asked).is_err());
}
