//! Folders: one that is kept has its data at the next start, a private one is gone.

use cluster::{Cluster, Settings};
use tempfile::TempDir;

use crate::{hasty, lives};

/// A folder that any user may pass to.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).expect("our own folder");
    folder
}

fn kept(folder: &TempDir) -> Settings {
    Settings {
        folder: Some(folder.path().join("new").join("cluster")),
        durable: false,
        ..Settings::default()
    }
}

#[test]
fn a_kept_folder_has_its_data_and_password_at_the_next_start() {
    let folder = folder();
    let cluster = Cluster::start(kept(&folder)).unwrap();
    cluster.create_database("post").unwrap();
    cluster.sql("post", "CREATE TABLE a (b text)").unwrap();
    cluster.sql("post", "INSERT INTO a VALUES ('é')").unwrap();
    let password = |url: String| url.split([':', '@']).nth(2).map(str::to_owned);
    let first = password(cluster.url("post"));
    drop(cluster);
    let again = Cluster::start(kept(&folder)).unwrap();
    assert_eq!(again.sql("post", "SELECT b FROM a").unwrap(), "é");
    assert_eq!(password(again.url("post")), first);
}

#[test]
fn a_folder_in_use_is_refused() {
    let folder = folder();
    let first = Cluster::start(kept(&folder)).unwrap();
    let said = Cluster::start(kept(&folder)).err().unwrap().to_string();
    assert!(said.contains("another process runs the cluster"), "{said}");
    assert!(first.sql("postgres", "SELECT 1").is_ok());
}

#[test]
fn an_initdb_that_was_broken_off_is_begun_again() {
    let folder = folder();
    let settings = kept(&folder);
    let unfinished = settings.folder.as_ref().unwrap().join("data.unfinished");
    std::fs::create_dir_all(&unfinished).unwrap();
    std::fs::write(unfinished.join("PG_VERSION"), "15\n").unwrap();
    let cluster = Cluster::start(settings).unwrap();
    assert_eq!(cluster.sql("postgres", "SELECT 1").unwrap(), "1");
}

#[test]
fn a_private_folder_is_gone_with_its_cluster_and_the_server_too() {
    let cluster = hasty();
    let folder = cluster.folder().to_owned();
    let pid = cluster.pid().unwrap();
    assert!(folder.join("data").is_dir() && lives(pid));
    drop(cluster);
    assert!(!folder.exists() && !lives(pid));
}

#[test]
fn a_stopped_cluster_starts_again_where_it_was() {
    let mut cluster = hasty();
    let url = cluster.url("postgres");
    cluster
        .sql("postgres", "CREATE TABLE a (b bigint)")
        .unwrap();
    cluster.stop().unwrap();
    assert_eq!(cluster.pid(), None);
    assert!(cluster.sql("postgres", "SELECT 1").is_err());
    cluster.start_again().unwrap();
    assert_eq!(cluster.url("postgres"), url);
    assert_eq!(
        cluster.sql("postgres", "SELECT count(*) FROM a").unwrap(),
        "0"
    );
    assert!(cluster.start_again().is_err(), "it runs already");
}
