//! A store copied to a server and back: everything is there, opens, and the log is whole.

use cluster::{Cluster, Settings};
use testkit::{ANNA, Browser, Organisation, Product};
use vault::{Copied, Elsewhere, Place};

/// From one place to another, keyring and rows.
async fn copied(from: &Elsewhere, to: &Elsewhere) -> u64 {
    let (from, to) = (from.clone(), to.clone());
    let copied = tokio::task::spawn_blocking(move || {
        let rooms = postbus::rooms();
        let (mut rows, mut last) = (0, String::new());
        for (what, from, to) in [
            (Copied::Keyring, from.keyring, to.keyring),
            (Copied::Rows(&rooms), from.rows, to.rows),
        ] {
            rows += vault::copy(what, &from.unwrap(), &to.unwrap(), &mut |progress| {
                assert!(progress.rows <= progress.of, "{progress:?}");
                last = progress.table.to_owned();
            })
            .unwrap();
        }
        assert!(!last.is_empty(), "it tells how far it is");
        rows
    });
    copied.await.unwrap()
}

fn files(data: &std::path::Path, keys: &std::path::Path) -> Elsewhere {
    Elsewhere {
        rows: Some(Place::File(data.join("postbus.db"))),
        keyring: Some(Place::File(keys.join("keys.db"))),
        writers: None,
    }
}

/// Anna reads her letter, and the log is whole.
async fn all_is_there(product: &Product, id: &str, rows_at_least: u64) {
    let mut browser = Browser::new(product);
    browser.log_in(&ANNA).await;
    let page = browser.get(&format!("/berichten/{id}")).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Uw aanvraag"));
    let verified = product.vault().verify_log().await.unwrap();
    assert!(verified.is_whole(), "{verified:?}");
    assert!(verified.whole >= rows_at_least, "{verified:?}");
}

/// A server, with an address of who serves and of who owns for the rows and for the keyring.
pub fn server() -> (Cluster, [[String; 2]; 2]) {
    let server = Cluster::start(Settings {
        durable: false,
        ..Settings::default()
    })
    .unwrap();
    server.make_serving_role().unwrap();
    let databases = ["rows", "keys"].map(|name| {
        server.create_database(name).unwrap();
        server.addresses(name)
    });
    (server, databases)
}

/// Brings an installation from its files to a server.
pub async fn move_to(product: &Product, databases: [[String; 2]; 2]) -> Elsewhere {
    product.stop();
    let on_server = Elsewhere::on_servers(Some(databases)).unwrap();
    let rows = copied(&files(&product.data(), &product.keys()), &on_server).await;
    assert!(rows > 0);
    product.start_elsewhere(on_server.clone());
    on_server
}

#[tokio::test]
async fn a_store_goes_to_a_server_and_back() {
    let (_server, databases) = server();
    let product = Product::in_files().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    Browser::new(&product).log_in(&ANNA).await;
    let id = sender.delivered(&sender.letter_to(&ANNA)).await;
    all_is_there(&product, &id, 3).await;
    let before = product.vault().verify_log().await.unwrap().whole;

    let on_server = move_to(&product, databases).await;
    all_is_there(&product, &id, before + 1).await;
    // A second writer beside it has a chain of its own.
    let after = product.vault().verify_log().await.unwrap().whole;

    product.stop();
    let back = tempfile::tempdir().unwrap();
    let back = files(back.path(), back.path());
    copied(&on_server, &back).await;
    product.start_elsewhere(back);
    all_is_there(&product, &id, after + 1).await;
}

/// Copies the rows until it comes to this table; answers whether it broke off there.
async fn breaks_off(from: &Place, to: &Place, at: &'static str) -> bool {
    let (from, to) = (from.clone(), to.clone());
    let copying = tokio::task::spawn_blocking(move || {
        let told = &mut |progress: vault::Progress<'_>| {
            assert!(progress.table != at, "broken off here");
        };
        vault::copy(Copied::Rows(&postbus::rooms()), &from, &to, told)
    });
    copying.await.is_err_and(|broken| broken.is_panic())
}

async fn refusal(from: &Place, to: &Place) -> String {
    let (from, to) = (from.clone(), to.clone());
    let copying = tokio::task::spawn_blocking(move || {
        vault::copy(Copied::Rows(&postbus::rooms()), &from, &to, &mut |_| {})
    });
    copying.await.unwrap().unwrap_err().to_string()
}

#[tokio::test]
async fn a_copy_that_was_broken_off_goes_on_and_is_not_served_before() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, databases) = server();
    let on_server = Elsewhere::on_servers(Some(databases)).unwrap();
    for to in [files(folder.path(), folder.path()), on_server] {
        let product = Product::in_files().await;
        let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
        Browser::new(&product).log_in(&ANNA).await;
        let id = sender.delivered(&sender.letter_to(&ANNA)).await;
        product.stop();
        let from = files(&product.data(), &product.keys());
        let (source, target) = (from.rows.clone().unwrap(), to.rows.clone().unwrap());
        assert!(breaks_off(&source, &target, "bodies").await);
        let half = Elsewhere {
            rows: to.rows.clone(),
            keyring: from.keyring.clone(),
            writers: None,
        };
        let refused = product.try_elsewhere(half).unwrap_err().to_string();
        assert!(
            refused.contains("run the same `postbus copy` again"),
            "{refused}"
        );
        // An unfinished copy of somewhere else.
        let other = Place::File(product.keys().join("keys.db"));
        refusal(&other, &target).await;

        copied(&from, &to).await;
        let again = refusal(&source, &target).await;
        assert!(again.contains("goes to an empty place"), "{again}");
        product.start_elsewhere(to);
        all_is_there(&product, &id, 3).await;
    }
}
