//! The statement is the program: what is taken out of the file is gone from the product, and what it names is covered.

use serde_json::json;
use testkit::{ANNA, Browser, MIJNCN, MIJNOVERHEID, Organisation, Product, attachment, pdf};

use crate::pages::assert_problem;

const TABLE: &str = "[[activiteit]]";

/// A statement without one of its activities.
fn without_activity(statement: &str, name: &str) -> String {
    let named = format!("naam = \"{name}\"");
    let parts: Vec<&str> = statement.split(TABLE).collect();
    let kept: Vec<&str> = parts
        .iter()
        .copied()
        .filter(|part| !part.contains(&named))
        .collect();
    assert_eq!(
        kept.len() + 1,
        parts.len(),
        "{name} is in the statement once"
    );
    kept.join(TABLE)
}

/// A statement in which one activity may not touch one category.
fn without_category(statement: &str, activity: &str, category: &str) -> String {
    let named = format!("naam = \"{activity}\"");
    let of_part = |part: &str| {
        if !part.contains(&named) {
            return part.to_owned();
        }
        let quoted = format!("\"{category}\"");
        let line = |line: &str| match line.split_once(" = [") {
            Some((key @ ("leest" | "schrijft"), list)) => {
                let list = list
                    .trim_end_matches(']')
                    .split(", ")
                    .filter(|item| *item != quoted);
                format!("{key} = [{}]", list.collect::<Vec<_>>().join(", "))
            }
            _ => line.to_owned(),
        };
        part.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
    };
    let parts: Vec<String> = statement.split(TABLE).map(of_part).collect();
    let changed = parts.join(TABLE);
    assert_ne!(changed, statement, "{activity} touches {category}");
    changed
}

/// A product with a letter of Anna's and its file, delivered while that could be done; then under another statement.
async fn under(statement: &str) -> (Product, Browser) {
    let product = Product::start(statement).await;
    let mut browser = Browser::new(&product);
    let returned = browser.choose("/inloggen", &ANNA).await;
    assert_eq!(browser.get(returned.header("location")).await.status, 303);
    (product, browser)
}

async fn delivered(product: &Product) -> (Organisation, String) {
    let sender = Organisation::connect(product, 1, "Waterschap Vallei").await;
    let mut letter = sender.letter_to(&ANNA);
    letter["bijlagen"] = json!([attachment("a.pdf", &pdf("a"))]);
    let id = sender.delivered(&letter).await;
    (sender, id)
}

#[tokio::test]
async fn both_shipped_statements_cover_every_query_of_the_product() {
    for statement in [MIJNOVERHEID, MIJNCN] {
        let product = Product::start(statement).await;
        assert_eq!(product.vault().uncovered_texts(), Vec::<String>::new());
        let refused = product.vault().texts_not_taken().await.unwrap();
        assert_eq!(refused, Vec::<String>::new(), "by the engine at hand");
    }
}

#[tokio::test]
async fn without_the_list_its_page_and_its_place_in_the_menu_are_gone() {
    for statement in [MIJNOVERHEID, MIJNCN] {
        let (product, mut browser) =
            under(&without_activity(statement, "berichten-bekijken")).await;
        let (_sender, id) = delivered(&product).await;
        assert_eq!(browser.get("/berichten").await.status, 404);
        let page = browser.get(&format!("/berichten/{id}")).await;
        assert_eq!(page.status, 200);
        assert!(
            !page
                .text()
                .contains("postbus-menu__link\" href=\"/berichten\"")
        );
    }
    let (_product, mut browser) = under(MIJNOVERHEID).await;
    let page = browser.get("/berichten").await;
    assert!(
        page.text()
            .contains("postbus-menu__link\" href=\"/berichten\"")
    );
}

#[tokio::test]
async fn without_reading_the_letter_is_gone() {
    let (product, mut browser) = under(&without_activity(MIJNOVERHEID, "bericht-lezen")).await;
    let (_sender, id) = delivered(&product).await;
    assert_eq!(browser.get("/berichten").await.status, 200);
    assert_eq!(browser.get(&format!("/berichten/{id}")).await.status, 404);
}

#[tokio::test]
async fn without_attachments_no_file_is_offered() {
    let (product, mut browser) = under(&without_activity(MIJNOVERHEID, "bijlage-openen")).await;
    let (_sender, id) = delivered(&product).await;
    let page = browser.get(&format!("/berichten/{id}")).await;
    assert_eq!(page.status, 200);
    assert!(!page.text().contains("/bijlagen/"));
    let file = format!("/berichten/{id}/bijlagen/018f0000-0000-7000-8000-000000000000");
    assert_eq!(browser.get(&file).await.status, 404);
}

#[tokio::test]
async fn without_delivery_its_call_is_gone_from_the_api_and_its_contract() {
    for statement in [MIJNOVERHEID, MIJNCN] {
        let (product, _browser) = under(&without_activity(statement, "bericht-aanleveren")).await;
        let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
        assert_problem(&sender.deliver(&sender.letter_to(&ANNA)).await, 404);
        let left = ["/aanleveringen/{berichtId}", "/processing-activities"];
        assert_eq!(paths(&product).await, left);
    }
}

#[tokio::test]
async fn without_confirmation_its_call_is_gone_from_the_api_and_its_contract() {
    let (product, _browser) = under(&without_activity(MIJNOVERHEID, "aflevering-bevestigen")).await;
    let (sender, id) = delivered(&product).await;
    assert_problem(&sender.status(&id).await, 404);
    let left = ["/aanleveringen", "/processing-activities"];
    assert_eq!(paths(&product).await, left);
}

async fn paths(product: &Product) -> Vec<String> {
    let contract = Browser::new(product)
        .get("/api/v1/openapi.json")
        .await
        .json();
    contract["paths"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

#[tokio::test]
async fn without_login_nobody_comes_in() {
    let product = Product::start(&without_activity(MIJNOVERHEID, "inloggen")).await;
    let mut browser = Browser::new(&product);
    assert_eq!(browser.get("/inloggen").await.status, 404);
    assert_eq!(
        browser.get("/inloggen/terug?code=x&state=y").await.status,
        404
    );
}

#[tokio::test]
async fn a_page_may_touch_no_category_that_its_activity_does_not_name() {
    for (activity, category, path) in [
        ("berichten-bekijken", "berichtstatus", "/berichten"),
        ("berichten-bekijken", "bericht", "/berichten"),
        ("bericht-lezen", "berichtstatus", "/berichten/{id}"),
        ("bericht-lezen", "bijlage", "/berichten/{id}"),
    ] {
        let statement = without_category(MIJNOVERHEID, activity, category);
        let (product, mut browser) = under(&statement).await;
        let (_sender, id) = delivered(&product).await;
        let page = browser.get(&path.replace("{id}", &id)).await;
        assert_eq!(page.status, 403, "{activity} without {category}");
        assert!(page.text().contains("U kunt dit niet bekijken"));
        assert!(!page.text().contains("Uw aanvraag is ontvangen"));
    }
}

#[tokio::test]
async fn a_call_may_touch_no_category_that_its_activity_does_not_name() {
    for category in [
        "bericht",
        "bijlage",
        "berichtvoorkeur",
        "account",
        "aflevering",
    ] {
        let statement = without_category(MIJNOVERHEID, "bericht-aanleveren", category);
        let (product, _browser) = under(&statement).await;
        let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
        let mut letter = sender.letter_to(&ANNA);
        letter["bijlagen"] = json!([attachment("a.pdf", &pdf("a"))]);
        assert_problem(&sender.deliver(&letter).await, 403);
        let count = |table: &str| {
            crate::database::number(&product, &format!("SELECT COUNT(*) FROM {table}"))
        };
        assert_eq!(
            (count("messages"), count("bodies"), count("deliveries")),
            (0, 0, 0),
            "{category}"
        );
    }
}
