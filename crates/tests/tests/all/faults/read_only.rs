//! Data that can be read and not written.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use reqwest::StatusCode;

use super::disk::Disk;
use super::trial::Trial;

fn set_mode(folder: &Path, mode: u32) {
    fs::set_permissions(folder, Permissions::from_mode(mode)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_folder_ends_a_start_and_stops_attachments_while_it_runs() {
    let mut trial = Trial::begin("").await;
    assert_eq!(trial.deliver_with_pdf().await, StatusCode::CREATED);
    let blobs = trial.data().join("blobs");
    let mut folders: Vec<_> = fs::read_dir(&blobs)
        .unwrap()
        .map(|spread| spread.unwrap().path())
        .collect();
    folders.push(blobs);
    let set_all = |mode| folders.iter().for_each(|folder| set_mode(folder, mode));
    set_all(0o500);
    for _ in 0..3 {
        assert_eq!(
            trial.deliver_with_pdf().await,
            StatusCode::SERVICE_UNAVAILABLE
        );
    }
    assert_eq!(
        trial
            .server
            .told_of("the attachments: Permission denied")
            .len(),
        1
    );
    assert_eq!(trial.deliver_plain().await, StatusCode::CREATED);
    trial.all_is_there().await;
    set_all(0o700);
    trial.deliver_until_taken_in().await;
    trial.all_is_there().await;
    trial.no_attachment_too_many();

    trial.server.end().await;
    for folder in [
        trial.data().join("blobs"),
        trial.data(),
        trial.server.path().join("sleutels"),
    ] {
        set_mode(&folder, 0o500);
        let said = trial.server.refuses_to_start();
        set_mode(&folder, 0o700);
        assert!(
            said.contains(folder.to_str().unwrap()) && said.contains("must be writable"),
            "{said}"
        );
    }
    trial.server.start().await;
    assert_eq!(trial.deliver_next().await, StatusCode::CREATED);
    trial.end_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_disk_ends_a_start() {
    let (mut trial, disk) = Trial::begin_on("", |server| Disk::lay(server, "gegevens", 16)).await;
    let Some(disk) = disk else { return };
    trial.server.end().await;
    disk.remount("ro");
    let said = trial.server.refuses_to_start();
    assert!(said.contains("Read-only file system"), "{said}");
    disk.remount("rw");
    trial.server.start().await;
    assert_eq!(trial.deliver_next().await, StatusCode::CREATED);
    trial.end_and_verify().await;
}
