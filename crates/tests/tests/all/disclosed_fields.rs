//! Every field that goes outside by itself: which column it comes from, and that what is noted of the disclosure names the
//! category of that column. A new field fails by its name until it stands here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use testkit::{ANNA, Organisation, Product};

use crate::database::rows;
use crate::ending::canary;

/// A field and the column it shows; none of a person's for what is the same for all.
type Fields = &'static [(&'static str, Option<&'static str>)];

const RECEIPT: Fields = &[
    ("_links.self.href", Some("deliveries.message_id")),
    // What the sender itself said in this very request.
    ("afzender", None),
    ("berichtId", Some("deliveries.message_id")),
    ("onderwerp", None),
    ("ontvanger.type", None),
    ("ontvanger.waarde", None),
    ("publicatietijdstip", Some("deliveries.published_at")),
    ("tijdstipOntvangst", Some("deliveries.received_at")),
];
const STATUS: Fields = &[
    ("_links.self.href", Some("deliveries.message_id")),
    ("berichtId", Some("deliveries.message_id")),
    ("historie.status", Some("delivery_status.status")),
    ("historie.tijdstip", Some("delivery_status.at")),
    ("publicatietijdstip", Some("deliveries.published_at")),
    ("status", Some("delivery_status.status")),
    ("tijdstipOntvangst", Some("deliveries.received_at")),
];
const LOGGED: Fields = &[
    ("metadata.logbookId", None),
    ("metadata.organizationName", None),
    // By an id of its own at each organisation.
    (
        "processingActivities.attributes.dpl.core.data_subject_id",
        Some("log.log_no"),
    ),
    (
        "processingActivities.attributes.dpl.core.data_subject_id_type",
        None,
    ),
    (
        "processingActivities.attributes.dpl.core.processing_activity_id",
        Some("log.statement_version"),
    ),
    ("processingActivities.endTime", Some("log.end_time")),
    ("processingActivities.name", Some("log.activity")),
    ("processingActivities.spanId", Some("log.span_id")),
    ("processingActivities.startTime", Some("log.start_time")),
    ("processingActivities.status", Some("log.status")),
    ("processingActivities.traceId", Some("log.trace_id")),
];

const DELIVERED: &str = "https://postbus.example/privacy#activiteit-bericht-aanleveren";

/// The names of all that holds a value, from the outside in.
fn leaves(value: &Value, under: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let dot = if under.is_empty() { "" } else { "." };
                leaves(value, &format!("{under}{dot}{name}"), found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| leaves(value, under, found)),
        _ => {
            found.insert(under.to_owned());
        }
    }
}

/// That these fields went, and no others; and that the last disclosure names the category of each.
fn are_noted(product: &Product, answer: &Value, fields: Fields) {
    let mut found = BTreeSet::new();
    leaves(answer, "", &mut found);
    let known: BTreeMap<&str, _> = fields.iter().copied().collect();
    let names: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(names, known.keys().copied().collect());
    let last = "SELECT data, recipient FROM audit WHERE recipient IS NOT NULL ORDER BY audit_id DESC LIMIT 1";
    let last = rows(product, last).remove(0);
    let noted: Vec<&str> = last[0].split([' ', ',']).collect();
    let catalogue = canary::catalogue();
    for (field, column) in known {
        let Some((table, column)) = column.and_then(|column| column.split_once('.')) else {
            continue;
        };
        let category = catalogue.table(table).unwrap().category(column).unwrap();
        assert!(
            noted.contains(&category),
            "{field} to {}: {category}",
            last[1]
        );
    }
}

#[tokio::test]
async fn mo_50_cn_57_every_field_that_goes_to_an_organisation_is_of_a_category_that_was_noted() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    let taken = sender.deliver(&sender.letter_to(&ANNA)).await;
    assert_eq!(taken.status, 201, "{}", taken.text());
    are_noted(&product, &taken.json(), RECEIPT);
    // So that the last one is the last.
    product.clock().advance(Duration::from_secs(1));
    let id = taken.json()["berichtId"].as_str().unwrap().to_owned();
    are_noted(&product, &sender.status(&id).await.json(), STATUS);
    product.clock().advance(Duration::from_secs(1));
    let token = sender.token_for("verwerkingslog").await;
    let asked = Request::post("/api/v1/processing-activities")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from(
            json!({ "dpl.core.processing_activity_id": DELIVERED }).to_string(),
        ));
    let logged = product.call(asked.unwrap()).await;
    assert_eq!(logged.status, 200, "{}", logged.text());
    are_noted(&product, &logged.json(), LOGGED);
}
