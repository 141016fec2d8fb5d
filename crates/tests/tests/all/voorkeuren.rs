//! `/voorkeuren`: a person chooses from whom they want digital post, and deliveries obey.

use std::time::Duration;

use testkit::{ANNA, Answer, BORIS, Browser, MIJNOVERHEID, Organisation, Product};

use crate::database;
use crate::pages::{assert_problem, snapshot};

const CHOICES: &str = "/voorkeuren";

/// Sends the form of the page with these boxes ticked, and goes where that leads.
async fn choose(browser: &mut Browser, ticked: &[&Organisation]) -> Answer {
    let page = browser.get(CHOICES).await;
    let ticked: Vec<_> = ticked
        .iter()
        .map(|each| ("van", each.oin.as_str()))
        .collect();
    let sent = browser.submit(&page, CHOICES, &ticked).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    browser.follow(sent).await
}

fn is_ticked(page: &Answer, sender: &Organisation) -> bool {
    let tag = format!("name=\"van\" value=\"{}\"", sender.oin);
    let (_, rest) = page.text().split_once(&tag).expect("a box of its own");
    rest.starts_with(" checked")
}

/// MO-30, CN-16: off, and a delivery is refused as the contract says it; on, and it is taken in. Others' post is not touched.
#[tokio::test]
async fn mo_30_cn_16_mo_51_deliveries_obey_what_a_person_chose() {
    for product in [Product::mijnoverheid().await, Product::mijncn().await] {
        let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
        let other = Organisation::connect(&product, 2, "Gemeente Voorbeeldstad").await;
        let mut browser = Browser::new(&product);
        browser.log_in(&ANNA).await;
        let page = browser.get(CHOICES).await;
        assert!(is_ticked(&page, &sender) && is_ticked(&page, &other));
        let kept = sender.delivered(&sender.letter_to(&ANNA)).await;

        let page = choose(&mut browser, &[&other]).await;
        let words =
            "U krijgt voortaan post op papier van:</p>\n  <ul>\n    <li>Waterschap Vallei</li>";
        assert!(page.text().contains(words), "{}", page.text());
        assert!(!is_ticked(&page, &sender) && is_ticked(&page, &other));
        let refused = sender.deliver(&sender.letter_to(&ANNA)).await;
        assert_problem(&refused, 403);
        let unknown = sender.deliver(&sender.letter_to(&BORIS)).await;
        assert_eq!(refused, unknown, "who refuses is not told apart");
        assert_eq!(other.deliver(&other.letter_to(&ANNA)).await.status, 201);
        let letter = browser.get(&format!("/berichten/{kept}")).await;
        assert_eq!(letter.status, 200, "what was there stays");

        let page = choose(&mut browser, &[&other, &sender]).await;
        assert!(is_ticked(&page, &sender));
        assert_eq!(sender.deliver(&sender.letter_to(&ANNA)).await.status, 201);
        for (activity, rows) in [
            ("berichtvoorkeur-wijzigen", 2),
            ("berichtvoorkeuren-bekijken", 5),
        ] {
            let logged =
                format!("SELECT COUNT(*) FROM log WHERE activity = '{activity}' AND status = 'Ok'");
            assert_eq!(database::number(&product, &logged), rows, "{activity}");
        }
        let history = browser.get("/geschiedenis").await;
        for told in [
            "U kiest van wie u digitale post wilt",
            "U bekijkt van wie u digitale post wilt",
        ] {
            assert!(history.text().contains(told), "{told}");
        }
    }
}

/// MO-29: when the account was made, and what was changed in it.
#[tokio::test]
async fn mo_29_a_person_sees_what_was_changed_in_their_account() {
    let product = Product::mijnoverheid().await;
    let mut senders = Vec::new();
    for number in 1..=12 {
        let name = format!("Dienst {number}");
        senders.push(Organisation::connect(&product, number, &name).await);
    }
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let page = browser.get("/gegevens").await;
    assert!(
        page.text()
            .contains("Sinds het begin is er niets veranderd.")
    );
    assert!(
        page.text()
            .contains("<time datetime=\"2026-11-20T14:30:00+01:00\">")
    );
    for left in (0..12).rev() {
        product.clock().advance(Duration::from_secs(60));
        let ticked: Vec<&Organisation> = senders[..left].iter().collect();
        choose(&mut browser, &ticked).await;
    }
    product.clock().advance(Duration::from_secs(60));
    choose(&mut browser, &senders[..1].iter().collect::<Vec<_>>()).await;
    let page = browser.get("/gegevens").await;
    snapshot(|| insta::assert_snapshot!("gegevens_wijzigingen", page.text()));
    let older = browser.get(&page.link("/gegevens?wijziging=")).await;
    let told = |page: &Answer| page.text().matches("Digitale post ").count();
    assert_eq!((told(&page), told(&older)), (10, 3));
    assert!(older.text().contains("Digitale post uitgezet: Dienst 12"));
    assert_eq!(browser.get("/gegevens?wijziging=x").await.status, 400);

    let mut boris = Browser::new(&product);
    boris.log_in(&BORIS).await;
    assert_eq!(told(&boris.get("/gegevens").await), 0);
    let sealed = "SELECT COUNT(*) FROM account_changes";
    assert_eq!(database::number(&product, sealed), 13);
}

#[tokio::test]
async fn the_page_says_who_cannot_be_refused_and_takes_no_other_word_for_it() {
    let product = Product::mijnoverheid().await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let nobody = browser.get(CHOICES).await;
    snapshot(|| insta::assert_snapshot!("voorkeuren_geen", nobody.text()));
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    let mandatory = Organisation::connect_mandatory(&product, 2, "Belastingdienst").await;
    let page = browser.get(CHOICES).await;
    snapshot(|| insta::assert_snapshot!("voorkeuren_verplicht", page.text()));
    let unknown = "00000099000000077000";
    let forged = [
        ("getoond", mandatory.oin.as_str()),
        ("getoond", unknown),
        ("van", sender.oin.as_str()),
    ];
    let sent = browser.submit(&page, CHOICES, &forged).await;
    assert_eq!(sent.header("location"), "/voorkeuren?bewaard=niets#melding");
    assert_eq!(
        database::number(&product, "SELECT COUNT(*) FROM preferences"),
        0
    );
    assert_eq!(
        database::number(&product, "SELECT COUNT(*) FROM account_changes"),
        0
    );
    let page = browser.follow(sent).await;
    assert!(page.text().contains("U hebt niets veranderd."));
    let nonsense = browser
        .submit(&page, CHOICES, &[("van", "Belastingdienst")])
        .await;
    assert_eq!(nonsense.status, 400);
}

/// Who was connected after the page was opened has no box on it.
#[tokio::test]
async fn mo_30_nobody_is_refused_who_did_not_stand_on_the_page() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let page = browser.get(CHOICES).await;
    let newcomer = Organisation::connect(&product, 2, "Gemeente Voorbeeldstad").await;
    let sent = browser.submit(&page, CHOICES, &[]).await;
    let page = browser.follow(sent).await;
    assert!(!is_ticked(&page, &sender) && is_ticked(&page, &newcomer));
}

#[tokio::test]
async fn all_boxes_are_ticked_and_cleared_without_keeping_anything() {
    let product = Product::mijnoverheid().await;
    let mut senders = Vec::new();
    for number in 1..=45 {
        let name = format!("Dienst {number}");
        senders.push(Organisation::connect(&product, number, &name).await);
    }
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let none = browser.get("/voorkeuren?kies=niets").await;
    assert!(!none.text().contains(" checked"));
    assert!(is_ticked(&browser.get(CHOICES).await, &senders[0]));
    let page = choose(&mut browser, &[]).await;
    assert_eq!(browser.here(), "/voorkeuren?bewaard=veel");
    assert!(page.text().contains("id=\"melding\"") && !page.text().contains(" checked"));
    let all = browser.get("/voorkeuren?kies=alles").await;
    assert_eq!(all.text().matches(" checked").count(), 45);
    // An address cannot tell what is not so.
    let forged = browser
        .get(&format!("/voorkeuren?aan={}", senders[0].oin))
        .await;
    assert!(!forged.text().contains("id=\"melding\""));
    assert_eq!(browser.get("/voorkeuren?aan=x").await.status, 400);
}

#[tokio::test]
async fn a_choice_without_the_token_of_the_session_is_refused_and_a_stranger_has_none() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    let mut browser = Browser::new(&product);
    let sent = browser.get(CHOICES).await;
    assert_eq!(
        (sent.status, sent.header("location")),
        (303, "/inloggen?naar=/voorkeuren")
    );
    browser.log_in(&ANNA).await;
    browser.get(CHOICES).await;
    let fields = [("getoond".to_owned(), sender.oin.to_string())];
    assert_eq!(browser.post(CHOICES, &fields).await.status, 403);
    assert!(is_ticked(&browser.get(CHOICES).await, &sender));
}

#[tokio::test]
async fn a_statement_without_the_choice_has_no_page_and_one_without_its_record_keeps_none() {
    let without = MIJNOVERHEID.replace("\"berichtvoorkeur-wijzigen\"", "\"iets-anders\"");
    let product = Product::start(&without).await;
    let mut browser = Browser::new(&product);
    let page = browser.log_in(&ANNA).await;
    assert!(!page.text().contains(CHOICES));
    assert_eq!(browser.get(CHOICES).await.status, 404);

    let silent = "schrijft = [\"berichtvoorkeur\", \"account\"]";
    assert!(MIJNOVERHEID.contains(silent));
    let silent = MIJNOVERHEID.replace(silent, "schrijft = [\"berichtvoorkeur\"]");
    let product = Product::start(&silent).await;
    Organisation::connect(&product, 1, "Waterschap Vallei").await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    choose(&mut browser, &[]).await;
    assert_eq!(
        database::number(&product, "SELECT COUNT(*) FROM preferences"),
        1
    );
    assert_eq!(
        database::number(&product, "SELECT COUNT(*) FROM account_changes"),
        0
    );
}
