//! `/geschiedenis`: a person sees what was done with their data, and nobody else does.

pub mod long;

use std::time::Duration;

use testkit::{ANNA, BORIS, Browser, MIJNCN, MIJNOVERHEID, Organisation, Product, Start};

use crate::database;
use crate::pages::snapshot;

/// Anna got a letter, read it, and was brought in by an operator before; her browser stays logged in.
async fn lived_through(product: &Product, language: &'static str) -> Browser {
    let sender = Organisation::connect(product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    product.clock().advance(Duration::from_secs(60));
    let id = sender.delivered(&sender.letter_to(&ANNA)).await;
    product.clock().advance(Duration::from_secs(3600));
    let mut browser = Browser::new(product);
    browser.language = language;
    browser.log_in(&ANNA).await;
    product.clock().advance(Duration::from_secs(60));
    assert_eq!(browser.get(&format!("/berichten/{id}")).await.status, 200);
    product.clock().advance(Duration::from_secs(60));
    browser
}

/// How often something stands on a page.
fn count(page: &str, what: &str) -> usize {
    page.matches(what).count()
}

#[tokio::test]
async fn mo_75_mo_35_mo_34_a_person_sees_what_was_done_with_their_data_by_whom_and_what_for() {
    let product = Product::in_files().await;
    let mut browser = lived_through(&product, "nl").await;
    let page = browser.get("/geschiedenis").await;
    assert_eq!(page.status, 200);
    snapshot(|| insta::assert_snapshot!("geschiedenis_nl", page.text()));
    // Staff is named by its role.
    assert!(page.text().contains("een beheerder van MijnOverheid"));
    assert!(!page.text().contains(ANNA.bsn));
    // To look was a processing too, and is there the next time.
    product.clock().advance(Duration::from_secs(60));
    let again = browser.get("/geschiedenis").await;
    let looked = "U bekijkt wat er met uw gegevens is gedaan</p>";
    assert_eq!(
        (count(page.text(), looked), count(again.text(), looked)),
        (0, 1)
    );
}

#[tokio::test]
async fn cn_20_cn_19_the_history_of_mijncn_is_in_papiamentu_and_in_its_own_time() {
    // What happens in one moment has an order in one chain of the log; a server has several.
    let product = Product::start_as(Start {
        is_in_files: true,
        ..Start::under(MIJNCN)
    })
    .await;
    let mut browser = lived_through(&product, "pap").await;
    let page = browser.get("/geschiedenis").await;
    snapshot(|| insta::assert_snapshot!("geschiedenis_pap", page.text()));
}

#[tokio::test]
async fn mo_75_nobody_sees_what_was_done_with_anothers_data() {
    let product = Product::mijnoverheid().await;
    lived_through(&product, "nl").await;
    let mut boris = Browser::new(&product);
    boris.log_in(&BORIS).await;
    for path in ["/geschiedenis", "/geschiedenis.csv", "/geschiedenis.json"] {
        let theirs = boris.get(path).await;
        assert_eq!(theirs.status, 200, "{path}");
        for annas in [
            "Waterschap",
            "U leest een bericht</p>",
            "\"U leest een bericht\"",
        ] {
            assert!(!theirs.text().contains(annas), "{path}: {annas}");
        }
        let sent = Browser::new(&product).get(path).await;
        let login = format!("/inloggen?naar={path}");
        assert_eq!(
            (sent.status, sent.header("location")),
            (303, login.as_str())
        );
    }
}

/// Also what fails leaves its row, and is told as having failed.
#[tokio::test]
async fn mo_35_what_failed_is_marked() {
    let product = Product::mijnoverheid().await;
    let mut browser = lived_through(&product, "nl").await;
    let failed = "UPDATE log SET status = 'Error' WHERE activity = 'bericht-lezen'";
    assert_eq!(database::change(&product, failed), 1);
    let page = browser.get("/geschiedenis").await;
    assert_eq!(count(page.text(), ">Niet gelukt</span>"), 1);
    let (_, behind) = page.text().split_once("U leest een bericht <span").unwrap();
    assert!(behind.contains(">Niet gelukt</span>"));
}

#[tokio::test]
async fn mo_75_a_long_history_comes_page_by_page_without_gap_or_repetition() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    for _ in 0..45 {
        product.clock().advance(Duration::from_secs(60));
        browser.get("/berichten").await;
    }
    product.clock().advance(Duration::from_secs(60));
    let times = |page: &str| -> Vec<String> {
        let deeds = page.split("class=\"postbus-deed\"").skip(1);
        let time = |deed: &str| deed.split("datetime=\"").nth(1).unwrap()[..19].to_owned();
        deeds.map(time).collect()
    };
    let mut page = browser.get("/geschiedenis").await;
    let mut shown = times(page.text());
    assert_eq!(shown.len(), 20);
    while let Some(older) = page
        .links()
        .iter()
        .find(|link| link.starts_with("/geschiedenis?voor=") && !link.contains("taal="))
    {
        page = browser.get(older).await;
        shown.extend(times(page.text()));
    }
    assert!(page.links().contains(&"/geschiedenis".to_owned()));
    // Forty-five looks at the list, the login and the list behind it; not the looks at the pages before.
    assert_eq!(shown.len(), 47, "{shown:?}");
    assert_eq!(shown[0], "2026-11-20T15:15:00");
    assert!(
        shown.is_sorted_by(|newer, older| newer >= older),
        "{shown:?}"
    );
}

#[tokio::test]
async fn what_one_request_did_stands_together() {
    let product = Product::mijnoverheid().await;
    let mut browser = lived_through(&product, "nl").await;
    for _ in 0..3 {
        browser.get("/berichten").await;
    }
    let together = "UPDATE log SET trace_id = (SELECT trace_id FROM log WHERE activity = 'bericht-lezen')
        WHERE activity = 'berichten-bekijken' AND start_time > (SELECT start_time FROM log WHERE activity = 'bericht-lezen')";
    assert_eq!(database::change(&product, together), 3);
    let page = browser.get("/geschiedenis?van=2026-11-20").await;
    let requests = page.text().split("class=\"postbus-deed\"").skip(1);
    let deeds: Vec<usize> = requests
        .map(|request| count(request, "class=\"postbus-deed__what\""))
        .collect();
    assert_eq!(deeds, [4, 1, 1, 1, 1]);
}

#[tokio::test]
async fn mo_75_one_chooses_a_period_who_acted_and_what() {
    let product = Product::mijnoverheid().await;
    let mut browser = lived_through(&product, "nl").await;
    product.clock().advance(Duration::from_secs(24 * 3600));
    browser.log_in(&ANNA).await;
    let shown = async |browser: &mut Browser, query: &str| {
        let page = browser.get(&format!("/geschiedenis.json?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        let taken = page.json();
        let taken = taken.as_array().unwrap().clone();
        let mut activities: Vec<String> = taken
            .iter()
            .map(|deed| deed["activiteit"].as_str().unwrap().to_owned())
            .collect();
        activities.retain(|activity| activity != "geschiedenis-inzien");
        activities
    };
    let organisations = shown(&mut browser, "wie=organisaties").await;
    assert_eq!(organisations, ["bericht-aanleveren"]);
    let ours = shown(&mut browser, "wie=wij").await;
    assert_eq!(ours, ["account-overbrengen"]);
    assert!(shown(&mut browser, "wie=anderen").await.is_empty());
    let read = shown(&mut browser, "wat=bericht-lezen&wie=uzelf").await;
    assert_eq!(read, ["bericht-lezen"]);
    let first_day = shown(&mut browser, "van=2026-11-20&tot=2026-11-20").await;
    assert!(
        first_day.contains(&"bericht-lezen".to_owned()),
        "{first_day:?}"
    );
    let next_day = shown(&mut browser, "van=2026-11-21").await;
    assert!(!next_day.is_empty() && !next_day.contains(&"bericht-lezen".to_owned()));
    let all = shown(&mut browser, "").await;
    assert_eq!(all.len(), first_day.len() + next_day.len());

    let none = browser.get("/geschiedenis?van=2027-01-01&taal=en").await;
    assert!(none.text().contains("We found nothing."));
    assert!(none.text().contains("name=\"taal\" value=\"en\""));
}

#[tokio::test]
async fn days_that_do_not_exist_are_all_told_beside_their_fields() {
    let product = Product::mijnoverheid().await;
    let mut browser = lived_through(&product, "nl").await;
    let page = browser
        .get("/geschiedenis?van=gisteren&tot=2026-02-30")
        .await;
    assert_eq!(page.status, 400);
    for field in ["van", "tot"] {
        assert_eq!(count(page.text(), &format!("href=\"#{field}\"")), 1);
        assert_eq!(count(page.text(), &format!("id=\"{field}-fout\"")), 1);
    }
    let turned = browser
        .get("/geschiedenis?van=2026-11-20&tot=2026-11-19")
        .await;
    assert_eq!(
        (turned.status, count(turned.text(), "href=\"#tot\"")),
        (400, 1)
    );
    assert_eq!(browser.get("/geschiedenis.csv?van=x").await.status, 400);
    assert_eq!(browser.get("/geschiedenis?voor=x").await.status, 400);
}

#[tokio::test]
async fn mo_75_the_whole_history_can_be_taken_along() {
    let product = Product::mijnoverheid().await;
    let mut browser = lived_through(&product, "nl").await;
    for _ in 0..30 {
        product.clock().advance(Duration::from_secs(1));
        browser.get("/berichten").await;
    }
    product.clock().advance(Duration::from_secs(1));
    let csv = browser.get("/geschiedenis.csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let name = "attachment; filename=\"geschiedenis.csv\"";
    assert_eq!(csv.header("content-disposition"), name);
    product.clock().advance(Duration::from_secs(1));
    let json = browser.get("/geschiedenis.json").await;
    let taken = json.json();
    // The JSON came later, and tells that the CSV was taken.
    let lines = csv.text().lines().count() - 1;
    assert_eq!(taken.as_array().unwrap().len(), lines + 1);
    assert!(lines > 34);
    let delivered = csv
        .text()
        .lines()
        .find(|line| line.contains("bericht-aanleveren"));
    snapshot(|| insta::assert_snapshot!("geschiedenis_csv", delivered.unwrap()));
    let first = &taken[0];
    assert_eq!(first["activiteit"], "geschiedenis-inzien");
    assert_eq!(
        (&first["wie"], &first["gelukt"]),
        (&"uzelf".into(), &true.into())
    );
}

#[tokio::test]
async fn a_history_that_the_statement_does_not_name_is_not_there_nor_in_the_menu() {
    let statement =
        MIJNOVERHEID.replace("naam = \"geschiedenis-inzien\"", "naam = \"iets-anders\"");
    let product = Product::start(&statement).await;
    let mut browser = Browser::new(&product);
    let page = browser.log_in(&ANNA).await;
    assert!(!page.text().contains("/geschiedenis"));
    for path in ["/geschiedenis", "/geschiedenis.csv", "/geschiedenis.json"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}

/// What it was called, what it was for and on which ground, as the statement said it then; the link leads to that version's line.
#[tokio::test]
async fn mo_75_mo_84_a_deed_is_told_in_the_words_of_the_statement_that_was_in_force() {
    let product = Product::mijnoverheid().await;
    let mut browser = lived_through(&product, "nl").await;
    let before = browser.get("/geschiedenis.json").await.json();
    let changed = MIJNOVERHEID
        .replacen("versie = \"2.2\"", "versie = \"99.1\"", 1)
        .replace(
            "nl = \"U leest een bericht\"",
            "nl = \"U leest iets heel anders\"",
        )
        .replace("\"account-overbrengen\"", "\"account-overnemen\"");
    product.restart_under(&changed).unwrap();
    product.clock().advance(Duration::from_secs(60));
    let path = browser.get("/geschiedenis").await;
    let page = path.text();
    assert_eq!(count(page, "U leest een bericht</p>"), 1);
    assert!(!page.contains("U leest iets heel anders</p>"));
    assert_eq!(
        count(
            page,
            "href=\"/privacy/versies/2.2#activiteit-bericht-lezen\""
        ),
        1
    );
    // Also what the statement of today does not name any more, and who did it.
    assert_eq!(
        count(
            page,
            "/privacy/versies/2.2#activiteit-account-overbrengen\""
        ),
        1
    );
    assert!(!page.contains("Iets wat niet meer in onze privacyverklaring staat"));
    let named = browser
        .get("/geschiedenis?wat=account-overbrengen&wie=wij")
        .await;
    assert_eq!(count(named.text(), "class=\"postbus-deed\""), 1);
    // What is done from now on, in the words of now.
    let letter = browser.get("/berichten").await.links().into_iter();
    let letter = letter
        .filter(|link| link.starts_with("/berichten/"))
        .find(|link| link.len() > 40);
    browser.get(&letter.unwrap()).await;
    product.clock().advance(Duration::from_secs(60));
    let page = browser.get("/geschiedenis").await;
    assert_eq!(count(page.text(), "U leest iets heel anders</p>"), 1);
    assert_eq!(count(page.text(), "U leest een bericht</p>"), 1);
    assert_eq!(
        count(page.text(), "href=\"/privacy#activiteit-bericht-lezen\""),
        1
    );
    let taken = browser.get("/geschiedenis.json").await.json();
    let (taken, before) = (taken.as_array().unwrap(), before.as_array().unwrap());
    assert_eq!(taken[taken.len() - before.len()..], before[..]);
}
