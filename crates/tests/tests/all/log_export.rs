//! The log on its way to a collector: every row at least once and in order, and no further than was acknowledged.

mod collector;

use std::time::Duration;

use serde_json::Value;
use testkit::{ANNA, BORIS, Browser, MIJNCN, MIJNOVERHEID, Organisation, Product, Start};

use crate::database::{number, rows};
use collector::{Answer, Collector};

async fn product(statement: &str, collector: &Collector) -> Product {
    let start = Start {
        log_collector: Some(&collector.address),
        ..Start::under(statement)
    };
    Product::start_as(start).await
}

/// Two people and a letter; the moments differ.
async fn live(product: &Product) {
    let sender = Organisation::connect(product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    product.clock().advance(Duration::from_secs(1));
    let id = sender.delivered(&sender.letter_to(&ANNA)).await;
    for person in [ANNA, BORIS] {
        let mut browser = Browser::new(product);
        browser.log_in(&person).await;
        product.clock().advance(Duration::from_secs(1));
        browser.get(&format!("/berichten/{id}")).await;
        product.clock().advance(Duration::from_secs(1));
    }
}

async fn run(product: &Product, after: u64) {
    product.clock().advance(Duration::from_secs(after));
    product.run_jobs().await;
}

/// The span ids in the order of the log, chain by chain: a server's writers have one each.
fn logged(product: &Product) -> Vec<String> {
    let spans = format!(
        "SELECT {} FROM log ORDER BY chain, log_no",
        hex(product, "span_id")
    );
    rows(product, &spans)
        .into_iter()
        .map(|mut row| row.swap_remove(0))
        .collect()
}

/// A column of bytes in small hexadecimals, in the words of the engine at hand.
fn hex(product: &Product, column: &str) -> String {
    match product.owner_of_rows() {
        Some(_) => format!("encode({column}, 'hex')"),
        None => format!("lower(hex({column}))"),
    }
}

fn span_ids(spans: &[Value]) -> Vec<String> {
    let id = |span: &Value| span["span_id"].as_str().unwrap().to_owned();
    spans.iter().map(id).collect()
}

#[tokio::test]
async fn mo_35_every_row_arrives_in_order_with_the_fields_of_the_standard() {
    let collector = Collector::start().await;
    let product = product(MIJNOVERHEID, &collector).await;
    live(&product).await;
    run(&product, 10).await;
    let Some(spans) = collector.spans() else {
        return;
    };
    assert_eq!(span_ids(&spans), logged(&product));
    let read = spans
        .iter()
        .find(|span| span["name"] == "bericht-lezen")
        .unwrap();
    let of_reading = |column: &str| {
        let value = format!(
            "SELECT {column} FROM log WHERE activity = 'bericht-lezen' AND status = 'Ok' ORDER BY log_no LIMIT 1"
        );
        rows(&product, &value)[0][0].clone()
    };
    let subject = of_reading("subject_id");
    let trace = of_reading(&hex(&product, "trace_id"));
    let start = of_reading("start_time");
    let line = "https://postbus.example/privacy/versies/2.2#activiteit-bericht-lezen";
    assert_eq!(
        *read,
        serde_json::json!({
            "resource": {"service.name": "postbus", "service.namespace": "mijnoverheid"},
            "trace_id": trace,
            "span_id": read["span_id"],
            "parent_span_id": "",
            "name": "bericht-lezen",
            "kind": 1,
            "start_time": format!("{start}000"),
            "end_time": format!("{start}000"),
            "status": 1,
            "attributes": {
                "dpl.core.processing_activity_id": line,
                "dpl.core.data_subject_id": subject,
                "dpl.core.data_subject_id_type": "pseudoniem",
            },
        })
    );
    // Nothing by which anybody is known outside.
    let all = Value::from(spans).to_string();
    for person in [ANNA, BORIS] {
        assert!(!all.contains(person.bsn) && !all.contains(person.name));
    }
    assert!(
        !all.contains("00000099000000001000"),
        "who acted is not in it"
    );
    assert_eq!(collector.kinds(), ["application/x-protobuf"]);
}

/// MO-35: what called for it at another organisation goes along; who that was is who proved to be it, and the trace stays ours.
#[tokio::test]
async fn what_called_for_a_processing_elsewhere_goes_along() {
    let collector = Collector::start().await;
    let product = product(MIJNOVERHEID, &collector).await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    let theirs = [(
        "traceparent",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )];
    let letter = sender.letter_to(&ANNA).to_string();
    assert_eq!(sender.deliver_with(&theirs, letter).await.status, 201);
    run(&product, 10).await;
    let Some(spans) = collector.spans() else {
        return;
    };
    let called = |span: &&Value| !span["parent_span_id"].as_str().unwrap().is_empty();
    let called: Vec<&Value> = spans.iter().filter(called).collect();
    assert!(!called.is_empty());
    for span in called {
        assert_eq!(span["name"], "bericht-aanleveren");
        assert_eq!(span["parent_span_id"], "b7ad6b7169203331");
        assert_ne!(span["trace_id"], "0af7651916cd43dd8448eb211c80319c");
        let attributes = &span["attributes"];
        assert_eq!(
            attributes["dpl.core.foreign_operation.processor"],
            "urn:nld:oin:00000099000000001000"
        );
        assert_eq!(
            attributes["dpl.core.foreign_operation.trace_id"],
            "0af7651916cd43dd8448eb211c80319c"
        );
    }
}

/// What is new goes with the next turn, and nothing twice while all is well.
#[tokio::test]
async fn cn_20_the_export_goes_on_where_it_was_also_after_a_restart() {
    let collector = Collector::start().await;
    let product = product(MIJNCN, &collector).await;
    live(&product).await;
    run(&product, 10).await;
    let before = collector.requests();
    run(&product, 10).await;
    assert_eq!(collector.requests(), before, "nothing new, nothing sent");
    product.restart();
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    run(&product, 10).await;
    assert!(collector.requests() > before);
    if let Some(spans) = collector.spans() {
        let (mut came, mut logged) = (span_ids(&spans), logged(&product));
        came.sort();
        logged.sort();
        assert_eq!(came, logged, "each once");
    }
}

/// Nothing counts as exported that was not acknowledged, whatever the collector does instead.
#[tokio::test]
async fn a_row_that_was_not_acknowledged_comes_again() {
    let collector = Collector::start().await;
    let product = product(MIJNOVERHEID, &collector).await;
    live(&product).await;
    let refusals = [
        Answer::Unavailable,
        Answer::Redirect,
        Answer::Rejects(1),
        Answer::NoProtobuf,
        Answer::Nothing,
    ];
    for refusal in refusals {
        collector.answers(refusal);
        // The wait doubles with each failure.
        run(&product, 120).await;
        let exported = number(&product, "SELECT COUNT(*) FROM log_exports");
        assert_eq!(exported, 0, "{refusal:?}");
    }
    assert_eq!(collector.requests(), refusals.len());
    collector.forget();
    collector.answers(Answer::Takes);
    run(&product, 120).await;
    let last = number(&product, "SELECT MAX(log_no) FROM log");
    assert_eq!(
        number(&product, "SELECT MAX(exported_no) FROM log_exports"),
        last
    );
    if let Some(spans) = collector.spans() {
        assert_eq!(span_ids(&spans), logged(&product));
    }
}

/// A collector that is away keeps nothing else from being done.
#[tokio::test]
async fn a_collector_that_is_away_is_tried_again_and_again() {
    let collector = Collector::start().await;
    let product = product(MIJNOVERHEID, &collector).await;
    live(&product).await;
    collector.stop();
    run(&product, 10).await;
    let waiting = "SELECT attempts FROM jobs WHERE kind = 'log-uitvoeren'";
    assert_eq!(number(&product, waiting), 1);
    run(&product, 10).await;
    assert_eq!(number(&product, waiting), 2);
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    assert_eq!(browser.get("/berichten").await.status, 200);
}

#[tokio::test]
async fn nothing_is_sent_that_the_statement_does_not_name() {
    let collector = Collector::start().await;
    let without = MIJNOVERHEID.replace("naam = \"log-uitvoeren\"", "naam = \"iets-anders\"");
    let refused = tokio::spawn(async move { product(&without, &collector).await });
    assert!(refused.await.is_err());
    let quiet = Product::mijnoverheid().await;
    live(&quiet).await;
    run(&quiet, 10).await;
    assert_eq!(number(&quiet, "SELECT COUNT(*) FROM log_exports"), 0);
}

/// What leaves for the collector leaves by the list of its recipient, as all that leaves does.
#[tokio::test]
async fn mo_59_the_log_goes_to_a_collector_only_where_the_statement_names_whose_it_is() {
    let head = "[[ontvanger]]\nnaam = \"logboek\"";
    assert!(MIJNOVERHEID.contains(head) && MIJNOVERHEID.contains("ontvangers = [\"logboek\"]\n"));
    for (statement, why) in [
        (
            MIJNOVERHEID.replace("ontvangers = [\"logboek\"]\n", ""),
            "logboek: no recipient of this activity",
        ),
        (
            MIJNOVERHEID
                .replace(head, "[[ontvanger]]\nnaam = \"een-ander\"")
                .replace("ontvangers = [\"logboek\"]", "ontvangers = [\"een-ander\"]"),
            "logboek: no recipient of this activity",
        ),
        (
            // What it gets by itself, it gets; at a demand it would get nothing along the way.
            MIJNOVERHEID.replace(
                head,
                "[[ontvanger]]\nwanneer = \"bij-incident\"\nnaam = \"logboek\"",
            ),
            "logboek: gets nothing by itself",
        ),
    ] {
        let collector = Collector::start().await;
        let product = product(MIJNOVERHEID, &collector).await;
        live(&product).await;
        let statement = statement.replace("versie = \"2.2\"", "versie = \"2.3\"");
        let refused = product.restart_under(&statement).expect_err(why);
        let refused = refused.to_string();
        assert!(refused.contains(why), "{refused}");
        assert!(collector.kinds().is_empty(), "nothing was sent");
    }
}
