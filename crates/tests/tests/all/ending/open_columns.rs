//! What lies open: every clear column is listed with its reason, and what a lived-in product keeps in it is held to that reason.

use serde_json::json;
use testkit::{ANNA, BORIS, Browser, Organisation, Product, attachment, pdf};
use vault::{HeldPart, Holds, Kept, NewHold, Whose};

use super::sweep::{DAY, restrict_until};
use super::{canary, holds};
use crate::database;

/// A reason, by words that stand in it, and what a value must be like to agree with it.
type Rule = (&'static str, fn(&str) -> bool);

/// The first that is named in a reason counts. Values are read as text, bytes as hexadecimal.
const RULES: [Rule; 18] = [
    ("hash", is_hash),
    ("public number of an organisation", is_oin),
    ("an organisation, a person's random id or empty", |value| {
        value.is_empty() || is_oin(value) || is_uuid(value)
    }),
    ("random", |value| is_uuid(value) || is_hex(value)),
    ("a moment", is_moment),
    ("moment", is_moment),
    ("active since", is_moment),
    ("when it was committed", is_log_number),
    ("which run", is_log_number),
    ("a row of the log", is_log_number),
    ("duration", is_moment),
    ("key of a row", |value| value.is_empty() || is_uuid(value)),
    ("case number", is_reference),
    ("small number", |value| value.parse::<u16>().is_ok()),
    ("size", |value| value.parse::<u64>().is_ok()),
    ("reckoned from it", is_moment),
    ("which writer", |value| value.parse::<u16>().is_ok()),
    ("", is_fixed_word),
];

fn is_hash(value: &str) -> bool {
    value.len() == 64 && is_hex(value)
}
fn is_hex(value: &str) -> bool {
    value.len() >= 16 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}
fn is_uuid(value: &str) -> bool {
    value.len() == 36 && value.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}
fn is_oin(value: &str) -> bool {
    value.len() == 20 && value.bytes().all(|byte| byte.is_ascii_digit())
}
/// Microseconds of this century.
fn is_moment(value: &str) -> bool {
    value
        .parse::<i64>()
        .is_ok_and(|micros| (946_684_800_000_000..4_102_444_800_000_000).contains(&micros))
}
/// A moment and a writer, as the log numbers its rows.
fn is_log_number(value: &str) -> bool {
    let number = value.parse::<i64>();
    number.is_ok_and(|number| is_moment(&(number / 1024).to_string()))
}
/// A short word of ours: no name, no sentence, no number of a person.
fn is_fixed_word(value: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '.' | '*');
    value.len() <= 40
        && value.chars().all(plain)
        && !value.bytes().filter(u8::is_ascii_digit).count().ge(&8)
}

/// As on the spine of a file: nothing that could be told of somebody.
fn is_reference(value: &str) -> bool {
    value.len() <= 24 && value.split(' ').all(is_fixed_word)
}

/// Everything that leaves a row: letters read, put away and thrown away, accounts that end, limits, holds, calls from elsewhere.
async fn lived_in() -> Product {
    let product = Product::start(&holds::statement()).await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    let (mut anna, mut boris) = (Browser::new(&product), Browser::new(&product));
    anna.log_in(&ANNA).await;
    boris.log_in(&BORIS).await;
    let mut letter = sender.letter_to(&ANNA);
    letter["bijlagen"] = json!([attachment("a.pdf", &pdf("a"))]);
    let id = sender.delivered(&letter).await;
    anna.get(&format!("/berichten/{id}")).await;
    let elsewhere = [(
        "traceparent",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )];
    for _ in 0..2 {
        let letter = sender.letter_to(&ANNA).to_string();
        assert_eq!(sender.deliver_with(&elsewhere, letter).await.status, 201);
    }
    for away in ["/berichten/archief", "/berichten/prullenbak"] {
        let page = anna.get("/berichten").await;
        assert_eq!(anna.tick(&page, away, 1).await.status, 303);
    }
    product.set_preference(&ANNA, &sender.oin, false).await;
    assert!(product.end_account(&BORIS).await);
    let subject = product.activate(&ANNA).await;
    let later = product.clock().now().plus(DAY);
    restrict_until(&product, subject, "bericht", Some(later)).await;
    for row in [None, Some(id)] {
        let part = HeldPart {
            category: "bericht".to_owned(),
            ground: "lopende-procedure".to_owned(),
            row,
        };
        let hold = NewHold {
            part: part.clone(),
            until: Some(later),
            reference: "zaak 7".to_owned(),
            by: "j.vries".to_owned(),
        };
        let vault = product.vault();
        vault.hold(Whose::Id(subject), hold).await.unwrap().unwrap();
        let lifted = vault.lift_hold(Whose::Id(subject), part, "j.vries".to_owned());
        assert_eq!(lifted.await.unwrap(), Some(1));
    }
    product.clock().advance(2 * DAY);
    product.vault().place_log_rows().await.unwrap();
    product
}

#[tokio::test]
async fn mo_22_each_clear_column_is_listed_and_holds_what_its_reason_says() {
    let product = lived_in().await;
    let catalogue = canary::catalogue();
    let (mut listed, mut nobodys, mut empty) = (Vec::new(), Vec::new(), Vec::new());
    for (name, table) in catalogue.tables() {
        for (column, holds) in &table.columns {
            if let Holds::Category(category, Kept::Clear(reason) | Kept::Id(reason)) = holds {
                listed.push(format!("{name}.{column} ({category}): {reason}"));
                if held_to_its_reason(&product, name, column, reason) == 0 {
                    empty.push(format!("{name}.{column}"));
                }
            }
            if let Holds::Nothing(reason) = holds {
                nobodys.push(format!("{name}.{column}: {reason}"));
            }
        }
    }
    empty.sort();
    assert_eq!(empty, [""; 0], "nothing was held to its reason");
    listed.sort();
    insta::assert_snapshot!("open_columns", listed.join("\n"));
    // What is said to be nobody's, the gate, the copy and the sweep pass by: one more is a decision.
    nobodys.sort();
    insta::assert_snapshot!("nobodys_columns", nobodys.join("\n"));
}

/// Answers how many different values there were.
fn held_to_its_reason(product: &Product, table: &str, column: &str, reason: &str) -> usize {
    let (_, agrees) = RULES
        .iter()
        .find(|(words, _)| reason.contains(words))
        .unwrap();
    let text = match product.owner_of_rows() {
        Some(_) => format!("ltrim({column}::text, '\\x')"),
        None => format!(
            "CASE typeof({column}) WHEN 'blob' THEN hex({column}) ELSE CAST({column} AS TEXT) END"
        ),
    };
    // An empty value is one as well.
    let values = format!("SELECT DISTINCT '=' || {text} FROM {table} WHERE {column} IS NOT NULL");
    let values = database::rows(product, &values);
    for value in &values {
        let value = value[0].strip_prefix('=').unwrap();
        assert!(
            agrees(&value.to_lowercase()) || agrees(value),
            "{table}.{column} lies open because: {reason}; it holds {value}"
        );
    }
    values.len()
}
