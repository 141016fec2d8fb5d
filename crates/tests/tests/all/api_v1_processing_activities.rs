//! `POST /api/v1/processing-activities`: an organisation reads what it did itself with people's data, and nothing else.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use basics::{Activity, Actor, Channel};
use serde_json::{Value, json};
use testkit::{ANNA, Answer, BORIS, Browser, MIJNOVERHEID, Organisation, Product};
use vault::{Processing, Standing, Subjects, Tx};

use crate::database::{change, number, rows};
use crate::geschiedenis::long::look_on;
use crate::pages::{assert_api_headers, assert_problem, faults, shown, snapshot};

const DELIVERED: &str = "https://postbus.example/privacy/versies/2.2#activiteit-bericht-aanleveren";

async fn ask(product: &Product, sender: &Organisation, body: &Value) -> Answer {
    let token = sender.token_for("verwerkingslog").await;
    sent(product, &token, body.to_string()).await
}

async fn sent(product: &Product, token: &str, body: String) -> Answer {
    let request = Request::post("/api/v1/processing-activities")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json");
    product.call(request.body(Body::from(body)).unwrap()).await
}

fn activities(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let activities = &answer.json()["processingActivities"];
    activities.as_array().unwrap().clone()
}

fn named(activities: &[Value]) -> Vec<&str> {
    activities
        .iter()
        .filter_map(|activity| activity["name"].as_str())
        .collect()
}

/// A waterschap that delivered to Anna and Boris, a gemeente that delivered to Anna.
struct Street {
    product: Product,
    waterschap: Organisation,
    gemeente: Organisation,
}

impl Street {
    async fn with(product: Product) -> Self {
        let waterschap = Organisation::connect(&product, 1, "Waterschap Vallei").await;
        let gemeente = Organisation::connect(&product, 2, "Gemeente Vallei").await;
        product.activate(&ANNA).await;
        product.activate(&BORIS).await;
        for (sender, person) in [(&waterschap, ANNA), (&waterschap, BORIS), (&gemeente, ANNA)] {
            product.clock().advance(Duration::from_secs(60));
            sender.delivered(&sender.letter_to(&person)).await;
        }
        product.clock().advance(Duration::from_secs(60));
        Self {
            product,
            waterschap,
            gemeente,
        }
    }

    async fn waterschap_asks(&self, body: Value) -> Answer {
        ask(&self.product, &self.waterschap, &body).await
    }
}

/// MO-35: the header by which an organisation finds its own side again is kept where it has its form, and opens nothing.
#[tokio::test]
async fn what_called_for_a_processing_is_told_to_the_organisation_that_called() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let zero = "00-00000000000000000000000000000000-b7ad6b7169203331-01";
    for headers in [
        &[("traceparent", good)][..],
        &[("traceparent", zero)],
        &[("traceparent", "999993653")],
        &[("traceparent", good), ("traceparent", good)],
    ] {
        product.clock().advance(Duration::from_secs(1));
        let letter = sender.letter_to(&ANNA).to_string();
        assert_eq!(sender.deliver_with(headers, letter).await.status, 201);
    }
    let by_activity = json!({"dpl.core.processing_activity_id": DELIVERED});
    let done = activities(&ask(&product, &sender, &by_activity).await);
    let parents: Vec<&Value> = done.iter().map(|one| &one["parentSpanId"]).collect();
    let none = &Value::Null;
    assert_eq!(parents, [none, none, none, &json!("b7ad6b7169203331")]);
    let attributes = &done[3]["attributes"];
    assert_eq!(
        attributes["dpl.core.foreign_operation.processor"],
        "urn:nld:oin:00000099000000001000"
    );
    assert_eq!(
        attributes["dpl.core.foreign_operation.trace_id"],
        "0af7651916cd43dd8448eb211c80319c"
    );
    assert!(
        done[0]["attributes"]
            .get("dpl.core.foreign_operation.processor")
            .is_none()
    );
    // It is found by our trace, and by nobody's else.
    let by_theirs = json!({"traceId": "0af76519-16cd-43dd-8448-eb211c80319c"});
    assert_eq!(
        activities(&ask(&product, &sender, &by_theirs).await),
        Vec::<Value>::new()
    );
    let verified = product.vault().verify_log().await.unwrap();
    assert!(verified.is_whole(), "{verified:?}");
    let forged =
        "UPDATE log SET foreign_oin = '00000099000000002000' WHERE foreign_oin IS NOT NULL";
    assert_eq!(change(&product, forged), 1);
    assert!(!product.vault().verify_log().await.unwrap().is_whole());
}

#[tokio::test]
async fn mo_35_an_organisation_reads_the_rows_that_it_caused_in_the_form_of_the_standard() {
    let street = Street::with(Product::mijnoverheid().await).await;
    let by_activity = json!({"dpl.core.processing_activity_id": DELIVERED});
    let answer = street.waterschap_asks(by_activity).await;
    assert_api_headers(&answer);
    snapshot(|| insta::assert_snapshot!("processing_activities", shown(&answer)));
    for person in [ANNA, BORIS] {
        assert!(!answer.text().contains(person.bsn));
    }
    // In the order of the log, with its ids.
    let found = activities(&answer);
    let logged = rows(
        &street.product,
        "SELECT log.subject_id FROM log JOIN audit ON audit.trace_id = log.trace_id AND audit.activity = log.activity
         WHERE audit.actor = '00000099000000001000' AND log.activity = 'bericht-aanleveren' ORDER BY log.log_no DESC",
    );
    let subjects: Vec<&str> = found
        .iter()
        .map(|row| {
            row["attributes"]["dpl.core.data_subject_id"]
                .as_str()
                .unwrap()
        })
        .collect();
    let logged: Vec<&str> = logged.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(subjects, logged);
}

/// Each of the three fields finds the same row.
#[tokio::test]
async fn cn_20_a_row_is_found_by_its_trace_its_activity_and_its_subject() {
    let street = Street::with(Product::mijncn().await).await;
    let version = "SELECT DISTINCT statement_version FROM log";
    let version = rows(&street.product, version)[0][0].clone();
    let line =
        format!("https://postbus.example/privacy/versies/{version}#activiteit-bericht-aanleveren");
    let by_activity = street
        .waterschap_asks(json!({"dpl.core.processing_activity_id": line}))
        .await;
    let row = activities(&by_activity)[0].clone();
    let by_trace = street
        .waterschap_asks(json!({"traceId": row["traceId"]}))
        .await;
    assert_eq!(activities(&by_trace), std::slice::from_ref(&row));
    let subject = &row["attributes"]["dpl.core.data_subject_id"];
    let asked = json!({"dpl.core.data_subject_id": subject, "traceId": row["traceId"]});
    let by_subject = street.waterschap_asks(asked).await;
    assert_eq!(activities(&by_subject), [row]);
}

#[tokio::test]
async fn the_log_says_nothing_of_what_others_did() {
    let street = Street::with(Product::mijnoverheid().await).await;
    let mut browser = Browser::new(&street.product);
    browser.log_in(&ANNA).await;
    let by_activity = json!({"dpl.core.processing_activity_id": DELIVERED});
    let theirs = activities(&ask(&street.product, &street.gemeente, &by_activity).await);
    assert_eq!(theirs.len(), 1);
    let anna = theirs[0]["attributes"]["dpl.core.data_subject_id"].clone();
    // A trace of the gemeente's, and what Anna did herself.
    let trace = json!({"traceId": theirs[0]["traceId"]});
    assert!(activities(&street.waterschap_asks(trace).await).is_empty());
    let own = "https://postbus.example/privacy#activiteit-inloggen";
    let logins = json!({"dpl.core.processing_activity_id": own});
    assert!(activities(&street.waterschap_asks(logins).await).is_empty());
    let all_of_anna = json!({"dpl.core.data_subject_id": anna});
    let seen = activities(&street.waterschap_asks(all_of_anna).await);
    assert_eq!(named(&seen), ["bericht-aanleveren"]);
    // Of Boris the gemeente did nothing; nobody is anybody's.
    let boris = street
        .waterschap_asks(json!({"dpl.core.processing_activity_id": DELIVERED}))
        .await;
    let boris = activities(&boris)
        .iter()
        .map(|row| row["attributes"]["dpl.core.data_subject_id"].clone())
        .find(|subject| *subject != anna)
        .unwrap();
    let before = number(&street.product, "SELECT COUNT(*) FROM log");
    for nobody in [boris, json!("018f0000-0000-4000-8000-000000000000")] {
        let asked = json!({"dpl.core.data_subject_id": nobody});
        let answer = ask(&street.product, &street.gemeente, &asked).await;
        assert!(activities(&answer).is_empty());
        assert!(answer.json().get("cursor").is_none());
    }
    // That it was asked of Boris is in his log; of nobody there is none.
    assert_eq!(
        number(&street.product, "SELECT COUNT(*) FROM log"),
        before + 1
    );
}

/// Reading is a processing of each person's data whose rows are read, and they see it.
#[tokio::test]
async fn mo_35_mo_75_who_reads_the_log_is_in_the_log_of_each_person() {
    let street = Street::with(Product::mijnoverheid().await).await;
    let asked = json!({"dpl.core.processing_activity_id": DELIVERED});
    street.waterschap_asks(asked).await;
    let read = "SELECT COUNT(DISTINCT subject_id) FROM log WHERE activity = 'verwerkingen-opvragen' AND status = 'Ok'";
    assert_eq!(number(&street.product, read), 2);
    let mut browser = Browser::new(&street.product);
    browser.log_in(&ANNA).await;
    let history = browser.get("/geschiedenis?wat=verwerkingen-opvragen").await;
    let page = history.text();
    assert!(page.contains("Een organisatie vraagt op wat zij met uw gegevens deed</p>"));
    assert!(page.contains("Door: Waterschap Vallei"));
}

#[tokio::test]
async fn pages_follow_on_one_another_without_gap_or_repetition() {
    let street = Street::with(Product::mijnoverheid().await).await;
    for _ in 0..5 {
        street.product.clock().advance(Duration::from_secs(1));
        let letter = street.waterschap.letter_to(&ANNA);
        street.waterschap.delivered(&letter).await;
    }
    let whole = street
        .waterschap_asks(json!({"dpl.core.processing_activity_id": DELIVERED}))
        .await;
    let whole = activities(&whole);
    assert_eq!(whole.len(), 7);
    let anna = whole[0]["attributes"]["dpl.core.data_subject_id"].clone();
    let of_anna: Vec<Value> = whole
        .iter()
        .filter(|row| row["attributes"]["dpl.core.data_subject_id"] == anna)
        .cloned()
        .collect();
    let questions = [
        (json!({"dpl.core.processing_activity_id": DELIVERED}), whole),
        (
            json!({"dpl.core.processing_activity_id": DELIVERED, "dpl.core.data_subject_id": anna}),
            of_anna,
        ),
    ];
    for (mut question, expected) in questions {
        let mut found = Vec::new();
        question["limit"] = 3.into();
        loop {
            let answer = street.waterschap_asks(question.clone()).await;
            let page = activities(&answer);
            assert!(page.len() <= 3);
            found.extend(page);
            match answer.json().get("cursor") {
                Some(cursor) => question["cursor"] = cursor.clone(),
                None => break,
            }
        }
        assert_eq!(found, expected);
    }
}

/// What others did with the person's data meanwhile is looked through in parts: one without rows of the asker's own has a cursor all the same.
#[tokio::test]
async fn rows_far_back_are_found_in_several_answers() {
    let product = Product::in_files().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    sender.delivered(&sender.letter_to(&ANNA)).await;
    let all = ask(
        &product,
        &sender,
        &json!({"dpl.core.processing_activity_id": DELIVERED}),
    )
    .await;
    let own = activities(&all);
    look_on(&product, "bericht-aanleveren");
    product.clock().advance(Duration::from_secs(2 * 3600));
    let anna = own[0]["attributes"]["dpl.core.data_subject_id"].clone();
    let mut question = json!({"dpl.core.data_subject_id": anna, "traceId": own[0]["traceId"]});
    let mut found = Vec::new();
    loop {
        let answer = ask(&product, &sender, &question).await;
        found.push(activities(&answer));
        match answer.json().get("cursor") {
            Some(cursor) => question["cursor"] = cursor.clone(),
            None => break,
        }
    }
    assert_eq!(found, [vec![], vec![], own]);
}

#[tokio::test]
async fn a_period_takes_what_began_and_ended_within_it() {
    let street = Street::with(Product::mijnoverheid().await).await;
    let of = async |more: Value| {
        let mut asked = json!({"dpl.core.processing_activity_id": DELIVERED});
        for (name, value) in more.as_object().unwrap() {
            asked[name] = value.clone();
        }
        activities(&street.waterschap_asks(asked).await).len()
    };
    // The waterschap delivered at 13.31 and 13.32.
    assert_eq!(of(json!({"startTime": "2026-11-20T13:31:00Z"})).await, 2);
    assert_eq!(
        of(json!({"startTime": "2026-11-20T13:31:00.001Z"})).await,
        1
    );
    assert_eq!(of(json!({"endTime": "2026-11-20T14:31:59+01:00"})).await, 1);
    assert_eq!(of(json!({"endTime": "2026-11-20T13:30:59Z"})).await, 0);
}

/// Every fault of a question at once; and without one of the three fields there is no question.
#[tokio::test]
async fn a_question_that_is_none_is_400() {
    let street = Street::with(Product::mijnoverheid().await).await;
    let refused = async |body: Value| {
        let problem = assert_problem(&street.waterschap_asks(body).await, 400);
        faults(&problem)
    };
    assert_eq!(refused(json!({})).await, ["/traceId"]);
    let alone = json!({"startTime": "2026-11-20T13:31:00Z", "limit": 0});
    assert_eq!(refused(alone).await, ["/traceId", "/limit"]);
    let wrong = json!({
        "traceId": "x",
        "dpl.core.processing_activity_id": "https://elders.example/privacy#activiteit-inloggen",
        "dpl.core.data_subject_id": ANNA.bsn,
        "endTime": "straks",
    });
    let pointers = [
        "/traceId",
        "/dpl.core.processing_activity_id",
        "/dpl.core.data_subject_id",
        "/endTime",
    ];
    let answer = street.waterschap_asks(wrong).await;
    assert!(!answer.text().contains(ANNA.bsn));
    assert_eq!(faults(&assert_problem(&answer, 400)), pointers);
}

#[tokio::test]
async fn the_log_wants_a_token_for_it_and_an_organisation_that_may() {
    let street = Street::with(Product::mijnoverheid().await).await;
    let asked = json!({"dpl.core.processing_activity_id": DELIVERED}).to_string();
    let product = &street.product;
    assert_problem(&sent(product, "", asked.clone()).await, 401);
    let other = street
        .waterschap
        .token_for("aanleveren afleverstatus")
        .await;
    let answer = sent(product, &other, asked.clone()).await;
    assert_problem(&answer, 403);
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"verwerkingslog\"";
    assert_eq!(answer.header("www-authenticate"), challenge);
    let token = street.waterschap.token_for("verwerkingslog").await;
    assert_eq!(sent(product, &token, asked.clone()).await.status, 200);
    let get = Request::get("/api/v1/processing-activities");
    let get = get.body(Body::empty()).unwrap();
    assert_problem(&product.call(get).await, 405);
    street.waterschap.block().await;
    assert_problem(&sent(product, &token, asked).await, 403);
}

/// What stands on a person's data shows to nobody: their rows are left out.
#[tokio::test]
async fn a_limit_on_a_persons_data_leaves_their_rows_out() {
    let street = Street::with(Product::mijnoverheid().await).await;
    let subject = street.product.activate(&ANNA).await;
    let processing = Processing::of(
        Activity("account-overbrengen"),
        Actor::Operator,
        Subjects::One(subject),
        Channel::Terminal,
        street.product.trace(),
    );
    let limit = |tx: &mut Tx<'_>| tx.limit(Standing::Restriction, "*", None, "proef");
    let vault = street.product.vault();
    let limited: Result<(), basics::Fault> = vault.write(processing, limit).await;
    limited.unwrap();
    let by_activity = json!({"dpl.core.processing_activity_id": DELIVERED});
    let left = activities(&street.waterschap_asks(by_activity).await);
    assert_eq!(left.len(), 1);
    let of_anna = json!({"dpl.core.data_subject_id": subject.to_string()});
    assert!(activities(&street.waterschap_asks(of_anna).await).is_empty());
}

#[tokio::test]
async fn a_call_that_the_statement_does_not_name_is_not_there_nor_in_the_contract() {
    let statement =
        MIJNOVERHEID.replace("naam = \"verwerkingen-opvragen\"", "naam = \"iets-anders\"");
    let street = Street::with(Product::start(&statement).await).await;
    let answer = street.waterschap_asks(json!({"traceId": "x"})).await;
    assert_problem(&answer, 404);
    let contract = Request::get("/api/v1/openapi.json");
    let contract = contract.body(Body::empty()).unwrap();
    let contract = street.product.call(contract).await;
    assert!(!contract.text().contains("processing-activities"));
}
