//! Backups beside live work, and restores that bring back neither whoever was erased nor a key that is too old.

use std::path::Path;
use std::time::Duration;

use basics::{Fault, Moment};
use memchr::memmem;
use rusqlite::Connection;
use testkit::{ANNA, Browser, MIJNCN, MIJNOVERHEID, NOW, Organisation, Product};
use vault::backup::{BackedUp, Days, House, Restored, Shelf, back_up, restore};
use vault::{Elsewhere, Place, Whose};

use super::canary::{self, Planted};
use crate::data_folder::files_of;

const DAY: Duration = Duration::from_secs(86_400);

/// Where backups of a test go.
struct Shelves(tempfile::TempDir);

impl Shelves {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    async fn back_up(&self, product: &Product, at: Moment) -> Result<BackedUp, Fault> {
        self.back_up_for(product, None, at).await
    }

    /// To be kept for so many days.
    async fn back_up_for(
        &self,
        product: &Product,
        days: Option<u64>,
        at: Moment,
    ) -> Result<BackedUp, Fault> {
        let most = Days::most(product.vault().register(), &postbus::rooms())?;
        let days = days.map_or(Ok(most), |days| most.chosen(days))?;
        let (data, keys) = (product.data(), product.keys());
        let elsewhere = Elsewhere::on_servers(product.lent()).unwrap();
        let [rows_at, keys_at] = self.folders();
        let backed_up = tokio::task::spawn_blocking(move || {
            let house = House {
                data: &data,
                keys: &keys,
                elsewhere: &elsewhere,
                rooms: &postbus::rooms(),
            };
            back_up(
                &house,
                &Shelf {
                    rows: &rows_at,
                    keys: &keys_at,
                },
                days,
                at,
                &mut |_| {},
            )
        });
        backed_up.await.unwrap()
    }

    /// To files, whichever engine it came from.
    fn restore(
        &self,
        to: &Product,
        at: Moment,
        break_off_at: Option<&str>,
    ) -> Result<Restored, Fault> {
        self.restore_named(to, None, at, break_off_at)
    }

    /// The newest one, or the one with this name.
    fn restore_named(
        &self,
        to: &Product,
        name: Option<&str>,
        at: Moment,
        break_off_at: Option<&str>,
    ) -> Result<Restored, Fault> {
        let [rows_at, keys_at] = self.folders();
        let house = House {
            data: &to.data(),
            keys: &to.keys(),
            elsewhere: &Elsewhere::default(),
            rooms: &postbus::rooms(),
        };
        let shelf = Shelf {
            rows: &rows_at,
            keys: &keys_at,
        };
        restore(&house, &shelf, name, &[], at, &mut |progress| {
            assert!(break_off_at != Some(progress.table), "broken off here");
        })
    }

    fn folders(&self) -> [std::path::PathBuf; 2] {
        ["rows", "keys"].map(|part| self.0.path().join(part))
    }
}

fn in_files(product: &Product) -> Elsewhere {
    Elsewhere {
        rows: Some(Place::File(product.data().join("postbus.db"))),
        keyring: Some(Place::File(product.keys().join("keys.db"))),
        writers: None,
    }
}

/// As after a disk was lost: all is gone but the list of erasures.
fn lose(product: &Product) {
    product.stop();
    let list = product.keys().join("erasures.txt");
    let kept = std::fs::read(&list).ok();
    for folder in [product.data(), product.keys()] {
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::create_dir(&folder).unwrap();
    }
    if let Some(kept) = kept {
        std::fs::write(&list, kept).unwrap();
    }
}

async fn with_letter(product: &Product) -> (Browser, String) {
    let sender = Organisation::connect(product, 1, "Waterschap Vallei").await;
    let mut browser = Browser::new(product);
    browser.log_in(&ANNA).await;
    let id = sender.delivered(&sender.letter_to(&ANNA)).await;
    (browser, id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mo_73_cn_82_a_restored_backup_brings_back_all_but_whoever_was_erased() {
    let product = Product::mijnoverheid().await;
    let (mut anna, id) = with_letter(&product).await;
    let planted = canary::plant(&product).await;
    let shelves = Shelves::new();
    let backed_up = shelves.back_up(&product, NOW).await.unwrap();
    assert!(backed_up.rows > 30 && backed_up.files == 1, "{backed_up:?}");
    let whose = Whose::Id(planted.subject);
    product
        .vault()
        .erase(whose.clone(), &mut |_| {})
        .await
        .unwrap()
        .unwrap();

    lose(&product);
    let restored = shelves.restore(&product, NOW.plus(DAY), None).unwrap();
    assert_eq!(
        (restored.rows, restored.files),
        (backed_up.rows, backed_up.files)
    );
    product.start_elsewhere(in_files(&product));
    // Before anything else is done the key is gone already.
    let why = product
        .vault()
        .export(whose.clone())
        .await
        .unwrap_err()
        .to_string();
    assert!(why.contains("has no key"), "{why}");
    let erased = product.vault().finish_begun_erasures().await.unwrap();
    assert!(erased.rows > 10 && erased.files == 1, "{erased:?}");
    assert!(product.vault().export(whose).await.unwrap().is_none());
    nothing_is_left_in_files(&product, &planted);
    assert_eq!(anna.get(&format!("/berichten/{id}")).await.status, 200);
    assert_eq!(
        product.vault().finish_begun_erasures().await.unwrap().rows,
        0
    );
}

/// Also when the house's own list is lost: a backup that was made after the erasure knows of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mo_73_cn_82_an_older_backup_brings_back_nobody_whom_a_later_one_knows_as_erased() {
    let product = Product::mijnoverheid().await;
    let (mut anna, id) = with_letter(&product).await;
    let planted = canary::plant(&product).await;
    let shelves = Shelves::new();
    let older = shelves.back_up(&product, NOW).await.unwrap();
    let whose = Whose::Id(planted.subject);
    let erased = product.vault().erase(whose.clone(), &mut |_| {}).await;
    erased.unwrap().unwrap();
    shelves.back_up(&product, NOW.plus(DAY)).await.unwrap();
    lose(&product);
    std::fs::remove_file(product.keys().join("erasures.txt")).unwrap();
    let restored = shelves.restore_named(&product, Some(&older.name), NOW.plus(DAY), None);
    assert_eq!(restored.unwrap().name, older.name);
    product.start_elsewhere(in_files(&product));
    product.vault().finish_begun_erasures().await.unwrap();
    assert!(product.vault().export(whose).await.unwrap().is_none());
    assert_eq!(anna.get(&format!("/berichten/{id}")).await.status, 200);
}

fn nothing_is_left_in_files(product: &Product, planted: &Planted) {
    let rows = Connection::open(product.data().join("postbus.db")).unwrap();
    for (name, table) in canary::catalogue().tables() {
        if table.columns.contains_key("subject_id") {
            let left = format!(
                "SELECT COUNT(*) FROM {name} WHERE subject_id = '{}'",
                planted.subject
            );
            let left: i64 = rows.query_row(&left, [], |row| row.get(0)).unwrap();
            assert_eq!(left, 0, "{name}");
        }
    }
    drop(rows);
    let files = files_of(&[product.data(), product.keys()]);
    for canary in planted.canaries.iter().filter(|canary| !canary.stays()) {
        let shows = |bytes: &[u8]| {
            canary
                .lies
                .iter()
                .any(|part| memmem::find(bytes, part).is_some())
        };
        let found: Vec<&Path> = files
            .iter()
            .filter(|(_, bytes)| shows(bytes))
            .map(|(path, _)| path.as_path())
            .collect();
        assert_eq!(found, Vec::<&Path>::new(), "{}", canary.column);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_made_beside_live_work_and_its_log_is_whole() {
    let product = Product::mijnoverheid().await;
    let (mut anna, id) = with_letter(&product).await;
    product.vault().note_log_head().await.unwrap();
    let shelves = Shelves::new();
    shelves.back_up(&product, NOW).await.unwrap();
    assert_eq!(anna.get("/berichten").await.status, 200);
    lose(&product);
    shelves.restore(&product, NOW, None).unwrap();
    product.start_elsewhere(in_files(&product));
    let found = product.vault().verify_log().await.unwrap();
    assert!(found.is_whole() && found.whole > 2, "{found:?}");
    assert_eq!(anna.get(&format!("/berichten/{id}")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_of_the_keyring_live_for_thirty_days() {
    let product = Product::mijnoverheid().await;
    let shelves = Shelves::new();
    let first = shelves.back_up(&product, NOW).await.unwrap();
    let kept = shelves.back_up(&product, NOW.plus(30 * DAY)).await.unwrap();
    assert_eq!(kept.removed.keyrings, Vec::<String>::new());
    let next = shelves.back_up(&product, NOW.plus(31 * DAY)).await.unwrap();
    assert_eq!(next.removed.keyrings, std::slice::from_ref(&first.name));
    let [rows, keys] = shelves.folders();
    assert!(!rows.join(&first.name).exists() && !keys.join(&first.name).exists());
    lose(&product);
    let refused = shelves
        .restore(&product, NOW.plus(90 * DAY), None)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("older than 30 days"), "{refused}");
}

/// What has ended and what was erased lies no longer in a backup than its shortest term, which a keyring of today would open.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backups_of_rows_end_and_never_the_last_that_is_whole() {
    let product = Product::mijnoverheid().await;
    let (mut anna, id) = with_letter(&product).await;
    canary::plant(&product).await;
    let shelves = Shelves::new();
    let [rows, keys] = shelves.folders();
    let there = |folder: &Path| {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let after = |days: u32| NOW.plus(days * DAY);
    let in_week = async |days| {
        let made = shelves.back_up_for(&product, Some(7), after(days)).await;
        made.unwrap()
    };
    let first = in_week(0).await;
    // Broken off by a power cut long ago: half a backup holds data too.
    let half = rows.join("2026-01-01T00-00-00.000Z");
    std::fs::create_dir(&half).unwrap();
    std::fs::write(half.join("rows.db"), "half").unwrap();
    std::fs::create_dir(rows.join("of-somebody-else")).unwrap();
    let second = in_week(7).await;
    assert_eq!(second.removed.rows, ["2026-01-01T00-00-00.000Z"]);
    assert_eq!(
        there(&rows),
        [
            first.name.as_str(),
            second.name.as_str(),
            "of-somebody-else"
        ]
    );
    let third = in_week(8).await;
    assert_eq!(third.removed.rows, std::slice::from_ref(&first.name));
    assert_eq!(
        there(&rows),
        [
            second.name.as_str(),
            third.name.as_str(),
            "of-somebody-else"
        ]
    );
    // The keyring's have an end of their own.
    assert_eq!(
        there(&keys),
        [
            first.name.as_str(),
            second.name.as_str(),
            third.name.as_str()
        ]
    );

    // One that fails removes nothing, however old the others are.
    let blobs = product.data().join("blobs");
    let apart = product.data().join("apart");
    std::fs::rename(&blobs, &apart).unwrap();
    std::os::unix::fs::symlink(&blobs, &blobs).unwrap();
    let failed = shelves.back_up_for(&product, Some(7), after(300)).await;
    assert!(failed.is_err());
    assert_eq!(
        there(&rows),
        [
            second.name.as_str(),
            third.name.as_str(),
            "of-somebody-else"
        ]
    );
    assert_eq!(
        there(&keys),
        [
            first.name.as_str(),
            second.name.as_str(),
            third.name.as_str()
        ]
    );
    std::fs::remove_file(&blobs).unwrap();
    std::fs::rename(&apart, &blobs).unwrap();

    // What a later one shares with one that is gone is still there.
    let last = in_week(300).await;
    assert_eq!(there(&keys), std::slice::from_ref(&last.name));
    lose(&product);
    let restored = shelves.restore(&product, after(300), None).unwrap();
    assert_eq!((restored.name, restored.files), (last.name, 1));
    product.start_elsewhere(in_files(&product));
    assert_eq!(anna.get(&format!("/berichten/{id}")).await.status, 200);
}

#[tokio::test]
async fn backups_are_kept_no_longer_than_the_shortest_term_of_what_lies_in_a_table() {
    let most = async |statement: &str| {
        let product = Product::start(statement).await;
        Days::most(product.vault().register(), &postbus::rooms()).unwrap()
    };
    assert_eq!(most(MIJNOVERHEID).await.count(), 30);
    let nine_days = MIJNCN
        .replace("kortste = \"P18M\"", "kortste = \"P9D\"")
        .replace("termijn = \"P18M\"", "termijn = \"P9D\"");
    assert_eq!(most(&nine_days).await.count(), 9);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_goes_to_two_places_and_back_to_an_empty_one() {
    let product = Product::mijnoverheid().await;
    let (mut anna, _) = with_letter(&product).await;
    let shelves = Shelves::new();
    let backed_up = shelves.back_up(&product, NOW).await.unwrap();
    let [rows, keys] = shelves.folders();
    let house = House {
        data: &product.data(),
        keys: &product.keys(),
        elsewhere: &Elsewhere::default(),
        rooms: &postbus::rooms(),
    };
    let inside = rows.join("keys");
    let refused = back_up(
        &house,
        &Shelf {
            rows: &rows,
            keys: &inside,
        },
        Days::most(product.vault().register(), house.rooms).unwrap(),
        NOW,
        &mut |_| {},
    );
    assert!(refused.unwrap_err().to_string().contains("lie apart"));
    product.stop();
    let refused = shelves
        .restore(&product, NOW, None)
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("is put back to an empty place"),
        "{refused}"
    );

    let half = keys.join(&backed_up.name).join("whole.txt");
    let text = std::fs::read(&half).unwrap();
    std::fs::remove_file(&half).unwrap();
    lose(&product);
    let refused = shelves
        .restore(&product, NOW, None)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("there is no backup"), "{refused}");
    std::fs::write(&half, text).unwrap();

    // One that was broken off goes on, and serves nobody until it is done.
    let broken_off = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        shelves.restore(&product, NOW, Some("bodies"))
    }));
    assert!(broken_off.is_err());
    let refused = product
        .try_elsewhere(in_files(&product))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("not finished"), "{refused}");
    let restored = shelves.restore(&product, NOW, None).unwrap();
    assert_eq!(restored.rows, backed_up.rows);
    product.start_elsewhere(in_files(&product));
    assert_eq!(anna.get("/berichten").await.status, 200);
}
