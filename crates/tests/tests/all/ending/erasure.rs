//! A canary in every column: the copy tells each once, and after the erasure none is left, nor comes back with a backup.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use basics::{NumberKind, PersonNumber, SubjectId};
use memchr::memmem;
use testkit::{ANNA, BORIS, Browser, CARLA, Organisation, Person, Product};
use vault::{Erased, SweepOrder, Whose};

use super::canary::{self, Canary, Planted};
use super::holds;
use crate::data_folder::{Lines, files_of};
use crate::database;

/// A letter to each of two others, so that there is something to leave alone.
async fn with_others(product: &Product) -> (Organisation, Vec<(Browser, String)>) {
    let sender = Organisation::connect(product, 1, "Waterschap Vallei").await;
    let mut others = Vec::new();
    for person in [&ANNA, &BORIS] {
        others.push(with_letter(product, &sender, person).await);
    }
    (sender, others)
}

async fn with_letter(
    product: &Product,
    sender: &Organisation,
    person: &Person,
) -> (Browser, String) {
    let mut browser = Browser::new(product);
    browser.log_in(person).await;
    let id = sender.delivered(&sender.letter_to(person)).await;
    (browser, id)
}

/// The copy of somebody's data as it is written: its text, and the bytes of its files.
async fn copied(product: &Product, planted: &Planted) -> (String, Vec<Vec<u8>>) {
    let vault = product.vault();
    let export = vault
        .export(Whose::Id(planted.subject))
        .await
        .unwrap()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("kopie");
    postbus::commands::write_export(&vault, &export, &to)
        .await
        .unwrap();
    let text = std::fs::read_to_string(to.join("gegevens.json")).unwrap();
    let files = files_of(&[to.join("bijlagen")]);
    (text, files.into_iter().map(|(_, bytes)| bytes).collect())
}

#[tokio::test]
async fn mo_69_cn_80_a_copy_tells_each_column_and_file_exactly_once() {
    // One that keeps something in every column.
    let product = Product::start(&holds::statement()).await;
    let (_sender, _others) = with_others(&product).await;
    let planted = canary::plant(&product).await;
    assert!(planted.canaries.len() > 50, "{}", planted.canaries.len());
    let (text, files) = copied(&product, &planted).await;
    for Canary { column, told, .. } in &planted.canaries {
        assert_eq!(text.matches(told.as_str()).count(), 1, "{column}: {told}");
    }
    assert_eq!(files, planted.files);
    assert!(
        text.contains("\"titel\": \"Berichten in uw Berichtenbox\""),
        "{text}"
    );
    // Of nobody else.
    let others = database::rows(&product, "SELECT DISTINCT subject_id FROM messages");
    assert_eq!(others.len(), 3);
    for other in others.iter().map(|row| &row[0]) {
        let is_own = *other == planted.subject.to_string();
        assert_eq!(text.contains(other.as_str()), is_own, "{other}");
    }
}

#[tokio::test]
async fn mo_73_cn_82_after_an_erasure_nothing_is_left_nor_comes_back_with_a_backup() {
    let (lines, _told) = Lines::of_this_test();
    let product = Product::mijnoverheid().await;
    let (sender, mut others) = with_others(&product).await;
    let planted = canary::plant(&product).await;
    let of_others = rows_of_others(&product, &planted);
    for table in [
        "accounts",
        "bodies",
        "deliveries",
        "log",
        "messages",
        "numbers",
        "sessions",
    ] {
        assert!(of_others[table].len() >= 2, "{table}");
    }
    assert!(found_in_files(&product, &planted.canaries, |canary| !canary.is_sealed) > 20);
    let key = wrapped_key(&product, planted.subject);
    assert!(lies(&product, &key));

    let backup = (product.lent().is_none()).then(|| {
        product.stop();
        let backup = tempfile::tempdir().unwrap();
        copy_folder(&product.data(), &backup.path().join("data"));
        copy_folder(&product.keys(), &backup.path().join("keys"));
        product.restart();
        backup
    });

    let erased = product
        .vault()
        .erase(Whose::Id(planted.subject), &mut |_| {})
        .await;
    let erased = erased.unwrap().unwrap();
    assert_eq!(erased.files, planted.files.len() as u64);
    nothing_is_left(&product, &planted).await;
    assert!(!lies(&product, &key));
    let text = lines.text();
    for canary in &planted.canaries {
        assert!(!text.contains(&canary.told), "{}", canary.column);
    }
    // Again is as once.
    let again = product
        .vault()
        .erase(Whose::Id(planted.subject), &mut |_| {})
        .await;
    assert_eq!(again.unwrap(), Some(Erased::default()));
    assert_eq!(rows_of_others(&product, &planted), of_others);
    for (browser, id) in &mut others {
        assert_eq!(browser.get(&format!("/berichten/{id}")).await.status, 200);
        assert_eq!(sender.status(id).await.status, 200);
    }

    product.clock().advance(Duration::from_secs(2 * 3600));
    product.vault().finish_erasures().await.unwrap();
    // Rows and keyring of before are put back by hand; the list of erasures stays where it is.
    let Some(backup) = backup else {
        return;
    };
    product.stop();
    let list = std::fs::read(product.keys().join("erasures.txt")).unwrap();
    assert!(memmem::find(&list, b"settled ").is_some());
    for folder in ["data", "keys"] {
        let to = match folder {
            "data" => product.data(),
            _ => product.keys(),
        };
        std::fs::remove_dir_all(&to).unwrap();
        copy_folder(&backup.path().join(folder), &to);
    }
    std::fs::write(product.keys().join("erasures.txt"), list).unwrap();
    assert!(lies(&product, &key));
    // Long after: what is done and settled is not gone through, but here a key has come back.
    product.clock().advance(Duration::from_secs(60 * 86_400));
    product.restart();
    let brought_back = product.vault().finish_erasures().await.unwrap();
    // But for the log row of the erasure itself.
    let again = (brought_back.rows + 1, brought_back.files);
    assert_eq!(again, (erased.rows, erased.files));
    nothing_is_left(&product, &planted).await;
    assert!(!lies(&product, &key));
}

#[tokio::test]
async fn mo_73_an_erasure_that_was_broken_off_goes_on_from_its_list() {
    let product = Product::mijnoverheid().await;
    let planted = canary::plant(&product).await;
    // As far as a crash right after the first step leaves it.
    let begun = format!("begun {} 2026-11-20T13:30:00.000Z\n", planted.subject);
    std::fs::write(product.keys().join("erasures.txt"), begun).unwrap();
    product.restart();
    let why = product
        .vault()
        .export(Whose::Id(planted.subject))
        .await
        .unwrap_err();
    assert!(why.to_string().contains("has no key"), "{why}");
    assert!(product.vault().finish_erasures().await.unwrap().rows > 10);
    nothing_is_left(&product, &planted).await;
    let list = std::fs::read_to_string(product.keys().join("erasures.txt")).unwrap();
    assert!(
        list.contains(&format!("done {}", planted.subject)),
        "{list}"
    );
}

/// The key is gone, and the number still says whose: the command that was broken off is given again as it was.
#[tokio::test]
async fn mo_73_cn_82_an_erasure_by_number_goes_on_after_its_key_is_gone() {
    let product = Product::mijnoverheid().await;
    let (sender, _others) = with_others(&product).await;
    let (_browser, id) = with_letter(&product, &sender, &CARLA).await;
    let found = format!("SELECT subject_id FROM messages WHERE message_id = '{id}'");
    let subject = database::rows(&product, &found)[0][0].parse().unwrap();
    let number = PersonNumber::parse(NumberKind::Bsn, product.number(&CARLA)).unwrap();
    let begun = format!("begun {subject} 2026-11-20T13:30:00.000Z\n");
    std::fs::write(product.keys().join("erasures.txt"), begun).unwrap();
    product.restart();
    let again = async || {
        let vault = product.vault();
        let whose = Whose::Number(number.clone());
        vault.erase(whose, &mut |_| {}).await.unwrap()
    };
    assert!(again().await.unwrap().rows > 5);
    nothing_is_in_tables(&product, subject);
    assert_eq!(again().await, None, "nobody has that number any more");
    assert_eq!(product.vault().begun_erasures().unwrap(), 0);
}

/// A row of somebody who was at work for the person in another process, also when nothing ran for days after that.
#[tokio::test]
async fn mo_73_cn_82_what_comes_after_an_erasure_goes_too() {
    let product = Product::mijnoverheid().await;
    let planted = canary::plant(&product).await;
    let whose = Whose::Id(planted.subject);
    let erased = product.vault().erase(whose, &mut |_| {}).await;
    assert!(erased.unwrap().unwrap().rows > 10);
    let late = format!(
        "INSERT INTO preferences (subject_id, oin, refused_at) VALUES ('{}', '00000001', 0)",
        planted.subject
    );
    let settled = || {
        let list = std::fs::read_to_string(product.keys().join("erasures.txt")).unwrap();
        list.contains(&format!("settled {}", planted.subject))
    };
    database::change(&product, &late);
    assert_eq!(product.vault().finish_erasures().await.unwrap().rows, 1);
    assert!(!settled(), "whoever had the key may be at work still");
    database::change(&product, &late);
    product.stop();
    product.clock().advance(Duration::from_secs(3 * 86_400));
    product.restart();
    let vault = product.vault();
    vault
        .sweep(SweepOrder::default(), &mut |_| {})
        .await
        .unwrap();
    drop(vault);
    nothing_is_left(&product, &planted).await;
    assert!(settled());
    // What is settled is passed by: who is erased costs nothing for ever.
    let again = product.vault().finish_erasures().await.unwrap();
    assert_eq!(again, Erased::default());
}

/// MO-73: by a clock that leapt nothing ends, but whoever was erased has no term; and nothing is settled by it.
#[tokio::test]
async fn mo_73_cn_82_an_erasure_does_not_wait_for_a_clock_that_is_believed() {
    let product = Product::mijnoverheid().await;
    let planted = canary::plant(&product).await;
    let begun = format!("begun {} 2026-11-20T13:30:00.000Z\n", planted.subject);
    std::fs::write(product.keys().join("erasures.txt"), begun).unwrap();
    product.stop();
    let before = product.clock().now();
    product.clock().advance(Duration::from_secs(3000 * 86_400));
    product.restart();
    let list = || std::fs::read_to_string(product.keys().join("erasures.txt")).unwrap();
    // By the job, and by hand: neither removes what has a term.
    product.run_jobs().await;
    let due = "UPDATE jobs SET run_at = 0 WHERE kind = 'bewaartermijnen'";
    assert_eq!(database::change(&product, due), 1);
    product.run_jobs().await;
    assert!(list().contains("done"), "{}", list());
    nothing_is_left(&product, &planted).await;
    product.clock().advance(Duration::from_secs(2 * 3600));
    let vault = product.vault();
    let swept = vault.sweep(SweepOrder::default(), &mut |_| {}).await;
    let why = swept.unwrap_err().to_string();
    assert!(why.contains("--confirm-clock"), "{why}");
    assert!(!list().contains("settled"), "{}", list());
    // The clock is put right: what was noted ahead is noted anew, and settled an hour later.
    product.clock().set(before);
    for settled in [false, false, true] {
        vault.finish_erasures().await.unwrap();
        assert_eq!(list().contains("settled"), settled, "{}", list());
        product.clock().advance(Duration::from_secs(40 * 60));
    }
}

#[tokio::test]
async fn the_log_says_that_an_erasure_took_its_rows_and_stays_whole() {
    let product = Product::mijnoverheid().await;
    let (_sender, _others) = with_others(&product).await;
    let before = product.vault().verify_log().await.unwrap();
    assert!(before.is_whole() && before.erased == 0, "{before:?}");
    let subject = database::rows(&product, "SELECT subject_id FROM messages LIMIT 1");
    let subject = subject[0][0].parse().unwrap();
    let erased = product.vault().erase(Whose::Id(subject), &mut |_| {}).await;
    assert!(erased.unwrap().is_some());
    let after = product.vault().verify_log().await.unwrap();
    assert!(after.is_whole() && after.erased > 2, "{after:?}");
    // A row that is taken away without a word is missing all the same.
    database::change(
        &product,
        "DELETE FROM log WHERE log_no = (SELECT MIN(log_no) FROM log)",
    );
    let spoilt = product.vault().verify_log().await.unwrap();
    assert_eq!((spoilt.missing.len(), spoilt.erased), (1, after.erased));
    // So is one for which somebody made a reason up.
    database::change(&product, "UPDATE log_removals SET at = at + 1");
    let spoilt = product.vault().verify_log().await.unwrap();
    assert_eq!((spoilt.altered.len(), spoilt.erased), (1, 0), "{spoilt:?}");
}

async fn nothing_is_left(product: &Product, planted: &Planted) {
    let whose = Whose::Id(planted.subject);
    assert!(product.vault().export(whose).await.unwrap().is_none());
    nothing_is_in_tables(product, planted.subject);
    assert_eq!(
        found_in_files(product, &planted.canaries, |canary| !canary.stays()),
        0
    );
    for (column, reason) in canary::STAYS {
        assert!(
            found_in_files(product, &planted.canaries, |canary| canary.column == column) > 0,
            "{column} is gone: nobody need except it any more because {reason}"
        );
    }
    let blobs = files_of(&[product.data().join("blobs")]);
    let named = |id: &str| blobs.iter().any(|(path, _)| path.ends_with(id));
    let ids = planted
        .canaries
        .iter()
        .filter(|canary| canary.column.ends_with("blob_id"));
    assert!(ids.map(|canary| &canary.told).all(|id| !named(id)));
}

fn nothing_is_in_tables(product: &Product, subject: SubjectId) {
    for (name, table) in canary::catalogue().tables() {
        if table.columns.contains_key("subject_id") {
            let left = format!("SELECT COUNT(*) FROM {name} WHERE subject_id = '{subject}'");
            assert_eq!(database::number(product, &left), 0, "{name}");
        }
    }
}

/// With which all that is sealed of a person would open again.
fn wrapped_key(product: &Product, subject: SubjectId) -> Vec<u8> {
    let find = format!("SELECT wrapped FROM subject_keys WHERE subject_id = '{subject}'");
    if let Some([_, [_, keyring]]) = product.lent() {
        let told = cluster::ask(&keyring, &find).unwrap();
        return canary::unhex(told.trim().trim_start_matches("\\x"));
    }
    let keyring = rusqlite::Connection::open(product.keys().join("keys.db")).unwrap();
    let key = keyring.query_row(&find, [], |row| row.get(0));
    key.unwrap()
}

/// Whether it can be read in what lies on disk; on a server, in the files of the keyring's tables: its own log it writes over in
/// its own time (decision 14).
fn lies(product: &Product, part: &[u8]) -> bool {
    let mut files = files_of(&[product.data(), product.keys()]);
    if let Some([_, [_, keyring]]) = product.lent() {
        files.extend(database::files_of_tables(&keyring));
    }
    files.iter().any(|(_, bytes)| contains(bytes, part))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    memmem::find(bytes, part).is_some()
}

/// How many canaries can be read in what lies on disk, or in the rows of a server.
fn found_in_files(
    product: &Product,
    canaries: &[Canary],
    wanted: impl Fn(&Canary) -> bool,
) -> usize {
    let mut files = files_of(&[product.data(), product.keys()]);
    files.extend(database::dumped(product));
    let on_server = product.lent().is_some();
    let shows = |canary: &Canary| {
        let mut lies = canary.lies.clone();
        if on_server {
            lies.push(canary::hex(&canary.lies[0]).into_bytes());
        }
        files
            .iter()
            .any(|(_, bytes)| lies.iter().any(|part| contains(bytes, part)))
    };
    let found: Vec<&str> = canaries
        .iter()
        .filter(|canary| wanted(canary) && shows(canary))
        .map(|canary| canary.column.as_str())
        .collect();
    if !found.is_empty() {
        eprintln!("found: {found:?}");
    }
    found.len()
}

/// Every row of everybody else, table by table.
fn rows_of_others(product: &Product, planted: &Planted) -> BTreeMap<String, Vec<Vec<String>>> {
    let catalogue = canary::catalogue();
    let tables = catalogue
        .tables()
        .filter(|(_, table)| table.columns.contains_key("subject_id"));
    let rows = tables.map(|(name, table)| {
        let columns: Vec<&str> = table.columns.keys().map(String::as_str).collect();
        let columns = columns.join(", ");
        let of_others = format!(
            "SELECT {columns} FROM {name} WHERE subject_id <> '{}' ORDER BY {columns}",
            planted.subject
        );
        (name.to_owned(), database::rows(product, &of_others))
    });
    rows.collect()
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for (path, bytes) in files_of(&[from.to_path_buf()]) {
        let target: PathBuf = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(&target, bytes).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions();
        std::fs::set_permissions(&target, mode).unwrap();
    }
}
