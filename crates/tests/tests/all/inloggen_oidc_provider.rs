//! Logging in and out at a provider that is not ours, `oidc-provider` on Node, over loopback and with the machine's clock.

mod provider;
mod walker;

use basics::Clock;
use testkit::{ANNA, MIJNOVERHEID, Organisation, Product, Start};

use crate::database::number;
use provider::NodeProvider;
use walker::Walker;

const HIGH: &[(&str, &str)] = &[("niveau", "high")];

/// A product at that provider. None, and said so, where the Node tools are not.
async fn joined() -> Option<(Product, NodeProvider)> {
    let provider = NodeProvider::start()?;
    let start = Start {
        is_on_loopback: true,
        issuer: Some(&provider.issuer),
        clock: Some(Clock::system()),
        ..Start::under(MIJNOVERHEID)
    };
    let product = Product::start_as(start).await;
    let provider = provider.join(product.base_url());
    Some((product, provider))
}

/// From the invitation to log in up to the page of the provider that asks who one is.
async fn goes_to_provider(walker: &mut Walker, product: &Product) {
    walker
        .open(&format!("{}/inloggen", product.base_url()))
        .await;
    walker.submit("/inloggen", &[]).await;
    assert!(walker.text().contains("Wie bent u?"), "{}", walker.text());
}

async fn logs_in(walker: &mut Walker, product: &Product) {
    goes_to_provider(walker, product).await;
    walker.submit("/wie/", HIGH).await;
    assert_eq!(
        (walker.status(), walker.path()),
        (200, "/"),
        "{}",
        walker.text()
    );
}

#[tokio::test]
async fn mo_45_mo_22_a_person_logs_in_reads_and_logs_out_on_both_sides() {
    let Some((product, provider)) = joined().await else {
        return;
    };
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    let id = sender.delivered(&sender.letter_to(&ANNA)).await;
    let mut walker = Walker::new();
    logs_in(&mut walker, &product).await;
    walker
        .open(&format!("{}/berichten", product.base_url()))
        .await;
    assert!(
        walker.text().contains("Waterschap Vallei"),
        "{}",
        walker.text()
    );
    walker
        .open(&format!("{}/berichten/{id}", product.base_url()))
        .await;
    assert!(
        walker.text().contains("Wij hebben uw aanvraag ontvangen."),
        "{}",
        walker.text()
    );
    walker
        .open(&format!("{}/gegevens", product.base_url()))
        .await;
    assert!(
        walker.text().contains(&format!("<dd>{}</dd>", ANNA.bsn)),
        "{}",
        walker.text()
    );

    walker.submit("/uitloggen", &[]).await;
    // This provider asks whether one is sure.
    assert!(walker.text().contains("Uitloggen?"), "{}", walker.text());
    walker.submit(&provider.issuer, &[("logout", "yes")]).await;
    assert_eq!(walker.path(), "/uitgelogd", "{}", walker.text());
    // Here the session is over, there it has to be asked again who one is.
    walker
        .open(&format!("{}/berichten", product.base_url()))
        .await;
    assert_eq!(walker.path(), "/inloggen");
    goes_to_provider(&mut walker, &product).await;
    let left = "SELECT COUNT(*) FROM sessions WHERE ended_how = 'uitgelogd'";
    assert_eq!(number(&product, left), 1);
    // No number of a person was ever in an address.
    assert!(
        walker.went.iter().all(|url| !url.contains(ANNA.bsn)),
        "{:?}",
        walker.went
    );
}

#[tokio::test]
async fn cn_52_who_logs_out_at_the_provider_is_logged_out_here() {
    let Some((product, provider)) = joined().await else {
        return;
    };
    let mut walker = Walker::new();
    logs_in(&mut walker, &product).await;
    walker
        .open(&format!("{}/session/end", provider.issuer))
        .await;
    walker.submit(&provider.issuer, &[("logout", "yes")]).await;
    assert!(walker.text().contains("Uitgelogd"), "{}", walker.text());
    let ended = "SELECT COUNT(*) FROM sessions WHERE ended_how = 'uitgelogd-bij-inlogdienst'";
    assert_eq!(number(&product, ended), 1);
    walker
        .open(&format!("{}/berichten", product.base_url()))
        .await;
    assert_eq!(walker.path(), "/inloggen");
}

#[tokio::test]
async fn a_login_at_too_low_a_level_is_refused_there_as_well() {
    let Some((product, _provider)) = joined().await else {
        return;
    };
    let mut walker = Walker::new();
    goes_to_provider(&mut walker, &product).await;
    walker.submit("/wie/", &[("niveau", "low")]).await;
    assert_eq!(walker.status(), 403);
    assert!(
        walker.text().contains("Log in op een veiligere manier"),
        "{}",
        walker.text()
    );
}
