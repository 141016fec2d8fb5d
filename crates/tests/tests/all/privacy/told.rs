//! A statement and what its published page tells at each place, by promise.

use testkit::Product;

use super::Published;

pub const CONTROLLER: &str = "1. Wie is verantwoordelijk?";
pub const PURPOSES: &str = "2. Waarvoor gebruiken wij uw gegevens?";
pub const DATA: &str = "4. Welke gegevens gebruiken wij?";
pub const RIGHTS: &str = "8. Welke rechten hebt u?";
pub const SECURITY: &str = "9. Hoe beveiligen wij uw gegevens?";

/// A promise, the part of the page that carries it, its place there, and its words.
pub type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

/// Each place stands in its part and says its words.
pub async fn tells(statement: &str, rows: &[Row]) -> (Product, Published) {
    let product = Product::start(statement).await;
    let published = Published::of(&product).await;
    for (id, part, place, words) in rows {
        assert_eq!(published.part_of(place), *part, "{id}");
        let line = published.line(place);
        for word in *words {
            assert!(
                line.contains(word),
                "{id}: {place} does not say {word}: {line}"
            );
        }
    }
    (product, published)
}
