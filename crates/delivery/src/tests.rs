//! The calls of this room over HTTP, on a vault in a temporary folder.

mod house;

use std::sync::mpsc;
use std::time::{Duration, Instant};

use axum::http::header::{ACCEPT, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};

use house::{ALICE, Answer, BOB, House, KEY, body};

fn of(answer: &Answer) -> (u16, &Value) {
    (answer.status, &answer.body)
}

/// An answer has the members that the contract gives it, each of them and no other.
fn fits(schema: &str, answer: &Value) {
    let contract = crate::openapi("https://post.example");
    let schema = &contract["components"]["schemas"][schema];
    let mut required: Vec<&str> = schema["required"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    required.sort_unstable();
    let members: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(members, required);
    assert_eq!(
        members,
        schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>()
    );
}

fn pdf() -> Value {
    json!([{"naam": "a.pdf", "mimeType": "application/pdf", "inhoud": STANDARD.encode("%PDF-1.7\n")}])
}

#[tokio::test]
async fn mo_51_mo_52_a_delivery_is_answered_with_its_receipt() {
    let house = House::open().await;
    let mut asked = body(1, ALICE);
    asked["bijlagen"] = pdf();
    let answer = house.post(1, &asked, &[]).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let id = answer.body["berichtId"].as_str().unwrap().to_owned();
    let place = format!("/api/v1/aanleveringen/{id}");
    assert_eq!(answer.headers[LOCATION], *place);
    let expected = json!({
        "berichtId": id, "afzender": asked["afzender"], "ontvanger": asked["ontvanger"], "onderwerp": "Uw aanvraag",
        "tijdstipOntvangst": "2026-11-20T13:30:00.000Z", "publicatietijdstip": "2026-11-20T13:30:00.000Z",
        "_links": {"self": {"href": place}},
    });
    assert_eq!(answer.body, expected);
    fits("BerichtResponse", &answer.body);

    let status = house.get(1, &place).await;
    let expected = json!({
        "berichtId": id, "status": "afgeleverd", "tijdstipOntvangst": "2026-11-20T13:30:00.000Z",
        "publicatietijdstip": "2026-11-20T13:30:00.000Z",
        "historie": [{"status": "afgeleverd", "tijdstip": "2026-11-20T13:30:00.000Z"}],
        "_links": {"self": {"href": place}},
    });
    assert_eq!(of(&status), (200, &expected));
    fits("Afleverstatus", &status.body);
    fits("Gebeurtenis", &status.body["historie"][0]);

    // Another sender's, an unknown one and what is no id are told apart by nothing.
    let others = house.get(2, &place).await;
    assert_eq!(others.status, 404);
    for nothing in ["00000000-0000-7000-8000-000000000000", "1"] {
        let nothing = house
            .get(1, &format!("/api/v1/aanleveringen/{nothing}"))
            .await;
        assert_eq!(of(&nothing), of(&others));
    }
}

#[tokio::test]
async fn a_planned_delivery_says_so_until_its_moment() {
    let house = House::open().await;
    let mut asked = body(1, ALICE);
    asked["publicatietijdstip"] = json!("2026-11-21T13:30:00Z");
    let place = house.post(1, &asked, &[]).await.headers[LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(house.get(1, &place).await.body["status"], "gepland");
    house.clock.advance(Duration::from_secs(24 * 3600));
    let status = house.get(1, &place).await.body;
    assert_eq!(
        (&status["status"], &status["historie"][1]["tijdstip"]),
        (&json!("afgeleverd"), &json!("2026-11-21T13:30:00.000Z"))
    );
}

#[tokio::test]
async fn the_same_key_delivers_once() {
    let house = House::open().await;
    let mut asked = body(1, ALICE);
    asked["publicatietijdstip"] = json!("2026-11-20T13:30:00Z");
    asked["bijlagen"] = pdf();
    let first = house.post(1, &asked, &[(KEY, "k1")]).await;
    assert_eq!(first.status, 201);
    // By then its moment of publication is out of time, and a new message would be refused.
    house.clock.advance(Duration::from_secs(600));
    let again = house.post(1, &asked, &[(KEY, "k1")]).await;
    assert_eq!(of(&again), of(&first));
    assert_eq!(house.blobs().await, 1);
    assert_eq!(
        house.post(1, &asked, &[(KEY, "k2")]).await.body["errors"][0]["pointer"],
        "/publicatietijdstip"
    );

    let other = body(1, ALICE);
    assert_eq!(house.post(1, &other, &[(KEY, "k1")]).await.status, 409);
    // A key is its sender's own, and bound by a 201 alone.
    assert_eq!(
        house.post(2, &body(2, ALICE), &[(KEY, "k1")]).await.status,
        201
    );
    assert_eq!(
        house.post(1, &body(1, BOB), &[(KEY, "k3")]).await.status,
        403
    );
    assert_eq!(house.post(1, &other, &[(KEY, "k3")]).await.status, 201);

    house.clock.advance(Duration::from_secs(7 * 24 * 3600));
    let anew = house.post(1, &other, &[(KEY, "k1")]).await;
    assert!(anew.status == 201 && anew.body["berichtId"] != first.body["berichtId"]);
    assert_eq!(crate::sweep(&house.vault).await.unwrap(), 2);
    assert_eq!(house.post(1, &other, &[(KEY, "k1")]).await.body, anew.body);
}

#[tokio::test]
async fn of_the_same_key_at_once_one_delivers() {
    let house = House::open().await;
    let asked = body(1, ALICE);
    let one = || house.post(1, &asked, &[(KEY, "k1")]);
    // All of them wait for the writer, and so come into one group.
    let (_, a, b, c, d) = tokio::join!(house.busy(), one(), one(), one(), one());
    let first = a.body["berichtId"].clone();
    assert!(first.is_string(), "{}", a.body);
    for answer in [a, b, c, d] {
        assert_eq!((answer.status, &answer.body["berichtId"]), (201, &first));
    }
}

#[tokio::test]
async fn mo_51_who_cannot_be_reached_and_why_is_not_told() {
    let house = House::open().await;
    let mut unknown = body(1, "123456782");
    unknown["bijlagen"] = pdf();
    let refused = house.post(1, &unknown, &[]).await;
    assert_eq!(refused.status, 403);
    assert_eq!(house.blobs().await, 0);
    // Known, and never logged in.
    let began = Instant::now();
    assert_eq!(of(&house.post(1, &body(1, BOB), &[]).await), of(&refused));
    // Nor by the time that the look-up took.
    assert!(began.elapsed() >= Duration::from_millis(25));

    house.prefer(ALICE, 1, false).await;
    assert_eq!(of(&house.post(1, &body(1, ALICE), &[]).await), of(&refused));
    assert_eq!(house.post(2, &body(2, ALICE), &[]).await.status, 201);
    // By law it comes here all the same (MO-53).
    house.connect(1, true).await;
    assert_eq!(house.post(1, &body(1, ALICE), &[]).await.status, 201);

    house.restrict(ALICE).await;
    let limited = house.post(1, &body(1, ALICE), &[]).await;
    assert_eq!(of(&limited), of(&refused));
    assert_eq!(limited.headers.len(), refused.headers.len());
}

#[tokio::test]
async fn what_stands_on_a_persons_data_does_not_show_in_a_receipt() {
    let house = House::open().await;
    let asked = body(1, ALICE);
    let first = house.post(1, &asked, &[(KEY, "k1")]).await;
    let place = first.headers[LOCATION].to_str().unwrap();
    let before = house.get(1, place).await;
    assert_eq!(before.status, 200);
    house.restrict(ALICE).await;
    let after = house.get(1, place).await;
    assert_eq!(of(&after), of(&before));
    assert_eq!(after.headers.len(), before.headers.len());
    let again = house.post(1, &asked, &[(KEY, "k1")]).await;
    assert_eq!(of(&again), of(&first));
}

#[tokio::test]
async fn every_look_at_a_receipt_is_in_the_log_of_its_person() {
    let house = House::open().await;
    let asked = body(1, ALICE);
    let first = house.post(1, &asked, &[(KEY, "k1")]).await;
    let rows = house.log_rows().await;
    house
        .get(1, first.headers[LOCATION].to_str().unwrap())
        .await;
    assert_eq!(house.log_rows().await, rows + 1);
    house.post(1, &asked, &[(KEY, "k1")]).await;
    assert_eq!(house.log_rows().await, rows + 2);
}

#[tokio::test]
async fn attachments_count_against_the_budget_until_they_are_handed_over() {
    const SIZE: usize = 30_000;
    let mut asked = body(1, ALICE);
    let file = [&b"%PDF-1.7\n"[..], &[0; SIZE - 9]].concat();
    asked["bijlagen"] = pdf();
    asked["bijlagen"][0]["inhoud"] = json!(STANDARD.encode(file));
    // The body fits and its attachment does not, open and sealed.
    let house = House::of_bytes(2 * SIZE - 1).await;
    let refused = house.post(1, &asked, &[]).await;
    assert_eq!((refused.status, house.blobs().await), (503, 0));
    assert!(refused.headers.contains_key(RETRY_AFTER));

    let house = House::of_bytes(3 * SIZE).await;
    let (tell, told) = mpsc::channel();
    let meanwhile = async {
        while house.blobs().await == 0 {
            tokio::task::yield_now().await;
        }
        // By now all that is left of it waits for the writer.
        tokio::time::sleep(Duration::from_millis(20)).await;
        // Taken in, it would wait for the writer as well.
        let second = house.post(1, &asked, &[]);
        let refused = tokio::time::timeout(Duration::from_secs(2), second).await;
        tell.send(()).unwrap();
        refused.expect("an answer without the writer")
    };
    let (_, taken, refused) = tokio::join!(
        house.busy_until(told),
        house.post(1, &asked, &[]),
        meanwhile
    );
    assert_eq!((taken.status, refused.status), (201, 503));
    assert_eq!(house.post(1, &asked, &[]).await.status, 201);
}

#[tokio::test]
async fn a_blocked_sender_gets_no_attachment_stored() {
    let house = House::open().await;
    house.block(1).await;
    let mut asked = body(1, ALICE);
    let refused = house.post(1, &asked, &[]).await;
    assert_eq!(refused.status, 403);
    asked["bijlagen"] = pdf();
    house.lose_blobs();
    assert_eq!(of(&house.post(1, &asked, &[]).await), of(&refused));
    asked["afzender"] = json!(house::oin(2).as_str());
    assert_eq!(house.post(2, &asked, &[]).await.status, 503);
}

#[tokio::test]
async fn a_sender_speaks_for_itself_while_it_is_connected() {
    let house = House::open().await;
    let other = house.post(1, &body(2, ALICE), &[]).await;
    assert_eq!(other.status, 403);
    let place = house.post(1, &body(1, ALICE), &[]).await.headers[LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    house.block(1).await;
    let blocked = house.post(1, &body(1, ALICE), &[]).await;
    assert!(
        blocked.status == 403
            && blocked.body["detail"]
                .as_str()
                .unwrap()
                .contains("geblokkeerd"),
        "{}",
        blocked.body
    );
    assert_eq!(house.get(1, &place).await.status, 403);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_in_its_own_way() {
    let house = House::open().await;
    let asked = body(1, ALICE);
    assert_eq!(
        house
            .post(1, &asked, &[(CONTENT_TYPE.as_str(), "text/plain")])
            .await
            .status,
        415
    );
    assert_eq!(
        house
            .post(1, &asked, &[(ACCEPT.as_str(), "text/html")])
            .await
            .status,
        406
    );
    let refused = house.post(1, &json!({}), &[(KEY, "a b")]).await;
    assert_eq!(
        (
            refused.status,
            refused.body["errors"].as_array().unwrap().len()
        ),
        (400, 5)
    );
    assert_eq!(refused.headers[CONTENT_TYPE], "application/problem+json");
    assert_eq!(
        house
            .send(
                "POST",
                "/api/v1/aanleveringen",
                None,
                vec![b' '; (40 << 20) + 1],
                &[]
            )
            .await
            .status,
        401
    );
    let token = house.token(1);
    assert_eq!(
        house
            .send(
                "POST",
                "/api/v1/aanleveringen",
                Some(&token),
                vec![b' '; (40 << 20) + 1],
                &[]
            )
            .await
            .status,
        413
    );
    // Read on another thread, with the same answer.
    let large = house
        .send(
            "POST",
            "/api/v1/aanleveringen",
            Some(&token),
            vec![b'['; 1 << 20],
            &[],
        )
        .await;
    assert_eq!(large.status, 400);
    assert_eq!(
        house
            .send(
                "DELETE",
                "/api/v1/aanleveringen",
                Some(&token),
                Vec::new(),
                &[]
            )
            .await
            .status,
        405
    );
}

#[tokio::test]
async fn what_the_statement_does_not_name_is_not_there() {
    let statement = include_str!("../../../statements/mijnoverheid.toml");
    let without: String = statement
        .split_inclusive("[[activiteit]]\n")
        .filter(|part| !part.contains("\"aflevering-bevestigen\""))
        .collect();
    let house = House::of(&without).await;
    let answer = house.post(1, &body(1, ALICE), &[]).await;
    assert_eq!(answer.status, 201);
    assert_eq!(
        house
            .get(1, answer.headers[LOCATION].to_str().unwrap())
            .await
            .status,
        404
    );
    let contract = house
        .send("GET", "/api/v1/openapi.json", None, Vec::new(), &[])
        .await;
    assert_eq!(contract.headers["access-control-allow-origin"], "*");
    assert_eq!(contract.headers["api-version"], crate::API_VERSION);
    let paths: Vec<&String> = contract.body["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/aanleveringen"]);
    assert_eq!(
        contract.body["components"]["schemas"]["Identificatienummer"]["properties"]["type"]["enum"],
        json!(["BSN"])
    );
}

#[tokio::test]
async fn cn_58_cn_59_a_crib_number_finds_its_person() {
    let house = House::of(include_str!("../../../statements/mijncn.toml")).await;
    let mut asked = body(1, "");
    asked["ontvanger"] = json!({"type": "CRIB", "waarde": house::CRIB});
    let answer = house.post(1, &asked, &[]).await;
    assert_eq!(
        (answer.status, &answer.body["ontvanger"]),
        (201, &asked["ontvanger"])
    );
    assert_eq!(
        house
            .get(1, answer.headers[LOCATION].to_str().unwrap())
            .await
            .body["status"],
        "afgeleverd"
    );
    assert_eq!(
        house.post(1, &body(1, ALICE), &[]).await.body["errors"][0]["pointer"],
        "/ontvanger/type"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_bytes_are_answered_below_500(bytes in prop::collection::vec(any::<u8>(), 0..200), key in "[ -~]{0,12}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = runtime.block_on(async {
            let house = House::shared().await;
            house.send("POST", "/api/v1/aanleveringen", Some(&house.token(1)), bytes, &[(KEY, &key)]).await
        });
        prop_assert_eq!(answer.status, 400);
    }
}
