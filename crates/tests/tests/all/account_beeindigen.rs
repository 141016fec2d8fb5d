//! `/gegevens/account-beeindigen`: a person ends their account; no post comes any more, no session stays, and all of it goes in time.

use testkit::{ANNA, Answer, BORIS, Browser, Organisation, Product};

use crate::database;
use crate::ending::sweep::{DAY, count, months_after, sweep};
use crate::pages::snapshot;

const END: &str = "/gegevens/account-beeindigen";

async fn end(browser: &mut Browser) -> Answer {
    let asked = browser.get("/gegevens").await;
    assert!(asked.text().contains(&format!("href=\"{END}\"")));
    let page = browser.get(END).await;
    let ended = browser.submit(&page, END, &[]).await;
    assert_eq!(ended.status, 303, "{}", ended.text());
    ended
}

/// MO-29, CN-89: the account and every session of it end at once, in whatever browser; it is told, logged and kept.
#[tokio::test]
async fn mo_29_cn_89_who_ends_their_account_is_logged_out_everywhere_and_gets_no_more_post() {
    for product in [Product::mijnoverheid().await, Product::mijncn().await] {
        let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
        let (mut here, mut there) = (Browser::new(&product), Browser::new(&product));
        here.log_in(&ANNA).await;
        there.log_in(&ANNA).await;
        let mut other = Browser::new(&product);
        other.log_in(&BORIS).await;
        let letter = sender.delivered(&sender.letter_to(&ANNA)).await;

        let asked = here.get(END).await;
        assert_eq!(asked.status, 200);
        assert_eq!(here.get("/berichten").await.status, 200, "only asked yet");
        let ended = end(&mut here).await;
        assert_eq!(ended.header("location"), "/account-beeindigd");
        assert_eq!(ended.header("clear-site-data"), "\"cache\"");
        let told = here.follow(ended).await;
        assert_eq!(told.status, 200);
        assert!(told.text().contains("Uw account is beëindigd"));
        for browser in [&mut here, &mut there] {
            let gone = browser.get(&format!("/berichten/{letter}")).await;
            assert_eq!(gone.status, 303, "{}", gone.text());
        }
        assert_eq!(other.get("/berichten").await.status, 200);
        let how = "SELECT COUNT(*) FROM sessions WHERE ended_how = 'met-account-beeindigd'";
        assert_eq!(database::number(&product, how), 2);
        assert_eq!(
            sender.deliver(&sender.letter_to(&ANNA)).await,
            sender.deliver(&sender.letter_to(&testkit::CARLA)).await,
            "who left is not told apart from who never came"
        );
        let logged = "SELECT COUNT(*) FROM log WHERE activity = 'account-beeindigen'";
        assert_eq!(database::number(&product, logged), 1);

        // Whoever logs in again has what is still there, and reads what happened.
        here.log_in(&ANNA).await;
        let data = here.get("/gegevens").await;
        for what in ["Account beëindigd", "Opnieuw begonnen door in te loggen"] {
            assert_eq!(data.text().matches(what).count(), 1, "{what}");
        }
        assert_eq!(here.get(&format!("/berichten/{letter}")).await.status, 200);
        assert_eq!(sender.deliver(&sender.letter_to(&ANNA)).await.status, 201);
    }
}

#[tokio::test]
async fn mo_64_cn_72_all_that_hangs_on_an_account_goes_when_its_time_is_over_and_not_before() {
    for (product, months) in [
        (Product::mijnoverheid().await, 60),
        (Product::mijncn().await, 120),
    ] {
        let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
        product.set_preference(&ANNA, &sender.oin, false).await;
        let mut browser = Browser::new(&product);
        browser.log_in(&ANNA).await;
        let ended = product.clock().now();
        end(&mut browser).await;
        let hanging = [
            "accounts",
            "account_changes",
            "subjects",
            "numbers",
            "preferences",
        ];
        product.clock().set(months_after(ended, months).minus(DAY));
        sweep(&product).await;
        for table in hanging {
            assert_ne!(count(&product, table), 0, "{table}");
        }
        product.clock().set(months_after(ended, months).plus(DAY));
        sweep(&product).await;
        for table in hanging {
            assert_eq!(count(&product, table), 0, "{table}");
        }
    }
}

#[tokio::test]
async fn an_operator_ends_an_account_once_and_finds_none_where_there_is_none() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    assert!(!product.end_account(&BORIS).await);
    assert!(product.end_account(&ANNA).await);
    assert!(!product.end_account(&ANNA).await);
    assert_eq!(browser.get("/gegevens").await.status, 303);
}

#[tokio::test]
async fn without_the_activity_there_is_no_page_and_no_way_to_it() {
    let named = "naam = \"account-beeindigen\"";
    assert!(testkit::MIJNOVERHEID.contains(named));
    let without = testkit::MIJNOVERHEID.replace(named, "naam = \"account-ooit-beeindigen\"");
    let product = Product::start(&without).await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    assert!(!browser.get("/gegevens").await.text().contains(END));
    assert_eq!(browser.get(END).await.status, 404);
}

#[tokio::test]
async fn where_nobody_gets_post_the_pages_say_nothing_of_it() {
    let product = Product::start(testkit::CJIB).await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let asked = browser.get(END).await;
    assert!(asked.text().contains("Logt u daarna opnieuw in?"));
    let sent = browser.submit(&asked, END, &[]).await;
    let told = browser.follow(sent).await;
    assert!(told.text().contains("U bent uitgelogd."));
    for page in [asked, told] {
        assert!(!page.text().contains("berichten"), "{}", page.text());
    }
}

#[tokio::test]
async fn the_pages_in_each_language() {
    let product = Product::mijncn().await;
    for language in ["nl", "en", "pap"] {
        let mut browser = Browser::new(&product);
        browser.language = language;
        browser.log_in(&ANNA).await;
        let page = browser.get(END).await;
        snapshot(|| insta::assert_snapshot!(format!("account_beeindigen_{language}"), page.text()));
        let ended = end(&mut browser).await;
        let told = browser.follow(ended).await;
        snapshot(|| insta::assert_snapshot!(format!("account_beeindigd_{language}"), told.text()));
    }
}
