//! Starts that must not be: keys or a database that are missing, wrong, or open to others. The first error is the last.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use super::trial::Trial;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_without_its_own_keys_ends_with_what_to_do() {
    let mut trial = Trial::begin("").await;
    trial.server.end().await;
    let keys = trial.server.path().join("sleutels");
    let (master, apart) = (keys.join("master.key"), trial.server.path().join("apart"));
    let refused = |words: &str| {
        let said = trial.server.refuses_to_start();
        assert!(said.contains(words), "{words}: {said}");
        assert_eq!(
            said.lines()
                .filter(|line| line.starts_with("postbus:"))
                .count(),
            1
        );
    };

    fs::rename(&master, &apart).unwrap();
    refused("its master key is not; put it back at");
    assert!(
        !master.exists(),
        "no new key in place of the one that is missing"
    );

    fs::write(&master, [7; 32]).unwrap();
    fs::set_permissions(&master, Permissions::from_mode(0o600)).unwrap();
    trial.server.give(&master);
    refused("the master key is not the one this keyring was made with");
    fs::write(&master, [7; 31]).unwrap();
    refused("is not a master key of 32 bytes");

    fs::rename(&apart, &master).unwrap();
    fs::set_permissions(&master, Permissions::from_mode(0o640)).unwrap();
    refused("chmod 600");
    fs::set_permissions(&master, Permissions::from_mode(0o000)).unwrap();
    refused("cannot read the master key");
    fs::set_permissions(&master, Permissions::from_mode(0o600)).unwrap();

    // As when the disk of the keys is not mounted.
    fs::rename(&keys, &apart).unwrap();
    refused("its keyring is not at");
    assert!(!keys.join("keys.db").exists(), "no new keyring");
    let _ = fs::remove_dir_all(&keys);
    fs::rename(&apart, &keys).unwrap();

    // As when the disk of the data is not mounted.
    let data = trial.data();
    fs::rename(&data, &apart).unwrap();
    refused("their database is not at");
    assert!(!data.join("postbus.db").exists(), "no empty letterbox");
    let _ = fs::remove_dir_all(&data);
    fs::rename(&apart, &data).unwrap();

    trial.server.start().await;
    trial.end_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_on_a_damaged_database_ends_with_what_to_do() {
    let mut trial = Trial::begin("").await;
    trial.server.end().await;
    let database = trial.data().join("postbus.db");
    let whole = fs::read(&database).unwrap();
    let mut damaged = whole.clone();
    damaged[..64].fill(0xff);
    fs::write(&database, damaged).unwrap();
    let said = trial.server.refuses_to_start();
    assert!(
        said.contains("is damaged") && said.contains("put a backup back"),
        "{said}"
    );
    fs::write(&database, whole).unwrap();
    trial.server.start().await;
    trial.end_and_verify().await;
}
