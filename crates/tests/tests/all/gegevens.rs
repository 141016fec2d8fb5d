//! `/gegevens`: a person sees what is kept of their account, and nobody else does.

use std::time::Duration;

use testkit::{ANNA, BORIS, Browser, MIJNOVERHEID, Product, Start};

use crate::database;
use crate::pages::snapshot;

/// MO-75, as far as it is there: the number, since when, and each login with its end.
#[tokio::test]
async fn mo_75_a_person_sees_their_number_their_account_and_their_logins() {
    for (product, language) in [
        (Product::mijnoverheid().await, "nl"),
        (Product::mijncn().await, "pap"),
    ] {
        let mut browser = Browser::new(&product);
        browser.language = language;
        browser.log_in(&ANNA).await;
        product.clock().advance(Duration::from_secs(600));
        browser.log_out().await;
        browser.log_in(&ANNA).await;
        product.clock().advance(Duration::from_secs(3600));
        // Over, though nobody has looked after it.
        browser.log_in(&ANNA).await;
        let mut other = Browser::new(&product);
        other.log_in(&ANNA).await;
        other.get(&format!("{}/uitloggen", product.issuer())).await;
        Browser::new(&product).log_in(&ANNA).await;
        let page = browser.get("/gegevens").await;
        assert_eq!(page.status, 200);
        assert!(
            page.text()
                .contains(&format!("<dd>{}</dd>", product.number(&ANNA)))
        );
        snapshot(|| insta::assert_snapshot!(format!("gegevens_{language}"), page.text()));

        let logged =
            "SELECT COUNT(*) FROM log WHERE activity = 'gegevens-inzien' AND status = 'Ok'";
        assert_eq!(database::number(&product, logged), 1);
        let mut boris = Browser::new(&product);
        boris.log_in(&BORIS).await;
        let theirs = boris.get("/gegevens").await;
        assert!(!theirs.text().contains(product.number(&ANNA)));
        assert_eq!(theirs.text().matches("class=\"postbus-login\"").count(), 1);
    }
}

#[tokio::test]
async fn mo_75_mo_33_logins_are_shown_newest_first_twenty_a_page() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    for _ in 0..25 {
        product.clock().advance(Duration::from_secs(60));
        browser.log_in(&ANNA).await;
        browser.log_out().await;
    }
    product.clock().advance(Duration::from_secs(60));
    browser.log_in(&ANNA).await;
    let times = |page: &str| -> Vec<String> {
        let logins = page.split("class=\"postbus-login\"").skip(1);
        logins
            .map(|login| login.split("datetime=\"").nth(1).unwrap()[..19].to_owned())
            .collect()
    };
    let first = browser.get("/gegevens").await;
    let older = browser.get(&first.link("/gegevens?voor=")).await;
    let (mut shown, rest) = (times(first.text()), times(older.text()));
    assert_eq!((shown.len(), rest.len()), (20, 6));
    shown.extend(rest);
    assert_eq!(shown[0], "2026-11-20T14:56:00");
    assert!(
        shown.is_sorted_by(|newer, older| newer > older),
        "{shown:?}"
    );
    let links = older.links();
    assert!(links.contains(&"/gegevens".to_owned()));
    let older_still = links
        .iter()
        .find(|link| link.starts_with("/gegevens?voor=") && !link.contains("taal="));
    assert_eq!(older_still, None);
    assert_eq!(browser.get("/gegevens?voor=x").await.status, 400);
}

#[tokio::test]
async fn mo_75_a_stranger_sees_nobodys_data() {
    let product = Product::mijnoverheid().await;
    let sent = Browser::new(&product).get("/gegevens").await;
    assert_eq!(
        (sent.status, sent.header("location")),
        (303, "/inloggen?naar=/gegevens")
    );
}

#[tokio::test]
async fn a_page_that_the_statement_does_not_name_is_not_there_nor_in_the_menu() {
    let statement = MIJNOVERHEID.replace("naam = \"gegevens-inzien\"", "naam = \"iets-anders\"");
    let product = Product::start(&statement).await;
    let mut browser = Browser::new(&product);
    let page = browser.log_in(&ANNA).await;
    assert!(!page.text().contains("/gegevens"));
    assert_eq!(browser.get("/gegevens").await.status, 404);
}

/// MO-31, CN-17: what is kept of where a login came from, shown to whoever logged in and sealed where it lies.
#[tokio::test]
async fn mo_31_cn_17_a_login_keeps_the_address_and_the_make_of_the_device() {
    for product in [Product::mijnoverheid().await, Product::mijncn().await] {
        let mut browser = Browser::new(&product);
        browser.log_in(&ANNA).await;
        // What begins at the same moment lies in no order.
        product.clock().advance(Duration::from_secs(1));
        let mut phone = Browser::new(&product);
        phone.address = "2001:db8::7".parse().unwrap();
        phone.agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";
        // Nobody is trusted to say where a request comes from.
        phone.forwarded_for = Some("198.51.100.7");
        phone.log_in(&ANNA).await;
        product.clock().advance(Duration::from_secs(1));
        let mut unknown = Browser::new(&product);
        unknown.agent = "Anna's own";
        unknown.log_in(&ANNA).await;
        let page = browser.get("/gegevens").await;
        let from: Vec<&str> = page
            .text()
            .split("<span class=\"postbus-login__from postbus-quiet\">")
            .skip(1)
            .map(|rest| rest.split("</span></span>").next().unwrap())
            .collect();
        assert_eq!(
            from,
            [
                "<span>IP-adres: 192.0.2.17",
                "<span>Apparaat: Safari, iPhone</span><span>IP-adres: 2001:db8::7",
                "<span>Apparaat: Firefox, Linux</span><span>IP-adres: 192.0.2.17",
            ]
        );
        assert!(!page.text().contains("198.51.100.7"));
        let mut boris = Browser::new(&product);
        boris.address = "198.51.100.9".parse().unwrap();
        boris.log_in(&BORIS).await;
        assert!(!boris.get("/gegevens").await.text().contains("192.0.2.17"));
    }
}

#[tokio::test]
async fn mo_31_behind_a_trusted_proxy_the_visitors_own_address_is_kept() {
    let product = Product::start_as(Start {
        trusted_proxies: &["10.0.0.0/8"],
        ..Start::under(MIJNOVERHEID)
    })
    .await;
    let mut browser = Browser::new(&product);
    browser.address = "10.1.2.3".parse().unwrap();
    browser.forwarded_for = Some("198.51.100.7, 203.0.113.9");
    browser.log_in(&ANNA).await;
    let page = browser.get("/gegevens").await;
    assert!(
        page.text().contains("IP-adres: 203.0.113.9<"),
        "{}",
        page.text()
    );
    assert!(!page.text().contains("198.51.100.7") && !page.text().contains("10.1.2.3"));
}

#[tokio::test]
async fn mo_31_what_the_statement_does_not_let_a_login_keep_is_not_kept() {
    let kept = "\"inloghistorie\", \"ip-adres\", \"apparaatkenmerken\"]\nbetrokkenen = [\"gebruiker\"]\nbeloften = [\"MO-31\"";
    assert!(MIJNOVERHEID.contains(kept));
    let statement = MIJNOVERHEID.replace(kept, &kept.replace(", \"apparaatkenmerken\"", ""));
    let product = Product::start(&statement).await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let page = browser.get("/gegevens").await;
    assert!(page.status == 200 && !page.text().contains("192.0.2.17"));
    assert_eq!(database::number(&product, "SELECT COUNT(*) FROM logins"), 0);
}
