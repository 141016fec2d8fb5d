//! `/berichten/{id}/bijlagen/{id}`: the bytes as they were sent, for the letter's own person.

use serde_json::json;
use testkit::{ANNA, BORIS, Browser, Organisation, Product, attachment, pdf};

/// More than one sealed chunk.
fn large() -> Vec<u8> {
    let mut bytes = pdf("groot");
    bytes.extend((0..300_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8));
    bytes
}

async fn delivered(product: &Product) -> (String, Vec<String>, Browser) {
    let sender = Organisation::connect(product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    let mut letter = sender.letter_to(&ANNA);
    letter["bijlagen"] = json!([
        attachment("Eén & \"twee\".PDF", &pdf("klein")),
        attachment("../groot", &large()),
    ]);
    let id = sender.delivered(&letter).await;
    let mut browser = Browser::new(product);
    browser.log_in(&ANNA).await;
    let page = browser.get(&format!("/berichten/{id}")).await;
    let mut files = page.links();
    files.retain(|link| link.contains("/bijlagen/"));
    (id, files, browser)
}

#[tokio::test]
async fn cn_24_an_attachment_is_saved_as_it_was_sent() {
    for product in [Product::mijnoverheid().await, Product::mijncn().await] {
        let (_id, files, mut browser) = delivered(&product).await;
        let small = browser.get(&files[0]).await;
        assert_eq!((small.status, &small.body[..]), (200, &pdf("klein")[..]));
        assert_eq!(small.header("content-type"), "application/pdf");
        let name = "attachment; filename*=UTF-8''E%C3%A9n%20%26%20_twee_.pdf";
        assert_eq!(small.header("content-disposition"), name);
        assert_eq!(small.header("cache-control"), "no-store");
        assert_eq!(small.header("x-content-type-options"), "nosniff");
        let large_one = browser.get(&files[1]).await;
        assert_eq!(
            large_one.header("content-length"),
            large().len().to_string()
        );
        assert!(large_one.body == large());
        assert!(
            large_one
                .header("content-disposition")
                .ends_with("''_groot.pdf")
        );
    }
}

#[tokio::test]
async fn cn_44_another_persons_attachment_is_as_absent_as_none() {
    let product = Product::mijnoverheid().await;
    let (id, files, mut anna) = delivered(&product).await;
    let mut boris = Browser::new(&product);
    boris.log_in(&BORIS).await;
    let file = files[0].rsplit('/').next().unwrap();
    let unknown = "018f0000-0000-7000-8000-000000000000";
    let theirs = boris.get(&files[0]).await;
    assert_eq!(theirs.status, 404);
    for (message, attachment) in [
        (id.as_str(), unknown),
        (unknown, file),
        ("x", "y"),
        (&id, "%ff"),
    ] {
        let path = format!("/berichten/{message}/bijlagen/{attachment}");
        for browser in [&mut boris, &mut anna] {
            assert_eq!(browser.get(&path).await.status, 404, "{path}");
        }
        let none = boris.get(&path).await;
        let without = |page: &str, path: &str| page.replace(path, "");
        assert_eq!(
            without(theirs.text(), &files[0]),
            without(none.text(), &path),
            "{path}"
        );
    }
    let mut nobody = Browser::new(&product);
    assert_eq!(nobody.get(&files[0]).await.status, 303);
}

/// CN-23 and CN-77: no answer with a person's data may be kept by their device, and no page can keep any with a script. A file is
/// saved by the person, never by the browser.
#[tokio::test]
async fn cn_23_cn_77_nothing_of_a_person_stays_on_their_device() {
    let product = Product::mijncn().await;
    let sender = Organisation::connect(&product, 2, "Openbaar Lichaam").await;
    let (id, files, mut browser) = delivered(&product).await;
    let letter = format!("/berichten/{id}");
    for path in [
        "/",
        "/berichten",
        &letter,
        &files[0],
        "/gegevens",
        "/sessie",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        if path != files[0] {
            assert!(!answer.text().contains("<script"), "{path}");
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none';"), "{policy}");
            assert!(!policy.contains("script-src"), "{policy}");
        }
    }
    let answer = sender.deliver(&sender.letter_to(&ANNA)).await;
    assert_eq!(
        (answer.status, answer.header("cache-control")),
        (201, "no-store")
    );
    let gone = browser.log_out().await;
    assert!(browser.cookies().is_empty(), "{}", gone.text());
}
