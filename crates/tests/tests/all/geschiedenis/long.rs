//! A history of many rows: looked through part by part, and taken along without being held as a whole.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures_util::StreamExt;
use testkit::{Browser, Product};

use super::{count, lived_through};
use crate::database;

const LOOKS: usize = 5_000;

/// Anna's browser, after she looked at her letters every second for a long while.
async fn lived_long(product: &Product) -> Browser {
    let mut browser = lived_through(product, "nl").await;
    look_on(product, "bericht-lezen");
    product.clock().advance(Duration::from_secs(2 * 3600));
    browser.log_in(&testkit::ANNA).await;
    product.clock().advance(Duration::from_secs(60));
    browser
}

/// In files: the person of the only row with this activity looks at their letters for a long while after it.
pub(crate) fn look_on(product: &Product, after: &str) {
    let looks = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {LOOKS})
         INSERT INTO log SELECT log_no + 1024000000 * i, chain, subject_id, randomblob(16), randomblob(8), NULL, NULL, NULL, status,
         'berichten-bekijken', statement_version, start_time + 1000000 * i, end_time + 1000000 * i, salt
         FROM log, n WHERE activity = '{after}'"
    );
    assert_eq!(database::change(product, &looks), LOOKS);
}

#[tokio::test]
async fn mo_75_a_search_through_a_long_history_says_how_far_it_came_and_goes_on() {
    let product = Product::in_files().await;
    let mut browser = lived_long(&product).await;
    let mut page = browser
        .get("/geschiedenis?wat=bericht-lezen&wie=uzelf")
        .await;
    let mut parts = 1;
    // Five thousand looks came after it.
    for until in [
        "20 november 2026 om 16.22 uur",
        "20 november 2026 om 15.48 uur",
    ] {
        assert_eq!(page.status, 200);
        assert_eq!(count(page.text(), "class=\"postbus-deed\""), 0);
        let told = format!("Wij hebben gezocht tot {until}.");
        assert!(page.text().contains(&told), "{told}");
        assert!(!page.text().contains("Wij hebben niets gevonden."));
        let on = page.links().into_iter();
        let mut on = on.filter(|link| link.contains("voor=") && !link.contains("taal="));
        let on = on.next().expect("a way on");
        assert!(
            on.starts_with("/geschiedenis?wie=uzelf&wat=bericht-lezen&voor="),
            "{on}"
        );
        assert!(page.text().contains(">Verder zoeken</a>"));
        page = browser.get(&on).await;
        parts += 1;
    }
    assert_eq!(parts, 3);
    assert_eq!(count(page.text(), "U leest een bericht</p>"), 1);
    assert!(!page.text().contains("Wij hebben gezocht tot"));
    // Who asks for a day that is over need not search through what came since.
    product.clock().advance(Duration::from_secs(3 * 24 * 3600));
    browser.log_in(&testkit::ANNA).await;
    let none = browser.get("/geschiedenis?tot=2026-11-18").await;
    assert!(none.text().contains("Wij hebben niets gevonden."));
}

/// Reads on what is taken, and no further: each part has a row of its own in the log.
#[tokio::test]
async fn mo_75_a_long_history_is_taken_along_part_by_part() {
    let product = Product::in_files().await;
    let mut browser = lived_long(&product).await;
    let parts = || {
        let read = "SELECT COUNT(*) FROM log WHERE activity = 'geschiedenis-inzien'";
        database::number(&product, read)
    };
    for (path, least) in [("/geschiedenis.json", 3), ("/geschiedenis.csv", 6)] {
        let before = parts();
        let mut body = begun(&product, &browser, path).await;
        assert_eq!(parts(), before + 1);
        let mut text = body.next().await.unwrap().unwrap().to_vec();
        assert!(parts() <= before + 2);
        let mut largest = text.len();
        while let Some(part) = body.next().await {
            let part = part.unwrap();
            largest = largest.max(part.len());
            text.extend_from_slice(&part);
        }
        assert_eq!(parts(), before + 3, "{path}");
        assert!(largest < text.len() / 2, "{largest} of {}", text.len());
        let text = String::from_utf8(text).unwrap();
        let looks = match path {
            "/geschiedenis.json" => {
                let taken: serde_json::Value = serde_json::from_str(&text).unwrap();
                let taken = taken.as_array().unwrap().clone();
                let is_look =
                    |deed: &&serde_json::Value| deed["activiteit"] == "berichten-bekijken";
                taken.iter().filter(is_look).count()
            }
            _ => text
                .lines()
                .filter(|line| line.contains("\"berichten-bekijken\""))
                .count(),
        };
        assert!((LOOKS..LOOKS + 10).contains(&looks), "{path}: {looks}");
        assert!(parts() >= least);
    }
    // Whoever goes away reads nothing more.
    let before = parts();
    drop(begun(&product, &browser, "/geschiedenis.json").await);
    browser.get("/berichten").await;
    assert_eq!(parts(), before + 1);
}

async fn begun(product: &Product, browser: &Browser, path: &str) -> BodyDataStream {
    let pair = |name: &str| format!("{name}={}", browser.cookie(name).unwrap());
    let cookies: Vec<String> = browser.cookies().into_iter().map(pair).collect();
    let request = Request::get(path).header("cookie", cookies.join("; "));
    let answer = product.begin(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status(), 200);
    answer.into_body().into_data_stream()
}
