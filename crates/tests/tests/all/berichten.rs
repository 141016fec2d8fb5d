//! `/berichten`: a person's own letters, newest first, a page at a time.

use std::time::Duration;

use serde_json::json;
use testkit::{ANNA, Answer, BORIS, Browser, Organisation, Product, attachment, pdf};

async fn house() -> (Product, Organisation, Browser) {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    (product, sender, browser)
}

/// The titles on a page, as they stand there.
fn titles(page: &Answer) -> Vec<String> {
    let parts = page.text().split("postbus-letter__link").skip(1);
    let title = |part: &str| {
        let (_, rest) = part.split_once('>').unwrap();
        rest.split('<').next().unwrap().to_owned()
    };
    parts.map(title).collect()
}

/// Where older letters are.
fn older(page: &Answer) -> Option<String> {
    let of_list = |link: &String| {
        link.starts_with("/berichten?voor=") && !link.contains("taal=") && !link.contains("kies=")
    };
    page.links().into_iter().find(of_list)
}

#[tokio::test]
async fn an_empty_box_says_so() {
    let (_product, _sender, mut browser) = house().await;
    let page = browser.get("/berichten").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("U hebt nog geen berichten."));
}

#[tokio::test]
async fn mo_6_one_letter_is_shown_unread_in_words() {
    let (_product, sender, mut browser) = house().await;
    let mut letter = sender.letter_to(&ANNA);
    letter["actieVoorDatum"] = json!("2026-12-31");
    letter["bijlagen"] = json!([attachment("a.pdf", &pdf("a"))]);
    sender.delivered(&letter).await;
    let page = browser.get("/berichten").await;
    assert!(page.text().contains(">Ongelezen<"));
    browser.get(&page.link("/berichten/0")).await;
    assert!(
        !browser
            .get("/berichten")
            .await
            .text()
            .contains(">Ongelezen<")
    );
}

#[tokio::test]
async fn mo_6_many_letters_come_newest_first_in_pages() {
    let (product, sender, mut browser) = house().await;
    let other = Organisation::connect(&product, 2, "Gemeente <Vallei> & Dal").await;
    for number in 0..45 {
        product.clock().advance(Duration::from_secs(1));
        let from = if number % 3 == 0 { &other } else { &sender };
        let mut letter = from.letter_to(&ANNA);
        letter["onderwerp"] = json!(format!("Brief {number}"));
        from.delivered(&letter).await;
        sender.deliver(&sender.letter_to(&BORIS)).await;
    }
    let first = browser.get("/berichten").await;
    let mut shown = titles(&first);
    assert_eq!(shown.len(), 20);
    let second = browser.get(&older(&first).unwrap()).await;
    assert_eq!(titles(&second).len(), 20);
    shown.extend(titles(&second));
    // A letter that comes in between shifts nothing.
    sender.delivered(&sender.letter_to(&ANNA)).await;
    let third = browser.get(&older(&second).unwrap()).await;
    shown.extend(titles(&third));
    let expected: Vec<String> = (0..45)
        .rev()
        .map(|number| format!("Brief {number}"))
        .collect();
    assert_eq!(shown, expected);
    assert_eq!(older(&third), None);
}

#[tokio::test]
async fn cn_44_a_box_shows_the_letters_of_its_own_person_alone() {
    let product = Product::mijncn().await;
    let sender = Organisation::connect(&product, 1, "Openbaar Lichaam Bonaire").await;
    for (person, title) in [(ANNA, "Voor Anna"), (BORIS, "Voor Boris")] {
        product.activate(&person).await;
        let mut letter = sender.letter_to(&person);
        letter["onderwerp"] = json!(title);
        sender.delivered(&letter).await;
    }
    for (person, own) in [(ANNA, "Voor Anna"), (BORIS, "Voor Boris")] {
        let page = Browser::new(&product).log_in(&person).await;
        assert_eq!(titles(&page), [own]);
    }
}

#[tokio::test]
async fn a_title_is_text_and_nothing_else() {
    let (_product, sender, mut browser) = house().await;
    let mut letter = sender.letter_to(&ANNA);
    letter["onderwerp"] = json!("<script>alert(1)</script> & \"meer\"");
    sender.delivered(&letter).await;
    let page = browser.get("/berichten").await;
    assert!(!page.text().contains("<script"));
    assert!(
        page.text().contains("&#60;script&#62;alert(1)"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_page_that_begins_nowhere_is_a_bad_request() {
    let (_product, _sender, mut browser) = house().await;
    for wrong in ["x", "", "018F0000-0000-7000-8000-000000000000", "%ff"] {
        let page = browser.get(&format!("/berichten?voor={wrong}")).await;
        assert_eq!(page.status, 400, "{wrong}");
        assert!(page.text().contains("Er klopt iets niet"));
    }
}

#[tokio::test]
async fn a_page_carries_no_script_and_safe_headers() {
    let (_product, sender, mut browser) = house().await;
    let id = sender.delivered(&sender.letter_to(&ANNA)).await;
    for path in ["/berichten", &format!("/berichten/{id}"), "/nergens"] {
        let page = browser.get(path).await;
        assert!(!page.text().contains("<script") && !page.text().contains("http://"));
        let policy = page.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none';") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"));
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert!(
            page.header("strict-transport-security")
                .starts_with("max-age=31536000")
        );
    }
}

#[tokio::test]
async fn an_address_that_is_nowhere_says_so() {
    let (_product, _sender, mut browser) = house().await;
    let page = browser.get("/nergens").await;
    assert_eq!(page.status, 404);
    assert!(page.text().contains("Deze pagina bestaat niet"));
}
