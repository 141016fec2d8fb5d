//! A disk that is full: nothing is taken in, nothing is shown, nothing is lost, and with room all goes on.

use reqwest::StatusCode;

use super::disk::Disk;
use super::trial::{Trial, assert_unavailable_to_organisations, assert_unavailable_to_people};
use crate::kill::letters::PEOPLE;
use crate::kill::reader::{NEWCOMER, Reader};

const FULL: &str = "the disk is full";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_stops_writing_and_reading_and_costs_nothing() {
    let (mut trial, disks) = Trial::begin_on("", |server| {
        let data = Disk::lay(server, "gegevens", 24)?;
        let blobs = Disk::lay(server, "gegevens/blobs", 16)?;
        Some((data, blobs))
    })
    .await;
    let Some((data, blobs)) = disks else { return };
    for _ in 0..10 {
        assert_eq!(trial.deliver_next().await, StatusCode::CREATED);
    }
    data.fill();
    // The engine may have room in its own files for a while.
    let mut refused = 0;
    for _ in 0..2_000 {
        let full = trial.deliver_plain().await == StatusCode::SERVICE_UNAVAILABLE;
        refused = if full { refused + 1 } else { 0 };
        if refused == 20 {
            break;
        }
    }
    assert_eq!(refused, 20, "the disk is full, and letters are taken in");
    // Its attachment was stored already, and is of no use.
    let with_pdf = trial.deliver_with_pdf().await;
    assert_eq!(with_pdf, StatusCode::SERVICE_UNAVAILABLE);
    trial.no_attachment_too_many();
    for link in ["/berichten", "/berichten/archief"] {
        let page = trial.readers[0].get(link).await.unwrap();
        assert_unavailable_to_people(page).await;
    }
    assert_unavailable_to_organisations(trial.receipt().await).await;
    let told = trial.server.told_of("ERROR");
    assert_eq!(
        told.len(),
        1,
        "one line, however many were refused: {told:?}"
    );
    assert!(
        told[0].contains(FULL) && told[0].contains("postbus.db"),
        "{told:?}"
    );

    data.free();
    trial.deliver_until_taken_in().await;
    trial.all_is_there().await;
    trial.no_attachment_too_many();

    blobs.fill();
    for _ in 0..3 {
        let with_pdf = trial.deliver_with_pdf().await;
        assert_eq!(with_pdf, StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(trial.deliver_plain().await, StatusCode::CREATED);
    trial.all_is_there().await;
    let told = trial
        .server
        .told_of("the attachments: No space left on device");
    assert_eq!(told.len(), 1, "{told:?}");
    blobs.free();
    trial.deliver_until_taken_in().await;
    trial.deliver_until_told("it works again").await;
    trial.all_is_there().await;
    trial.no_attachment_too_many();
    trial.end_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_of_the_keys_keeps_newcomers_out_and_serves_who_is_in() {
    let (mut trial, disk) = Trial::begin_on("", |server| Disk::lay(server, "sleutels", 4)).await;
    let Some(disk) = disk else { return };
    disk.fill();
    let base_url = trial.server.base_url.clone();
    // Who is in has a key.
    assert_eq!(trial.deliver_next().await, StatusCode::CREATED);
    trial.all_is_there().await;
    let newcomer = Reader::try_to_log_in(&base_url, NEWCOMER).await;
    assert_eq!(newcomer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(newcomer.headers().contains_key("retry-after"));
    let page = newcomer.text().await.unwrap();
    assert!(page.contains("Inloggen kan nu niet"), "{page}");
    Reader::log_in(&base_url, PEOPLE[0]).await;
    assert_eq!(trial.server.told_of(FULL).len(), 1);

    disk.free();
    Reader::log_in(&base_url, NEWCOMER).await;
    assert_eq!(trial.deliver_next().await, StatusCode::CREATED);
    trial.all_is_there().await;
    trial.end_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_on_a_full_disk_ends_with_what_to_do() {
    let (mut trial, disk) = Trial::begin_on("", |server| Disk::lay(server, "gegevens", 16)).await;
    let Some(disk) = disk else { return };
    assert_eq!(trial.deliver_next().await, StatusCode::CREATED);
    trial.server.end().await;
    disk.fill();
    let said = trial.server.refuses_to_start();
    assert!(
        said.contains("postbus.db") && said.contains("disk is full"),
        "{said}"
    );
    disk.free();
    trial.server.start().await;
    trial.sender.get_token().await;
    trial.deliver_until_taken_in().await;
    trial.all_is_there().await;
    trial.end_and_verify().await;
}
